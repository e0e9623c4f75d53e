// The same questions through bpftrace at the same moment: counts equal, histograms equal bucket by bucket; where each measures a
// time by its own clock reads, within the events at the edges of the buckets. And through strace and perf, for system calls.
import assert from 'node:assert/strict';
import {copyFileSync, existsSync} from 'node:fs';
import path from 'node:path';
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import test from 'node:test';
import {measured, noPrivilege, Program} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';
import {type Answered, askBoth, mapOf, numbersOf, ourBuckets, type Question, theirBuckets} from './oracle.ts';

const there = (command: string): boolean => spawnSync(command, ['--version'], {stdio: 'ignore'}).error === undefined;
const needs = (command: string): string | undefined => (there(command) ? undefined : `needs ${command}: apt-get install ${command}`);
const skip = noPrivilege() ?? needs('bpftrace');
const workloads = new Workloads();
const calls = skip === undefined ? workloads.c('calls') : '';
const stacks = skip === undefined ? workloads.c('stacks') : '';
const sleeper = skip === undefined ? workloads.c('sleeper') : '';
const program = path.join(workloads.folder, 'or-exec');
if (skip === undefined) copyFileSync('/bin/true', program);

const sdt = `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/sys/sdt.h`;
const comm = 'or-calls';
const mine = {where: `comm == '${comm}'`};
const only = `/comm == "${comm}"/`;
const count = 2000;

const tracepoints: readonly Question[] = [
  {
    asks: 'openat by program',
    preset: {name: 'openat-comm', ...mine, attach: 'tracepoint:syscalls:sys_enter_openat', by: ['comm'], measure: 'count'},
    bpftrace: `tracepoint:syscalls:sys_enter_openat ${only} { {}[comm] = count(); }`,
    compare: 'counts',
  },
  {
    asks: 'openat by program and path',
    preset: {name: 'openat-path', ...mine, attach: 'tracepoint:syscalls:sys_enter_openat', by: ['comm', 'args.filename'], measure: 'count'},
    bpftrace: `tracepoint:syscalls:sys_enter_openat ${only} { {}[comm, str(args->filename)] = count(); }`,
    compare: 'counts',
  },
  {
    asks: 'system calls by number, by the raw tracepoint',
    preset: {name: 'raw-syscalls', ...mine, attach: 'rawtracepoint:sys_enter', by: [{field: 'i64(arg1)', format: 'dec'}], measure: 'count'},
    bpftrace: `tracepoint:raw_syscalls:sys_enter ${only} { {}[args->id] = count(); }`,
    compare: 'counts',
  },
  {
    asks: 'system calls by number, by the tracepoint',
    preset: {
      name: 'tp-syscalls',
      ...mine,
      attach: 'tracepoint:raw_syscalls:sys_enter',
      by: [{field: 'args.id', format: 'dec'}],
      measure: 'count',
    },
    bpftrace: `tracepoint:raw_syscalls:sys_enter ${only} { {}[args->id] = count(); }`,
    compare: 'counts',
  },
  {
    asks: 'a sum of what a call returned',
    preset: {name: 'read-sum', ...mine, attach: 'tracepoint:syscalls:sys_exit_read', by: ['comm'], measure: 'sum(args.ret)'},
    bpftrace: `tracepoint:syscalls:sys_exit_read ${only} { {}[comm] = sum(args->ret); }`,
    compare: 'counts',
    measure: 'sum',
  },
  {
    asks: 'sizes asked for, as a histogram',
    preset: {name: 'read-sizes', ...mine, attach: 'tracepoint:syscalls:sys_enter_read', by: ['comm'], measure: 'hist(args.count)'},
    bpftrace: `tracepoint:syscalls:sys_enter_read ${only} { {}[comm] = hist(args->count); }`,
    compare: 'histogram',
  },
  {
    asks: 'how long read(2) takes',
    preset: {name: 'read-latency-o', ...mine, span: 'syscall:read', by: ['comm'], measure: 'hist(duration)'},
    bpftrace: `tracepoint:syscalls:sys_enter_read ${only} { @start[tid] = nsecs; } tracepoint:syscalls:sys_exit_read /@start[tid]/ { {}[comm] = hist(nsecs - @start[tid]); delete(@start[tid]); }`,
    compare: 'latency',
  },
  {
    asks: 'failures alone, by a signed comparison',
    preset: {
      name: 'failures',
      attach: 'tracepoint:syscalls:sys_exit_openat',
      where: `comm == '${comm}' && args.ret < 0`,
      measure: 'count',
    },
    bpftrace: `tracepoint:syscalls:sys_exit_openat /comm == "${comm}" && args->ret < 0/ { {} = count(); }`,
    compare: 'counts',
  },
  {
    asks: 'events by CPU',
    preset: {name: 'by-cpu', ...mine, attach: 'tracepoint:syscalls:sys_enter_close', by: ['cpu'], measure: 'count'},
    bpftrace: `tracepoint:syscalls:sys_enter_close ${only} { {}[cpu] = count(); }`,
    compare: 'counts',
  },
  {
    asks: 'events by process, thread and user',
    preset: {
      name: 'by-task',
      ...mine,
      attach: 'tracepoint:syscalls:sys_enter_close',
      by: ['pid', 'tid', {field: 'uid', format: 'dec'}],
      measure: 'count',
    },
    bpftrace: `tracepoint:syscalls:sys_enter_close ${only} { {}[pid, tid, uid] = count(); }`,
    compare: 'counts',
  },
  {
    asks: 'page faults, by a software event',
    preset: {name: 'faults', ...mine, attach: 'software:page-faults:1', by: ['comm'], measure: 'count'},
    bpftrace: `software:page-faults:1 ${only} { {}[comm] = count(); }`,
    compare: 'counts',
  },
  {
    asks: 'programs started, by a path of the record itself',
    preset: {
      name: 'execs',
      attach: 'tracepoint:sched:sched_process_exec',
      where: `str(args.filename) == '${program}'`,
      by: ['comm'],
      measure: 'count',
    },
    bpftrace: `tracepoint:sched:sched_process_exec /str(args->filename) == "${program}"/ { {}[comm] = count(); }`,
    compare: 'counts',
  },
  {
    asks: 'exits of tasks, by name',
    preset: {name: 'exits-o', attach: 'tracepoint:sched:sched_process_exit', where: "comm == 'or-*'", by: ['comm'], measure: 'count'},
    bpftrace: 'tracepoint:sched:sched_process_exit /strncmp(comm, "or-", 3) == 0/ { {}[comm] = count(); }',
    compare: 'counts',
  },
  {
    asks: 'the parent of the task, through the kernel’s own structs',
    preset: {
      name: 'parents',
      ...mine,
      attach: 'tracepoint:syscalls:sys_enter_close',
      by: ['ppid', 'str(curtask.real_parent.comm)'],
      measure: 'count',
    },
    bpftrace: `tracepoint:syscalls:sys_enter_close ${only} { {}[curtask->real_parent->tgid, curtask->real_parent->comm] = count(); }`,
    compare: 'counts',
  },
  {
    asks: 'wake-ups, by a typed argument of a raw tracepoint',
    preset: {name: 'wakeups', attach: 'rawtracepoint:sched_wakeup', where: "str(args.p.comm) == 'or-sleeps'", measure: 'count'},
    bpftrace: 'tracepoint:sched:sched_wakeup /args->comm == "or-sleeps"/ { {} = count(); }',
    compare: 'counts',
  },
  {
    asks: 'times that a task was given a CPU',
    preset: {name: 'switches', attach: 'tracepoint:sched:sched_switch', where: "args.next_comm == 'or-sleeps'", measure: 'count'},
    bpftrace: 'tracepoint:sched:sched_switch /args->next_comm == "or-sleeps"/ { {} = count(); }',
    compare: 'counts',
  },
];

const uprobes: readonly Question[] = [
  {
    asks: 'calls of functions by a wildcard',
    preset: {name: 'functions-o', attach: `uprobe:${calls}:work_*`, by: ['func'], measure: 'count'},
    bpftrace: `uprobe:${calls}:work_* { {}[probe] = count(); }`,
    compare: 'counts',
  },
  {
    asks: 'a sum of an argument',
    preset: {name: 'argument-sum', attach: `uprobe:${calls}:work_a`, measure: 'sum(arg0)'},
    bpftrace: `uprobe:${calls}:work_a { {} = sum(arg0); }`,
    compare: 'counts',
    measure: 'sum',
  },
  {
    asks: 'the least of an argument',
    preset: {name: 'argument-min', attach: `uprobe:${calls}:work_b`, measure: 'min(arg0)'},
    bpftrace: `uprobe:${calls}:work_b { {} = min(arg0); }`,
    compare: 'counts',
    measure: 'min',
  },
  {
    asks: 'the greatest of an argument',
    preset: {name: 'argument-max', attach: `uprobe:${calls}:work_b`, measure: 'max(arg0)'},
    bpftrace: `uprobe:${calls}:work_b { {} = max(arg0); }`,
    compare: 'counts',
    measure: 'max',
  },
  {
    asks: 'an argument as a histogram of powers of two',
    preset: {name: 'argument-log2', attach: `uprobe:${calls}:work_a`, measure: 'hist(arg0)'},
    bpftrace: `uprobe:${calls}:work_a { {} = hist(arg0); }`,
    compare: 'histogram',
  },
  {
    asks: 'an argument as a linear histogram',
    preset: {name: 'argument-linear', attach: `uprobe:${calls}:work_a`, measure: 'lhist(arg0, 100, 1000, 100)'},
    bpftrace: `uprobe:${calls}:work_a { {} = lhist(arg0, 100, 1000, 100); }`,
    compare: 'histogram',
  },
  {
    asks: 'a text that an argument points to',
    preset: {name: 'argument-text', attach: `uprobe:${calls}:work_*`, by: ['str(arg1)'], measure: 'count'},
    bpftrace: `uprobe:${calls}:work_* { {}[str(arg1)] = count(); }`,
    compare: 'counts',
  },
  {
    asks: 'what a function returned',
    preset: {name: 'returned', attach: `uretprobe:${calls}:work_a`, measure: 'sum(retval)'},
    bpftrace: `uretprobe:${calls}:work_a { {} = sum(retval); }`,
    compare: 'counts',
    measure: 'sum',
  },
  {
    asks: 'how long a function takes',
    preset: {name: 'function-latency', span: `uprobe:${calls}:work_a`, measure: 'hist(duration)'},
    bpftrace: `uprobe:${calls}:work_a { @begun[tid] = nsecs; } uretprobe:${calls}:work_a /@begun[tid]/ { {} = hist(nsecs - @begun[tid]); delete(@begun[tid]); }`,
    compare: 'latency',
  },
];

const probes = skip === undefined && existsSync(sdt) ? workloads.c('probes') : '';
const statics: readonly Question[] = [
  {
    asks: 'a static probe of a program, at both its places, by a text that it was given',
    preset: {name: 'static-text', attach: `usdt:${probes}:wl:twice`, by: ['str(arg1)'], measure: 'count'},
    bpftrace: `usdt:${probes}:wl:twice { {}[str(arg1)] = count(); }`,
    compare: 'counts',
  },
  {
    asks: 'a number that a static probe was given, of either sign',
    preset: {name: 'static-sum', attach: `usdt:${probes}:wl:twice`, measure: 'hist(i32(arg0))'},
    bpftrace: `usdt:${probes}:wl:twice { {} = hist((int32)arg0); }`,
    compare: 'histogram',
  },
  {
    asks: 'how long from one static probe to another',
    preset: {
      ...{name: 'static-latency', measure: 'hist(duration)'},
      span: {from: `usdt:${probes}:wl:begin`, to: `usdt:${probes}:wl:end`},
    },
    bpftrace: `usdt:${probes}:wl:begin { @from[tid] = nsecs; } usdt:${probes}:wl:end /@from[tid]/ { {} = hist(nsecs - @from[tid]); delete(@from[tid]); }`,
    compare: 'latency',
  },
];

const groups: readonly {readonly questions: readonly Question[]; readonly work: () => Promise<void>}[] = [
  {
    questions: tracepoints,
    work: async () => {
      await runToEnd(calls, [comm, String(count)]);
      await runToEnd(sleeper, ['or-sleeps', '40', '3']);
      for (let i = 0; i < 7; i++) await runToEnd(program, []);
    },
  },
  // one by one: two probes of one script on one function count double in this version
  ...uprobes.map((question) => ({questions: [question], work: () => runToEnd(calls, [comm, String(count)])})),
  ...(probes === ''
    ? []
    : [statics.filter(({compare}) => compare !== 'histogram'), statics.filter(({compare}) => compare === 'histogram')]
  ).map((questions) => ({questions, work: () => runToEnd(probes, [comm, '500'])})),
];

for (const {questions, work} of groups) {
  let asked: Promise<Answered> | undefined;
  for (const question of questions)
    test(`bpftrace says the same: ${question.asks}`, {skip}, async () => {
      asked ??= askBoth(questions, workloads, work);
      const {ours, theirs} = await asked;
      const name = String(question.preset['name']);
      const line = ours.get(name);
      assert.ok(line !== undefined);
      compare(question, line, theirs.get(mapOf(name)) ?? {});
    });
}

function compare(
  {compare: how, measure = 'count'}: Question,
  line: NonNullable<ReturnType<Answered['ours']['get']>>,
  theirs: unknown,
): void {
  if (how === 'counts') {
    const mine = numbersOf(line, measure);
    // nothing counted: no row here, an empty map or a zero there
    assert.deepEqual(JSON.stringify(mine) === '{}' ? 0 : mine, JSON.stringify(theirs) === '{}' ? 0 : theirs);
    return;
  }
  const buckets = Array.isArray(theirs) ? theirs : Object.values(theirs as Readonly<Record<string, unknown>>)[0];
  const [mine, other] = [ourBuckets(line.rows[0]), theirBuckets(buckets as Parameters<typeof theirBuckets>[0])];
  if (how === 'histogram') return assert.deepEqual(mine, other);
  const total = (all: typeof mine): number => all.reduce((sum, [, , each]) => sum + each, 0);
  assert.equal(total(mine), total(other), 'as many were measured');
  // two clock reads of one event lie apart, and each probe delays what the other measures: a value near a bound may be beyond it
  // for one of them. Sums up to each bound differ by what crosses that one bound, so that they are compared
  const upTo = (all: typeof mine, bound: number): number =>
    all.reduce((sum, [, high, each]) => sum + (high !== null && high <= bound ? each : 0), 0);
  const shift = Math.max(...other.map(([, high]) => Math.abs(upTo(mine, high ?? 0) - upTo(other, high ?? 0))));
  const crossed = Math.max(
    ...other.map(([low, high]) => (high === null ? 0 : (other.find(([l, h]) => l === low && h === high)?.[2] ?? 0))),
  );
  assert.ok(shift <= crossed, `${shift} of ${total(mine)} are beyond the next bound: ${JSON.stringify(mine)} ${JSON.stringify(other)}`);
}

test('strace counts as many system calls of each name', {skip: skip ?? needs('strace')}, async () => {
  const line = await measured(['syscalls', '--comm', 'wl-strace'], async () => {
    const child = spawn('strace', ['-f', '-c', '-o', path.join(workloads.folder, 'strace'), calls, 'wl-strace', '500'], {stdio: 'ignore'});
    await once(child, 'exit');
  });
  const {stdout} = spawnSync('cat', [path.join(workloads.folder, 'strace')], {encoding: 'utf8'});
  const theirs = (name: string) => Number(new RegExp(`^\\s*\\S+\\s+\\S+\\s+\\S+\\s+(\\d+).* ${name}$`, 'm').exec(stdout)?.[1]);
  const mine = (name: string) => line.rows.find(({key}) => key['syscall'] === name)?.total['count'];
  // strace also counts what the program did under its first name, before prctl: two opens, a read and two closes of the loader
  for (const [name, before] of [
    ['openat', 2],
    ['read', 1],
    ['close', 2],
  ] as const)
    assert.equal(mine(name), theirs(name) - before, name);
});

test('perf counts as many events of a tracepoint', {skip: skip ?? needs('perf')}, async () => {
  const ours = new Program(['--json', '-d', '60', 'openat']);
  await ours.until((each) => each.lines()[0]);
  const perf = spawn('perf', ['stat', '-x', ',', '-e', 'syscalls:sys_enter_openat', calls, 'wl-perf', '700'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  perf.stderr.on('data', (data) => (text += data));
  await once(perf, 'close');
  await ours.stop();
  const mine = ours
    .lines()
    .at(-1)
    ?.rows.find(({key}) => key['comm'] === 'wl-perf')?.total['count'];
  assert.equal(mine, Number(/^(\d+),/m.exec(text)?.[1]) - 2, `less the two of the loader, before the program had its name: ${text}`);
});

test('samples of a busy program are as many as bpftrace takes, and as its time on a CPU has room for', {skip}, async () => {
  const question: Question = {
    asks: '',
    preset: {name: 'samples', attach: 'profile:hz:499', where: "comm == 'wl-busy'", by: ['comm'], measure: 'count'},
    bpftrace: 'profile:hz:499 /comm == "wl-busy"/ { {} = count(); }',
    compare: 'counts',
  };
  let seconds = 0;
  const {ours, theirs} = await askBoth([question], workloads, async () => {
    const child = spawn(workloads.c('busy'), ['wl-busy', '600'], {stdio: ['ignore', 'pipe', 'inherit']});
    child.stdout.on('data', (said) => (seconds = Number(said) / 1000));
    await once(child, 'close');
  });
  const mine = numbersOf(ours.get('samples') as NonNullable<ReturnType<typeof ours.get>>, 'count') as Readonly<Record<string, number>>;
  const [counted, other] = [mine['wl-busy'] ?? 0, Number(theirs.get('@samples'))];
  // each takes its samples at moments of its own: who ran at one of them need not have run at the other
  const expected = seconds * 499;
  assert.ok(Math.abs(counted - expected) < 0.15 * expected, `${counted} samples of ${expected}`);
  assert.ok(Math.abs(counted - other) < 0.1 * expected, `${counted} and ${other} of ${expected}`);
});

test('a stack is bpftrace’s, frame by frame', {skip}, async () => {
  const question: Question = {
    asks: '',
    preset: {
      name: 'kernel-stacks',
      attach: 'tracepoint:syscalls:sys_enter_getpid',
      where: "comm == 'wl-stack'",
      by: ['kstack'],
      measure: 'count',
    },
    bpftrace: 'tracepoint:syscalls:sys_enter_getpid /comm == "wl-stack"/ { {}[kstack] = count(); }',
    compare: 'counts',
  };
  const {ours, theirs} = await askBoth([question], workloads, () => runToEnd(stacks, ['wl-stack', '100']));
  const mine = ours.get('kernel-stacks')?.rows ?? [];
  const other = Object.entries(theirs.get(mapOf('kernel-stacks')) as Readonly<Record<string, number>>);
  const plain = (frame: unknown): string =>
    String(frame)
      .trim()
      .replace(/\+(0x)?[0-9a-f]+$/, '');
  assert.deepEqual(
    mine.map(({key, total}) => [(key['kstack'] as unknown as readonly string[]).map(plain), total['count']]),
    // what the probing itself puts on the stack is left out here
    other.map(([stack, total]) => [
      stack
        .trim()
        .split('\n')
        .map(plain)
        .filter((frame) => frame !== 'perf_syscall_enter' && frame !== '__traceiter_sys_enter'), // the latter where several probes are
      total,
    ]),
  );
});
