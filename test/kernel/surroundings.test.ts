// What surrounds it is broken or runs out: each gets one message and never a stack, and no number is wrong. Shown in namespaces of
// its own, so that the machine keeps what it has.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import {measuredViews, noPrivilege, type ProgramOptions, temporaryFolder, tsbpftop} from '../support/program.ts';
import {opensFiles, runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege() ?? (process.getuid?.() === 0 ? undefined : 'needs root, for namespaces');
const workloads = new Workloads();
if (skip === undefined) opensFiles();

/** In a mount namespace, after a line of shell. */
const inside = (line: string): ProgramOptions => ({before: ['unshare', '-m', 'sh', '-c', `${line} && exec "$@"`, 'sh']});
const oneMessage = (stderr: string): void => {
  assert.match(stderr, /^tsbpftop: cannot .*\n(hint: .*\n( {6}.*\n)*)?$/);
  assert.doesNotMatch(stderr, /a bug of ours|terminate called|\n {4}at /);
};

for (const args of [
  ['-b', '-n', '0', 'syscalls'],
  ['-b', '-n', '0', '-e', 'profile:hz:99', '--by', 'comm', '--measure', 'count'],
])
  test(`without /sys, where it says how many CPUs there may be, '${args.join(' ')}' counts nothing and says why`, {skip}, async () => {
    const {status, stdout, stderr} = await tsbpftop(args, inside('mount -t tmpfs none /sys'));
    assert.deepEqual([status, stdout], [1, '']);
    oneMessage(stderr);
    assert.match(stderr, /'\/sys\/devices\/system\/cpu\/possible' cannot be read\nhint: mount -t sysfs/);
  });

test('doctor says that /sys is missing, and that nothing can run without', {skip}, async () => {
  const {status, stdout} = await tsbpftop(['doctor'], inside('mount -t tmpfs none /sys'));
  assert.equal(status, 1);
  assert.match(stdout, /^NO {2}sysfs +not mounted/m);
});

test('without tracefs a tracepoint is refused with the line that mounts it, and raw tracepoints run', {skip}, async () => {
  const hidden = inside('mount -t tmpfs none /sys/kernel/tracing && mkdir -p /sys/kernel/debug && mount -t tmpfs none /sys/kernel/debug');
  const {status, stderr} = await tsbpftop(['-b', '-n', '0', 'openat'], hidden);
  assert.equal(status, 1);
  assert.match(stderr, /tracefs is not mounted, or not readable\nhint: mount -t tracefs/);
  const raw = await tsbpftop(['--json', '-n', '1', '-d', '0.1', 'syscalls'], hidden);
  assert.equal(raw.status, 0, raw.stderr);
  assert.equal(JSON.parse(raw.stdout.split('\n')[1] ?? '').status, 'exact');
});

test('without /proc it says so', {skip}, async () => {
  const {status, stderr} = await tsbpftop(['-b', '-n', '0', 'openat'], inside('mount -t tmpfs none /proc'));
  assert.equal(status, 1);
  oneMessage(stderr);
  assert.match(stderr, /hint: mount -t proc/);
});

for (const args of [
  ['list'],
  ['doctor'],
  ['--help'],
  ['-b', '-n', '2', '-d', '0.1', 'openat'],
  ['--json', '-d', '0.1', 'openat'],
  ['--events', 'openat'],
])
  test(`'${args.join(' ')}' onto a full disk ends with one message`, {skip}, async () => {
    const {status, stderr} = await tsbpftop(args, {before: ['sh', '-c', 'exec "$@" > /dev/full', 'sh']});
    assert.deepEqual([status, stderr], [1, 'tsbpftop: cannot write to stdout: no space left on the device\n']);
  });

test('a folder for presets without room, or that may not be written, is told, and nothing is left in it', {skip}, async (context) => {
  const folder = temporaryFolder(context);
  const args = ['-b', '-n', '0', '-e', 'syscall:read', '--measure', 'count', '--save', 'mine'];
  for (const [line, reason] of [
    [`mount -t tmpfs -o nr_inodes=4 none ${folder}`, 'no space left on the device'],
    [`mount -t tmpfs -o ro none ${folder}`, 'the file system is read-only'],
  ] as const) {
    const {status, stderr} = await tsbpftop(args, {...inside(line), env: {XDG_CONFIG_HOME: path.join(folder, 'config')}});
    assert.equal(status, 1);
    oneMessage(stderr);
    assert.ok(stderr.includes(reason), stderr);
  }
});

test('with few descriptors it runs, or says that they are too few, whichever is the first that it does not get', {skip}, async () => {
  const ends = new Set<number | null>();
  // with fewer Node does not come to its first line
  for (const most of [20, 24, 28, 31, 32, 64]) {
    const limit = {before: ['prlimit', `--nofile=${most}`]};
    const {status, stderr} = await tsbpftop(['-b', '-n', '0', 'read-latency', '-p', String(process.pid)], limit);
    ends.add(status);
    if (status === 0) continue;
    assert.equal(status, 1, stderr);
    oneMessage(stderr);
    assert.match(stderr, /too many files are open.*\nhint: .*ulimit -n/, `with ${most}`);
  }
  assert.ok(ends.has(1) && ends.has(0), [...ends].join());
});

test('where no further thread can be started it goes on without, and says what it did not do', {skip}, async () => {
  const user = ['setpriv', '--reuid', '54321', '--clear-groups', '--inh-caps=-all,+bpf,+perfmon,+dac_read_search'];
  const given = ['--ambient-caps=+bpf,+perfmon,+dac_read_search', '--bounding-set=-all,+bpf,+perfmon,+dac_read_search', '--'];
  for (let most = 10; most <= 13; most++) {
    const limited = {before: ['prlimit', `--nproc=${most}`, ...user, ...given]};
    const {stderr} = await tsbpftop(['-b', '-n', '0', 'syscalls'], limited);
    assert.doesNotMatch(stderr, /terminate called|a bug of ours/, `with ${most}`);
  }
});

const losses = skip === undefined ? workloads.c('losses') : '';
test('in a time namespace, where clocks are others than the kernel’s, losses are told and events have the time of day', {
  skip,
}, async () => {
  const shifted = {before: ['unshare', '-T', '--monotonic', '100000']};
  const preset = workloads.preset({name: 'jumps', span: `uprobe:${losses}:jumps`, by: ['comm'], measure: 'count'});
  const last = await measuredViews(['jumps'], ['--presets', preset], () => runToEnd(losses, ['wl-jumps', 'jumps', '50']), shifted);
  assert.deepEqual([last('jumps').lost['missed'], last('jumps').status], [50, 'partial']);
  const {stdout} = await tsbpftop(['--events', '-n', '1', 'openat'], shifted);
  const apart = Date.now() - Date.parse(JSON.parse(stdout.split('\n')[0] ?? '').time);
  assert.ok(Math.abs(apart) < 60_000, `${apart} ms from now`);
});
