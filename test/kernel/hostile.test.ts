// Every road by which a text of somebody else reaches stdout, stderr or a file, walked with a text that a terminal would obey:
// a process's name, path, arguments and file, an ELF file's symbols, a BPF map, a preset, a recording, names on the command line.
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, {after} from 'node:test';
import {cli, noPrivilege, Program, root, temporaryFolder, tsbpftop} from '../support/program.ts';
import {assertSafe, marks, nasty} from '../support/safe.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();

const roads: (readonly [what: string, args: (folder: string) => readonly string[], shown?: 'shown'])[] = [
  ['an unknown view', () => [nasty]],
  ['an unknown flag', () => [`--${nasty}`]],
  ['a file to check', (folder) => ['check', path.join(folder, `${nasty}.json`)], 'shown'],
  ['a file to check, as JSON', (folder) => ['check', '--json', path.join(folder, `${nasty}.json`)], 'shown'],
  ['presets to list', (folder) => ['--presets', folder, 'list'], 'shown'],
  ['presets to list, as JSON', (folder) => ['--presets', folder, 'list', '--json'], 'shown'],
  ['a broken preset', (folder) => ['--presets', path.join(folder, `${nasty}.json`), '-b', 'a'], 'shown'],
  ['a file to replay that is none', (folder) => ['replay', '-b', path.join(folder, `${nasty}.json`)], 'shown'],
  ['a file to replay that is not there', (folder) => ['replay', '-b', path.join(folder, `none${nasty}`)], 'shown'],
  ['a map’s name', () => ['map', nasty], 'shown'],
  ['a map’s path', () => ['map', `/tmp/${nasty}`], 'shown'],
  ['a filter', () => ['-b', '-n', '0', '--comm', nasty.slice(0, 15), 'openat']],
  ['a column', () => ['-b', '-n', '0', '--sort', nasty, 'openat'], 'shown'],
  ['a cgroup', () => ['-b', '-n', '0', '--cgroup', `/${nasty}`, 'openat'], 'shown'],
  ['a pid', () => ['-b', '-p', nasty], 'shown'],
  ['a probe', () => ['-b', '-e', nasty, '--measure', 'count'], 'shown'],
  ['a program to probe', (folder) => ['-b', '-e', `uprobe:${folder}/${nasty}:f`, '--measure', 'count'], 'shown'],
  ['a program’s functions', (folder) => ['probes', `uprobe:${folder}/program${nasty}:*`], 'shown'],
  ['a program’s functions, as JSON', (folder) => ['probes', '--json', '-v', `uprobe:${folder}/program${nasty}:*`], 'shown'],
  ['a field', () => ['-b', '-e', 'rawtracepoint:sys_enter', '--by', nasty, '--measure', 'count'], 'shown'],
  ['a condition', () => ['-b', '-e', 'rawtracepoint:sys_enter', '--where', nasty, '--measure', 'count'], 'shown'],
  ['a measure', () => ['-b', '-e', 'rawtracepoint:sys_enter', '--measure', nasty], 'shown'],
  ['a recording’s name', (folder) => ['record', path.join(folder, `r${nasty}`), '-n', '0', 'openat'], 'shown'],
  ['a recording’s name that is there', (folder) => ['record', path.join(folder, `${nasty}.json`), 'openat'], 'shown'],
  ['doctor', () => ['doctor']],
  ['doctor, as JSON', () => ['doctor', '--json']],
];

/** An ELF file one of whose functions has the name. */
function hostileElf(file: string): void {
  copyFileSync(workloads.c('calls'), file);
  execFileSync('objcopy', ['--redefine-sym', `work_a=${nasty}`, file]);
}

for (const [what, args, shown] of roads)
  test(`nothing of a text that a terminal would obey comes through: ${what}`, {skip}, async (context) => {
    const folder = temporaryFolder(context);
    const preset = {name: 'a', title: nasty, description: nasty, attach: `tracepoint:x:${nasty}`, measure: nasty, [nasty]: 1};
    writeFileSync(path.join(folder, `${nasty}.json`), JSON.stringify(preset), {mode: 0o600});
    hostileElf(path.join(folder, `program${nasty}`));
    const ended = await tsbpftop(args(folder), {env: {TERM: nasty}});
    assert.ok(ended.signal === null && !ended.stderr.includes('bug of ours'), JSON.stringify(ended));
    assertSafe(ended.stdout + ended.stderr, what);
    if (shown !== undefined) assert.match(ended.stdout + ended.stderr, marks);
  });

/** A process whose name, program, arguments and files are all hostile; it works when it gets a line. */
async function hostileProcess(): Promise<{readonly pid: number; readonly work: () => Promise<void>}> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tsbpftop-hostile-'));
  after(() => rmSync(folder, {recursive: true, force: true}));
  const program = path.join(folder, nasty);
  hostileElf(program);
  // `calls NAME N` with a gate in front: sh waits for a line, and becomes the program
  const child = spawn('sh', ['-c', 'read line; exec "$0" "$@"', program, nasty.slice(0, 12), '50'], {stdio: ['pipe', 'ignore', 'ignore']});
  return {
    pid: child.pid ?? 0,
    async work() {
      child.stdin?.end('\n');
      await once(child, 'exit');
    },
  };
}

const outputs: readonly (readonly [what: string, args: readonly string[]])[] = [
  ['text', ['-b']],
  ['JSON', ['--json']],
  ['CSV', ['--csv']],
  ['single events', ['--events']],
];
for (const [what, args] of outputs)
  for (const by of ['comm', 'str(args.filename)'])
    test(`a process's ${by === 'comm' ? 'name' : 'path'} is shown, not obeyed, in ${what}`, {skip}, async () => {
      const hostile = workloads.c('hostile');
      const program = new Program([...args, '-d', '0.2', '-e', 'tracepoint:syscalls:sys_enter_openat', '--by', by, '--measure', 'count']);
      const wanted = by === 'comm' ? /evil/ : /owned/;
      if (args[0] === '--events') {
        // nothing says that it is attached: it runs until it is seen
        while (program.child.exitCode === null && !wanted.test(program.stdout)) await runToEnd(hostile, []);
      } else {
        await program.until(({stdout}) => stdout.includes('\n') || undefined);
        await runToEnd(hostile, []);
      }
      await program.until(({stdout}) => (wanted.test(stdout) ? true : undefined));
      const {stdout, stderr} = await program.stop();
      assertSafe(stdout + stderr, what);
    });

test('functions, files and arguments of a hostile program are shown, not obeyed', {skip}, async () => {
  const {work} = await hostileProcess();
  const program = new Program(['--json', '-d', '0.2', 'exec']);
  await program.until((each) => each.lines()[0]);
  await work();
  await program.until(({stdout}) => (marks.test(stdout) ? true : undefined));
  const {stdout, stderr} = await program.stop();
  assertSafe(stdout + stderr, 'exec');
});

test('a function whose name is hostile is counted under a name that is safe', {skip}, async (context) => {
  const folder = temporaryFolder(context);
  const file = path.join(folder, nasty);
  hostileElf(file);
  const program = new Program(['-b', '-d', '0.2', '-e', `uprobe:${file}:*owned*`, '--by', 'func', '--measure', 'count']);
  await program.until(({stdout}) => stdout.includes('FUNC') || undefined);
  await runToEnd(file, ['wl-hostile', '50']);
  await program.until(({stdout}) => (/owned.* 50/.test(stdout) ? true : undefined));
  const {stdout, stderr} = await program.stop();
  assertSafe(stdout + stderr, 'func');
});

test('a cgroup folder’s name is shown, not obeyed', {skip}, async (context) => {
  const base = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((each) => {
    try {
      return readFileSync(path.join(each, 'cgroup.procs')).length >= 0;
    } catch {
      return false;
    }
  });
  const name = nasty.replaceAll('\n', '');
  const folder = path.join(base ?? '/', `tsbpftop-${name}`);
  try {
    mkdirSync(folder);
  } catch {
    return context.skip('no cgroup can be made here');
  }
  context.after(() => rmdirSync(folder));
  const program = new Program(['-b', '-d', '0.2', '-e', 'tracepoint:syscalls:sys_enter_openat', '--by', 'cgroup', '--measure', 'count']);
  await program.until(({stdout}) => stdout.includes('CGROUP') || undefined);
  execFileSync('sh', ['-c', 'echo $$ > "$0/cgroup.procs"; cat /dev/null; cat /dev/null', folder]);
  await program.until(({stdout}) => (marks.test(stdout) ? true : undefined));
  const {stdout, stderr} = await program.stop();
  assertSafe(stdout + stderr, 'cgroup');
});

test('a recording with hostile texts everywhere replays as text, JSON and CSV without obeying one', async (context) => {
  const file = path.join(temporaryFolder(context), 'recording');
  writeFileSync(file, hostileRecording());
  for (const args of [['-b'], ['--json'], ['--csv']]) {
    const {stdout, stderr, status} = await tsbpftop(['replay', file, ...args, 'openat']);
    assert.equal(status, 0, stderr);
    assertSafe(stdout + stderr, args.join(' '));
    assert.match(stdout, marks);
  }
});

function hostileRecording(): string {
  const line = (seq: number): string =>
    JSON.stringify({
      v: 1,
      view: 'openat',
      time: `2026-11-23T10:00:0${seq}.000Z`,
      seq,
      interval: seq,
      status: 'exact',
      keys: {used: 1, max: 10},
      lost: {mapFull: 0, unmatched: 0, missed: 0, fault: 0},
      cost: {nsPerEvent: 1, events: 1, cpuPercent: 0},
      rows: [{key: {comm: nasty}, total: {count: 5}, delta: {}, rate: {}}],
      replay: {reasons: [nasty], texts: []},
    });
  return `${line(0)}\n${line(1)}\n`;
}

test('nothing but one place writes to stderr, and nothing runs a shell', () => {
  const files = execFileSync('git', ['ls-files', 'src'], {cwd: root, encoding: 'utf8'})
    .split('\n')
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('src/setup/'));
  const matching = (pattern: RegExp): readonly string[] =>
    files.filter((file) => pattern.test(readFileSync(path.join(root, file), 'utf8')));
  assert.deepEqual(matching(/stderr\.write|console\./), ['src/commands/process/safe-lines.ts']);
  assert.deepEqual(matching(/\bexec(Sync)?\(['"`$]|shell: *true|execFileSync|system\(/), []);
  assert.ok(cli.length > 0);
});
