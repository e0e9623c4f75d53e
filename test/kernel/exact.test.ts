// Counts are exact: workloads of known numbers, each probe type and each measure, on the kernel that runs.
import assert from 'node:assert/strict';
import test from 'node:test';
import {measured, measuredViews, noPrivilege, Program, tsbpftop} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const calls = skip === undefined ? workloads.c('calls') : '';

const rowsOf = (line: Awaited<ReturnType<typeof measured>>, wanted: Readonly<Record<string, string | number>>) =>
  line.rows.filter((row) => Object.entries(wanted).every(([name, value]) => row.key[name] === value));

async function counted(preset: Readonly<Record<string, unknown>>, work: () => Promise<void>) {
  return measured(['--presets', workloads.preset(preset), String(preset['name'])], work);
}

test('a tracepoint counts every openat of a program, by its name', {skip}, async () => {
  const line = await measured(['openat'], () => runToEnd(calls, ['wl-openat', '20000']));
  assert.deepEqual(
    rowsOf(line, {comm: 'wl-openat'}).map((row) => row.total),
    [{count: 20_000}],
  );
});

test('a path is part of the key, and what could not be read is counted apart', {skip}, async () => {
  const preset = {
    name: 'asked',
    attach: 'tracepoint:syscalls:sys_enter_openat',
    where: "comm == 'wl-paths'",
    by: ['comm', {field: 'args.filename', title: 'PATH'}],
    measure: 'count',
  };
  const line = await counted(preset, () => runToEnd(calls, ['wl-paths', '5000']));
  const total = line.rows.reduce((sum, row) => sum + (row.total['count'] ?? 0), 0);
  const read = rowsOf(line, {path: '/etc/passwd'})[0]?.total['count'] ?? 0;
  assert.equal(total, 5000);
  assert.equal(read + (line.lost['fault'] ?? 0), 5000);
});

test('a raw tracepoint counts every system call, and names it', {skip}, async () => {
  const line = await measured(['syscalls', '--comm', 'wl-syscalls'], () => runToEnd(calls, ['wl-syscalls', '3000']));
  const count = (syscall: string) => rowsOf(line, {syscall})[0]?.total['count'];
  assert.equal(count('openat'), 3000);
  assert.equal(count('read'), 3000);
  assert.equal(count('close'), 3000);
});

test('uprobes by wildcard count each function of a C program, and measure its arguments', {skip}, async () => {
  const line = await counted(
    {
      name: 'c-calls',
      attach: `uprobe:${calls}:work_*`,
      by: ['func'],
      measure: ['count', 'sum(i32(arg0))', 'min(i32(arg0))', 'max(i32(arg0))', 'avg(i32(arg0))'],
    },
    () => runToEnd(calls, ['wl-uprobe', '1000']),
  );
  assert.deepEqual(rowsOf(line, {func: 'work_a'})[0]?.total, {count: 1000, sum: 499_500, min: 0, max: 999, avg: 499.5});
  assert.deepEqual(rowsOf(line, {func: 'work_b'})[0]?.total, {count: 500, sum: 250_000, min: 1, max: 999, avg: 500});
});

test('where nothing of attach is there, the span beside it answers, paired by two fields where a point says so', {skip}, async () => {
  const point = (probe: string) => ({probe, match: ['pid', 'tid']});
  const line = await counted(
    {
      name: 'c-or-span',
      attach: 'tracepoint:syscalls:sys_enter_no_such_call',
      orSpan: {
        from: point('tracepoint:syscalls:sys_enter_openat'),
        to: point('tracepoint:syscalls:sys_exit_openat'),
        match: 'no_such_field',
      },
      where: "comm == 'wl-or-span'",
      by: ['comm'],
      measure: ['count', 'min(args.no_such_field ?? duration)'],
    },
    () => runToEnd(calls, ['wl-or-span', '500']),
  );
  const [row] = rowsOf(line, {comm: 'wl-or-span'});
  assert.equal(row?.total['count'], 500);
  assert.ok((row.total['min'] ?? 0) > 0, 'a call takes its time');
  assert.equal(line.status, 'exact', JSON.stringify(line.lost));
});

test('or, not and parentheses are decided in the kernel, and so is which events a measure counts', {skip}, async () => {
  const line = await counted(
    {
      name: 'c-or',
      attach: `uprobe:${calls}:work_*`,
      where: "i32(arg0) < 10 || i32(arg0) >= 990 && !(i32(arg0) == 995 || func == 'work_b')",
      by: ['func'],
      measure: [
        'count',
        {measure: 'count(i32(arg0) < 10)', title: 'FIRST'},
        {measure: "count(i32(arg0) == 3 || func == 'work_b')", title: 'ODD'},
        'count(i32(arg0) == 5000)',
      ],
    },
    () => runToEnd(calls, ['wl-uprobe', '1000']),
  );
  // work_a is called with 0..999, work_b with the odd ones
  assert.deepEqual(rowsOf(line, {func: 'work_a'})[0]?.total, {count: 19, first: 10, odd: 1, 'i32(arg0)==5000': 0});
  assert.deepEqual(rowsOf(line, {func: 'work_b'})[0]?.total, {count: 5, first: 5, odd: 5, 'i32(arg0)==5000': 0});
});

test('texts are joined by or at a span, of its start and of its end', {skip}, async () => {
  const line = await measured(
    [
      ...['--span', 'syscall:openat', '--comm', 'wl-paths', '--by', 'comm'],
      ...[
        '--where',
        "from.args.filename == '/etc/*' || args.ret >= 0",
        '--measure',
        "count, PASSWD=count(from.args.filename == '/etc/passwd'), OTHER=count(from.args.filename != '/etc/p*')",
      ],
    ],
    () => runToEnd(calls, ['wl-paths', '5000']),
  );
  const {count = 0, passwd = 0, other = 0} = rowsOf(line, {comm: 'wl-paths'})[0]?.total ?? {};
  // the path's page may not be there at first: such a text is another one
  assert.deepEqual([count, passwd + other, passwd > 4900], [5000, 5000, true]);
});

test('a span of calls keeps what its start saved, and tests what its end returned', {skip}, async () => {
  const line = await counted(
    {
      name: 'c-span',
      span: `uprobe:${calls}:work_*`,
      where: 'retval != 4',
      by: ['func', {field: 'str(from.arg1)', title: 'TEXT'}],
      measure: ['hist(duration)', 'sum(i32(retval))', 'min(i32(retval))'],
    },
    () => runToEnd(calls, ['wl-span', '1000']),
  );
  assert.deepEqual(line.rows.map((row) => [row.key, row.total]).sort(), [
    [
      {func: 'work_a', text: 'even and odd'},
      {count: 999, sum: 998_996, min: 0},
    ],
    [
      {func: 'work_b', text: 'odd'},
      {count: 500, sum: -250_000, min: -999},
    ],
  ]);
  for (const row of line.rows)
    assert.equal(
      row.hist?.total.reduce((sum, [, , count]) => sum + count, 0),
      row.total['count'],
      'the histogram holds every call',
    );
  assert.equal(line.status, 'exact');
});

const adder = skip === undefined ? workloads.go('adder') : undefined;
test('uprobes count calls of a Go function, with arguments from Go’s registers', {
  skip: skip ?? (adder === undefined ? 'needs Go: apt-get install golang-go' : undefined),
}, async () => {
  const line = await counted(
    {
      name: 'go-calls',
      attach: `uprobe:${adder}:main.add`,
      by: ['comm', 'func', {field: 'arg1', title: 'B'}],
      measure: ['count', 'sum(arg0)'],
    },
    () => runToEnd(adder as string, ['1500']),
  );
  assert.deepEqual(
    line.rows.map((row) => [row.key, row.total]),
    [
      [
        {comm: 'adder', func: 'main.add', b: 3},
        {count: 1500, sum: 1_124_250},
      ],
    ],
  );
});

test('a return probe of a Go program is refused, since it can crash it', {
  skip: skip ?? (adder === undefined ? 'needs Go: apt-get install golang-go' : undefined),
}, async () => {
  const file = workloads.preset({name: 'go-span', span: `uprobe:${adder}:main.add`, measure: 'hist(duration)'});
  const {status, stderr} = await new Program(['--json', '-n', '0', '--presets', file, 'go-span']).ended;
  assert.equal(status, 1);
  assert.match(stderr, /is a Go program: .*\nhint: to take the risk: "allowGoUretprobe": true/);
});

test('a histogram of read(2) holds each known sleep in its bucket', {skip}, async () => {
  const sleeper = workloads.c('sleeper');
  const line = await measured(['read-latency', '--comm', 'wl-sleeper'], () => runToEnd(sleeper, ['wl-sleeper', '40', '30']));
  const [row] = line.rows;
  assert.equal(row?.total['count'], 40);
  // 30 ms lie in [2^24, 2^25) ns; a busy machine may wake it later, and begins no read 13 ms late
  const early = row?.hist?.total.filter(([low]) => (low ?? 0) < 2 ** 24) ?? [];
  assert.deepEqual(early, []);
  assert.ok((row?.p50?.[0] ?? 0) >= 2 ** 24);
});

test('where keeps events out in the kernel: integers, signs, bits, texts and prefixes', {skip}, async () => {
  const cases: readonly (readonly [string, number])[] = [
    ["comm == 'wl-where'", 100],
    ["comm == 'wl-*' && i32(arg0) >= 90", 10],
    ["comm != 'other' && i32(arg0) < 10", 10],
    ['arg0 & 1', 50],
    ['(arg0 & 3) == 2', 25],
    ['(arg0 & 3) != 2 && (arg0 & 0xff) < 10', 8],
    ['i32(arg0) > 1000', 0],
    ['pid != self && i32(arg0) != 5', 99],
    ["str(arg1) == 'even*'", 100],
    ["str(arg1) != 'even and odd'", 0],
    ['arg0 == tid', 0],
    ['arg0 < tid', 100],
  ];
  for (const [where, expected] of cases) {
    const line = await counted({name: 'where', attach: `uprobe:${calls}:work_a`, where, measure: 'count'}, () =>
      runToEnd(calls, ['wl-where', '100']),
    );
    assert.equal(line.rows[0]?.total['count'] ?? 0, expected, where);
  }
});

test('a number below zero is less than any without a sign', {skip}, async () => {
  // 0 to 155, of which 28 are negative as 8 bits
  const cases: readonly (readonly [string, number])[] = [
    ['i8(arg0) < u64(arg0)', 28],
    ['u64(arg0) > i8(arg0)', 28],
    ['i8(arg0) >= u64(arg0)', 128],
    ['u64(arg0) <= i8(arg0)', 128],
    ['u8(arg0) < i8(arg0)', 0],
  ];
  const named = cases.map(([where, expected], i) => ({name: `signs-${i}`, where, expected}));
  const files = named.flatMap(({name, where}) => [
    '--presets',
    workloads.preset({name, attach: `uprobe:${calls}:work_a`, where, measure: 'count'}),
  ]);
  const lines = await measuredViews(
    named.map(({name}) => name),
    files,
    () => runToEnd(calls, ['wl-signs', '156']),
  );
  for (const {name, where, expected} of named) assert.equal(lines(name).rows[0]?.total['count'] ?? 0, expected, where);
});

test('a comparison that is the same of every event is refused, and the cast is named that was forgotten', {skip}, async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['retval < 0', /true of no event: 'retval' is read without a sign\nhint: cast it .*i32\(E\)/],
    ['0 <= retval', /true of every event: 'retval' is read without a sign/],
    ['retval != -1', /true of every event/],
    ['u8(retval) == 256', /true of no event: 'retval' is a number of fewer bits/],
    ['(retval & 4) == 1', /true of no event/],
  ];
  for (const [where, message] of cases) {
    const file = workloads.preset({name: 'slip', attach: `uretprobe:${calls}:work_a`, where, measure: 'count'});
    const {status, stderr} = await tsbpftop(['-b', '-n', '1', '--presets', file, 'slip']);
    assert.notEqual(status, 0, where);
    assert.match(stderr, message);
  }
});

test('a full map loses nothing unsaid: counted and lost make all', {skip}, async () => {
  const line = await counted({name: 'full', attach: `uprobe:${calls}:work_a`, by: ['arg0'], measure: 'count', maxKeys: 64}, () =>
    runToEnd(calls, ['wl-full', '1000']),
  );
  const sum = line.rows.reduce((all, row) => all + (row.total['count'] ?? 0), 0);
  assert.equal(line.status, 'partial');
  assert.ok((line.lost['mapFull'] ?? 0) > 0);
  assert.equal(sum + (line.lost['mapFull'] ?? 0), 1000);
});

test('lhist counts in buckets of equal width, below and above them too', {skip}, async () => {
  const line = await counted(
    {name: 'linear', attach: `uprobe:${calls}:work_*`, by: ['func'], measure: 'lhist(i64(arg0), 100, 300, 100)'},
    () => runToEnd(calls, ['wl-linear', '1000']),
  );
  assert.deepEqual(rowsOf(line, {func: 'work_a'})[0]?.hist?.total, [
    [null, 100, 100],
    [100, 200, 100],
    [200, 300, 100],
    [300, null, 700],
  ]);
});

test('-p counts one process alone', {skip}, async () => {
  const line = await measured(['openat', '-p', String(process.pid)], () => runToEnd(calls, ['wl-pid', '200']));
  assert.deepEqual(rowsOf(line, {comm: 'wl-pid'}), []);
});

test('timed samples and software events are counted', {skip}, async () => {
  const line = await counted({name: 'samples', attach: ['profile:hz:199', 'software:page-faults:1'], by: ['func'], measure: 'count'}, () =>
    runToEnd(calls, ['wl-samples', '20000']),
  );
  assert.deepEqual(line.rows.map((row) => row.key['func']).sort(), ['page-faults', 'profile']);
});

test('the run queue by raw tracepoints with typed arguments pairs wake-up and switch', {skip}, async () => {
  const sleeper = workloads.c('sleeper');
  const line = await counted(
    {
      name: 'runq',
      span: {
        from: [
          'rawtracepoint:sched_wakeup',
          'rawtracepoint:sched_wakeup_new',
          {probe: 'rawtracepoint:sched_switch', where: 'args.prev.__state == 0', match: 'args.prev.pid'},
        ],
        to: 'rawtracepoint:sched_switch',
        match: {from: 'args.p.pid', to: 'args.next.pid'},
      },
      by: [{field: 'str(args.next.comm)', title: 'COMM'}],
      measure: 'hist(duration)',
    },
    () => runToEnd(sleeper, ['wl-runq', '50', '5']),
  );
  assert.ok((rowsOf(line, {comm: 'wl-runq'})[0]?.total['count'] ?? 0) >= 50);
});
