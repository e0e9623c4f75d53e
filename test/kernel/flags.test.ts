// Views that ask for something: -p PID, --probe, and a warning.
import assert from 'node:assert/strict';
import test from 'node:test';
import {measured, noPrivilege, tsbpftop} from '../support/program.ts';
import {ready, runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const acts = skip === undefined ? workloads.c('acts') : '';

const ofOne = {name: 'of-one', attach: 'uprobe:libc:malloc', by: ['pid'], measure: ['count', 'sum(arg0)'], needsPid: true} as const;

test('a view of one process is refused without -p, in one message', {skip}, async () => {
  const {status, stderr} = await tsbpftop(['--json', '-n', '0', '--presets', workloads.preset(ofOne), 'of-one']);
  assert.equal(status, 1);
  assert.equal(stderr, "tsbpftop: view 'of-one' is about one process: it needs -p PID\nhint: tsbpftop -p PID of-one\n");
});

test('a view of one process counts that process alone, and all of it', {skip}, async () => {
  const [mine, other] = [await ready(acts, ['wl-mine', 'malloc', '300']), await ready(acts, ['wl-other', 'malloc', '500'])];
  const line = await measured(['--presets', workloads.preset(ofOne), '-p', String(mine.pid), 'of-one'], async () => {
    await other.run();
    await mine.run();
  });
  assert.deepEqual(
    line.rows.map((row) => row.key['pid']),
    [mine.pid],
  );
  // 300 of 100 bytes; what the workload itself asks for besides is little
  assert.ok((line.rows[0]?.total['count'] ?? 0) >= 300 && (line.rows[0]?.total['count'] ?? 0) < 320);
});

test('check loads a view of one process on itself', {skip}, async () => {
  const {status, stdout} = await tsbpftop(['check', workloads.preset(ofOne)]);
  assert.equal(status, 0, stdout);
});

test('--probe replaces the probes of a view that counts, and of one from entry to return', {skip}, async () => {
  const counts = await measured(['functions', '--comm', 'wl-probe', '--probe', 'syscall:openat', '--probe', 'syscall:close'], () =>
    runToEnd(acts, ['wl-probe', 'rename', '50']),
  );
  const opened = counts.rows.find((row) => row.key['func'] === 'openat');
  assert.ok((opened?.total['count'] ?? 0) >= 50);
  const spans = await measured(['read-latency', '--comm', 'wl-probe', '--probe', 'syscall:rename'], () =>
    runToEnd(acts, ['wl-probe', 'rename', '50']),
  );
  assert.deepEqual(
    spans.rows.map((row) => row.total['count']),
    [100],
  );
});

test('--probe is refused where it means nothing', {skip}, async () => {
  const two = await tsbpftop(['--json', '-n', '0', 'openat', 'syscalls', '--probe', 'syscall:read']);
  assert.deepEqual([two.status, two.stderr.split('\n')[0]], [2, 'tsbpftop: --probe replaces the probes of one view, and 2 are named']);
  const pair = await tsbpftop(['--json', '-n', '0', 'runq-latency', '--probe', 'syscall:read']);
  assert.equal(pair.status, 2);
  assert.match(pair.stderr, /measures between two probes, which --probe cannot replace/);
});

test('a warning is printed in batch, and is in list', {skip}, async () => {
  const file = workloads.preset({name: 'slow', attach: 'syscall:sync', measure: 'count', warning: 'costs 1 µs a call'});
  const {status, stderr} = await tsbpftop(['--json', '-n', '0', '--presets', file, 'slow']);
  assert.deepEqual([status, stderr], [0, 'tsbpftop: slow: costs 1 µs a call\n']);
  const list = await tsbpftop(['list', '--json', '--presets', file]);
  const entry = list.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .find((each) => each.view === 'slow');
  assert.equal(entry.warning, 'costs 1 µs a call');
});
