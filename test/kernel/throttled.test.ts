// Whose CPU quota is used up, against what the kernel counts in the cgroup itself.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {after} from 'node:test';
import {measured, noPrivilege} from '../support/program.ts';

const version1 = /^\S+ (\S+) cgroup \S*\bcpu\b(?!acct|set)/m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1];
const unified = '/sys/fs/cgroup';
const bounds = existsSync(`${unified}/cgroup.subtree_control`) && /\bcpu\b/.test(readFileSync(`${unified}/cgroup.subtree_control`, 'utf8'));
const parent = version1 ?? (bounds ? unified : undefined);
const skip =
  noPrivilege() ??
  (process.getuid?.() !== 0 ? 'needs root, for a cgroup' : parent === undefined ? 'no cgroup here may bound the CPU' : undefined);
const name = `wl-quota-${process.pid}`;
const folder = path.join(parent ?? '', name);
after(() => {
  if (existsSync(folder)) rmdirSync(folder);
});

test('each time that the quota of a cgroup is used up its task waits, and cpu-throttled says who, in which, and how long', {
  skip,
}, async () => {
  const throttled = (): number => Number(/^nr_throttled (\d+)/m.exec(readFileSync(path.join(folder, 'cpu.stat'), 'utf8'))?.[1]);
  const line = await measured(['cpu-throttled', '--comm', 'wl-burn'], async () => {
    mkdirSync(folder);
    if (version1 === undefined) writeFileSync(path.join(folder, 'cpu.max'), '10000 100000');
    else writeFileSync(path.join(folder, 'cpu.cfs_quota_us'), '10000');
    const burn = 'echo $$ > "$1/cgroup.procs"; printf wl-burn > /proc/$$/comm; i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done';
    await once(spawn('sh', ['-c', burn, 'sh', folder], {stdio: 'ignore'}), 'exit');
  });
  const [row, ...others] = line.rows;
  assert.deepEqual([row?.key, others], [{comm: 'wl-burn', cgroup: name}, []]);
  const {count = 0, sum = 0} = row?.total ?? {};
  // the quota may end once more as the task ends, or before it has its name; a machine that is busy has it wait again
  assert.ok(throttled() >= 3 && count >= throttled() - 2 && count <= throttled() * 2, `${count} waits, ${throttled()} in cpu.stat`);
  assert.ok(sum > count * 1e6, `${sum} ns`);
  assert.equal(line.status, 'exact');
});
