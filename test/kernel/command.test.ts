// -c: a command is counted from its first call to its last, with all its children and nothing else, and ends with the program; its
// cgroup goes whatever becomes of either.
import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {copyFileSync, existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {cgroupFolder} from '../../src/kernel/cgroups.ts';
import {mayMakeCgroups} from '../support/cgroups.ts';
import {noPrivilege, Program, temporaryFolder, tsbpftop} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege() ?? mayMakeCgroups();
const workloads = new Workloads();
const calls = skip === undefined ? workloads.c('calls') : '';

const cgroupOf = (pid: number | undefined): string | undefined =>
  readdirSync(cgroupFolder() ?? '', {recursive: true, encoding: 'utf8'}).find((name) => path.basename(name) === `tsbpftop-${pid}`);

/** What it said, of a file of a process that is asked for often: until it is as wanted. */
async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !holds(); await new Promise((resolve) => setTimeout(resolve, 20)))
    if (Date.now() > end) throw new Error('not so in 20 s');
}

test('a command and its children are counted whole, what others do is not, and what it prints is no line of ours', {skip}, async () => {
  const inside = `${calls} wl-openat 3000; (sh -c '${calls} wl-openat 2000 & wait'); echo printed`;
  const program = new Program(['--json', '-c', inside, 'openat']);
  const [ended] = await Promise.all([program.ended, runToEnd(calls, ['wl-openat', '1000'])]);
  assert.deepEqual([ended.status, ended.stderr], [0, 'printed\n']);
  const [first, ...later] = program.lines();
  const last = later.at(-1);
  assert.equal(last?.status, 'exact');
  assert.deepEqual(first?.rows, [], 'it begins when line 0 is there');
  assert.deepEqual(
    last.rows.filter((row) => row.key['comm'] === 'wl-openat').map((row) => row.total),
    [{count: 5000}],
  );
  assert.equal(cgroupOf(program.child.pid), undefined);
});

test('it ends with the status of the command, which is told where it is not 0; a view about one process is about the command', {
  skip,
}, async (context) => {
  const ended = await tsbpftop(['--json', '-c', `exec ${calls} wl-openat 10`, 'malloc']);
  assert.equal(ended.status, 0);
  const failed = await tsbpftop(['--json', '-c', 'exit 3', 'openat']);
  assert.deepEqual([failed.status, failed.stderr], [3, 'tsbpftop: the command ended with status 3\n']);
  const killed = await tsbpftop(['--events', '-c', 'kill -9 $$', 'openat']);
  assert.deepEqual([killed.status, killed.stderr], [137, 'tsbpftop: the command was ended by SIGKILL\n']);
  const file = path.join(temporaryFolder(context), 'recording.ndjson');
  assert.equal((await tsbpftop(['record', file, '-c', 'exit 4', 'openat'])).status, 4);

  const stopped = new Program(['--json', '-c', 'exec sleep 600', 'openat']);
  await stopped.until((each) => each.lines()[0]);
  assert.equal((await stopped.stop()).status, 0, 'of a command that was not waited for');
});

test('a command that is not waited for is ended, also where the program is killed; what it left behind goes on', {skip}, async () => {
  const counted = await tsbpftop(['--json', '-n', '1', '-d', '0.1', '-c', 'exec sleep 600', 'openat']);
  assert.equal(counted.status, 0);

  const killed = new Program(['--json', '-c', 'exec sleep 600', 'openat']);
  await killed.until((each) => each.lines()[0]);
  const cgroup = path.join(cgroupFolder() ?? '', cgroupOf(killed.child.pid) ?? 'none');
  const [pid = ''] = readFileSync(path.join(cgroup, 'cgroup.procs'), 'utf8').split('\n');
  killed.child.kill('SIGKILL');
  await until(() => !existsSync(cgroup) && !existsSync(`/proc/${pid}`));

  const left = await tsbpftop(['--json', '-c', 'sleep 600 >&- 2>&- & echo $! >&2', 'openat']);
  const stays = Number(left.stderr.split('\n')[0]);
  assert.doesNotMatch(readFileSync(`/proc/${stays}/cgroup`, 'utf8'), /tsbpftop/);
  process.kill(stays, 'SIGKILL');
});

test('of root by sudo it runs as the user who called, with the home of that user', {skip}, async () => {
  const env = {SUDO_UID: '65534', SUDO_GID: '65534'};
  const {stderr} = await tsbpftop(['--json', '-c', 'id -u; id -g; echo $HOME', 'openat'], {env});
  assert.match(stderr, /^65534\n65534\n\/\w+\n/);
});

test('a view that cannot be filtered is refused in the words of the command line', {skip}, async () => {
  for (const view of ['bpf-programs', 'tcp-retransmits']) {
    const {status, stderr} = await tsbpftop(['-b', '-c', 'true', view]);
    assert.equal(status, 1);
    assert.match(stderr, /-c does not apply to this view|cannot be filtered by -c/);
  }
  assert.match((await tsbpftop(['-b', '-c', 'true', '-p', '1', 'openat'])).stderr, /leave out one of them/);
});

test('call chains are printed for flame graphs: outermost first, with how much', {skip}, async () => {
  const view = ['-e', 'tracepoint:syscalls:sys_enter_openat', '--where', "comm == 'wl-span'", '--by', 'comm,kstack'];
  const {stdout} = await tsbpftop(['--folded', '-c', `exec ${calls} wl-span 1000`, ...view]);
  const lines = stdout.trimEnd().split('\n');
  for (const line of lines) assert.match(line, /^wl-span;entry_\w+_\[k\];\S*do_syscall\S* \d+$|^wl-span;\S+_\[k\]\S* \d+$/);
  assert.equal(
    lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0),
    1000,
  );
  assert.match((await tsbpftop(['--folded', 'openat'])).stderr, /--folded prints call chains, and view 'openat' has none/);
});

test('-p takes the name that one process alone has', {skip}, async (context) => {
  const program = path.join(temporaryFolder(context), 'wl-only-one');
  copyFileSync('/bin/sleep', program);
  assert.match((await tsbpftop(['-b', '-n', '0', '-p', 'wl-only-one', 'openat'])).stderr, /no process is called 'wl-only-one'/);
  const all = [spawn(program, ['600'])];
  context.after(() => all.map((each) => each.kill()));
  await once(all[0] as ChildProcess, 'spawn');
  assert.equal((await tsbpftop(['-b', '-n', '0', '-p', 'wl-only-one', 'openat'])).status, 0);
  all.push(spawn(program, ['600']));
  await once(all[1] as ChildProcess, 'spawn');
  const {status, stderr} = await tsbpftop(['-b', '-n', '0', '-p', 'wl-only-one', 'openat']);
  assert.equal(status, 1);
  assert.match(stderr, /2 processes are called 'wl-only-one'[\s\S]*-p \d+: .*wl-only-one 600\n[\s\S]*--comm 'wl-only-one'/);
});
