// Views of what lasts ("until"), against workloads that keep a known number of things: what has begun and is not over, no more and no less.
import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {symlinkSync} from 'node:fs';
import path from 'node:path';
import test, {type TestContext} from 'node:test';
import {openView} from '../../src/commands/live/open-view.ts';
import {liveLookups} from '../../src/kernel/lookups.ts';
import {LiveMachine} from '../../src/kernel/machine.ts';
import {loadBinding} from '../../src/native/binding.ts';
import {parsePreset} from '../../src/preset/load.ts';
import {Sampler} from '../../src/sampler.ts';
import {type JsonLine, type JsonRow, noPrivilege, Program, temporaryFolder, tsbpftop} from '../support/program.ts';
import {Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const lasting = skip === undefined ? workloads.c('lasting', ['-pthread']) : '';

/** Words of the workload in the name of its own that the test's views are filtered by. */
async function begun(context: TestContext, comm: string, words: readonly string[]): Promise<ChildProcess> {
  const child = spawn(lasting, words, {argv0: comm, stdio: ['pipe', 'pipe', 'inherit']});
  context.after(() => child.kill('SIGKILL'));
  await said(child);
  return child;
}
const said = async (child: ChildProcess): Promise<void> => void (await once(child.stdout as NodeJS.ReadableStream, 'data'));

async function watching(context: TestContext, args: readonly string[]): Promise<Program> {
  const program = new Program(['--json', '-d', '0.2', ...args]);
  context.after(() => program.child.kill('SIGKILL'));
  await program.until((each) => each.lines()[0]);
  return program;
}

const view = (more: Readonly<Record<string, unknown>> = {}) => [
  '--presets',
  workloads.preset({
    name: 'taken',
    attach: `uprobe:${lasting}:take`,
    until: {to: `uprobe:${lasting}:give`, match: 'arg0'},
    by: ['comm'],
    measure: ['count'],
    ...more,
  }),
  'taken',
];

/** The first refresh after the workload has come so far whose rows are as wanted. */
const seen = (program: Program, wanted: (line: JsonLine) => boolean): Promise<JsonLine> =>
  program.until((each) => each.lines().findLast(wanted));
const countOf = (line: JsonLine, comm = 'lasting'): number =>
  line.rows.filter(({key}) => key['comm'] === comm).reduce((sum, {total}) => sum + (total['count'] ?? 0), 0);

test('what is taken and not given back is there, with its sum, extremes and average, and is gone when it is given back', {
  skip,
}, async (context) => {
  const measure = ['count', 'sum(i64(arg1))', 'min(i64(arg1))', 'max(i64(arg1))', 'avg(i64(arg1))', 'count(i64(arg1) > 0)', 'max(arg0)'];
  const program = await watching(context, view({measure}));
  const child = await begun(context, 'lasting', ['take', '1000', '900']);
  const line = await seen(program, (each) => countOf(each) === 100);
  const [row] = line.rows as [JsonRow];
  const {age, ...total} = row.total;
  // 901..1000: odd ones as they are, even ones below zero
  assert.deepEqual(total, {count: 100, sum: -50, min: -1000, max: 999, avg: -0.5, 'i64(arg1)>0': 50, max2: 1000});
  assert.ok((age ?? 0) > 0 && (age ?? 0) < 30e9);
  assert.deepEqual([line.status, line.keys.used], ['exact', 100]);
  const later = await seen(program, (each) => countOf(each) === 100 && (each.rows[0]?.total['age'] ?? 0) > (age ?? 0));
  // what passed between the two reads, by the clock of the one who reads
  const [between, grown] = [Date.parse(later.time) - Date.parse(line.time), ((later.rows[0]?.total['age'] ?? 0) - (age ?? 0)) / 1e6];
  assert.ok(Math.abs(between - grown) < 100, `${between} ms, and it is ${grown} ms older`);
  child.stdin?.write('\n');
  const none = await seen(program, (each) => each.seq > later.seq && each.rows.length === 0);
  assert.deepEqual([none.status, none.keys.used], ['exact', 0]);
  assert.equal((await program.stop()).status, 0);
});

test('a span may last, too: from its return on, by what it returned', {skip}, async (context) => {
  const span = {
    attach: undefined,
    span: `uprobe:${lasting}:take`,
    until: {to: `uprobe:${lasting}:give`, match: {from: 'retval', to: 'arg0'}},
    where: 'from.arg0 != 1000',
    by: ['comm', {field: 'from.pid', title: 'PID'}],
    measure: ['count', 'sum(i64(from.arg1))', 'max(duration)'],
  };
  const program = await watching(context, view(span));
  const child = await begun(context, 'lasting', ['take', '1000', '900']);
  const line = await seen(program, (each) => countOf(each) === 99);
  assert.deepEqual([line.rows[0]?.key['pid'], line.rows[0]?.total['sum'], line.status], [child.pid, 950, 'exact']);
});

test('system calls under way are those in which threads hang, by the kernel’s own account, and none when they return', {
  skip,
}, async (context) => {
  const program = await watching(context, ['calls-now', '--comm', 'wl-hang']);
  const named = path.join(temporaryFolder(context), 'wl-hang');
  symlinkSync(lasting, named);
  const child = spawn(named, ['hang', '40'], {stdio: ['pipe', 'pipe', 'inherit']});
  context.after(() => child.kill('SIGKILL'));
  await said(child);
  const reads = (line: JsonLine): number => line.rows.find(({key}) => key['syscall'] === 'read')?.total['count'] ?? 0;
  // and the main thread, which reads stdin
  const line = await seen(program, (each) => reads(each) === 41);
  assert.equal(line.status, 'exact');
  child.stdin?.write('\n');
  await seen(program, (each) => each.seq > line.seq && reads(each) === 1);
  child.stdin?.end('\n');
  await once(child, 'exit');
  const last = program.lines().at(-1)?.seq ?? 0;
  assert.equal((await seen(program, (each) => each.seq > last + 1)).rows.length, 0);
});

test('threads that are killed in a call leave nothing behind', {skip}, async (context) => {
  const program = await watching(context, ['calls-now-threads']);
  const child = await begun(context, 'lasting', ['die', '10']);
  const reads = (line: JsonLine): number => line.rows.filter(({key}) => key['pid'] === child.pid && key['syscall'] === 'read').length;
  const line = await seen(program, (each) => reads(each) === 11);
  child.stdin?.write('\n');
  await once(child, 'exit');
  const gone = await seen(program, (each) => each.seq > line.seq + 1 && !each.rows.some(({key}) => key['pid'] === child.pid));
  assert.equal(gone.lost['mapFull'], 0);
});

test('what finds no place, and what is taken again before its end was seen, is told', {skip}, async (context) => {
  const small = await watching(context, view({maxKeys: 60}));
  const full = await begun(context, 'lasting', ['take', '100', '0']);
  const line = await seen(small, (each) => (each.lost['mapFull'] ?? 0) > 0);
  // the kernel keeps some places for each CPU
  assert.equal(countOf(line) + (line.lost['mapFull'] ?? 0), 100);
  assert.equal(line.status, 'partial');
  full.stdin?.end('\n\n');
  const {stderr} = await small.stop();
  assert.match(stderr, /found no place, since 60 lasted already: raise "maxKeys"/);

  const program = await watching(context, view());
  await begun(context, 'lasting', ['twice']);
  const again = await seen(program, (each) => countOf(each) === 1);
  assert.deepEqual([again.lost['missed'], again.status], [1, 'partial']);
  assert.match((await program.stop()).stderr, /of 1 event the end was not seen before the same match value came again/);
});

test('single events of such a view are those that begin', {skip}, async (context) => {
  const program = new Program(['--events', '-n', '5', ...view({measure: 'sum(i64(arg1))'})]);
  context.after(() => program.child.kill('SIGKILL'));
  // how long attaching takes nobody is told: what comes too early is not seen, and comes again
  while (program.stdout === '') {
    const child = await begun(context, 'lasting', ['take', '5', '5']);
    child.stdin?.end('\n\n');
    await once(child, 'exit');
  }
  const {stdout, status} = await program.ended;
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as {readonly key: Record<string, string>; readonly value: Record<string, number>});
  assert.deepEqual(
    [status, events.map(({key, value}) => [key['comm'], value['arg1']])],
    [0, [1, -2, 3, -4, 5].map((size) => ['lasting', size])],
  );
});

test('many that last are one row, of which none is left out', {skip}, async (context) => {
  const {addon, objectPath} = loadBinding();
  const text = {attach: `uprobe:${lasting}:take`, until: {to: `uprobe:${lasting}:give`, match: 'arg0'}, by: ['comm'], measure: 'count'};
  const loaded = parsePreset(JSON.stringify({name: 'taken', ...text}), 'test.json');
  assert.ok(loaded.ok);
  const {session, sampled} = await openView(loaded.preset, {addon, machine: new LiveMachine(addon, objectPath, '/usr/bin'), filters: {}});
  context.after(() => session.close());
  const clock = {now: () => Date.now(), monotonic: () => performance.now()};
  const sampler = new Sampler(session, sampled, liveLookups(), clock);
  await sampler.sample();
  const child = await begun(context, 'lasting', ['take', '50', '0']);
  const {cut, keys, sums, rows} = await sampler.sample();
  assert.deepEqual([cut, keys.used, sums, rows.length], [false, 50, {rows: 1, total: 50, delta: 50}, 1]);
  child.stdin?.write('\n');
  await said(child);
  // the row is gone, and what it had with it
  assert.deepEqual((await sampler.sample()).sums, {rows: 0, total: 0, delta: -50});
});

test('memory that is not freed is by who allocated it, whichever function did, and gone when it is freed', {skip}, async (context) => {
  const child = await begun(context, 'lasting', ['heap', '1000']);
  const program = await watching(context, ['-p', String(child.pid), 'malloc-now']);
  child.stdin?.write('\n');
  await said(child);
  const kept = (line: JsonLine) =>
    ['malloc', 'calloc', 'realloc'].map((func) =>
      line.rows
        .filter(({key}) => key['func'] === func && JSON.stringify(key['ustack']).includes(`kept_of_${func}`))
        .reduce((sum, {total}) => sum + (total['count'] ?? 0), 0),
    );
  const line = await seen(program, (each) => String(kept(each)) === '1000,500,250');
  assert.equal(line.status, 'exact');
  child.stdin?.write('\n');
  await seen(program, (each) => each.seq > line.seq && String(kept(each)) === '0,0,0' && each.keys.used < 50);
});

test('flags make such a view, and say what does not fit', {skip}, async (context) => {
  const flags = ['-e', `uprobe:${lasting}:take`, '--until', `uprobe:${lasting}:give`, '--match', 'arg0', '--by', 'comm'];
  const program = await watching(context, flags);
  await begun(context, 'lasting', ['take', '30', '10']);
  assert.equal((await seen(program, (each) => countOf(each) === 20)).status, 'exact');
  const refused = async (...args: readonly string[]) => (await tsbpftop(['-b', '-n', '0', ...args])).stderr;
  assert.match(await refused(...flags, '--measure', 'hist(arg1)'), /a histogram is of what came, and this view shows what lasts/);
  assert.match(
    await refused('--from', 'syscall:read', '--to', 'syscall:write', '--until', 'syscall:close'),
    /--until goes with -e or --span, not with --from/,
  );
  assert.match(await refused('--until', 'syscall:close'), /--until belongs to a view made here/);
});

test('served, what lasts is a gauge that falls, and what is over has no series', {skip}, async (context) => {
  const program = new Program(['serve', '--listen', '127.0.0.1:0', ...view({measure: ['count', 'sum(arg0)'], unit: 'bytes'})]);
  context.after(() => program.child.kill('SIGKILL'));
  await program.until(({stderr}) => /on http:\/\/127\.0\.0\.1:\d+\/metrics/.test(stderr));
  const scrape = async () => (await fetch(`http://127.0.0.1:${/:(\d+)\/metrics/.exec(program.stderr)?.[1]}/metrics`)).text();
  const child = await begun(context, 'lasting', ['take', '10', '4']);
  const text = await scrape();
  assert.match(text, /^# TYPE tsbpftop_taken_current gauge$/m);
  assert.match(text, /^tsbpftop_taken_current\{comm="lasting"\} 6$/m);
  assert.match(text, /^tsbpftop_taken_bytes\{comm="lasting"\} 45$/m);
  assert.match(text, /^tsbpftop_taken_age_seconds\{comm="lasting"\} 0\.\d+$/m);
  child.stdin?.write('\n');
  await said(child);
  // whoever asks within a moment gets what the one before got
  await new Promise((resolve) => setTimeout(resolve, 600));
  assert.doesNotMatch(await scrape(), /tsbpftop_taken_current\{/);
});
