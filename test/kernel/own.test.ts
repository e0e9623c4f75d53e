// Programs of one's own: objects as others compile them load unchanged, and their maps are told as bpftool dumps them.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import {bpfInUse, measured, noPrivilege, Program, root, tsbpftop} from '../support/program.ts';
import {runOnOneCpu, runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const calls = skip === undefined ? workloads.c('calls') : '';
const sources = path.join(root, 'test/fixtures/objects');

const many = skip === undefined ? workloads.object('many') : '';

const manyPreset = (table: unknown, more: Readonly<Record<string, unknown>> = {}) => ({
  name: 'many',
  object: many,
  params: {mode: 'MODE_HIGH', by_size: true, offset: -3, small: 2, wide: '18446744073709551615', comm_wanted: 'wl-many'},
  attach: {called: `uprobe:${calls}:work_a`},
  table,
  ...more,
});

/** On one CPU: what has no sum, such as a largest one, is added over those CPUs where it ran, as all of a per-CPU map is. */
const shown = (preset: Readonly<Record<string, unknown>>) =>
  measured(['--presets', workloads.preset(preset), String(preset['name'])], () => runOnOneCpu(calls, ['wl-many', '1000']));
const run = (preset: Readonly<Record<string, unknown>>, ...args: readonly string[]) =>
  tsbpftop(['--json', '-n', '0', '--presets', workloads.preset(preset), String(preset['name']), ...args]);

test('the example of the design runs as it is written, and counts each open of a program once', {skip}, async () => {
  copyFileSync(workloads.object('slow-opens'), path.join(workloads.folder, 'slow-opens.bpf.o'));
  const preset = {
    name: 'slow-opens',
    object: './slow-opens.bpf.o',
    params: {min_us: 0, wanted: 'wl-opens'},
    table: {
      map: 'opens',
      columns: [
        {field: 'key.comm'},
        {field: 'key.errno', format: 'errno'},
        {field: 'value.count', measure: true},
        {field: 'value.slots', hist: 'log2', unit: 'us'},
      ],
    },
  };
  const line = await measured(['--presets', workloads.preset(preset), 'slow-opens'], () => runToEnd(calls, ['wl-opens', '2000']));
  assert.deepEqual(
    line.rows.map(({key, total, hist}) => [key, total, hist?.unit, hist?.total.reduce((sum, [, , count]) => sum + count, 0)]),
    [[{comm: 'wl-opens', errno: '0'}, {count: 2000}, 'us', 2000]],
  );
});

test('without columns every member is one: per-CPU values are added, bit-fields cut, texts and signs read', {skip}, async () => {
  const line = await shown(manyPreset({map: 'tallies'}));
  const [even, odd] = [...line.rows].sort((a, b) => Number(a.key['odd']) - Number(b.key['odd']));
  const {tgid: _, ...key} = even?.key ?? {};
  assert.deepEqual(key, {call: -5, odd: 0, comm: 'wl-many'});
  assert.deepEqual(even?.total, {count: 1000, sum: -251_000, largest: 998, low: 5, high: 4321});
  assert.deepEqual(odd?.total, {count: 1000, sum: -251_500, largest: 999, low: 5, high: 4321});
  assert.equal(line.status, 'exact');
});

test('columns that do not tell two keys apart add them up; a max stays one', {skip}, async () => {
  const columns = [
    {field: 'value.comm', title: 'WHO'},
    {field: 'value.count', measure: true},
    {field: 'value.sum', measure: 'avg'},
    {field: 'value.largest', measure: 'max'},
  ];
  const line = await shown(manyPreset({map: 'tallies', columns}));
  assert.deepEqual(
    line.rows.map((row) => [row.key, row.total]),
    [[{who: 'wl-many'}, {count: 2000, avg: -251.25, largest: 999}]],
  );
});

test('a bucket in the key is a histogram: entries that differ in it alone are one row', {skip}, async () => {
  const columns = [{field: 'key.comm'}, {field: 'key.bucket', hist: 'log2', unit: 'count'}, {field: 'value', measure: true}];
  const line = await shown(manyPreset({map: 'slots', columns}));
  const [row] = line.rows;
  assert.deepEqual([row?.key, row?.total], [{comm: 'wl-many'}, {value: 1000}]);
  assert.deepEqual(row?.hist?.total, [
    [0, 2, 2],
    [2, 4, 2],
    [4, 8, 4],
    [8, 16, 8],
    [16, 32, 16],
    [32, 64, 32],
    [64, 128, 64],
    [128, 256, 128],
    [256, 512, 256],
    [512, 1024, 488],
  ]);
});

test('of an array the entries that are zero are left out, and its index is the key', {skip}, async () => {
  const line = await shown(manyPreset({map: 'levels'}));
  assert.deepEqual(
    line.rows.map((row) => [row.key, row.total]),
    [[{key: 7}, {value: -1000}]],
  );
});

test('a view says which programs are left out, and why', {skip}, async () => {
  const file = workloads.preset(manyPreset({map: 'slots'}, {attach: {called: `uprobe:${calls}:work_*`, enters: null}}));
  const {stdout, status} = await tsbpftop(['check', file]);
  assert.equal(status, 0);
  assert.match(stdout, /attached to 3 probes by 3 programs/);
  assert.match(stdout, /enters: the preset leaves it out/);
  assert.match(stdout, /optional: its section '\?kprobe\/no_such_function_of_any_kernel' is for those who ask/);
  assert.match(stdout, /sampled: its section 'perf_event' says no place/);
});

test('a program that is asked for and is optional is left out where the kernel refuses it', {skip}, async () => {
  const attach = {called: `uprobe:${calls}:work_a`, optional: 'auto'};
  const {stdout, status} = await tsbpftop(['check', workloads.preset(manyPreset({map: 'slots'}, {attach}))]);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /not taken: optional: cannot (attach|load) program 'optional'/);
});

const faults: readonly (readonly [rule: string, change: Readonly<Record<string, unknown>>, message: RegExp])[] = [
  ['a program', {attach: {caled: null}}, /the object has no program 'caled'[\s\S]*it has called/],
  ['a map', {table: {map: 'tally'}}, /the object has no map 'tally'[\s\S]*it has (slots|tallies)/],
  ['a map when there are several', {table: {}}, /4 maps: which is the table\?/],
  ['a kind of map with rows', {table: {map: 'ring'}}, /map 'ring' is of a kind that has no rows/],
  ['a parameter', {params: {offst: 1}}, /no global variable 'offst'[\s\S]*it has offset/],
  ['an integer in its range', {params: {small: 256}}, /'small' is an integer of 8 bits, unsigned: from 0 to 255, not 256/],
  ['a number, not a text', {params: {offset: 'many'}}, /'offset' is an integer of 32 bits, not 'many'/],
  ['true or false', {params: {by_size: 2}}, /'by_size' is a bool: true or false, not 2/],
  ['an enumerator', {params: {mode: 'MODE_HI'}}, /enum without 'MODE_HI'[\s\S]*it has MODE_HIGH/],
  ['a text that fits', {params: {comm_wanted: 'x'.repeat(16)}}, /holds 15 bytes of text, and 'x+' has 16/],
  ['a member', {table: {map: 'tallies', columns: [{field: 'value.cont'}]}}, /map 'tallies' has no 'value.cont'[\s\S]*it has value.count/],
  [
    'an integer to measure',
    {table: {map: 'tallies', columns: [{field: 'value.comm', measure: true}]}},
    /'value.comm' is a text, and a measure is/,
  ],
  [
    'an array for a histogram',
    {table: {map: 'tallies', columns: [{field: 'value.count', hist: 'log2'}]}},
    /a histogram is an array of integers/,
  ],
  ['a column to sort by', {sort: '-nope'}, /no column 'nope'[\s\S]*it has/],
  ['a probe of the program’s kind', {attach: {called: 'tracepoint:sched:sched_switch'}}, /program 'called' is of section 'uprobe'/],
];
for (const [rule, change, message] of faults)
  test(`a preset of one's own wants ${rule}, and says what there is, and where it is asked for`, {skip}, async () => {
    const {status, stderr} = await run(manyPreset({map: 'tallies'}, change));
    assert.match(stderr, message);
    assert.match(stderr, /in .*\.json:\d+, \//, 'where in the file');
    assert.equal(status, 2, 'no machine could run it');
    assert.doesNotMatch(stderr, /a bug of ours/);
  });

test('the verifier’s decisive line is said, and its whole log with -v', {skip}, async () => {
  const file = workloads.preset({name: 'refused', object: workloads.object('refused')});
  const {stdout, status} = await tsbpftop(['check', '-v', file]);
  assert.equal(status, 1);
  assert.match(
    stdout,
    /cannot load program 'reads_nowhere' of view 'refused': the kernel's verifier refused it: .*(invalid|prohibited|R\d)/,
  );
  assert.match(stdout, /processed \d+ insns/);
});

test('a source is compiled by the machine’s clang, and its errors are told with their lines', {skip}, async () => {
  const source = path.join(workloads.folder, 'source.bpf.c');
  copyFileSync(path.join(sources, 'slow-opens.bpf.c'), source);
  const preset = {name: 'from-source', source: './source.bpf.c', params: {wanted: 'wl-source'}, table: {map: 'opens'}};
  const line = await measured(['--presets', workloads.preset(preset), 'from-source'], () => runToEnd(calls, ['wl-source', '300']));
  assert.deepEqual(
    line.rows.map((row) => [row.key, row.total]),
    [[{comm: 'wl-source', errno: 0}, {count: 300}]],
  );
  writeFileSync(source, 'int main(void) {\n  return nothing;\n}\n');
  const {stderr, status} = await run(preset);
  assert.equal(status, 2);
  assert.match(stderr, /source\.bpf\.c:2:10: error: use of undeclared identifier 'nothing'/);
  assert.deepEqual(
    readdirSync(os.tmpdir()).filter((name) => /^tsbpftop-compile-/.test(name)),
    [],
    'nothing is left of the compilation',
  );
});

test('a source without a clang on the machine says so', {skip}, async () => {
  const preset = {name: 'no-clang', source: path.join(sources, 'slow-opens.bpf.c'), table: {map: 'opens'}};
  const {stderr, status} = await tsbpftop(['-b', '--presets', workloads.preset(preset), 'no-clang'], {env: {PATH: '/nonexistent'}});
  assert.equal(status, 1);
  assert.match(stderr, /this machine has no clang\nhint: apt-get install clang/);
});

test('root refuses an object that others may write, or whose folder they may', {
  skip: skip ?? (process.getuid?.() === 0 ? undefined : 'needs root'),
}, async () => {
  const folder = path.join(workloads.folder, 'open');
  mkdirSync(folder);
  const object = path.join(folder, 'open.bpf.o');
  copyFileSync(many, object);
  const preset = manyPreset({map: 'slots'}, {object});
  chmodSync(object, 0o666);
  const refused = await run(preset);
  assert.match(refused.stderr, /is refused to root: others may write it\nhint: chmod go-w/);
  assert.equal(refused.status, 1, 'as a preset that others may write is');
  chmodSync(object, 0o600);
  chmodSync(folder, 0o777);
  const link = path.join(root, 'dist/link.bpf.o');
  symlinkSync(object, link);
  try {
    assert.match((await run(manyPreset({map: 'slots'}, {object: link}))).stderr, /others may write the folder/);
  } finally {
    execFileSync('rm', ['-f', link]);
  }
});

test('a loaded map is watched by its id and its name, as bpftool dumps it, and told when it is gone', {skip}, async () => {
  const holder = new Program(['--json', '--presets', workloads.preset(manyPreset({map: 'tallies'})), 'many']);
  await holder.until((program) => program.lines()[0]);
  await runToEnd(calls, ['wl-many', '500']);
  type Map = {readonly id: number; readonly name?: string; readonly pids?: unknown};
  const maps: readonly Map[] = JSON.parse(execFileSync('bpftool', ['-j', 'map', 'show'], {encoding: 'utf8'}));
  const held = bpfInUse(holder.child.pid); // others may hold one of that name
  const {id} = maps.find((map) => map.name === 'slots' && held.has(`map_id ${map.id}`)) ?? {id: 0};
  const {stdout} = await tsbpftop(['map', String(id), '--json', '-n', '0']);
  const rows: readonly {key: {comm: string; bucket: number}; total: {value: number}}[] = JSON.parse(stdout).rows;
  const dumped: readonly {formatted: {key: {comm: string; bucket: number}; value: number}}[] = JSON.parse(
    execFileSync('bpftool', ['-j', 'map', 'dump', 'id', String(id)], {encoding: 'utf8'}),
  );
  const sorted = (list: readonly (readonly [number, number])[]) => [...list].sort(([a], [b]) => a - b);
  assert.deepEqual(
    sorted(rows.map(({key, total}) => [key.bucket, total.value] as const)),
    sorted(dumped.map(({formatted}) => [formatted.key.bucket, formatted.value] as const)),
  );
  const pinned = `/sys/fs/bpf/tsbpftop-test-${process.pid}`;
  execFileSync('bpftool', ['map', 'pin', 'id', String(id), pinned]);
  const byPath = await tsbpftop(['map', pinned, '--json', '-n', '0']);
  rmSync(pinned);
  assert.deepEqual(JSON.parse(byPath.stdout).rows, rows);
  const watcher = new Program(['map', String(id), '--json', '-d', '0.1']);
  await watcher.until((program) => program.lines()[1]);
  await holder.stop();
  const ended = await watcher.ended;
  assert.equal(ended.status, 1);
  assert.match(ended.stderr, /map 'slots' \(id \d+\) is gone: whoever held it has ended/);
});

test('a map that is not there is said, with the names that are near', {skip}, async () => {
  const {stderr, status} = await tsbpftop(['map', '999999999', '-b']);
  assert.equal(status, 1);
  assert.match(stderr, /no map of id 999999999/);
  assert.match((await tsbpftop(['map', '/proc/self/status', '-b'])).stderr, /no pinned map/);
});

test('bpf-programs counts the runs of a program as the kernel does', {skip}, async () => {
  const counted = new Program(['--json', '--presets', workloads.preset(manyPreset({map: 'slots'}, {name: 'many'})), 'many']);
  await counted.until((program) => program.lines()[0]);
  const line = await measured(['bpf-programs'], () => runToEnd(calls, ['wl-runs', '3000']));
  await counted.stop();
  const row = line.rows.find(({key}) => key['name'] === 'called' && key['pid'] === counted.child.pid);
  assert.equal(row?.total['runs'], 3000);
  assert.ok((row?.total['avg'] ?? 0) > 0);
});
