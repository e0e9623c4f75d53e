// Batch output and the other commands, as scripts use them: the JSON of product.md to the letter, exit status, messages.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {chmodSync, readdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {cli, noPrivilege, Program, root, temporaryFolder, tsbpftop} from '../support/program.ts';

const skip = noPrivilege();

test('a JSON line has these members, in this order', {skip}, async () => {
  const {stdout, status} = await tsbpftop(['--json', '-n', '1', '-d', '0.2', 'read-latency']);
  assert.equal(status, 0);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map((line) => [line.v, line.view, line.seq]),
    [
      [1, 'read-latency', 0],
      [1, 'read-latency', 1],
    ],
  );
  const [first, last] = lines;
  assert.deepEqual(Object.keys(last), ['v', 'view', 'time', 'seq', 'interval', 'status', 'keys', 'lost', 'cost', 'rows']);
  assert.match(last.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(last.interval >= 0.15 && last.interval < 5, String(last.interval));
  assert.deepEqual(Object.keys(last.keys), ['used', 'max']);
  assert.deepEqual(Object.keys(last.lost), ['mapFull', 'unmatched', 'missed', 'fault', 'stacks', 'earlier']);
  assert.deepEqual(Object.keys(last.cost), ['nsPerEvent', 'events', 'cpuPercent']);
  for (const row of last.rows) {
    assert.deepEqual(Object.keys(row), ['key', 'total', 'delta', 'rate', 'hist', 'p50', 'p90', 'p99']);
    assert.deepEqual(Object.keys(row.hist), ['unit', 'total', 'delta']);
  }
  for (const row of first.rows) assert.deepEqual([row.delta, row.rate, row.hist.delta], [{}, {}, []], 'nothing came before line 0');
});

test('delta is the difference of two totals, and rate is it by the interval', {skip}, async () => {
  const program = new Program(['--json', '-d', '0.2', 'syscalls']);
  await program.until((each) => each.lines().length >= 4);
  await program.stop();
  const lines = program.lines();
  const before = new Map(lines[2]?.rows.map((row) => [JSON.stringify(row.key), row.total['count'] ?? 0]));
  for (const row of lines[3]?.rows ?? []) {
    const delta = (row.total['count'] ?? 0) - (before.get(JSON.stringify(row.key)) ?? 0);
    assert.equal(row.delta['count'] ?? 0, delta);
    const rate = delta / (lines[3]?.interval ?? 1);
    assert.ok(Math.abs((row.rate['count'] ?? 0) - rate) <= 0.01 * rate + 0.01);
  }
});

test('--top and --sort choose rows, and an unknown column is refused', {skip}, async () => {
  const {stdout} = await tsbpftop(['--json', '-n', '1', '-d', '0.2', '--top', '3', '--sort', '-total', 'syscalls']);
  const rows = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '').rows as {readonly total: {readonly count: number}}[];
  assert.ok(rows.length <= 3);
  const totals = rows.map((row) => row.total.count);
  assert.deepEqual(
    totals,
    [...totals].sort((a, b) => b - a),
  );
  const refused = await tsbpftop(['--json', '-n', '0', '--sort', 'colour', 'openat']);
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /view 'openat' has no column 'colour' to sort by\nhint: it has comm, rate, delta, total, count/);
});

test('batch and JSON load neither Ink nor React: one pack, and that from the code cache', {skip}, async (context) => {
  const hook = path.join(temporaryFolder(context), 'hook.cjs');
  const code = `const fs = require('node:fs');
    const read = fs.readFileSync;
    fs.readFileSync = (file, ...all) => { if (String(file).includes('/packs/')) process._rawDebug('reads ' + file); return read(file, ...all); };
    const vm = require('node:vm');
    vm.Script = class extends vm.Script { constructor(...all) { super(...all); process._rawDebug('refused ' + this.cachedDataRejected); } };`;
  writeFileSync(hook, code);
  const {stderr} = await tsbpftop(['--json', '-n', '0', 'openat'], {env: {NODE_OPTIONS: `--require=${hook}`}});
  assert.match(stderr, /reads .*core-\w+\.js/);
  assert.doesNotMatch(stderr, /reads .*(screen|more)-/);
  assert.match(stderr, /refused false/);
});

test('a closed pipe ends it quietly', {skip}, async () => {
  const program = new Program(['-b', '-d', '0.1', 'syscalls']);
  await program.until((each) => each.stdout.length > 0);
  program.child.stdout?.destroy();
  const {status, stderr} = await program.ended;
  assert.deepEqual([status, stderr], [0, '']);
});

/** Of this process, which has several, the one that is not its first: by its number no process is counted. */
const aThread = readdirSync('/proc/self/task').find((id) => id !== String(process.pid)) ?? '';
const wrong: readonly (readonly [args: readonly string[], status: number, message: RegExp])[] = [
  [['-b', 'opnat'], 2, /no view 'opnat'\nhint: nearest: openat/],
  [['-b', '-d', '0'], 2, /--interval wants a number from 0\.1 to 86400, not '0'/],
  [['-b', '-n', 'x'], 2, /--count wants a number from 0, not 'x'/],
  [['-b', '-n', '1.5'], 2, /--count wants a whole number/],
  [['-b', '-p', '99999999'], 1, /no process 99999999/],
  [['-b', '-p', aThread], 1, new RegExp(`-p ${aThread} is a thread, of process ${process.pid}: .*\nhint: -p ${process.pid} `)],
  [['-b', '--comm', 'longer-than-fifteen'], 2, /the kernel keeps 15 bytes/],
  [['-b', '--presets', '/nonexistent'], 2, /cannot read presets '\/nonexistent': no such file/],
  [['--frobnicate'], 2, /[Uu]nknown flag/],
];
for (const [args, status, message] of wrong)
  test(`${args.join(' ')} gets one message and status ${status}`, async () => {
    const ended = await tsbpftop(args);
    assert.equal(ended.status, status, ended.stderr);
    assert.match(ended.stderr, message);
    assert.doesNotMatch(ended.stderr, /\n\s+at /, 'no stack');
    assert.equal(ended.stdout, '');
  });

test('check reports all faults of a file with their lines, and status 2', async (context) => {
  const file = path.join(temporaryFolder(context), 'wrong.json');
  writeFileSync(file, '{\n"name": "x",\n"attach": "syscall:read",\n"by": ["str("],\n"measure": "median(1)",\n"colour": 1\n}', {
    mode: 0o600,
  });
  const {status, stdout} = await tsbpftop(['check', file]);
  assert.equal(status, 2);
  assert.match(stdout, /wrong\.json:6: \/colour: unknown member 'colour'/);
  assert.match(stdout, /wrong\.json:4: \/by\/0: expected/);
  assert.match(stdout, /wrong\.json:5: \/measure: unknown measure 'median'/);
});

test('check loads what is right, and says what was attached', {skip}, async (context) => {
  const file = path.join(temporaryFolder(context), 'right.json');
  writeFileSync(file, '{"name":"right","attach":"tracepoint:syscalls:sys_enter_open*","by":["func"],"measure":"count"}', {mode: 0o600});
  const {status, stdout} = await tsbpftop(['check', file]);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /right; attached to \d+ probes by 1 program of \d+ instructions/);
});

test('a map that would take too much memory is refused before it is made', {skip}, async (context) => {
  const file = path.join(temporaryFolder(context), 'large.json');
  writeFileSync(file, '{"name":"large","span":"syscall:read","by":["comm"],"measure":"hist(duration)","maxKeys":4194304}', {mode: 0o600});
  const {status, stdout} = await tsbpftop(['check', file]);
  assert.equal(status, 1);
  assert.match(stdout, /4194304 keys would take 2\.2 GiB of the kernel's memory, and at most 1 GiB is taken/);
});

test('check names a field that does not exist, and those that do', {skip}, async (context) => {
  const file = path.join(temporaryFolder(context), 'field.json');
  writeFileSync(file, '{"name":"field","attach":"tracepoint:syscalls:sys_enter_openat","by":["args.filenam"],"measure":"count"}', {
    mode: 0o600,
  });
  const {status, stdout} = await tsbpftop(['check', file]);
  assert.equal(status, 1);
  assert.match(stdout, /no field 'filenam' in tracepoint 'syscalls:sys_enter_openat' \(it has filename/);
});

test('presets that others may write are refused to root', {skip: process.getuid?.() === 0 ? undefined : 'needs root'}, async (context) => {
  const file = path.join(temporaryFolder(context), 'loose.json');
  writeFileSync(file, '{"name":"loose","attach":"syscall:read","measure":"count"}');
  chmodSync(file, 0o666);
  const {status, stderr} = await tsbpftop(['-b', '--presets', file, 'loose']);
  assert.equal(status, 1);
  assert.match(stderr, /are refused to root: others may write them\nhint: chmod go-w '/);
});

test('every bundled view that list says can run here attaches on this kernel', {skip}, async () => {
  const folder = path.join(root, 'presets');
  const listed = (await tsbpftop(['list', '--json'])).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const files = listed.filter((each) => each.runs === 'yes').map((each) => `${each.view}.json`);
  assert.ok(files.length > 40, 'most of them');
  const {status, stdout} = await tsbpftop(['check', ...files.map((file) => path.join(folder, file))]);
  assert.equal(status, 0, stdout);
  assert.equal(stdout.match(/: right; attached to /g)?.length, files.length, stdout);
});

test('a pipe without room for the first line gets it whole, and in order, when it is read', {skip}, () => {
  const before = 65_400; // of 64 kB
  const program = `{ head -c ${before} /dev/zero; "${process.execPath}" "${cli}" --json -n 1 -d 0.1 openat; }`;
  const {stdout} = spawnSync('sh', ['-c', `${program} | { sleep 1; tail -c +${before + 1}; }`], {encoding: 'utf8'});
  const lines = stdout.trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).seq),
    [0, 1],
  );
});

test('list shows every bundled view and whether it can run', {skip}, async () => {
  const {status, stdout} = await tsbpftop(['list']);
  assert.equal(status, 0);
  for (const view of ['openat', 'openat-files', 'syscalls', 'functions', 'read-latency'])
    assert.match(stdout, new RegExp(`^ ${view} +\\S.* yes `, 'm'));
});

test('probes lists points by pattern', {skip}, async () => {
  const {stdout} = await tsbpftop(['probes', 'tracepoint:syscalls:sys_enter_open*']);
  assert.match(stdout, /^tracepoint:syscalls:sys_enter_openat$/m);
});
