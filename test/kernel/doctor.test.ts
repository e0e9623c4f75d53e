// What `doctor` finds on this machine, against what the machine itself says, and against views that are really attached.
import assert from 'node:assert/strict';
import {readdirSync, statSync} from 'node:fs';
import os from 'node:os';
import test from 'node:test';
import {execFileSync, spawnSync} from 'node:child_process';
import path from 'node:path';
import {cli, noPrivilege, root, tsbpftop} from '../support/program.ts';
import {Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
interface Finding {
  readonly fact: string;
  readonly is: string;
  readonly grade: string;
}

test('kernel, BTF and tracefs are as the machine says, and a type of probe is good where a view of it attaches', {skip}, async () => {
  const {stdout} = await tsbpftop(['doctor', '--json']);
  const found = new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Finding)
      .map((finding) => [finding.fact, finding]),
  );
  const of = (fact: string): Finding => found.get(fact) ?? {fact, is: 'not told', grade: ''};
  assert.ok(of('kernel').is.startsWith(os.release()));
  const btf = statSync('/sys/kernel/btf/vmlinux', {throwIfNoEntry: false});
  if (btf !== undefined) assert.equal(of('BTF').is, `${(btf.size / 1e6).toFixed(1)} MB of types`);
  const events = '/sys/kernel/tracing/events';
  const categories = readdirSync(events, {withFileTypes: true}).filter((entry) => entry.isDirectory()).length;
  assert.ok(of('tracefs').is.endsWith(`, ${categories} categories`), of('tracefs').is);
  for (const [fact, probe] of [
    ['tracepoints', 'tracepoint:sched:sched_process_exit'],
    ['raw tracepoints', 'rawtracepoint:sched_process_exit'],
    ['kprobes', 'kprobe:do_exit'],
    ['fentry, fexit', 'fentry:do_exit'],
    ['uprobes', 'uprobe:libc:abort'],
    ['software events', 'software:cpu-migrations:1000'],
    ['hardware events', 'hardware:cycles:1000000000'],
  ] as const) {
    const {status, stderr} = await tsbpftop(['-b', '-n', '0', '-e', probe]);
    assert.equal(of(fact).grade === 'good', status === 0, `${fact}: doctor says '${of(fact).is}', and a view ${stderr || 'attaches'}`);
  }
  // the kernel's own answer to a try, and no guess by its version
  for (const fact of ['attach cookies', 'uprobe-multi', 'kprobe-multi']) assert.match(of(fact).is, /^(attached, and let go|refused: .+)$/);
  assert.ok(of('kprobe-multi').grade === 'limit' || of('kprobes').grade === 'good');
});

test('where batch operations on maps are forbidden, that is told, with what it means and the fix', {skip}, async () => {
  const without = path.join(workloads.folder, 'without-batch');
  execFileSync('gcc', ['-o', without, path.join(root, 'test/kernels/guest/without-batch.c')]);
  const options = {encoding: 'utf8', env: {...process.env, NODE_OPTIONS: ''}} as const;
  const {stdout, stderr} = spawnSync(without, [process.execPath, cli, 'doctor'], options);
  assert.match(stdout, /-- {2}map batch operations +refused: a map was read key by key\n +large maps .*\n +fix: .*seccomp/, stderr);
  assert.match((await tsbpftop(['doctor'])).stdout, /ok {2}map batch operations +a map was read by them\n/);
});
