// Stacks of programs whose calls are known: exact counts, right names, wherever the program lives; and what cannot be
// told apart or read is said. On the kernel that runs.
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {chownSync, copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {type TestContext} from 'node:test';
import {type JsonLine, measured, noPrivilege} from '../support/program.ts';
import {Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const frames = ['-fno-omit-frame-pointer', '-mno-omit-leaf-frame-pointer', '-fno-optimize-sibling-calls'];
const x64 = process.arch === 'x64' ? undefined : 'the workload is written for x86-64';
const noStacks = skip ?? x64;
const stacks = noStacks === undefined ? workloads.c('stacks', frames) : '';

/** Runs a program until it says that it is done, and lets it stay until the test ends. */
async function held(context: TestContext, command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, {stdio: ['pipe', 'pipe', 'inherit']});
  context.after(() => child.stdin.end());
  await once(child.stdout, 'data');
  return child.pid ?? 0;
}

const preset = (name: string, more: Readonly<Record<string, unknown>> = {}): string =>
  workloads.preset({
    name,
    attach: 'tracepoint:syscalls:sys_enter_getpid',
    where: `comm == '${name}'`,
    by: ['ustack'],
    measure: 'count',
    ...more,
  });

const stackOf = (key: JsonLine['rows'][number]['key'], name = 'ustack'): readonly string[] => key[name] as unknown as readonly string[];
/** Counts by what a row's stack begins with, the rest of libc's start left out. */
const counts = (line: JsonLine): readonly (readonly [string, number])[] =>
  line.rows
    .map(
      ({key, total}) =>
        [
          stackOf(key)
            .slice(0, stackOf(key).indexOf('main') + 1)
            .join(' '),
          total['count'] ?? 0,
        ] as const,
    )
    .sort(([a], [b]) => (a < b ? -1 : 1));

const expected = [
  ['work_c work_a main', 500],
  ['work_c work_b work_a main', 1000],
];

test('user stacks of a C program are counted exactly, and named', {skip: noStacks}, async (context) => {
  const line = await measured(['--presets', preset('wl-c'), 'wl-c'], async () => void (await held(context, stacks, ['wl-c', '1000'])));
  assert.deepEqual(counts(line), expected);
  assert.equal(line.status, 'exact');
});

test('two processes with the same stacks are one row for each stack', {skip: noStacks}, async (context) => {
  const line = await measured(['--presets', preset('wl-two'), 'wl-two'], async () => {
    await held(context, stacks, ['wl-two', '1000']);
    await held(context, stacks, ['wl-two', '1000']);
  });
  assert.deepEqual(
    counts(line),
    expected.map(([text, count]) => [text, Number(count) * 2]),
  );
});

test('a program in another root, whose file is gone from there, is named', {skip: noStacks}, async (context) => {
  const root = path.join(workloads.folder, 'root');
  mkdirSync(root);
  const libraries = execFileSync('ldd', [stacks], {encoding: 'utf8'}).matchAll(/(\/\S+)/g);
  for (const [file] of libraries) {
    mkdirSync(path.dirname(root + file), {recursive: true});
    copyFileSync(file, root + file);
  }
  copyFileSync(stacks, path.join(root, 'inside'));
  const line = await measured(['--presets', preset('wl-root'), 'wl-root'], async () => {
    await held(context, 'unshare', ['--mount', 'chroot', root, '/inside', 'wl-root', '1000']);
    rmSync(path.join(root, 'inside'));
  });
  assert.deepEqual(counts(line), expected);
});

test('names of C++ are those of the source', {skip: noStacks}, async (context) => {
  const program = workloads.cpp('cppstacks', frames);
  const line = await measured(
    ['--presets', preset('wl-cpp'), 'wl-cpp'],
    async () => void (await held(context, program, ['wl-cpp', '700'])),
  );
  assert.deepEqual(counts(line), [['work::Counter<long>::count(long) main', 700]]);
});

const go = noStacks === undefined ? workloads.go('gostacks') : undefined;
test('functions of a Go program are named', {
  skip: noStacks ?? (go === undefined ? 'needs Go: apt-get install golang-go' : undefined),
}, async (context) => {
  const line = await measured(
    ['--presets', preset('wl-go', {where: "comm == 'gostacks'"}), 'wl-go'],
    async () => void (await held(context, go as string, ['300'])),
  );
  const found = line.rows.filter(({key}) => stackOf(key).includes('main.outer'));
  assert.equal(
    found.reduce((sum, {total}) => sum + (total['count'] ?? 0), 0),
    300,
  );
  // the system call's own function has no frame, so that its caller is passed over
  for (const {key} of found) assert.match(stackOf(key).join(' '), /^syscall\.\S+ main\.outer main\.main runtime\.main runtime\.goexit/);
});

test('a stripped program is named by its debug file, and else by its offsets', {skip: noStacks}, async (context) => {
  const program = path.join(workloads.folder, 'stripped');
  execFileSync('gcc', [
    '-O1',
    ...frames,
    '-Wl,--build-id',
    '-o',
    program,
    new URL('../fixtures/workloads/stacks.c', import.meta.url).pathname,
  ]);
  const id = /Build ID: ([0-9a-f]+)/.exec(execFileSync('readelf', ['-n', program], {encoding: 'utf8'}))?.[1] ?? '';
  execFileSync('objcopy', ['--only-keep-debug', program, `${program}.debug`]);
  execFileSync('strip', [program]);
  const bare = await measured(
    ['--presets', preset('wl-bare'), 'wl-bare'],
    async () => void (await held(context, program, ['wl-bare', '10'])),
  );
  for (const {key} of bare.rows) assert.match(stackOf(key)[0] ?? '', /^\[stripped\+0x[0-9a-f]+\]$/);
  const folder = `/usr/lib/debug/.build-id/${id.slice(0, 2)}`;
  const file = `${folder}/${id.slice(2)}.debug`;
  mkdirSync(folder, {recursive: true});
  cpSync(`${program}.debug`, file);
  context.after(() => rmSync(file));
  const line = await measured(
    ['--presets', preset('wl-debug'), 'wl-debug'],
    async () => void (await held(context, program, ['wl-debug', '1000'])),
  );
  assert.deepEqual(counts(line), expected);
});

test('a process that had ended before it was read is said, and its events are counted', {skip: noStacks}, async () => {
  const line = await measured(['-d', '30', '--presets', preset('wl-gone'), 'wl-gone'], async () => {
    const child = spawn(stacks, ['wl-gone', '1000'], {stdio: ['ignore', 'ignore', 'inherit']});
    await once(child, 'exit');
  });
  assert.deepEqual(
    line.rows.map(({total}) => total['count']),
    [1500],
  );
  assert.match(stackOf(line.rows[0]?.key ?? {})[0] ?? '', /^~\[pid \d+ has ended\]$/);
});

const countOf = (line: JsonLine, all: readonly JsonLine['rows'][number][] = line.rows): number =>
  all.reduce((sum, {total}) => sum + (total['count'] ?? 0), 0);

test('two thousand stacks are told apart in 16384 places, where a hundred find theirs taken', {skip: noStacks}, async (context) => {
  const line = await measured(
    ['--presets', preset('wl-many'), 'wl-many'],
    async () => void (await held(context, stacks, ['wl-many', '2000', 'different'])),
  );
  assert.equal(countOf(line), 2000);
  // four stacks of one hash are too many for three maps: that happens once in some seven runs, and is told
  const lost = line.lost['stacks'] ?? 0;
  assert.ok(lost <= 3, `${lost} stacks`);
  assert.equal(line.status, lost === 0 ? 'exact' : 'partial');
  assert.equal(line.rows.filter(({key}) => /^((odd|even) ){11}main/.test(stackOf(key).join(' '))).length, 2000 - lost);
});

test('a stack that finds its places taken is counted as lost, and never as another', {skip: noStacks}, async (context) => {
  const line = await measured(
    ['--presets', preset('wl-lost', {maxStacks: 4}), 'wl-lost'],
    async () => void (await held(context, stacks, ['wl-lost', '1000', 'different'])),
  );
  const lost = line.rows.find(({key}) => stackOf(key)[0] === '<stack lost>')?.total['count'] ?? 0;
  assert.equal(countOf(line), 1000);
  assert.equal(line.lost['stacks'], lost);
  assert.equal(line.rows.length, 4 + 2 + 1 + 1, 'each place has one stack, and the rest is lost');
  assert.equal(line.status, 'partial');
});

test('a kernel thread has no user stack, which is no loss', {skip}, async () => {
  const file = workloads.preset({
    name: 'kthreads',
    attach: 'rawtracepoint:sched_switch',
    where: "comm == 'kworker*'",
    by: ['comm', 'ustack', 'exe', 'cmdline'],
    measure: 'count',
  });
  const line = await measured(['--presets', file, 'kthreads'], async () => {
    for (let i = 0; i < 3; i++) execFileSync('sync');
    writeFileSync(path.join(workloads.folder, 'written'), 'x'.repeat(100_000));
    execFileSync('sync');
  });
  assert.ok(line.rows.length > 0);
  for (const {key} of line.rows) {
    assert.deepEqual(stackOf(key), ['[no stack]']);
    // they come and go, too
    for (const name of ['exe', 'cmdline']) assert.match(String(key[name]), /^(\[kworker|~pid \d+$)/);
  }
  assert.ok(line.rows.some(({key}) => String(key['exe']).startsWith('[kworker') && key['cmdline'] === key['exe']));
  assert.equal(line.lost['stacks'], 0);
});

test('kernel stacks of a tracepoint name the way into it', {skip: noStacks}, async (context) => {
  const file = preset('wl-kernel', {attach: 'rawtracepoint:sys_enter', where: "comm == 'wl-kernel' && i64(arg1) == 39", by: ['kstack']});
  const line = await measured(['--presets', file, 'wl-kernel'], async () => void (await held(context, stacks, ['wl-kernel', '1000'])));
  assert.equal(
    line.rows.reduce((sum, {total}) => sum + (total['count'] ?? 0), 0),
    1500,
  );
  const known = new Set(
    readFileSync('/proc/kallsyms', 'utf8')
      .split('\n')
      .map((text) => text.split(' ')[2]?.split('\t')[0]),
  );
  for (const {key} of line.rows) for (const name of stackOf(key, 'kstack')) assert.ok(known.has(name.replace(/ \[.*/, '')), name);
  assert.ok(line.rows.some(({key}) => stackOf(key, 'kstack').some((name) => name.startsWith('entry_SYSCALL_64'))));
});

test('a kernel stack begins at the place that was probed', {skip: noStacks}, async (context) => {
  for (const attach of ['rawtracepoint:sys_enter', 'tracepoint:syscalls:sys_enter_getpid']) {
    const file = preset('wl-place', {attach, by: ['kstack']});
    const line = await measured(['--presets', file, 'wl-place'], async () => void (await held(context, stacks, ['wl-place', '100'])));
    assert.ok(line.rows.length > 0);
    for (const {key} of line.rows) assert.doesNotMatch(stackOf(key, 'kstack')[0] ?? '', /bpf|perf|__traceiter/);
  }
});

test('a span shows the stack of its start', {skip: noStacks}, async (context) => {
  const file = preset('wl-from', {
    attach: undefined,
    span: 'syscall:getpid',
    by: [{field: 'from.ustack', title: 'USTACK'}],
    measure: 'hist(duration)',
  });
  const line = await measured(['--presets', file, 'wl-from'], async () => void (await held(context, stacks, ['wl-from', '1000'])));
  assert.deepEqual(counts(line), expected);
});

const jit = noStacks === undefined ? workloads.c('jit', frames) : '';
/** By the map that it has written of itself; the map goes with the test. */
async function heldJit(context: TestContext, name: string): Promise<string> {
  const map = `/tmp/perf-${await held(context, jit, [name, '200'])}.map`;
  context.after(() => rmSync(map, {force: true}));
  return map;
}

test('code that a JIT made is named by its map', {skip: noStacks}, async (context) => {
  const line = await measured(['--presets', preset('wl-jit'), 'wl-jit'], async () => void (await heldJit(context, 'wl-jit')));
  const [row] = line.rows.filter(({total}) => total['count'] === 200);
  assert.deepEqual(stackOf(row?.key ?? {}).slice(0, 2), ['LazyCompile:~made /app/index.js:1', 'main']);
});

test('a JIT’s map of another user is not believed, nor one that is a pipe', {skip: noStacks}, async (context) => {
  const changes: Readonly<Record<string, (map: string) => void>> = {
    'wl-jit-user': (map) => chownSync(map, 65_534, 65_534),
    'wl-jit-pipe': (map) => {
      rmSync(map);
      execFileSync('mkfifo', [map]);
    },
  };
  for (const [name, change] of Object.entries(changes)) {
    const line = await measured(['-d', '30', '--presets', preset(name), name], async () => change(await heldJit(context, name)));
    const [row] = line.rows.filter(({total}) => total['count'] === 200);
    assert.match(stackOf(row?.key ?? {})[0] ?? '', /^\[unknown 0x[0-9a-f]+\]$/, name);
    assert.equal(stackOf(row?.key ?? {})[1], 'main');
  }
});

test('exe and cmdline group all processes of a program in one row', {skip: noStacks}, async (context) => {
  const file = preset('wl-exe', {by: ['exe', 'cmdline', 'user', 'container']});
  const line = await measured(['--presets', file, 'wl-exe'], async () => {
    await held(context, stacks, ['wl-exe', '1000']);
    await held(context, stacks, ['wl-exe', '1000']);
    await held(context, stacks, ['wl-exe', '10']);
  });
  assert.deepEqual(
    line.rows.map(({key, total}) => [key['exe'], key['cmdline'], key['user'], total['count']]).sort(),
    [
      [stacks, `${stacks} wl-exe 10`, 'root', 15],
      [stacks, `${stacks} wl-exe 1000`, 'root', 3000],
    ].sort(),
  );
});

test('an address is named by the process it belongs to, or by the kernel', {skip: noStacks}, async (context) => {
  const file = preset('wl-usym', {attach: `uprobe:${jit}:given`, by: [{field: 'arg0', format: 'usym'}]});
  const line = await measured(['--presets', file, 'wl-usym'], async () => void (await heldJit(context, 'wl-usym')));
  assert.deepEqual(
    line.rows.map(({key, total}) => [key['arg0'], total['count']]),
    [['named', 200]],
  );
  const timers = workloads.preset({
    name: 'timers',
    attach: 'tracepoint:timer:hrtimer_start',
    by: [{field: 'args.function', format: 'ksym'}],
    measure: 'count',
  });
  const {rows} = await measured(['--presets', timers, 'timers'], async () => void execFileSync('sleep', ['0.01']));
  assert.ok(rows.some(({key}) => key['function'] === 'hrtimer_wakeup'));
});
