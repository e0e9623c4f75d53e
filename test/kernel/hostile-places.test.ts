// What others put where it is looked at: maps of JITs, programs' paths and arguments, values and types of BPF maps, the places
// where maps are pinned. It is shown and not obeyed; nothing is opened that does something when it is opened; nobody waits for it.
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {
  closeSync,
  constants,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import test, {type TestContext} from 'node:test';
import {evilNames, hostileObject} from '../support/hostile-object.ts';
import {type JsonLine, measured, noPrivilege, Program, root, temporaryFolder, tsbpftop} from '../support/program.ts';
import {assertSafe, marks, nasty} from '../support/safe.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const frames = ['-fno-omit-frame-pointer', '-mno-omit-leaf-frame-pointer', '-fno-optimize-sibling-calls'];
const noCode = skip ?? (process.arch === 'x64' ? undefined : 'the workload is written for x86-64');
const jit = noCode === undefined ? workloads.c('jit', frames) : '';

/** A program that has said a word and stays until the test ends; what it says meanwhile. */
async function held(context: TestContext, command: string, args: readonly string[]): Promise<{readonly pid: number; said: string}> {
  const child = spawn(command, args, {stdio: ['pipe', 'pipe', 'inherit']});
  context.after(() => child.stdin.end());
  const result = {pid: child.pid ?? 0, said: ''};
  child.stdout.on('data', (data) => (result.said += data));
  await once(child.stdout, 'data');
  return result;
}

const ofCalls = (name: string, by: readonly string[]): string =>
  workloads.preset({name, attach: 'tracepoint:syscalls:sys_enter_getpid', where: `comm == '${name}'`, by, measure: 'count'});
const stackOf = (line: JsonLine): readonly string[] => {
  const row = line.rows.find(({total}) => total['count'] === 200);
  return row?.key['ustack'] as unknown as readonly string[];
};

/** The stack of a process whose JIT's map is what `change` makes of it. */
async function stackWith(context: TestContext, name: string, change: (map: string) => void): Promise<readonly string[]> {
  const line = await measured(['-d', '30', '--presets', ofCalls(name, ['ustack']), name], async () => {
    const {pid} = await held(context, jit, [name, '200']);
    const map = `/tmp/perf-${pid}.map`;
    context.after(() => rmSync(map, {force: true}));
    change(map);
  });
  assertSafe(JSON.stringify(line), name);
  return stackOf(line);
}

/** The code's place, as the map has it. */
const rangeIn = (map: string): string => /^\w+ \w+/.exec(readFileSync(map, 'utf8'))?.[0] ?? '';

test('no link in the root of a process leads out of it: what is there is not read', {
  skip: noCode ?? (process.getuid?.() === 0 ? undefined : 'needs root, for chroot'),
}, async (context) => {
  const inside = temporaryFolder(context);
  for (const folder of ['app', 'tmp']) mkdirSync(path.join(inside, folder));
  const program = path.join(inside, 'app/jit');
  execFileSync('gcc', ['-O1', '-static', ...frames, '-o', program, path.join(root, 'test/fixtures/workloads/jit.c')]);
  const secret = path.join(temporaryFolder(context), 'secret');
  // links as they are, and where they lead to in that root and out of it
  for (const [name, target, first] of [
    ['wl-link-in', '/app/named', 'LazyCompile:~made /app/index.js:1'],
    ['wl-link-out', secret, undefined],
    ['wl-link-up', `../../../..${secret}`, undefined],
  ] as const) {
    const line = await measured(['-d', '30', '--presets', ofCalls(name, ['ustack']), name], async () => {
      const {pid} = await held(context, 'chroot', [inside, '/app/jit', name, '200']);
      const map = path.join(inside, `tmp/perf-${pid}.map`);
      copyFileSync(map, path.join(inside, 'app/named'));
      copyFileSync(map, secret);
      rmSync(map);
      symlinkSync(target, map);
    });
    if (first === undefined) assert.match(stackOf(line)[0] ?? '', /^\[unknown 0x/, name);
    else assert.equal(stackOf(line)[0], first, name);
  }
});

test('names in a JIT’s map are shown, not obeyed, and cut where they are absurd', {skip: noCode}, async (context) => {
  const [first] = await stackWith(context, 'wl-evil-jit', (map) => writeFileSync(map, `${rangeIn(map)} ${nasty}\n`));
  assert.match(first ?? '', marks);
  const [long] = await stackWith(context, 'wl-long-jit', (map) =>
    writeFileSync(map, `${'zz '.repeat(100_000)}\n${rangeIn(map)} ${'日本語'.repeat(100_000)}\n${'f'.repeat(1_000_000)}`),
  );
  assert.ok(long?.startsWith('日本語') && long.length < 600, long?.slice(0, 100));
});

test('a JIT’s map of ten gigabytes, or of a hundred thousand names of nothing, takes no time', {skip: noCode}, async (context) => {
  const began = performance.now();
  const [huge] = await stackWith(context, 'wl-huge-jit', (map) => truncateSync(map, 10 * 2 ** 30));
  assert.match(huge ?? '', /^\[unknown 0x[0-9a-f]+\]$/);
  const [many] = await stackWith(context, 'wl-many-jit', (map) => {
    const line = readFileSync(map, 'utf8');
    writeFileSync(map, `${Array.from({length: 100_000}, (_, i) => `${(i + 1).toString(16)}000 10 f${i}`).join('\n')}\n${line}`);
  });
  assert.equal(many, 'LazyCompile:~made /app/index.js:1');
  assert.ok(performance.now() - began < 20_000);
});

test('what is no plain file is not even opened in a JIT’s place: to open a device may do something', {skip: noCode}, async (context) => {
  const pipe = path.join(temporaryFolder(context), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const watcher = await held(context, workloads.c('opened'), [pipe]);
  const [first] = await stackWith(context, 'wl-pipe-jit', (map) => {
    rmSync(map);
    symlinkSync(pipe, map);
  });
  assert.match(first ?? '', /^\[unknown 0x[0-9a-f]+\]$/);
  assert.doesNotMatch(watcher.said, /opened/);
  closeSync(openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK));
  while (!watcher.said.includes('opened')) await new Promise((resolve) => setTimeout(resolve, 10)); // it does watch
});

test('a program’s path and its arguments, however many, are shown and not obeyed', {skip: noCode}, async (context) => {
  const program = path.join(temporaryFolder(context), nasty);
  copyFileSync(jit, program);
  const name = 'wl-evil-exe';
  const line = await measured(['-d', '30', '--presets', ofCalls(name, ['exe', 'cmdline']), name], async () => {
    const nothing = Array.from({length: 150_000}, () => '');
    for (const args of [[nasty, '日'.repeat(20_000)], [...nothing, 'x'], ['x'.repeat(50_000)]]) {
      const {pid} = await held(context, program, [name, '10', ...args]);
      context.after(() => rmSync(`/tmp/perf-${pid}.map`, {force: true}));
    }
  });
  assert.equal(line.rows.length, 3);
  for (const {key, total} of line.rows) {
    assertSafe(JSON.stringify(key), 'cmdline');
    assert.match(String(key['exe']), marks);
    assert.ok(String(key['cmdline']).length < 5000);
    assert.equal(total['count'], 11); // it asks for its number once more
  }
});

test('values of another’s map are shown, not obeyed, and cut where they are absurd', {skip}, async () => {
  const file = workloads.preset({name: 'hostile', object: hostileObject(workloads.folder), table: {map: 'hostile'}});
  const holder = new Program(['--json', '-d', '0.2', '--presets', file, 'hostile']);
  await holder.until((each) => each.lines()[0]);
  await runToEnd(workloads.c('hostile'), ['map']);
  const line = await holder.until((each) => each.lines().find(({rows}) => marks.test(JSON.stringify(rows))));
  assert.ok(JSON.stringify(line).length < 40_000);
  for (const args of [['-b'], ['--json'], ['--csv']]) {
    const {stdout, stderr, status} = await tsbpftop(['map', 'hostile', '-n', '0', ...args]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, marks);
    assertSafe(stdout + stderr, args.join());
  }
  const {stdout, stderr} = await holder.stop();
  assertSafe(stdout + stderr, 'own object');
});

test('names in an object’s types are shown, not obeyed', {skip}, async () => {
  const preset = workloads.preset({name: 'evil', object: evilNames(workloads.folder), table: {map: 'hostile'}});
  const wrong = workloads.preset({
    name: 'wrong',
    object: evilNames(workloads.folder),
    params: {x: 1},
    table: {map: 'hostile', columns: [{field: 'key.x'}]},
  });
  const roads = [
    ['-b', '-n', '0', '--presets', preset, 'evil'],
    ['--json', '-n', '0', '--presets', preset, 'evil'],
    ['check', preset],
    ['check', wrong],
  ];
  for (const args of roads) {
    const {stdout, stderr, signal} = await tsbpftop(args);
    assert.equal(signal, null);
    assert.doesNotMatch(stderr, /bug of ours/);
    assertSafe(stdout + stderr, args.join(' '));
    if (args[0] === '-b') assert.match(stdout + stderr, marks);
  }
});

test('who holds a program or a map, and where it is pinned, is shown and not obeyed', {skip}, async (context) => {
  const place = `/sys/fs/bpf/tsbpftop-test-${nasty.replaceAll('.', '')}`;
  context.after(() => rmSync(place, {force: true}));
  const holder = workloads.c('holder');
  try {
    await held(context, holder, [place]);
  } catch {
    return context.skip('nothing can be pinned here');
  }
  for (const args of [
    ['bpf-programs', '-b', '-n', '0'],
    ['bpf-programs', '--json', '-n', '0'],
  ]) {
    const {stdout, stderr} = await tsbpftop(args);
    assert.match(stdout, /evil/);
    assertSafe(stdout + stderr, args.join(' '));
  }
  const {stdout, stderr, status} = await tsbpftop(['map', place, '-b', '-n', '0']);
  assert.equal(status, 0, stderr);
  assertSafe(stdout + stderr, 'a pinned map');
  const wrong = await tsbpftop(['map', `${place}x`, '-b']);
  assert.match(wrong.stderr, marks);
  assertSafe(wrong.stderr, 'no such place');
});
