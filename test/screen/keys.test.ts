// The screen in a real pty: every key in views of each kind leaves it alive and without residue; drill-down, the list of
// views, filter and mouse do what they say.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import path from 'node:path';
import test, {describe} from 'node:test';
import {hotkeys} from '../../src/view/hotkeys.ts';
import {keyBytes} from '../support/key-bytes.ts';
import {bpfInUse, cli, noPrivilege} from '../support/program.ts';
import {openTerm, type Term} from '../support/term.ts';
import {opensFiles, runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
opensFiles();

// what ends or stops the program has tests of its own
const keys = [...new Set(hotkeys.filter(({command}) => !['quit', 'suspend'].includes(command)).flatMap((hotkey) => hotkey.keys))];

const settled = (term: Term, wait = 20): Promise<void> =>
  new Promise((resolve) => setTimeout(() => void term.until(() => true).then(() => resolve()), wait));
/** Below the header, which has the time and tsbpftop's own use. A blank that was written is as one that never was. */
const bodyOf = (term: Term): string =>
  term
    .text()
    .split('\n')
    .slice(4)
    .map((line) => line.trimEnd())
    .join('\n');

/** The whole screen is painted: first it is cleared. */
async function paintedAnew(term: Term): Promise<void> {
  let cleared = false;
  const hook = term.screen.parser.registerCsiHandler({final: 'J'}, () => {
    cleared = true;
    return false;
  });
  await term.press('\u000C').until(() => cleared);
  hook.dispose();
}

/** Presses every key in each of the views, which `ways` are the keys to, and looks for what another screen has left. */
async function pressAll(term: Term, ways: Readonly<Record<string, readonly string[]>>): Promise<void> {
  for (const [name, way] of Object.entries(ways))
    for (const key of keys) {
      const sent = keyBytes(key);
      // a frame that comes in between changes the screen too, residue stays at every try
      let [drawn, anew] = ['', ' '];
      for (let tries = 0; tries < 8 && drawn !== anew; tries++) {
        for (const each of way) {
          term.press(each);
          await settled(term, 20 + 50 * tries);
        }
        term.press(sent);
        await settled(term, 20 + 100 * tries);
        drawn = bodyOf(term);
        await paintedAnew(term);
        anew = bodyOf(term);
        assert.ok(term.alternate, key);
        assert.doesNotMatch(term.text(), /a bug of ours|undefined|NaN/, key);
        // out of whatever it opened
        term.press('\u001B');
        await settled(term);
        term.press('\u001B\u007F\u007F');
      }
      assert.equal(drawn, anew, `${name}, ${key}: what is left of another screen`);
    }
}

/** By their numbers in the bar. */
const numbered = (names: readonly string[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(names.map((name, i) => [name, [`${i + 1}`]]));

/** Views that are not as they should be: too small a map, a warning that waits for an answer, a function that does not exist. */
const troubled = (): readonly string[] => {
  const one = {attach: 'tracepoint:syscalls:sys_enter_openat', by: ['comm', 'args.filename'], measure: 'count'};
  return [
    {...one, name: 'too-small', maxKeys: 4},
    {...one, name: 'held-back', warning: 'it is a test'},
    {...one, name: 'cannot-be', attach: 'tracepoint:syscalls:sys_enter_nothing'},
  ].map((preset) => workloads.preset(preset));
};

/** A program of somebody else, and its map as a table. */
const own = (): string =>
  workloads.preset({
    name: 'own',
    object: workloads.object('many'),
    attach: {called: `uprobe:${workloads.c('calls')}:work_a`},
    table: {map: 'tallies'},
  });

/** Of the maps that the program holds, the one with its counts. */
function countsOf(term: Term): string {
  const held = [...bpfInUse(term.pty.pid)].flatMap((each) => /^map_id (\d+)/.exec(each)?.[1] ?? []);
  const isCounts = (id: string): boolean => /\bname counts\b/.test(execFileSync('bpftool', ['map', 'show', 'id', id], {encoding: 'utf8'}));
  return held.find(isCounts) ?? '';
}

// they wait for their screens, not for a CPU
void describe('every key', {concurrency: true}, () => {
  for (const [columns, lines] of [
    [80, 24],
    [200, 60],
  ] as const) {
    test(`every key in views of each kind at ${columns}x${lines} leaves a live screen without residue`, {
      skip,
      timeout: 400_000,
    }, async () => {
      const names = ['openat', 'read-latency', 'too-small', 'held-back', 'cannot-be', 'own'];
      const files = [...troubled(), own()].flatMap((file) => ['--presets', file]);
      const term = await openTerm(['-d', '60', ...files, ...names], {columns, lines}).until('keys');
      // a map of this very program, in a second one
      const map = await openTerm(['map', countsOf(term), '-d', '60'], {columns, lines}).until('keys');
      await Promise.all([pressAll(term, {...numbered(names), drilled: ['1', '\r']}), pressAll(map, numbered(['map']))]);
      await map.quit();
      await term.quit();
    });

    test(`every key in a recording at ${columns}x${lines} leaves a live screen without residue`, {skip, timeout: 400_000}, async () => {
      const names = ['openat', 'read-latency', 'cpu-stacks'];
      const file = path.join(workloads.folder, `recording-${columns}.ndjson`);
      execFileSync(process.execPath, [cli, 'record', '-d', '0.3', '-n', '4', file, ...names], {
        stdio: 'ignore',
        env: {...process.env, NODE_OPTIONS: ''},
      });
      const term = await openTerm(['replay', file], {columns, lines}).until('REPLAY');
      await pressAll(term, numbered(names));
      await term.quit();
    });
  }
});

test('a row is drilled into in the kernel, and left again', {skip}, async () => {
  const calls = workloads.c('calls');
  const term = await openTerm(['-d', '0.2', '--sort', '-total', 'openat', 'openat-files']).until('events/s');
  await runToEnd(calls, ['wl-deep', '500']);
  await term.until('wl-deep');
  term.press('/wl-deep\r');
  await term.until(/▌wl-deep/);
  await term.press('\r').until('openat › comm=wl-deep › openat-files');
  await term.until(/exact|no events yet/);
  await runToEnd(calls, ['wl-other', '300']);
  await runToEnd(calls, ['wl-deep', '70']);
  // of a path whose page was not in memory yet, the first one is counted apart
  await term.until(/wl-deep +\/etc\/passwd .* (70|69) /);
  assert.doesNotMatch(term.text(), /wl-other/);
  await term.press('\u007F').until(/▌wl-deep .* 570 /);
  await term.quit();
});

test('the list finds a view by a few letters, and opens it', {skip}, async () => {
  const term = await openTerm(['-d', '0.2', 'openat']).until('events/s');
  await term.press('p').until('choose a view');
  await term.press('rdlat').until(/▌.*read-latency/);
  await term.press('\r').until('read(2) latency by comm');
  await term.until(/2 read-latency/);
  await term.quit();
});

test('a costly view asks before its probes are attached', {skip}, async () => {
  const costly = {name: 'costly', attach: 'tracepoint:syscalls:sys_enter_openat', by: ['comm'], measure: 'count', warning: 'it is a test'};
  const file = workloads.preset(costly);
  const term = await openTerm(['-d', '0.2', '--presets', file, 'costly', 'openat']).until('it is a test');
  assert.doesNotMatch(term.text(), /keys/);
  await term.press('y').until('events/s');
  await term.quit();
});

test('the wheel scrolls, a click selects, sorts and changes the view', {skip}, async () => {
  const term = await openTerm(['-d', '0.2', 'syscalls', 'openat']).until('events/s');
  const click = (needle: string): Term => {
    const rows = term.text().split('\n');
    const line = rows.findIndex((row) => row.includes(needle));
    return term.press(`\u001B[<0;${(rows[line] ?? '').indexOf(needle) + 1};${line + 1}M\u001B[<0;1;${line + 1}m`);
  };
  await click('TOTAL').until('TOTAL ▾');
  await click('TOTAL').until('TOTAL ▴');
  await term.until((each) => (each.text().split('\n')[6] ?? '').trim() !== '');
  await term.press('\u001B[<0;3;7M').until((each) => (each.text().split('\n')[6] ?? '').startsWith('▌'));
  await term.press('\u001B[<64;3;7M').until((each) => (each.text().split('\n')[4] ?? '').startsWith('▌'));
  await click('openat').until('openat by comm');
  await term.quit();
});

test('for a screen reader there is no screen: lines say what changed', {skip}, async () => {
  const term = await openTerm(['-d', '0.2', '--screen-reader', 'openat', 'syscalls'], {columns: 140}).until('view openat: openat by comm');
  await term.until(/row 1 of \d+: comm/);
  assert.ok(!term.alternate);
  await term.press('2').until('view syscalls:');
  await term.quit();
});
