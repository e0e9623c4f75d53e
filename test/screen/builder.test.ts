// A view made on the real screen, key by key: found, described, attached, counting exactly, and saved as a preset.
import assert from 'node:assert/strict';
import {readFileSync, readdirSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {noPrivilege, temporaryFolder} from '../support/program.ts';
import {openTerm} from '../support/term.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();

test('n searches a probe, shows its fields, counts what was chosen, and saves it', {skip}, async (context) => {
  const calls = workloads.c('calls');
  const config = temporaryFolder(context);
  const term = openTerm(['-d', '0.2', 'openat'], {columns: 110, lines: 34, env: {XDG_CONFIG_HOME: config}});
  await term.until('events/s');
  await term.press('nopenat').until('syscall:openat2');
  await term.press('\u0015syscall:open').until(/▌ .*syscall:open /);
  await term.press('\u0015syscall:openat').until(/▌ syscall:openat +dfd, filename/);
  await term.press('\r').until(/args\.flags +int/);
  await term.press('comm').until(/▌ \[ \] comm/);
  await term.press(' ').until(/group by +comm/);
  await term.press('\r').until(/▌ only where/);
  await term.press("comm == 'wl-made'\r").until(/▌ measure/);
  await term.press('\r').until(/▌ save as/);
  await term.press('made-here\r').until('made-here by comm');
  await term.until('no events yet');
  await runToEnd(calls, ['wl-made', '321']);
  await term.until(/wl-made .*\b321\b/);
  assert.match(term.text(), /exact/);
  await term.quit();
  const folder = path.join(config, 'tsbpftop/presets');
  assert.deepEqual(readdirSync(folder), ['made-here.json']);
  const {$schema: _, ...saved} = JSON.parse(readFileSync(path.join(folder, 'made-here.json'), 'utf8'));
  assert.deepEqual(saved, {name: 'made-here', attach: 'syscall:openat', by: ['comm'], where: "comm == 'wl-made'", measure: 'count'});
});

test('a view that cannot be is refused where it is made, and the screen goes on', {skip}, async (context) => {
  const term = openTerm(['-d', '0.2', 'openat'], {columns: 100, lines: 30, env: {XDG_CONFIG_HOME: temporaryFolder(context)}});
  await term.until('events/s');
  await term.press('nsyscall:nobody\r').until("no system call 'nobody'");
  await term.press('\u0015syscall:openat\r').until('args.flags');
  await term.press('args.nothing\r').until(/▌ only where/);
  await term.press('\r\r').until(/▌ save as/);
  await term.press('\r').until("no field 'nothing'");
  // back through its steps, and out
  for (const step of ['▌ measure', '▌ only where', '▌ group by', '▌ probe']) await term.press('\u001B').until(step);
  await term.press('\u001B').until('openat by comm');
  await term.quit();
});
