// Which capability each thing needs: as nobody with exactly those it runs and counts exactly, and with one of them taken away
// it says which one is missing, and how to give it.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import test from 'node:test';
import {asNobody, cli, noPrivilege, Program, tsbpftop} from '../support/program.ts';
import {Term} from '../support/term.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

function cannotBeNobody(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root, to become nobody';
  const [command = '', ...rest] = [...asNobody([]), process.execPath, cli, '--version'];
  return spawnSync(command, rest, {stdio: 'ignore'}).status === 0 ? undefined : 'the checkout is not for nobody to read';
}

const skip = noPrivilege() ?? cannotBeNobody();
const workloads = new Workloads();
const enough = ['bpf', 'perfmon', 'dac_read_search'];

/** What `work` was counted to do, by nobody with these capabilities. */
async function counted(capabilities: readonly string[], args: readonly string[], work: () => Promise<void>): Promise<number> {
  const program = new Program(['--json', ...args], {capabilities});
  await program.until((each) => each.lines()[0]);
  await work();
  const {status, stderr} = await program.stop();
  assert.equal(status, 0, stderr);
  const rows = program.lines().at(-1)?.rows ?? [];
  return rows.filter(({key}) => key['comm'] === 'wl-caps').reduce((sum, {total}) => sum + (total['count'] ?? 0), 0);
}

test('with CAP_BPF, CAP_PERFMON and CAP_DAC_READ_SEARCH alone, nobody counts system calls exactly', {skip}, async () => {
  const calls = workloads.c('calls');
  assert.equal(await counted(enough, ['openat', '--comm', 'wl-caps'], () => runToEnd(calls, ['wl-caps', '321'])), 321);
});

test('and functions of a program, where the kernel attaches uprobes by one link', {skip}, async (context) => {
  const calls = workloads.c('calls');
  const probe = ['-e', `uprobe:${calls}:work_a`, '--by', 'comm', '--measure', 'count'];
  const tried = await tsbpftop(['--json', '-n', '0', ...probe], {capabilities: enough});
  if (tried.status !== 0) {
    assert.match(tried.stderr, /CAP_SYS_ADMIN is missing/);
    return context.skip('this kernel asks CAP_SYS_ADMIN for uprobes');
  }
  assert.equal(await counted(enough, probe, () => runToEnd(calls, ['wl-caps', '45'])), 45);
});

test('CAP_BPF and CAP_PERFMON alone are enough for what tracefs does not name', {skip}, async () => {
  for (const view of ['syscalls', 'cpu-stacks']) {
    const {status, stderr} = await tsbpftop(['--json', '-n', '0', view], {capabilities: ['bpf', 'perfmon']});
    assert.equal(status, 0, `${view}: ${stderr}`);
  }
});

const lacking: readonly (readonly [held: readonly string[], args: readonly string[], says: RegExp, gives: RegExp])[] = [
  [['perfmon', 'dac_read_search'], ['openat'], /CAP_BPF is missing/, /setcap cap_bpf,/],
  [['bpf', 'dac_read_search'], ['openat'], /CAP_PERFMON is missing/, /AmbientCapabilities=CAP_BPF CAP_PERFMON CAP_DAC_READ_SEARCH\n/],
  [[], ['openat'], /CAP_BPF and CAP_PERFMON are missing/, /sudoers: USER ALL=/],
  [['bpf', 'perfmon'], ['openat'], /CAP_DAC_READ_SEARCH is missing, and tracefs is for root alone/, /setcap .*cap_dac_read_search\+ep/],
  [['bpf', 'perfmon'], ['read-latency'], /CAP_DAC_READ_SEARCH is missing/, /AmbientCapabilities=.*CAP_DAC_READ_SEARCH/],
  [enough, ['bpf-programs'], /CAP_SYS_ADMIN is missing.*programs and maps of others/, /setcap .*cap_sys_admin\+ep/],
  [enough, ['map', 'counts'], /CAP_SYS_ADMIN is missing.*programs and maps of others/, /AmbientCapabilities=.*CAP_SYS_ADMIN/],
  [[], ['map', 'counts'], /CAP_BPF and CAP_PERFMON are missing/, /sudo tsbpftop/],
];
for (const [held, args, says, gives] of lacking)
  test(`with ${held.join(', ') || 'no capability'}, '${args.join(' ')}' says what is missing, and how to give it`, {skip}, async () => {
    const {status, stdout, stderr} = await tsbpftop(['--json', '-n', '0', ...args], {capabilities: held});
    assert.equal(stdout, '');
    assert.equal(status, 1, stderr);
    const [message = '', ...hint] = stderr.split('\n');
    assert.match(message, says);
    assert.match(hint.join('\n'), gives);
  });

test('list tells nobody what no view can be opened without, and how to give it', {skip}, async () => {
  const {status, stdout, stderr} = await tsbpftop(['list', '--json'], {capabilities: ['bpf', 'dac_read_search']});
  assert.equal(status, 0);
  assert.ok(stdout.split('\n').length > 50);
  assert.match(
    stderr,
    /no view can be opened: CAP_PERFMON is missing\nhint: run it as root[\s\S]*setcap [\s\S]*AmbientCapabilities=[\s\S]*USER ALL=/,
  );
  const enoughForAll = await tsbpftop(['list', '--json'], {capabilities: enough});
  assert.equal(enoughForAll.stderr, '');
  const without = await tsbpftop(['list', '--json'], {capabilities: ['bpf', 'perfmon']});
  const openat = without.stdout.split('\n').find((line) => line.includes('"view":"openat"'));
  assert.match(openat ?? '', /"runs":"no".*CAP_DAC_READ_SEARCH is missing/);
});

test('the screen runs with them, and says in a view’s place which one it lacks', {skip}, async (context) => {
  const screen = (capabilities: readonly string[]): Term => {
    const term = new Term(['-d', '0.2', 'openat', 'syscalls'], {command: [...asNobody(capabilities), process.execPath, cli]});
    context.after(() => term.kill());
    return term;
  };
  const whole = await screen(enough).until('events/s');
  whole.press('q');
  assert.equal((await whole.ended).status, 0);
  const lacking = await screen(['bpf', 'perfmon']).until('CAP_DAC_READ_SEARCH is missing');
  await lacking.until(/setcap cap_bpf,cap_perfmon,cap_dac_read_search\+ep/);
  await lacking.press('2').until('events/s');
  lacking.press('q');
  assert.equal((await lacking.ended).status, 0);
});

test('a file that may not be looked at is no bug of ours', {skip}, async () => {
  const args = ['--json', '-n', '0', '-e', 'uprobe:no-such-library:f', '--measure', 'count'];
  const {status, stderr} = await tsbpftop(args, {capabilities: ['bpf', 'perfmon'], env: {PATH: '/root/.secret:/root:/usr/bin:/bin'}});
  assert.equal(status, 1);
  assert.doesNotMatch(stderr, /bug of ours/);
});

test('doctor tells nobody what each missing capability means', {skip}, async () => {
  const {stdout} = await tsbpftop(['doctor'], {capabilities: ['bpf', 'perfmon']});
  assert.match(stdout, /CAP_SYS_ADMIN +missing\n +the cost of probes/);
  assert.match(stdout, /CAP_DAC_READ_SEARCH +missing\n +tracefs is for root alone/);
  // all in one: setcap replaces what was given before
  assert.match(stdout, /setcap cap_bpf,cap_perfmon,cap_dac_read_search,cap_sys_ptrace,cap_syslog\+ep FILE/);
  assert.match(stdout, /AmbientCapabilities=CAP_BPF CAP_PERFMON CAP_DAC_READ_SEARCH CAP_SYS_PTRACE CAP_SYSLOG\n[\s\S]*USER ALL=/);
});
