// Patterns of people who look for a probe: what each searches, and what a literal machine finds.
import assert from 'node:assert/strict';
import test from 'node:test';
import {listPoints, searchesOf} from '../../src/preset/points/list-points.ts';
import type {Machine} from '../../src/preset/machine.ts';

const field = {name: 'dfd', type: 'int', offset: 16, size: 8, signed: false, array: false};
const names: Readonly<Record<string, readonly string[]>> = {
  syscalls: ['sys_enter_openat', 'sys_exit_openat', 'sys_enter_close', 'sys_exit_close'],
  block: ['block_rq_issue'],
};
const machine = {
  architecture: 'x64',
  btf: () => undefined,
  whyNot: (what: string) => `no ${what} on this machine`,
  tracepointCategories: () => Object.keys(names),
  tracepointNames: (category: string) => names[category] ?? [],
  hasTracepoint: (category: string, name: string) => names[category]?.includes(name) === true,
  tracepointFormat: () => [field],
} as unknown as Machine;

const searches: readonly (readonly [pattern: string, searches: readonly string[]])[] = [
  ['tracepoint', ['tracepoint *:*']],
  ['tracepoint:*open*', ['tracepoint *:*open*']],
  ['tracepoint:block:*', ['tracepoint block:*']],
  ['kprobe:vfs_*', ['kprobe vfs_*']],
  ['fentry', ['fentry *']],
  ['uprobe:libc', ['uprobe libc:*']],
  ['uprobe:libc:fopen', ['uprobe libc:fopen']],
  ['usdt:./postgres', ['usdt ./postgres:*:*']],
  ['usdt:./postgres:*:query*', ['usdt ./postgres:*:query*']],
  ['f*:vfs_read', ['fentry vfs_read', 'fexit vfs_read']],
  [
    'open',
    [
      'syscall *open*',
      'tracepoint *:*open*',
      'rawtracepoint *open*',
      'fentry *open*',
      'kprobe *open*',
      'software *open*',
      'hardware *open*',
    ],
  ],
];
for (const [pattern, expected] of searches)
  test(`'${pattern}' searches ${expected.length === 1 ? expected[0] : 'every type that has names'}`, () =>
    assert.deepEqual(
      searchesOf(pattern).map(({kind, rest}) => `${kind} ${rest}`),
      expected,
    ));

const found = (pattern: string): readonly string[] =>
  searchesOf(pattern).flatMap((search) => listPoints(search, machine, {allowGoUretprobe: true}).map((point) => point.probe));

test('a system call is listed as a preset writes it', () => {
  assert.deepEqual(found('syscall:*'), ['syscall:openat', 'syscall:close']);
  assert.deepEqual(found('tracepoint:*close'), ['tracepoint:syscalls:sys_enter_close', 'tracepoint:syscalls:sys_exit_close']);
});

test('events are listed with a period that does no harm', () => {
  assert.deepEqual(found('software:*fault*').includes('software:page-faults:1'), true);
  assert.deepEqual(found('software:cpu-clock'), ['software:cpu-clock:1000000']);
  assert.deepEqual(found('hardware:cyc*'), ['hardware:cycles:1000000']);
  assert.deepEqual(found('software:page-faults:7'), ['software:page-faults:7']);
});

test('what cannot work here says why', () => {
  assert.throws(() => found('kprobe:*'), /kprobe cannot work here: no kprobe on this machine/);
  assert.throws(() => found('sofware:x'), /unknown probe type in 'sofware:x'/);
  const hint = (probe: string) => (error: Error & {readonly hint?: string}) => new RegExp(probe).test(error.hint ?? '');
  assert.throws(() => found('interval:s:1'), hint('each -d SECONDS'));
  assert.throws(() => found('k:vfs_read'), hint('in full: kprobe'));
  assert.throws(() => found('zz*:x'), /no probe type matches 'zz\*'/);
});
