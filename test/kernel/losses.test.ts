// What is lost is told: each loss is made on purpose, and what happened is what is shown plus what is said to be lost. The
// rest of them: a full map and texts that cannot be read in exact.test.ts, stacks in stacks.test.ts, single events in
// events.test.ts.
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import test from 'node:test';
import {type JsonLine, measured, noPrivilege, Program, root} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const losses = skip === undefined ? workloads.c('losses') : '';
const churn = skip === undefined ? workloads.c('churn') : '';

const sumOf = (line: JsonLine | undefined, name = 'count'): number =>
  (line?.rows ?? []).reduce((sum, row) => sum + (row.total[name] ?? 0), 0);
const lostOf = (line: JsonLine, name: string): number => line.lost[name] ?? 0;

const made = (preset: Readonly<Record<string, unknown>>, act: string, n: number) =>
  measured(['--presets', workloads.preset(preset), String(preset['name'])], () => runToEnd(losses, [`wl-${act}`, act, String(n)]));

const spans = {
  name: 'spans',
  span: {from: `uprobe:${losses}:begin`, to: `uprobe:${losses}:end`, match: {from: 'arg0', to: 'arg0'}},
  by: ['comm'],
  measure: 'count',
};

test('an end that no start was ever seen for began earlier, once for what pairs it; a second one is unmatched', {skip}, async () => {
  const line = await made(spans, 'spans', 1000);
  assert.deepEqual([sumOf(line), lostOf(line, 'earlier'), lostOf(line, 'unmatched')], [1000, 1, 1]);
  assert.equal(line.status, 'partial');
});

test('more spans under way than there is room for are unmatched, and never taken for ones that began earlier', {skip}, async () => {
  // on one CPU: how many the map holds depends on how they are spread
  const line = await measured(['--presets', workloads.preset(spans), 'spans'], () =>
    runToEnd('taskset', ['-c', '0', losses, 'wl-spans', 'spans', '20000']),
  );
  assert.ok(sumOf(line) > 10_000 && sumOf(line) < 20_000, String(sumOf(line)));
  // two more ends had no start at all
  assert.deepEqual([sumOf(line) + lostOf(line, 'unmatched'), lostOf(line, 'earlier')], [20_002, 0]);
  assert.equal(line.status, 'partial');
});

test('a call that began before the probes were there is told apart, and every one since is counted: exact', {skip}, async () => {
  const child = spawn(losses, ['wl-reads', 'reads', '500'], {stdio: ['pipe', 'ignore', 'inherit']});
  const ended = once(child, 'exit');
  const line = await measured(['read-latency', '-p', String(child.pid)], async () => {
    child.stdin.end('x');
    assert.deepEqual(await ended, [0, null]);
  });
  assert.deepEqual(
    [sumOf(line), line.lost, line.status],
    [500, {mapFull: 0, unmatched: 0, missed: 0, fault: 0, stacks: 0, earlier: 1}, 'exact'],
  );
});

test('the calls of a killed process are counted, the one it was killed in too', {skip}, async () => {
  const line = await measured(['read-latency', '--comm', 'wl-killed'], () => runToEnd(losses, ['wl-killed', 'killed', '300']));
  // the kernel lets the last one return, to nobody: with ERESTARTSYS
  assert.deepEqual([sumOf(line), line.status], [301, 'exact']);
});

test('a span whose task is killed before its end has none: it is not counted, and no other is taken for it', {skip}, async () => {
  const byTask = {...spans, name: 'cut', span: {...spans.span, match: 'tid'}};
  const line = await made(byTask, 'cut', 50);
  assert.deepEqual([sumOf(line), lostOf(line, 'unmatched'), lostOf(line, 'earlier'), line.status], [50, 0, 0, 'exact']);
});

test('--events tells what was lost, as every other output does', {skip}, async () => {
  const program = new Program(['--events', '-n', '40', '--presets', workloads.preset(spans), 'spans']);
  const deadline = Date.now() + 20_000;
  while (program.child.exitCode === null && Date.now() < deadline) await runToEnd(losses, ['wl-told', 'spans', '10']);
  const {stdout, stderr} = await program.ended;
  assert.match(stdout, /^\{"v":1,"event":"spans","lost":\{"mapFull":0,"unmatched":[1-9]/m);
  assert.match(stderr, /^tsbpftop: spans: partial: \d+ ends? of a span came without a start/m);
});

test('what two values pair is told apart where either is the same: locks that a thread waits for within others', {skip}, async () => {
  const line = await made({...spans, name: 'within', span: {...spans.span, match: ['tid', 'arg0']}}, 'within', 20);
  assert.deepEqual([sumOf(line), lostOf(line, 'unmatched'), line.status], [60, 0, 'exact']);
});

test('a call that its task is killed in is not counted, and those that return are', {skip}, async () => {
  const line = await made({name: 'inside', span: `uprobe:${losses}:held`, by: ['comm'], measure: 'count'}, 'inside', 50);
  const {unmatched, missed, earlier} = line.lost;
  assert.deepEqual([sumOf(line), unmatched, missed, earlier, line.status], [50, 0, 0, 0, 'exact']);
});

const calls = (name: string) => ({name, span: `uprobe:${losses}:${name}`, by: ['comm'], measure: 'count'});

test('of nested calls of one function the inner is a span, and the outer ones are unmatched', {skip}, async () => {
  const line = await made(calls('nested'), 'nested', 20);
  assert.deepEqual([sumOf(line), lostOf(line, 'unmatched'), lostOf(line, 'missed')], [1, 19, 0]);
});

test('returns that the kernel has no room for are missed: it follows 64 nested calls', {skip}, async () => {
  const line = await made(calls('nested'), 'nested', 100);
  assert.equal(sumOf(line) + lostOf(line, 'unmatched') + lostOf(line, 'missed'), 100);
  assert.ok(lostOf(line, 'missed') > 0);
  assert.equal(line.status, 'partial');
});

test('calls that are left without a return are missed', {skip}, async () => {
  const line = await made(calls('jumps'), 'jumps', 50);
  assert.deepEqual([sumOf(line), lostOf(line, 'missed'), lostOf(line, 'unmatched'), line.status], [50, 50, 0, 'partial']);
});

test('an LRU map is never called exact, and says what it may have forgotten', {skip}, async () => {
  const file = workloads.preset({name: 'lru', attach: `uprobe:${losses}:begin`, by: ['arg0'], measure: 'count', map: 'lru', maxKeys: 64});
  const program = new Program(['--json', '--presets', file, 'lru']);
  await program.until((each) => each.lines()[0]);
  await runToEnd(losses, ['wl-lru', 'spans', '1000']);
  const {stderr} = await program.stop();
  const line = program.lines().at(-1);
  assert.equal(line?.status, 'approximate');
  assert.ok(sumOf(line) < 1000);
  assert.match(stderr, /lru: approximate: an LRU map forgets keys without a word when it is full/);
});

/** Calls with 2^62 and -2^62, so many at once, each lot after the lines have told the one before. */
async function summed(measure: readonly string[], lots: readonly number[]) {
  const file = workloads.preset({name: 'wide', attach: `uprobe:${losses}:wide`, by: ['comm'], measure: ['count', ...measure]});
  const program = new Program(['--json', '-d', '0.2', '--presets', file, 'wide']);
  let made = 0;
  for (const lot of [...lots, 0]) {
    await program.until((each) => each.lines().at(-1) && sumOf(each.lines().at(-1)) === made);
    if (lot > 0) await runToEnd(losses, ['wl-wide', 'wide', String(lot)]);
    made += lot;
  }
  const seen = program.lines().length;
  await program.until((each) => each.lines()[seen + 1]); // what was read too late for one line is told by the next
  const {stderr} = await program.stop();
  const lines = program.lines();
  /** Status of the last line with so many calls. */
  const statusAt = (calls: number) => lines.findLast((line) => sumOf(line) === calls)?.status;
  return {lines, stderr, statusAt};
}

test('a sum past 64 bits begins again, and what came since stays right', {skip}, async () => {
  const {lines} = await summed(['sum(arg0)', 'sum(i64(arg1))'], [4, 1]);
  const [row] = lines.find((line) => sumOf(line) === 5 && line.rows[0]?.delta['count'] === 1)?.rows ?? [];
  // 5 * 2^62 is 2^62 past 2^64
  assert.deepEqual([row?.total['sum'], row?.delta['sum']], [String(2n ** 62n), String(2n ** 62n)]);
  assert.deepEqual([row?.total['sum2'], row?.delta['sum2']], [String(-(2n ** 62n)), String(-(2n ** 62n))]);
});

test('a sum that goes past 64 bits is said to: unsigned ones at 2^64, signed ones at 2^63, and not before', {skip}, async () => {
  const unsigned = await summed(['avg(arg0)'], [1, 1, 1, 1]);
  assert.deepEqual([unsigned.statusAt(3), unsigned.statusAt(4)], ['exact', 'partial']);
  assert.match(unsigned.stderr, /wide: partial: values so large were added up that a sum went past 64 bits, or may have, and began again/);
  const signed = await summed(['sum(i64(arg1))'], [1, 1, 1]);
  assert.deepEqual([signed.statusAt(2), signed.statusAt(3)], ['exact', 'partial']); // -2^63 is the last that fits
});

test('a sum that goes round between two refreshes, and is where it was, is said to as well', {skip}, async () => {
  const {lines, statusAt} = await summed(['sum(arg0)'], [4]);
  assert.deepEqual([lines.at(-1)?.rows[0]?.total['sum'], statusAt(4)], [0, 'partial']);
});

const object = path.join(workloads.folder, 'churn.bpf.o');
// no other run of the workload is counted
const params = {descriptor: -100 - process.pid};
process.env['CHURN_DESCRIPTOR'] = String(params.descriptor);
if (skip === undefined)
  execFileSync('clang', [
    ...['-g', '-O2', '-target', 'bpf', `-I/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`],
    ...['-c', path.join(root, 'test/fixtures/objects/churn.bpf.c'), '-o', object],
  ]);

test('of a map in which keys come and go as fast as they can, each that stays is read once, whole, in every refresh', {skip}, async () => {
  const stable = 20_000;
  const columns = [{field: 'key'}, {field: 'value', measure: true}];
  const file = workloads.preset({name: 'churned', object, params, table: {map: 'entries', columns}});
  const program = new Program(['--json', '-d', '0.2', '--presets', file, 'churned']);
  await program.until((each) => each.lines()[0]);
  const child = spawn(churn, ['wl-churn', 'keys', String(stable), '0', '60'], {stdio: ['ignore', 'pipe', 'inherit']});
  let said = '';
  child.stdout.on('data', (data) => (said += data));
  const seen = program.lines().length;
  await program.until(({stdout}) => [...stdout.matchAll(/"keys":\{"used":(\d+)/g)].filter(([, used]) => Number(used) >= stable).length > 6);
  child.kill();
  await once(child, 'exit');
  await program.stop();
  const came = Number(said.split('\n')[1]);
  assert.ok(came > 10_000, `${came} keys`); // 100,000 a second where nothing else runs
  const lines = program
    .lines()
    .slice(seen)
    .filter((line) => line.keys.used >= stable);
  for (const line of lines) {
    const keys = line.rows.map((row) => Number(row.key['key']));
    assert.equal(new Set(keys).size, keys.length, 'no key twice');
    assert.equal(keys.filter((key) => key < stable).length, stable, 'every key that stays');
    assert.ok(line.rows.every((row) => row.total['value'] === 1));
    assert.equal(line.status, 'exact');
  }
});

test('a map that is read while it fills holds each key once, with all its counts at the end', {skip}, async () => {
  const file = workloads.preset({
    name: 'filling',
    object,
    params,
    table: {map: 'entries', columns: [{field: 'key'}, {field: 'value', measure: true}]},
  });
  const program = new Program(['--json', '-d', '0.1', '--presets', file, 'filling']);
  await program.until((each) => each.lines()[0]);
  await runToEnd(churn, ['wl-churn', 'twice', '50000']);
  await program.stop();
  const lines = program.lines();
  for (const line of lines) assert.equal(new Set(line.rows.map((row) => row.key['key'])).size, line.rows.length);
  assert.deepEqual([lines.at(-1)?.rows.length, sumOf(lines.at(-1), 'value'), lines.at(-1)?.status], [50_000, 100_000, 'exact']);
});

test('narrow counters of others wrap where their authors let them, and are shown as they are', {skip}, async () => {
  const file = workloads.preset({name: 'narrow', object, params, table: {map: 'narrow'}});
  const line = await measured(['--presets', file, 'narrow'], () => runToEnd(churn, ['wl-churn', 'twice', '1000']));
  const total = line.rows[0]?.total;
  assert.deepEqual(total, {count: 2000, small: 2000 % 256, middle: 2000, large: 2000 - 1 - 256});
});

test('what goes on while a view ends is no loss', {skip}, async () => {
  const readers = [0, 1].map(() =>
    spawn('sh', ['-c', 'printf wl-stop >/proc/$$/comm; while read -r line </proc/self/stat; do :; done'], {stdio: 'ignore'}),
  );
  try {
    const all = await measured(['--comm', 'wl-stop', 'read-latency'], async () => undefined);
    assert.deepEqual([lostOf(all, 'unmatched'), all.status], [0, 'exact']);
    assert.ok(sumOf(all) > 0);
  } finally {
    for (const reader of readers) reader.kill('SIGKILL');
  }
});
