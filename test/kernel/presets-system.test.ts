// Bundled views that are about the whole machine, or about one program: against the kernel's own counters, or its workload.
import assert from 'node:assert/strict';
import {copyFileSync, existsSync, readFileSync, realpathSync, statfsSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import {check, type Key} from '../support/expectations.ts';
import {Postgres, postgresBin} from '../support/postgres.ts';
import {measuredViews, noPrivilege, type JsonRow} from '../support/program.ts';
import {ready, runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const acts = skip === undefined ? workloads.c('acts') : '';

test('malloc and malloc-stacks count one process, by thread and by call chain', {skip}, async () => {
  const work = await ready(acts, ['ws-malloc', 'malloc', '300']);
  const lines = await measuredViews(['malloc', 'malloc-stacks'], ['-p', String(work.pid)], work.run);
  for (const view of ['malloc', 'malloc-stacks']) check('malloc', [view, {}, {count: [300, 310], sum: [30_000, 40_000]}], lines(view).rows); // and the buffers of libc
});

test('exec names the file of each program started, exec-commands its whole command line though it has ended', {skip}, async () => {
  const file = path.join(workloads.folder, 'ws-true');
  copyFileSync('/bin/true', file);
  const lines = await measuredViews(['exec', 'exec-commands'], [], async () => {
    for (let i = 0; i < 12; i++) await runToEnd(file, ['one', 'two three']);
  });
  check('exec', ['exec', {comm: 'ws-true', file}, {count: 12}], lines('exec').rows);
  check('exec', ['exec-commands', {command: `${file} one two three`}, {count: 12}], lines('exec-commands').rows);
});

/** A counter of /proc before the view began and after it ended, and within: no view can count more, or less. `told`: the share of which the
 * kernel tells. */
async function between(
  view: string,
  read: () => number,
  counted: (rows: readonly JsonRow[]) => number,
  work: () => Promise<void>,
  told = 1,
) {
  const outer = read();
  let [begun, done] = [0, 0];
  const lines = await measuredViews([view], [], async () => {
    begun = read();
    await work();
    done = read();
  });
  const {rows, lost} = lines(view);
  const found = counted(rows);
  // what the view says it has lost may be of these
  const said = (lost['missed'] ?? 0) + (lost['unmatched'] ?? 0) + (lost['earlier'] ?? 0) + (lost['mapFull'] ?? 0);
  assert.ok(
    found + said >= told * (done - begun) && found <= read() - outer,
    `${view}: ${found}, and /proc says from ${done - begun} to ${read() - outer}`,
  );
}

const sumOf = (rows: readonly JsonRow[], key: Key): number =>
  rows
    .filter((row) => Object.entries(key).every(([name, value]) => row.key[name] === value))
    .reduce((sum, row) => sum + (row.total['count'] ?? 0), 0);
/** The sum of a line's numbers in /proc/softirqs or /proc/interrupts. */
const procSum = (file: string, line: RegExp): number =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((text) => line.test(text))
    .flatMap(
      (text) =>
        text
          .split(':')[1]
          ?.match(/^(\s+\d+)+/)?.[0]
          .trim()
          .split(/\s+/) ?? [],
    )
    .reduce((sum, text) => sum + Number(text), 0);

test('softirq counts what /proc/softirqs counts, of each kind', {skip}, async () => {
  for (const kind of ['RCU', 'SCHED'])
    await between(
      'softirq',
      () => procSum('/proc/softirqs', new RegExp(`^\\s*${kind}:`)),
      (rows) => sumOf(rows, {kind}),
      () => runToEnd(acts, ['ws-softirq', 'pingpong', '300']),
    );
});

test('hardirq counts what the numbered lines of /proc/interrupts count', {skip}, async () => {
  await between(
    'hardirq',
    () => procSum('/proc/interrupts', /^\s*\d+:/),
    (rows) => sumOf(rows, {}),
    () => runToEnd(acts, ['ws-hardirq', 'write', '30']),
    0.9, // raw tracepoints and those of perf lack the same few, where the machine is busy
  );
});

test('net-devices counts the packets that /proc/net/dev counts', {skip}, async () => {
  const packets = (column: number) => (): number =>
    Number(/^\s*lo:\s*(.*)$/m.exec(readFileSync('/proc/net/dev', 'utf8'))?.[1]?.split(/\s+/)[column] ?? Number.NaN);
  await between(
    'net-devices',
    packets(9),
    (rows) => sumOf(rows, {device: 'lo', direction: 'sent'}),
    () => runToEnd(acts, ['ws-net', 'tcp', '50']),
  );
});

const refresh = '/proc/sys/vm/stat_refresh';
test('workqueues and workqueue-delay count work that each CPU is given, and what waits for it is no loss', {
  skip: skip ?? (process.getuid?.() === 0 && existsSync(refresh) ? undefined : `needs root and ${refresh}`),
}, async () => {
  const lines = await measuredViews(['workqueues', 'workqueue-delay'], [], async () => {
    for (let i = 0; i < 300; i++) writeFileSync(refresh, '1');
  });
  for (const view of ['workqueues', 'workqueue-delay']) {
    check('refresh', [view, {function: 'refresh_vm_stats'}, {count: 300 * os.cpus().length}], lines(view).rows);
    assert.equal(lines(view).status, 'exact', `${view}: ${JSON.stringify(lines(view).lost)}`);
  }
});

const onDisk =
  skip ?? ([0x0102_1994, 0x8584_58f6].includes(statfsSync('/tmp').type) ? 'needs /tmp on a disk, and here it is in memory' : undefined);
test('block-io, block-latency and disks count requests past the page cache', {skip: onDisk}, async () => {
  const lines = await measuredViews(['block-io', 'block-latency', 'disks'], ['--comm', 'ws-direct'], () =>
    runToEnd(acts, ['ws-direct', 'direct', '30']),
  );
  check('direct', ['disks', {kind: 'write'}, {count: [30, 80], sum: [30 * 4096, 80 * 131_072]}], lines('disks').rows);
  // and the blocks of the file system itself
  check('direct', ['block-io', {kind: 'write'}, {count: [30, 80], sum: [30 * 4096, 80 * 131_072]}], lines('block-io').rows);
  check('direct', ['block-latency', {kind: 'write'}, {count: [30, 80]}], lines('block-latency').rows);
});

test('connections come in, have round trips, and last until they are closed', {skip}, async () => {
  const lines = await measuredViews(['tcp-accepts', 'tcp-life', 'tcp-rtt'], [], () => runToEnd(acts, ['ws-tcp', 'tcp', '40']));
  // of the whole machine: others may have connections as well
  check('tcp', ['tcp-accepts', {from: '127.0.0.1'}, {count: [40, 100_000]}], lines('tcp-accepts').rows);
  check('tcp', ['tcp-life', {peer: '127.0.0.1'}, {count: [80, 100_000]}], lines('tcp-life').rows); // each has two ends here
  check('tcp', ['tcp-rtt', {peer: '127.0.0.1'}, {count: [40, 1_000_000]}], lines('tcp-rtt').rows);
});

test('kmem counts what the kernel allocates for a pipe: itself, and its 16 slots of 40 bytes', {skip}, async () => {
  const lines = await measuredViews(['kmem'], ['--comm', 'ws-pipes'], () => runToEnd(acts, ['ws-pipes', 'pipes', '200']));
  check('pipes', ['kmem', {caller: 'alloc_pipe_info'}, {count: 400, sum: [200 * 16 * 40, 200 * 2048]}], lines('kmem').rows);
});

test('kernel-locks tells where threads wait for the address space that they share', {
  skip: skip ?? (os.availableParallelism() > 1 ? undefined : 'needs two CPUs'),
}, async () => {
  const lines = await measuredViews(['kernel-locks'], ['--comm', 'ws-contend'], () => runToEnd(acts, ['ws-contend', 'contend', '300']));
  const {rows} = lines('kernel-locks');
  const waits = rows.filter((row) => row.key['kind'] === 'rwsem, to write' && String(row.key['kstack']).includes('mmap'));
  assert.ok(waits.length > 0, JSON.stringify(rows.map((row) => row.key)));
});

test('runq-length sees who wants a CPU', {skip}, async () => {
  // two on one CPU, each in a session and so, as a rule, a group of its own: one of them waits whenever the other is seen
  const lines = await measuredViews(['runq-length'], [], async () => {
    await Promise.all([1, 2].map(async (i) => runToEnd('setsid', ['-w', 'taskset', '-c', '0', acts, `ws-spin${i}`, 'spin', '300'])));
  });
  const row = lines('runq-length').rows.find(({key}) => key['cpu'] === 0);
  assert.ok((row?.p90?.[0] ?? 0) >= 2, JSON.stringify(row));
  assert.equal(lines('runq-length').status, 'approximate');
});

const postgres = skip === undefined ? postgresBin() : undefined;
test('postgres-queries measures each query of a PostgreSQL', {
  skip: skip ?? (postgres === undefined ? 'needs PostgreSQL: apt-get install postgresql' : undefined),
}, async () => {
  const server = new Postgres(postgres ?? '');
  try {
    await server.start();
    const lines = await measuredViews(['postgres-queries'], [], async () =>
      server.query([...Array.from({length: 20}, () => 'select 42 as tsbpftop'), 'select pg_sleep(0.05)']),
    );
    const {rows} = lines('postgres-queries');
    assert.equal(
      rows
        .filter((row) => String(row.key['query']).startsWith('select 42 as tsbpftop'))
        .reduce((sum, row) => sum + (row.total['count'] ?? 0), 0),
      20,
    );
    assert.ok(rows.some((row) => String(row.key['query']).startsWith('select pg_sleep') && (row.total['sum'] ?? 0) >= 50e6));
  } finally {
    await server.stop();
  }
});

const python = '/usr/bin/python3';
const hasPythonProbes = existsSync(python) && readFileSync(realpathSync(python)).includes('gc__start');
test('python-gc measures each collection', {
  skip: skip ?? (hasPythonProbes ? undefined : 'needs /usr/bin/python3 with static probes'),
}, async () => {
  const lines = await measuredViews(['python-gc'], ['--comm', 'ws-gc'], () =>
    runToEnd(python, ['-c', 'import gc\nopen("/proc/self/comm","w").write("ws-gc")\ngc.disable()\nfor i in range(50): gc.collect(2)']),
  );
  const {rows} = lines('python-gc');
  assert.ok(sumOf(rows, {generation: 2}) >= 50 && sumOf(rows, {generation: 2}) <= 55, JSON.stringify(rows));
});
