// One-liners of bpftrace's own tutorial, as hints: what they become is a command line that this program takes.
import assert from 'node:assert/strict';
import test from 'node:test';
import {fromBpftrace, looksLikeBpftrace} from '../../src/commands/line/bpftrace-line.ts';
import {readCommandLine} from '../../src/commands/line/command-line.ts';
import {typedLine} from '../../src/commands/line/line-words.ts';
import {presetOfFlags} from '../../src/commands/line/view-flags.ts';
import {UserError} from '../../src/errors.ts';

const lines: readonly (readonly [program: string, command: string])[] = [
  [
    'tracepoint:syscalls:sys_enter_openat { printf("%s %s\\n", comm, str(args->filename)); }',
    "tsbpftop --events -e tracepoint:syscalls:sys_enter_openat --by comm --by 'str(args.filename)'",
  ],
  ['tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }', 'tsbpftop -e tracepoint:raw_syscalls:sys_enter --by comm'],
  [
    'tracepoint:syscalls:sys_exit_read /pid == 18644/ { @bytes = hist(args->ret); }',
    "tsbpftop -e tracepoint:syscalls:sys_exit_read --where 'pid == 18644' --measure 'hist(args.ret)'",
  ],
  [
    'kretprobe:vfs_read { @bytes = lhist(retval, 0, 2000, 200); }',
    "tsbpftop -e kretprobe:vfs_read --measure 'lhist(retval, 0, 2000, 200)'",
  ],
  ['tracepoint:sched:sched* { @[probe] = count() }', "tsbpftop -e 'tracepoint:sched:sched*' --by func"],
  [
    'kprobe:vfs_read { @start[tid] = nsecs; } kretprobe:vfs_read /@start[tid]/ { @ns[comm] = hist(nsecs - @start[tid]); delete(@start[tid]); }',
    'tsbpftop --span kprobe:vfs_read --by comm',
  ],
  [
    'tracepoint:syscalls:sys_enter_read { @s[tid] = nsecs } tracepoint:syscalls:sys_exit_read /@s[tid]/ { @ = avg((nsecs - @s[tid]) / 1000); }',
    "tsbpftop --span syscall:read --measure 'avg(duration)'",
  ],
  [
    'uprobe:/bin/a:begin { @s[tid] = nsecs; } uprobe:/bin/a:end /@s[tid]/ { @[pid, comm] = max(nsecs - @s[tid]); }',
    "tsbpftop --from uprobe:/bin/a:begin --to uprobe:/bin/a:end --by pid --by comm --measure 'max(duration)'",
  ],
  ['profile:hz:99 { @[kstack] = count(); }', 'tsbpftop -e profile:hz:99 --by kstack'],
  ['profile:hz:99 /comm == "mysqld"/ { @[ustack(3)] = count(); }', `tsbpftop -e profile:hz:99 --where "comm == 'mysqld'" --by ustack`],
  ['tracepoint:block:block_rq_issue { @ = hist(args.bytes); }', "tsbpftop -e tracepoint:block:block_rq_issue --measure 'hist(args.bytes)'"],
];
for (const [program, command] of lines)
  test(`${program} is ${command}`, () => {
    assert.ok(looksLikeBpftrace(program));
    assert.equal(fromBpftrace(program), command);
    const {values, words} = readCommandLine(typedLine(`${command} `).words.slice(1));
    assert.ok(presetOfFlags(values, words));
  });

const more = ['kprobe:vfs_read { @a[comm] = count(); @b[pid] = count(); }', 'kprobe:do_nanosleep { $task = curtask; @[comm] = count(); }'];
for (const program of more)
  test(`${program} is more than one action, and no command line is guessed`, () => assert.equal(fromBpftrace(program), undefined));

test('a name of C++ with braces is a probe', () => assert.ok(!looksLikeBpftrace('uprobe:./a:main::{lambda(int)#1}')));

test('-e with a program says how it is said here', () => {
  const {values, words} = readCommandLine(['-e', 'kprobe:vfs_read { @[comm] = count(); }']);
  assert.throws(
    () => presetOfFlags(values, words),
    (error) => error instanceof UserError && error.status === 2 && error.hint === 'tsbpftop -e kprobe:vfs_read --by comm',
  );
});
