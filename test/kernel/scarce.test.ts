// What runs out and what breaks, at a small scale: memory of a cgroup, and a disk that gives nothing; what the views say of it,
// against the kernel's own counters.
import assert from 'node:assert/strict';
import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {copyFileSync, existsSync, mkdirSync, readFileSync, rmdirSync, statSync, truncateSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {after} from 'node:test';
import {type JsonLine, measured, noPrivilege, root} from '../support/program.ts';
import {Workloads} from '../support/workloads.ts';

/** Where cgroups bound memory: of version 1 a place of its own, else the unified one, if it has that controller. */
const version1 = /^\S+ (\S+) cgroup \S*\bmemory\b/m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1];
const unified = '/sys/fs/cgroup';
const parent =
  version1 ??
  (existsSync(`${unified}/cgroup.subtree_control`) && readFileSync(`${unified}/cgroup.subtree_control`, 'utf8').includes('memory')
    ? unified
    : undefined);
const asRoot = noPrivilege() ?? (process.getuid?.() === 0 ? undefined : 'needs root, for a cgroup and a disk');
const skip = asRoot ?? (parent === undefined ? 'no cgroup here may bound memory' : undefined);
const workloads = new Workloads();
const small = path.join(parent ?? '', `tsbpftop-test-${process.pid}`);
const kernel = path.join(workloads.folder, 'kernel');
if (asRoot === undefined) execFileSync('gcc', ['-O1', '-o', kernel, path.join(root, 'test/kernels/guest/kernel.c')]);
after(() => {
  if (existsSync(small)) rmdirSync(small);
});

/** A program that may have 16 MiB. */
async function inSmall(
  ...command: readonly string[]
): Promise<{readonly pid: number; readonly status: number | null; readonly signal: string | null}> {
  mkdirSync(small, {recursive: true});
  writeFileSync(path.join(small, version1 === undefined ? 'memory.max' : 'memory.limit_in_bytes'), String(16 << 20));
  const child = spawn('sh', ['-c', `echo $$ >${small}/cgroup.procs && exec "$@"`, 'sh', ...command], {stdio: 'ignore'});
  const [status, signal] = await once(child, 'exit');
  return {pid: child.pid ?? 0, status, signal};
}

const total = (line: JsonLine, name: string, wanted: Readonly<Record<string, string | number>>): number =>
  line.rows
    .filter(({key}) => Object.entries(wanted).every(([column, value]) => key[column] === value))
    .reduce((sum, row) => sum + (row.total[name] ?? 0), 0);

test('who reads more than his cgroup may keep in memory waits until some is freed, and direct-reclaim says how long', {skip}, async () => {
  const reader = path.join(workloads.folder, 'wl-reads');
  copyFileSync('/bin/dd', reader);
  const file = path.join(workloads.folder, 'file');
  writeFileSync(file, '');
  truncateSync(file, 64 << 20); // nothing of it is in memory yet
  const refused = (): number =>
    Number(
      version1 === undefined
        ? /^max (\d+)/m.exec(readFileSync(`${small}/memory.events`, 'utf8'))?.[1]
        : readFileSync(`${small}/memory.failcnt`, 'utf8'),
    );
  const line = await measured(['direct-reclaim', '--comm', 'wl-reads'], async () => {
    const {status} = await inSmall(reader, `if=${file}`, 'of=/dev/null', 'bs=1M');
    assert.equal(status, 0);
  });
  const counted = total(line, 'count', {scarce: 'cgroup'});
  assert.ok(counted > 100 && counted <= refused(), `${counted} of ${refused()}`);
  assert.ok(total(line, 'sum', {scarce: 'cgroup'}) > 1e5);
  assert.equal(total(line, 'count', {}), counted);
  assert.equal(line.status, 'exact');
});

test('who wants more than his cgroup may have is killed, and oom-kills names him', {skip}, async () => {
  let victim = 0;
  const line = await measured(['oom-kills', '--comm', 'wl-hog'], async () => {
    const {pid, signal} = await inSmall(kernel, 'wl-hog', 'hog', '16384', '1');
    assert.equal(signal, 'SIGKILL');
    victim = pid;
  });
  assert.deepEqual(
    line.rows.map(({key, total}) => [key, total]),
    [[{comm: 'wl-hog', victim}, {count: 1}]],
  );
});

const loops = spawnSync('losetup', ['--find'], {encoding: 'utf8'});
test('each read that a disk fails is one of block-errors, with disk, kind and error', {
  skip: asRoot ?? (loops.status === 0 ? undefined : 'no loop device here'),
}, async () => {
  const file = path.join(workloads.folder, 'disk');
  writeFileSync(file, Buffer.alloc(1 << 20));
  const device = execFileSync('losetup', ['--find', '--show', file], {encoding: 'utf8'}).trim();
  try {
    truncateSync(file, 0);
    const line = await measured(['block-errors'], async () => void execFileSync(kernel, ['wl-bad', 'bad', device, '30']));
    const {rdev} = statSync(device);
    const disk = `${rdev >> 8}:${rdev & 255}`;
    assert.equal(total(line, 'count', {disk, kind: 'RS', error: 'EIO'}), 30, JSON.stringify(line.rows.map(({key, total}) => [key, total])));
  } finally {
    execFileSync('losetup', ['--detach', device]);
  }
});
