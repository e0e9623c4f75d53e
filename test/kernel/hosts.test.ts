// Several hosts over real SSH servers on loopback: counts of a known workload once a host, a host that goes and comes back,
// and sums that never fall.
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {cli, type JsonLine, noPrivilege, Program, tsbpftop} from '../support/program.ts';
import {noSshd, SshServers} from '../support/sshd.ts';
import {Term} from '../support/term.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege() ?? noSshd();
const workloads = new Workloads();
const there = `${process.execPath} ${cli}`;

interface HostsLine extends JsonLine {
  readonly hosts: readonly {readonly host: string; readonly state: string; readonly error?: string; readonly hint?: string}[];
}
const lastLine = (program: Program): HostsLine | undefined => program.lines().at(-1) as HostsLine | undefined;
const states = (line: HostsLine | undefined): string => line?.hosts.map(({host, state}) => `${host} ${state}`).join(', ') ?? '';
const countOf = (line: HostsLine | undefined, host: string): number =>
  line?.rows.find(({key}) => key['host'] === host && key['comm'] === 'wl-hosts')?.total['count'] ?? 0;

test('a workload is counted once a host; a host that dies is stale, comes back, and its counts never fall', {skip}, async (context) => {
  const servers = new SshServers(context);
  for (const name of ['alpha', 'beta']) await servers.add(name);
  const reach = ['--host', 'alpha', '--host', 'beta', '--ssh', `ssh -F ${servers.config}`, '--remote-command', there];
  const program = new Program([...reach, '--json', '-d', '0.5', '--comm', 'wl-hosts', 'openat', 'read-bytes']);
  context.after(() => program.child.kill('SIGKILL'));
  const openat = (): HostsLine | undefined => program.lines().findLast((line) => line.view === 'openat') as HostsLine | undefined;
  const until = (wanted: (line: HostsLine | undefined) => boolean): Promise<unknown> => program.until(() => wanted(openat()));
  await until((line) => states(line) === 'alpha live, beta live');
  const calls = workloads.c('calls');
  await runToEnd(calls, ['wl-hosts', '1234']);
  await until((line) => countOf(line, 'alpha') === 1234 && countOf(line, 'beta') === 1234);

  servers.kill('beta');
  await until((line) => states(line) === 'alpha live, beta stale');
  assert.equal(openat()?.status, 'partial');
  await runToEnd(calls, ['wl-hosts', '100']);
  await until((line) => countOf(line, 'alpha') === 1334);
  assert.equal(countOf(openat(), 'beta'), 1234, 'what was counted stays');
  await servers.start('beta');
  await until((line) => states(line) === 'alpha live, beta live');
  await runToEnd(calls, ['wl-hosts', '10']);
  await until((line) => countOf(line, 'alpha') === 1344 && countOf(line, 'beta') === 1244);

  let before = 0;
  for (const line of program.lines().filter(({view}) => view === 'openat') as HostsLine[]) {
    const sum = countOf(line, 'alpha') + countOf(line, 'beta');
    assert.ok(sum >= before, `${sum} after ${before}`);
    before = sum;
  }
  const deltas = program.lines().flatMap(({view, rows}) => (view === 'openat' ? rows.map(({delta}) => delta['count'] ?? 0) : []));
  assert.equal(
    deltas.reduce((sum, delta) => sum + delta, 0),
    1344 + 1244,
  );
  assert.equal((await program.stop()).status, 0);
});

for (const [what, silence] of [
  ['its tsbpftop', (servers: SshServers, signal: NodeJS.Signals) => process.kill(servers.program('beta') ?? 0, signal)],
  ['its ssh server', (servers: SshServers, signal: NodeJS.Signals) => servers.signal('beta', signal)],
] as const)
  test(`a host that goes silent, since ${what} stands still, is stale soon, and comes back with all that it counted`, {
    skip,
  }, async (context) => {
    const servers = new SshServers(context);
    for (const name of ['alpha', 'beta']) await servers.add(name);
    const reach = ['--host', 'alpha', '--host', 'beta', '--ssh', `ssh -F ${servers.config}`, '--remote-command', there];
    const program = new Program([...reach, '--json', '-d', '0.4', '--comm', 'wl-hosts', 'openat']);
    context.after(() => program.child.kill('SIGKILL'));
    await program.until((each) => states(lastLine(each)) === 'alpha live, beta live');
    const calls = workloads.c('calls');
    await runToEnd(calls, ['wl-hosts', '100']);
    await program.until((each) => countOf(lastLine(each), 'beta') === 100);
    silence(servers, 'SIGSTOP');
    const seq = lastLine(program)?.seq ?? 0;
    await runToEnd(calls, ['wl-hosts', '1000']);
    await program.until((each) => states(lastLine(each)) === 'alpha live, beta stale');
    const line = lastLine(program);
    // of three seconds, and some for a machine that is busy
    assert.ok((line?.seq ?? 0) - seq <= 16, `${(line?.seq ?? 0) - seq} refreshes later`);
    assert.deepEqual([line?.status, line?.hosts[1]?.error], ['partial', 'it has gone silent']);
    assert.deepEqual([countOf(line, 'alpha'), countOf(line, 'beta')], [1100, 100]);
    silence(servers, 'SIGCONT');
    await program.until((each) => states(lastLine(each)) === 'alpha live, beta live' && countOf(lastLine(each), 'beta') === 1100);
    // its rate is of its own time, in which it was not heard
    const back = program.lines().find((each) => countOf(each as HostsLine, 'beta') === 1100);
    const row = back?.rows.find(({key}) => key['host'] === 'beta');
    assert.ok(row?.delta['count'] === 1000 && (row.rate['count'] ?? Number.NaN) < 1000, JSON.stringify(row));
    assert.equal((await program.stop()).status, 0);
  });

test('--sum adds up rows over hosts, and -b is a table with a HOST column', {skip}, async (context) => {
  const servers = new SshServers(context);
  for (const name of ['alpha', 'beta']) await servers.add(name);
  const reach = [
    '--host',
    'alpha',
    '--host',
    'beta',
    '--ssh',
    `ssh -F '${servers.config}'`,
    '--remote-command',
    there,
    '--comm',
    'wl-hosts',
  ];
  const sum = new Program([...reach, '--sum', '--json', 'read-bytes']);
  const table = new Program([...reach, '-b', 'openat']);
  context.after(() => [sum, table].forEach(({child}) => child.kill('SIGKILL')));
  await sum.until((each) => states(lastLine(each)) === 'alpha live, beta live');
  await table.until((each) => (each.stdout.match(/exact/g)?.length ?? 0) >= 2);
  await runToEnd(workloads.c('calls'), ['wl-hosts', '50']);
  await sum.until((each) => lastLine(each)?.rows[0]?.total['sum'] === 1000);
  const [row] = lastLine(sum)?.rows ?? [];
  assert.deepEqual([row?.total['count'], Object.keys(row?.key ?? {})], [100, ['comm', 'pid']]);
  assert.deepEqual(row?.hist?.total, [[8, 16, 100]]);
  await table.until((each) => /^alpha +wl-hosts .* 50 /m.test(each.stdout) && /^beta +wl-hosts .* 50 /m.test(each.stdout));
  assert.match(table.stdout, /^HOST +COMM +RATE\/s/m);
  await Promise.all([sum.stop(), table.stop()]);
});

const complaints: readonly (readonly [what: string, host: string, command: string, said: RegExp])[] = [
  ['no tsbpftop', 'alpha', 'no-such-tsbpftop', /no 'no-such-tsbpftop' there \(--remote-command names the program/],
  ['no privilege', 'alpha', `setpriv --bounding-set=-all --inh-caps=-all -- ${there}`, /(CAP_BPF|privilege).*\(--remote-command 'sudo -n/],
  ['another JSON', 'alpha', `echo '{"v":2,"view":"openat"}'; sleep 5;`, /speaks version 2 of --json, and this one 1 \(the same version/],
  ['another version', 'alpha', `${there} --newer-flag`, /unknown flag --newer-flag.*\(the same version of tsbpftop on both sides\)/],
  ['a password', 'locked', there, /Permission denied.*\(a key that needs no password, as of ssh-agent\)/],
];
test('what is wrong with a host is said of that host in one line, with what to try; the others go on', {skip}, async (context) => {
  const servers = new SshServers(context);
  await servers.add('alpha');
  await servers.add('locked', {wantsPassword: true});
  const reach = ['--ssh', `ssh -F ${servers.config}`, '-n', '1', '--json', 'openat'];
  await Promise.all(
    complaints.map(async ([what, host, command, said]) => {
      const program = new Program(['--host', host, '--remote-command', command, ...reach]);
      context.after(() => program.child.kill('SIGKILL'));
      await program.until(({stderr}) => stderr.includes('not heard'));
      assert.match(program.stderr, said, what);
      assert.match(program.stderr, new RegExp(`^tsbpftop: openat: ${host}: not heard since [\\d:]+: [^\\n]*\\n$`), what);
      await program.stop();
    }),
  );
  const unknown = await tsbpftop(['--host', 'alpha', '--host', 'nowhere.invalid', '--remote-command', there, ...reach]);
  assert.equal(unknown.status, 0, unknown.stderr);
  assert.match(unknown.stderr, /nowhere\.invalid: not heard since .*(resolve|known)/i);
});

test('a view with other columns on another host is told, and left out; a login that greets is passed over', {skip}, async (context) => {
  const servers = new SshServers(context);
  for (const name of ['alpha', 'beta']) await servers.add(name);
  const other = workloads.preset({name: 'opens', attach: 'syscall:openat', by: ['pid'], measure: 'count'});
  const own = path.join(path.dirname(other), 'own.json');
  writeFileSync(own, JSON.stringify({name: 'opens', attach: 'syscall:openat', by: ['comm'], measure: 'count'}), {mode: 0o600});
  // the port tells one from the other
  const command = `echo Welcome; echo; set -- ${there}; case $SSH_CONNECTION in *' '${servers.port('beta')}) set -- "$@" --presets ${other};; *) set -- "$@" --presets ${own};; esac; "$@"`;
  const reach = ['--host', 'alpha', '--host', 'beta', '--ssh', `ssh -F ${servers.config}`, '--remote-command', command];
  const program = new Program([...reach, '--json', '-d', '0.4', 'opens']);
  context.after(() => program.child.kill('SIGKILL'));
  await program.until(({stderr}) => stderr.includes('not heard'));
  assert.match(
    program.stderr,
    /opens: (alpha|beta): not heard since [\d:]+: its view has the columns (COMM|PID), COUNT, and that of the first host (COMM|PID), COUNT \(the same version/,
  );
  await program.until((each) => / live/.test(states(lastLine(each))));
  await program.stop();
});

for (const [args, message] of [
  [['--host', '-oProxyCommand=x', '--json', 'openat'], /--host wants HOST|no name of a host/],
  [['--host=-oProxyCommand=x', '--json', 'openat'], /--host '-oProxyCommand=x': no name of a host/],
  [['--host', 'a;b', '--json', 'openat'], /no name of a host/],
  [['--host', 'a@-x', '--json', 'openat'], /no name of a host/],
  [['--host', 'a', '--host', 'a', '--json', 'openat'], /--host a is given twice/],
  [['--host', 'a', '--ssh', "ssh 'x", '--json', 'openat'], /not a program and its arguments/],
] as const)
  test(`${args.join(' ')} is refused before anything runs`, async () => {
    const ended = await tsbpftop(args);
    assert.match(ended.stderr, message);
    assert.equal(ended.status, 2);
  });

test('on the screen: a row a host, the sum, and Enter from a sum into its hosts', {skip}, async (context) => {
  const servers = new SshServers(context);
  for (const name of ['alpha', 'beta']) await servers.add(name);
  const reach = ['--host', 'alpha', '--host', 'beta', '--ssh', `ssh -F ${servers.config}`, '--remote-command', there, '--comm', 'wl-hosts'];
  const term = new Term([...reach, '--sum', 'openat']);
  context.after(() => term.kill());
  await term.until('exact');
  await runToEnd(workloads.c('calls'), ['wl-hosts', '77']);
  await term.until(/wl-hosts .* 154 /);
  term.press('\r');
  await term.until(/HOST +COMM/);
  await term.until(/alpha +wl-hosts .* 77 /);
  await term.until(/beta +wl-hosts .* 77 /);
  servers.kill('beta');
  await term.until(/beta: not heard since/);
  await term.until(/beta \(since [\d:]+\) +wl-hosts/);
  term.press('q');
  assert.equal((await term.ended).status, 0);
});
