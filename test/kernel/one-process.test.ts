// -p: the events of that process, of all its threads, and of no child; its uprobes in the files that it has itself, which
// may be others than those of the same path here.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {copyFileSync, mkdirSync, realpathSync, rmSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {type JsonLine, measuredViews, noPrivilege, tsbpftop} from '../support/program.ts';
import {type Waiting, waiting, Workloads} from '../support/workloads.ts';

const skip = noPrivilege() ?? (process.getuid?.() === 0 ? undefined : 'needs root, for namespaces and chroot');
const workloads = new Workloads();
const tasks = skip === undefined ? workloads.c('tasks', ['-pthread']) : '';
const rounds = 250;

const presets = (file: string): readonly string[] =>
  [
    {name: 'own-calls', attach: `uprobe:${file}:work_a`, by: ['pid', 'func'], measure: 'count'},
    {name: 'own-spans', span: `uprobe:${file}:work_*`, by: ['pid'], measure: 'hist(duration)'},
    {name: 'libc-calls', attach: 'uprobe:libc:getppid', by: ['pid'], measure: 'count'},
    {name: 'opens', attach: 'syscall:openat', where: 'args.flags == 0x80000', by: ['pid'], measure: 'count'},
    {name: 'open-spans', span: 'syscall:openat', where: 'from.args.flags == 0x80000', by: ['pid'], measure: 'count'},
  ].map((preset) => workloads.preset(preset));
const views = ['own-calls', 'own-spans', 'libc-calls', 'opens', 'open-spans'];
const rows = (line: JsonLine): unknown => line.rows.map(({key, total}) => [key['pid'], total['count']]);

async function counted(file: string, {pid, run}: Waiting): Promise<void> {
  const lines = await measuredViews(views, ['-p', String(pid), ...presets(file).flatMap((each) => ['--presets', each])], run);
  for (const view of views) {
    assert.deepEqual(rows(lines(view)), [[pid, 4 * rounds]], view);
    assert.equal(lines(view).status, 'exact', view);
  }
}

test('all threads of the process are counted, none of a child that it forks', {skip}, async () => {
  // another one of the same files, which is not asked for
  const other = await waiting(tasks, ['wl-other', String(rounds)]);
  const own = await waiting(tasks, ['wl-tasks', String(rounds)]);
  await counted(tasks, {pid: own.pid, run: async () => void (await Promise.all([own.run(), other.run()]))});
});

test('in a mount namespace where another file has the path, that one is probed', {skip}, async () => {
  const here = path.join(workloads.folder, 'mounted');
  copyFileSync('/bin/true', here); // has no work_a
  const script = `mount --bind ${tasks} ${here} && exec ${here} wl-mounted ${rounds}`;
  await counted(here, await waiting('unshare', ['-m', 'sh', '-c', script]));
});

test('in a root of its own, program and C library are found there, by a path of that root', {skip}, async () => {
  const root = path.join(workloads.folder, 'root');
  const needed = [...execFileSync('ldd', [tasks], {encoding: 'utf8'}).matchAll(/(\/\S+) \(0x/g)].map(([, file = '']) => file);
  for (const file of needed) {
    mkdirSync(path.dirname(path.join(root, file)), {recursive: true});
    copyFileSync(realpathSync(file), path.join(root, file));
  }
  mkdirSync(path.join(root, 'app'));
  copyFileSync(tasks, path.join(root, 'app/tasks'));
  await counted('/app/tasks', await waiting('chroot', [root, '/app/tasks', 'wl-rooted', String(rounds)]));
  // and by the path that it has here
  await counted(path.join(root, 'app/tasks'), await waiting('chroot', [root, '/app/tasks', 'wl-rooted', String(rounds)]));
});

test('a library that was replaced under the process is the one that it still uses', {skip}, async () => {
  const root = path.join(workloads.folder, 'updated');
  const libc = realpathSync(execFileSync('ldd', [tasks], {encoding: 'utf8'}).match(/libc\.so\.6 => (\S+)/)?.[1] ?? '');
  mkdirSync(root);
  copyFileSync(libc, path.join(root, 'libc.so.6'));
  const work = await waiting('env', [`LD_LIBRARY_PATH=${root}`, tasks, 'wl-updated', String(rounds)]);
  rmSync(path.join(root, 'libc.so.6'));
  copyFileSync(libc, path.join(root, 'libc.so.6'));
  await counted(tasks, work);
});

test('a file that neither has is told, with where it was looked for; a script with what runs it', {skip}, async () => {
  const file = workloads.preset({name: 'nowhere', attach: 'uprobe:/no/such/file:main', by: [], measure: 'count'});
  const ended = await tsbpftop(['-b', '-n', '1', '-p', String(process.pid), '--presets', file, 'nowhere']);
  assert.match(ended.stderr, new RegExp(`no file '/no/such/file', neither in the root of process ${process.pid} nor here`));
  assert.equal(ended.status, 1);
  const script = await tsbpftop(['-b', '-n', '1', '-e', 'uprobe:ldd:main', '--measure', 'count']);
  assert.match(script.stderr, /'\/usr\/bin\/ldd' is a script: what runs is \/bin\/(ba)?sh\nhint: probe that/);
});
