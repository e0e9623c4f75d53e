// What is watched is not harmed: a thousand probes come and go without a stall of the machine or the screen, and a program
// gives the same results while it is traced. Times are told, not tested: `node --test` prints them as diagnostics.
import assert from 'node:assert/strict';
import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import {noPrivilege, Program, tsbpftop} from '../support/program.ts';
import {Term} from '../support/term.ts';
import {Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const functions = 1000;

/** A program of a thousand functions; it calls each once. */
function thousand(): string {
  const source = path.join(workloads.folder, 'thousand.c');
  const program = path.join(workloads.folder, 'thousand');
  const names = Array.from({length: functions}, (_, i) => `each_${i}`);
  const bodies = names.map((name) => `__attribute__((noipa)) int ${name}(int n) { return n + 1; }`);
  writeFileSync(
    source,
    `${bodies.join('\n')}\nint main(void) { int n = 0; ${names.map((name) => `n = ${name}(n);`).join(' ')} return n != ${functions}; }\n`,
  );
  execFileSync('gcc', ['-O1', '-o', program, source]);
  return program;
}
const program = skip === undefined ? thousand() : '';
const wildcard = {name: 'thousand', attach: `uprobe:${program}:each_*`, by: ['func'], measure: 'count', maxProbes: functions};

test('a thousand probes by a wildcard are attached and detached while the machine goes on, and each counts its function', {
  skip,
}, async (context) => {
  const ticks = workloads.c('ticks');
  const clocks = os.cpus().map((_, cpu) => {
    const child = spawn(ticks, [String(cpu)], {stdio: ['pipe', 'pipe', 'inherit']});
    let text = '';
    child.stdout.on('data', (data) => (text += data));
    return {child, ended: once(child, 'close'), text: () => text};
  });
  const begun = Date.now();
  const traced = new Program(['--json', '--presets', workloads.preset(wildcard), 'thousand']);
  await traced.until((each) => each.lines()[0]);
  const attached = Date.now();
  const {status} = spawnSync(program);
  const stopped = Date.now();
  assert.equal((await traced.stop()).status, 0);
  const ended = Date.now();
  const late: string[] = [];
  for (const {child, ended, text} of clocks) {
    child.stdin.end('\n');
    await ended;
    late.push(`${text().split('\n')[1] ?? '?'} µs`);
  }
  context.diagnostic(`attached in ${attached - begun} ms, ended in ${ended - stopped} ms; longest stall of each CPU: ${late.join(', ')}`);
  assert.equal(status, 0, 'the program’s own result');
  const line = traced.lines().at(-1);
  assert.deepEqual([line?.rows.length, line?.rows.every((row) => row.total['count'] === 1)], [functions, true]);
});

test('keys are answered while a thousand probes are attached, and leaving gives them up', {skip}, async (context) => {
  const term = await new Term(['-d', '0.2', '--presets', workloads.preset(wildcard), 'openat', 'thousand']).until('events/s');
  context.after(() => term.kill());
  let worst = 0;
  for (let i = 0; i < 5; i++) {
    term.press('2');
    const begun = Date.now();
    await term.press('?').until(/KEY +DOES/);
    worst = Math.max(worst, Date.now() - begun);
    await term.press('\u001B').until((each) => !/KEY +DOES/.test(each.text()));
    await term.press('1').until('openat by comm');
  }
  context.diagnostic(`help was on the screen ${worst} ms after its key, at worst`);
  term.press('q');
  assert.equal((await term.ended).status, 0);
});

test('more probes than "maxProbes" allows are refused before one is attached', {skip}, async () => {
  const file = workloads.preset({...wildcard, name: 'capped', maxProbes: 999});
  const {status, stderr} = await tsbpftop(['--json', '-n', '0', '--presets', file, 'capped']);
  assert.equal(status, 1);
  assert.match(stderr, /1000 probes, and at most 999 are allowed\nhint: a narrower wildcard, or "maxProbes": N/);
});

test('xz, gzip and sha256sum give the same bytes while their libraries and every system call are traced', {skip}, async (context) => {
  const data = path.join(workloads.folder, 'data');
  writeFileSync(data, Buffer.from(Array.from({length: 400_000}, (_, i) => (i * i) % 251)));
  const script = `set -e; export LC_ALL=C; cd ${workloads.folder}; gzip -nc data | sha256sum; gzip -nc data | gzip -dc | sha256sum; xz -T2 -c data | sha256sum; xz -c data | xz -dc | sha256sum; sort data | sha256sum; grep -c a data || echo none; ls /nonexistent 2>&1 || echo $?`;
  const result = (): string => {
    const {status, stdout, stderr} = spawnSync('sh', ['-c', script], {encoding: 'utf8'});
    return `${stdout}${stderr}${status}`;
  };
  const before = result();
  const file = workloads.preset({
    name: 'strings',
    span: 'uprobe:libc:str*',
    by: ['comm', 'func'],
    measure: 'hist(duration)',
    maxProbes: 5000,
  });
  const views = ['strings', 'syscalls', 'syscall-latency', 'openat-files', 'exec', 'exits', 'signals'];
  const traced = new Program(['--json', '-d', '0.5', '--presets', file, ...views]);
  await traced.until((each) => each.lines().length >= views.length);
  const during = result();
  await traced.stop();
  const calls = traced.lines().findLast((line) => line.view === 'strings');
  const counted = (calls?.rows ?? []).filter((row) => ['sort', 'xz', 'gzip', 'ls', 'grep', 'sh'].includes(String(row.key['comm'])));
  context.diagnostic(`${counted.reduce((sum, row) => sum + (row.total['count'] ?? 0), 0)} calls of libc were traced`);
  assert.ok(counted.length > 0);
  assert.equal(during, before);
});
