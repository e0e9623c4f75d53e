// A container as engines make them, without an engine: a cgroup of the name that Docker gives, pid, mount and cgroup
// namespaces, a root of its own with its own /proc. What the columns say of a process in it, seen from inside and from outside.
import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {after} from 'node:test';
import {cli, type JsonLine, noPrivilege, Program, root} from '../support/program.ts';
import {Workloads} from '../support/workloads.ts';

const unified = existsSync('/sys/fs/cgroup/unified') ? '/sys/fs/cgroup/unified' : '/sys/fs/cgroup';
const skip =
  noPrivilege() ?? (process.getuid?.() === 0 && existsSync(path.join(unified, 'cgroup.procs')) ? undefined : 'needs root and cgroup v2');
const workloads = new Workloads();
const id = `cafe${process.pid.toString(16).padStart(8, '0')}${'0'.repeat(51)}7`;
const cgroup = path.join(unified, `docker-${id}.scope`);
if (skip === undefined) workloads.c('tasks', ['-pthread', '-static']);
const work = workloads.folder;
after(() => {
  if (existsSync(cgroup)) rmdirSync(cgroup);
});

const install = readFileSync(path.join(root, 'docs/install.md'), 'utf8');
/** The command with the least privileges that the page has. */
const dockerLine = install.match(/^docker run(?:.*\\\n)+.*$/m)?.[0] ?? '';
const added = [...dockerLine.matchAll(/--cap-add (\w+)/g)].map(([, name = '']) => name);
const shared = [...dockerLine.matchAll(/-v (\S+):(\S+):ro/g)].map(([, from = '']) => from);

/** Without what Node is to load for the tests, which is not there inside. */
const env = {...process.env, NODE_OPTIONS: ''};

/** Runs a shell's script in the container: /app is this program, /work the tests' folder. */
function contained(script: string): ChildProcess {
  mkdirSync(cgroup, {recursive: true});
  const box = path.join(work, 'box');
  mkdirSync(box, {recursive: true});
  writeFileSync(
    path.join(work, 'enter'),
    `set -e
mount -t tmpfs tmpfs ${box}
cd ${box}
mkdir -p proc sys tmp dev app work node
for folder in usr etc bin sbin lib lib64; do
  if [ -L /$folder ]; then cp -P /$folder $folder; elif [ -d /$folder ]; then mkdir $folder; mount --bind /$folder $folder; fi
done
mount -t proc proc proc
mount --rbind /sys sys
mount --bind /dev dev
mount --bind ${root} app
mount --bind ${path.dirname(process.execPath)} node
mount --bind ${work} work
umount -l sys/fs/cgroup
mount -t cgroup2 cgroup2 sys/fs/cgroup
exec chroot . /bin/sh /work/script
`,
  );
  writeFileSync(
    path.join(work, 'script'),
    `export PATH=/usr/bin:/bin\nprogram='/node/${path.basename(process.execPath)} /app/${path.relative(root, cli)}'\n${script}\n`,
  );
  const enter = `echo $$ > ${cgroup}/cgroup.procs; exec unshare -p -m -C --fork --kill-child sh ${work}/enter`;
  return spawn('sh', ['-c', enter], {env, stdio: ['pipe', 'pipe', 'inherit']});
}

/** All that it prints until it ends. */
async function printed(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (data) => (text += data));
  const [status] = await once(child, 'close');
  assert.equal(status, 0, text);
  return text;
}

/** The number here of the process in the container that has this name. */
const numberOf = (comm: string): number =>
  readFileSync(path.join(cgroup, 'cgroup.procs'), 'utf8')
    .split('\n')
    .map(Number)
    .find((pid) => pid > 0 && readFileSync(`/proc/${pid}/comm`, 'utf8') === `${comm}\n`) ?? 0;

const rowsIn = (line: JsonLine | undefined): readonly JsonLine['rows'][number][] => line?.rows ?? [];
const own = ['-e', 'syscall:openat', '--by', 'pid,container,exe', '--measure', 'count', '--json', '-d', '0.2'];

test('from the machine: the number here, the container, the program by its path there', {skip}, async () => {
  const program = new Program([...own, '--comm', 'wl-outside']);
  await program.until((each) => each.lines()[0]);
  const inside = contained('exec /work/tasks wl-outside 100');
  await once(inside.stdout as NodeJS.ReadableStream, 'data');
  const pid = numberOf('wl-outside');
  // it opens a file when it goes on: one refresh sees it alive
  inside.stdin?.end('\n');
  await once(inside, 'exit');
  await program.stop();
  const rows = rowsIn(program.lines().at(-1));
  const row = rows.find(({key}) => key['pid'] === pid);
  assert.ok(row !== undefined, JSON.stringify(rows));
  assert.equal(row.key['container'], id.slice(0, 12));
  assert.equal(
    rows.reduce((sum, {total}) => sum + (total['count'] ?? 0), 0),
    500,
  );
});

test('from inside: the machine’s numbers, and for what they hide a mark and never a guess', {skip}, async () => {
  const script = `mkfifo /work/gate; $program ${own.join(' ')} --comm wl-inside >/work/out & top=$!
while ! grep -qs '"seq":0' /work/out; do kill -0 $top || exit 1; sleep 0.05; done
/work/tasks wl-inside 100 </work/gate >/work/pid & exec 9>/work/gate
while [ ! -s /work/pid ]; do sleep 0.05; done; echo ready; read -r line; echo >&9; wait $!
kill -INT $top; wait $top`;
  const inside = contained(script);
  await once(inside.stdout as NodeJS.ReadableStream, 'data');
  const pid = numberOf('wl-inside');
  const cgroupId = statSync(cgroup, {bigint: true}).ino;
  inside.stdin?.write('\n');
  await once(inside, 'exit');
  const last = readFileSync(path.join(work, 'out'), 'utf8').trim().split('\n').at(-1) ?? '';
  const rows = rowsIn(JSON.parse(last) as JsonLine);
  const row = rows.find(({key}) => key['pid'] === pid);
  assert.ok(row !== undefined, last);
  assert.deepEqual([row.key['container'], row.key['exe']], [`unknown:${cgroupId}`, `~pid ${pid}`]);
  assert.equal(
    rows.reduce((sum, {total}) => sum + (total['count'] ?? 0), 0),
    500,
  );
});

test('from inside, self is tsbpftop itself, by the number that the kernel has for it', {skip}, async () => {
  const all = workloads.preset({name: 'all-calls', attach: 'syscall:bpf', by: ['pid'], measure: 'count'});
  const others = workloads.preset({name: 'other-calls', attach: 'syscall:bpf', where: 'pid != self', by: ['pid'], measure: 'count'});
  const files = [all, others].map((file) => `--presets /work/${path.basename(file)}`).join(' ');
  const inside = contained(`$program --json -d 0.1 ${files} all-calls other-calls >/work/calls & top=$!
while ! grep -qs '"seq":5' /work/calls; do kill -0 $top || exit 1; sleep 0.05; done; echo ready; read -r line; kill -INT $top; wait $top`);
  await once(inside.stdout as NodeJS.ReadableStream, 'data');
  const pid = numberOf('tsbpftop');
  inside.stdin?.write('\n');
  await once(inside, 'exit');
  const lines = readFileSync(path.join(work, 'calls'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonLine);
  const counted = (view: string): unknown =>
    lines.findLast((line) => line.view === view)?.rows.find(({key}) => key['pid'] === pid)?.total['count'];
  assert.ok(Number(counted('all-calls')) >= 5, 'its own calls are counted under this number');
  assert.equal(counted('other-calls'), undefined);
});

test('from inside, -p is refused, since the number would mean another process', {skip}, async () => {
  const text = await printed(contained('$program -b openat -p 1 -n 1 2>&1; echo status $?'));
  assert.match(text, /-p 1 would mean another process[\s\S]*--pid=host[\s\S]*\nstatus 1\n$/);
});

test('with the folders and capabilities of the second line for Docker, numbers and containers are right, and -p works', {
  skip,
}, async () => {
  assert.deepEqual([added.length, shared.length], [5, 3], dockerLine);
  mkdirSync(cgroup, {recursive: true});
  const box = path.join(work, 'bare');
  mkdirSync(box, {recursive: true});
  const lines = [
    `mount -t tmpfs tmpfs ${box} && cd ${box} && mkdir -p proc sys dev tmp app work node`,
    'for f in usr etc bin sbin lib lib64; do if [ -L /$f ]; then cp -P /$f $f; elif [ -d /$f ]; then mkdir $f; mount --bind /$f $f; fi; done',
    // as an engine: its own /proc and /sys, the latter to be read alone
    'mount -t proc proc proc && mount -t sysfs -o ro sysfs sys && mount --bind /dev dev',
    ...shared.map((folder) => `mount --rbind ${folder} .${folder} && mount -o remount,bind,ro .${folder}`),
    `mount --bind ${root} app && mount --bind ${path.dirname(process.execPath)} node && mount --bind ${work} work`,
    `echo $$ >${cgroup}/cgroup.procs`,
    `exec chroot . setpriv --inh-caps=-all --bounding-set=-all,${added.map((name) => `+${name.toLowerCase()}`).join(',')} "$@"`,
  ];
  const bounded = (...args: readonly string[]): readonly string[] => ['unshare', '-m', 'sh', '-e', '-c', lines.join('\n'), 'sh', ...args];
  const observer = [`/node/${path.basename(process.execPath)}`, `/app/${path.relative(root, cli)}`];
  const worker = spawn(path.join(work, 'tasks'), ['wl-bounded', '100'], {stdio: ['pipe', 'pipe', 'inherit']});
  await once(worker.stdout, 'data');
  writeFileSync(path.join(cgroup, 'cgroup.procs'), String(worker.pid));
  const [command = '', ...rest] = bounded(...observer, ...own, '-p', String(worker.pid));
  const child = spawn(command, rest, {env, stdio: ['ignore', 'pipe', 'pipe']});
  let [out, err] = ['', ''];
  child.stderr.on('data', (data) => (err += data));
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (data) => {
      out += data;
      if (out.includes('"seq":0')) resolve();
    });
    child.on('close', () => resolve());
  });
  worker.stdin.end('\n');
  await once(worker, 'exit');
  child.kill('SIGINT');
  await once(child, 'close');
  const last = out.trim().split('\n').at(-1) ?? '';
  assert.ok(last.startsWith('{'), err);
  const [row] = rowsIn(JSON.parse(last) as JsonLine);
  assert.deepEqual([row?.key['pid'], row?.total['count']], [worker.pid, 400], last);
  assert.equal(row?.key['container'], id.slice(0, 12));
});

test('the DaemonSet asks for the capabilities and folders of that line, and for no more', () => {
  const manifest = readFileSync(path.join(root, 'docs/kubernetes.yaml'), 'utf8');
  assert.doesNotMatch(manifest, /\t|privileged: true/);
  assert.deepEqual(JSON.parse(/add: (\[.*\])/.exec(manifest)?.[1] ?? '[]'), added);
  const paths = [...manifest.matchAll(/hostPath:\n +path: (\S+)/g)].map(([, name]) => name);
  assert.deepEqual(paths, shared);
  assert.deepEqual(
    [...manifest.matchAll(/mountPath: (\/sys\S*)\n +readOnly: true/g)].map(([, name]) => name),
    shared,
  );
  assert.match(manifest, /^ {6}hostPID: true$/m);
});
