// What attaches once and then only reads has no privileges left but those that reading needs: no thread of it has. It counts as
// exactly as before, and is nobody.
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test, {after as afterAll} from 'node:test';
import {stillNeeded} from '../../src/commands/process/drop-privileges.ts';
import {capabilities} from '../../src/kernel/privilege.ts';
import {loadBinding} from '../../src/native/binding.ts';
import {asNobody, noPrivilege, Program, type ProgramOptions, temporaryFolder} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const asRoot = skip ?? (process.getuid?.() === 0 ? undefined : 'needs root');
const workloads = new Workloads();
const calls = skip === undefined ? workloads.c('calls') : '';
const gate = skip === undefined && loadBinding().addon.readingNeedsBpf() ? ['CAP_BPF'] : [];

interface Thread {
  readonly uid: string;
  readonly gid: string;
  readonly groups: string;
  readonly held: readonly string[];
  readonly inheritable: string;
  readonly bounding: string;
  readonly noNewPrivileges: string;
}

/** What each thread of a process may do; equal ones once. */
function threadsOf(pid: number): {readonly count: number; readonly kinds: readonly Thread[]} {
  const folder = `/proc/${pid}/task`;
  const threads = readdirSync(folder).map((tid): Thread => {
    const text = readFileSync(path.join(folder, tid, 'status'), 'utf8');
    const of = (name: string): string => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
    const [effective, permitted] = ['CapEff', 'CapPrm'].map((name) => BigInt(`0x${of(name)}`));
    assert.equal(effective, permitted);
    const held = Array.from({length: 64}, (_, bit) => bit).filter((bit) => ((effective ?? 0n) >> BigInt(bit)) & 1n);
    const names = held.map((bit) => Object.entries(capabilities).find(([, each]) => each === bit)?.[0] ?? String(bit));
    return {
      uid: of('Uid'),
      gid: of('Gid'),
      groups: of('Groups'),
      held: names.sort(),
      inheritable: of('CapInh'),
      bounding: of('CapBnd'),
      noNewPrivileges: of('NoNewPrivs'),
    };
  });
  return {count: threads.length, kinds: [...new Map(threads.map((each) => [JSON.stringify(each), each])).values()]};
}

const programs: Program[] = [];
afterAll(() => programs.forEach(({child}) => child.kill('SIGKILL')));
function started(args: readonly string[], options: ProgramOptions = {}): Program {
  const program = new Program(args, options);
  programs.push(program);
  return program;
}

const four = (id: number): string => Array(4).fill(id).join('\t');
const nothing = '0'.repeat(16);
const dropped = (held: readonly string[]): Thread => ({
  uid: four(65534),
  gid: four(65534),
  groups: '',
  held: [...held].sort(),
  inheritable: nothing,
  bounding: nothing,
  noNewPrivileges: '1',
});

/** What the threads have when the first refresh is there, and what was then counted of a workload. */
async function after(args: readonly string[], work: () => Promise<void>, options: ProgramOptions = {}) {
  const program = started(args, options);
  await program.until(({stdout, stderr}) => stdout.includes('"seq":0') || /recording/.test(stderr));
  const threads = threadsOf(program.child.pid ?? 0);
  await work();
  const {status, stderr} = await program.stop();
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, /given up/);
  return {threads, rows: () => program.lines().at(-1)?.rows ?? [], program};
}
const counted = (rows: readonly {readonly total: Readonly<Record<string, number>>}[]): number =>
  rows.reduce((sum, {total}) => sum + (total['count'] ?? 0), 0);

test('batch has no capability in any thread after attaching, is nobody, and counts exactly', {skip: asRoot}, async () => {
  const {threads, rows} = await after(['--json', 'openat', 'syscalls', '--comm', 'wl-drop'], () => runToEnd(calls, ['wl-drop', '321']));
  assert.deepEqual(threads.kinds, [dropped(gate)]);
  assert.ok(threads.count >= 6, `${threads.count} threads`);
  assert.ok(counted(rows()) >= 321);
});

test('so has record, which made its file before', {skip: asRoot}, async (context) => {
  const file = path.join(temporaryFolder(context), 'recording.ndjson');
  const {threads} = await after(['record', file, 'openat', '--comm', 'wl-drop'], () => runToEnd(calls, ['wl-drop', '200']));
  assert.deepEqual(threads.kinds, [dropped(gate)]);
  const last = JSON.parse(readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '');
  assert.equal(counted(last.rows), 200);
});

test('so have the single events', {skip: asRoot}, async () => {
  const program = started(['--events', 'openat', '--comm', 'wl-drop']);
  const threads = async (): Promise<ReturnType<typeof threadsOf>> => {
    for (;;) {
      await runToEnd(calls, ['wl-drop', '10']);
      if (program.stdout !== '') return threadsOf(program.child.pid ?? 0);
    }
  };
  assert.deepEqual((await threads()).kinds, [dropped(gate)]);
  assert.equal((await program.stop()).status, 0);
});

test('so has serve, when it has its port', {skip: asRoot}, async () => {
  const program = started(['serve', 'openat', '--listen', '127.0.0.1:0', '--comm', 'wl-drop']);
  const url = await program.until(({stderr}) => /http:\S+/.exec(stderr)?.[0]);
  assert.deepEqual(threadsOf(program.child.pid ?? 0).kinds, [dropped(gate)]);
  await (await fetch(url)).text();
  await runToEnd(calls, ['wl-drop', '77']);
  await new Promise((resolve) => setTimeout(resolve, 600)); // those who ask at nearly the same time get the same
  assert.match(await (await fetch(url)).text(), /comm="wl-drop"[^\n]* 77\b/);
  assert.equal((await program.stop()).status, 0);
});

test('what names of stacks and processes need is kept, and they are told as before', {skip: asRoot}, async () => {
  const named = {attach: `uprobe:${calls}:work_a`, by: ['exe', 'ustack'], measure: 'count'};
  const file = workloads.preset({name: 'named', ...named});
  const args = ['--json', '-d', '0.1', '--presets', file, 'named', '--comm', 'wl-drop'];
  const long = '50000'; // it is read while it runs
  const {threads, rows} = await after(args, () => runToEnd(calls, ['wl-drop', long]));
  assert.deepEqual(threads.kinds, [dropped([...gate, 'CAP_SYS_PTRACE', 'CAP_DAC_READ_SEARCH', 'CAP_CHECKPOINT_RESTORE'])]);
  const [row] = rows();
  assert.match(JSON.stringify(row?.key), /work_a/);
  assert.equal(row?.key['exe'], calls);
  assert.equal(counted(rows()), Number(long));
});

test('bpf-programs keeps what it asks the kernel with', {skip: asRoot}, async () => {
  // one to be seen: a machine at rest has no BPF program
  const other = started(['--json', 'openat']);
  await other.until(({stdout}) => stdout.includes('"seq":0'));
  const {threads, rows} = await after(['--json', 'bpf-programs'], () => runToEnd(calls, ['wl-drop', '50']));
  const kept = ['CAP_SYS_ADMIN', 'CAP_SYS_PTRACE', 'CAP_DAC_READ_SEARCH', 'CAP_CHECKPOINT_RESTORE'];
  assert.deepEqual(threads.kinds, [dropped([...gate, ...kept])]);
  assert.ok(rows().length > 0, 'no row');
  assert.equal((await other.stop()).status, 0);
});

test('who has capabilities without being root gives them up too', {skip: asRoot}, async () => {
  const options = {capabilities: ['bpf', 'perfmon', 'dac_read_search']};
  assert.ok(asNobody([]).includes('nobody'));
  const {threads, rows} = await after(['--json', 'openat', '--comm', 'wl-drop'], () => runToEnd(calls, ['wl-drop', '100']), options);
  const [kind] = threads.kinds;
  assert.deepEqual([threads.kinds.length, kind?.held, kind?.noNewPrivileges], [1, gate, '1']);
  assert.equal(counted(rows()), 100);
});

test('without anything to give up it goes on', () => {
  const empty = {preset: {}, plan: {layout: {key: []}}} as unknown as Parameters<typeof stillNeeded>[0][number];
  assert.deepEqual([...stillNeeded([empty], new Set(), false)], []);
  assert.deepEqual([...stillNeeded([empty], new Set(['CAP_BPF']), true)], ['CAP_BPF']);
  assert.deepEqual([...stillNeeded([empty], new Set(['CAP_SYS_ADMIN']), true)], ['CAP_SYS_ADMIN']);
});
