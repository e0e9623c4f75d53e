// The screen where servers are: over a real ssh, on a slow line, in tmux and screen, on terminals that can do less.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {bpfInUse, cli, noPrivilege, Program} from '../support/program.ts';
import {gone, noSshd, parentOf, SshServers} from '../support/sshd.ts';
import {openTerm, type Term, type TermOptions} from '../support/term.ts';

const skip = noPrivilege();

interface Watched {
  readonly term: Term;
  /** All that was written to the terminal. */
  readonly raw: () => string;
}
function watched(args: readonly string[], options?: TermOptions): Watched {
  const term = openTerm(args, options);
  let raw = '';
  term.pty.onData((data) => (raw += data));
  return {term, raw: () => raw};
}

const missing = (tool: string): string | undefined =>
  spawnSync(tool, ['-V']).error === undefined ? undefined : `${tool} is not installed`;
const remote = (...args: readonly string[]): string => ['exec', process.execPath, cli, ...args].join(' ');

test('over ssh the screen opens, answers keys, follows the size and gives the terminal back', {skip: skip ?? noSshd()}, async (context) => {
  const servers = new SshServers(context);
  await servers.add('alpha');
  const {term} = watched([remote('-d', '0.2', 'openat', 'syscalls')], {command: servers.client('alpha'), env: {LC_ALL: 'C.UTF-8'}});
  await term.until('events/s');
  assert.ok(term.alternate);
  await term.press('2').until('system calls by comm');
  await term.resize(80, 24).until((each) => each.text().split('\n').at(-1)?.includes('quit') ?? false);
  await term.quit();
  assert.ok(!term.alternate);
});

for (const [how, lose] of [
  ['the server’s end of it is killed', (_: Term, pid: number) => process.kill(parentOf(pid), 'SIGKILL')],
  ['the client is killed', (term: Term) => process.kill(term.pty.pid, 'SIGKILL')],
] as const)
  test(`a connection is lost, and nothing stays on the server: ${how}`, {skip: skip ?? noSshd()}, async (context) => {
    const servers = new SshServers(context);
    await servers.add('alpha');
    const {term} = watched([remote('-d', '0.2', 'openat')], {command: servers.client('alpha')});
    await term.until('events/s');
    const pid = servers.program('alpha');
    assert.ok(pid !== undefined);
    const held = bpfInUse(pid);
    assert.ok(held.size > 0);
    lose(term, pid);
    await gone(pid);
    assert.deepEqual(
      [...bpfInUse()].filter((each) => held.has(each)),
      [],
    );
    term.kill();
  });

/** Times that the program has read its maps, as another one counts its bpf(2): from the first call of `more` to the last. */
async function countsReads(pid: number): Promise<{readonly more: () => Promise<number>; readonly stop: () => Promise<unknown>}> {
  const program = new Program(['--json', '-d', '0.2', '-e', 'syscall:bpf', '--by', 'pid', '--measure', 'count', '-p', String(pid)]);
  const total = (): number => program.lines().at(-1)?.rows[0]?.total['count'] ?? 0;
  await program.until(() => total() > 0);
  return {
    async more() {
      const [before, lines] = [total(), program.lines().length];
      await program.until((each) => each.lines().length >= lines + 5 || undefined);
      return total() - before;
    },
    stop: () => program.stop(),
  };
}
const memoryOf = (pid: number): number => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

test('a network that has gone silent holds up no collecting, and what is lost with it leaves nothing', {
  skip: skip ?? noSshd(),
}, async (context) => {
  const servers = new SshServers(context);
  await servers.add('alpha');
  const {term} = watched([remote('-d', '0.1', 'syscalls', 'openat')], {command: servers.client('alpha'), columns: 200, lines: 60});
  await term.until('events/s');
  const pid = servers.program('alpha');
  assert.ok(pid !== undefined);
  const held = bpfInUse(pid);
  const reads = await countsReads(pid);
  // neither the client nor the server's end of the connection moves: the terminal's buffer is full after a few kilobytes
  process.kill(term.pty.pid, 'SIGSTOP');
  const end = parentOf(pid);
  process.kill(end, 'SIGSTOP');
  let [before, reached] = [memoryOf(pid), 0];
  for (let i = 0; i < 3; i++) {
    assert.ok((await reads.more()) >= 3, 'it does not read its maps');
    reached = memoryOf(pid) - before;
  }
  assert.ok(reached < 40_000, `${reached} KiB more`);
  // the connection dies, as after the server's patience with a silent client
  process.kill(end, 'SIGKILL');
  await gone(pid);
  await reads.stop();
  assert.deepEqual(
    [...bpfInUse()].filter((each) => held.has(each)),
    [],
  );
  term.kill();
});

test('a terminal that nobody reads does not keep SIGTERM from ending it; one that is read again shows the newest', {skip}, async () => {
  const {term} = watched(['-d', '0.1', 'syscalls'], {columns: 200, lines: 60});
  await term.until('events/s');
  const reads = await countsReads(term.pty.pid);
  term.pty.pause();
  for (let i = 0; i < 2; i++) assert.ok((await reads.more()) >= 3, 'it does not read its maps');
  await reads.stop();
  term.pty.resume();
  const now = new Date().toTimeString().slice(0, 7);
  await term.until((each) => (each.text().split('\n')[0] ?? '').includes(now) || new Date().toTimeString().slice(0, 7) !== now);
  term.press('?');
  await term.until(/KEY +DOES/);
  term.pty.pause();
  term.press('\u001B');
  await new Promise((resolve) => setTimeout(resolve, 500));
  process.kill(term.pty.pid, 'SIGTERM');
  await gone(term.pty.pid);
  term.pty.resume();
});

for (const [how, args, keys, options, bytes, most] of [
  ['a line of 9,600 baud', ['-d', '1', '--max-bytes', '900', 'openat', 'syscalls'], '2?', {columns: 80, lines: 24, baud: 9600}, 0, 12],
  // what changes is more than the line carries, and its near end takes whatever is written, as an ssh server does: five thousand bytes
  // are seconds of it
  [
    'a line of 20,000 baud behind a server that takes all',
    ['-d', '0.1', 'syscalls', 'openat'],
    '21',
    {columns: 120, lines: 30, baud: 20_000, far: true},
    5_000,
    10, // without being paced it is 26
  ],
] as const)
  test(`on ${how} keys are answered, and what is shown does not fall behind`, {skip}, async () => {
    const {term} = watched(args, options);
    await term.until((each) => /events\/s/.test(each.text()) && each.bytes > bytes);
    const lag = (): number => {
      const [, h = '', m = '', s = ''] = /(\d\d):(\d\d):(\d\d)/.exec(term.text().split('\n')[0] ?? '') ?? [];
      const now = new Date();
      return ((now.getHours() - Number(h)) * 3600 + (now.getMinutes() - Number(m)) * 60 + now.getSeconds() - Number(s) + 86_400) % 86_400;
    };
    const titles = {openat: 'openat by comm', syscalls: 'system calls by comm', '?': /KEY +DOES/};
    const lags = [bytes > 0 ? lag() : 0];
    for (const key of keys) {
      const name = key === '?' ? key : args.filter((arg) => arg in titles)[Number(key) - 1];
      await term.press(key).until(titles[name as keyof typeof titles]);
      if (key !== '?') lags.push(lag());
    }
    assert.ok(Math.max(...lags) < most && lags.every((each) => !Number.isNaN(each)), `seconds behind: ${lags.join(', ')}`);
    await term.quit();
  });

const onlyAscii = (text: string): boolean => [...text].every((letter) => (letter.codePointAt(0) ?? 0) < 127);

for (const locale of ['C', 'POSIX', 'en_US.ISO-8859-1'])
  test(`with the locale ${locale} all marks are ASCII`, {skip}, async () => {
    const {term, raw} = watched(['-d', '0.2', 'read-latency'], {env: {LC_ALL: locale}, columns: 80, lines: 24});
    await term.until(/# interval/);
    await term.press('m').until((each) => !each.text().includes('# interval'));
    term.press('q');
    await term.ended;
    assert.ok(onlyAscii(raw()), [...raw()].filter((letter) => !onlyAscii(letter)).join(''));
  });

test('a VT100 gets no colour, no second screen and no mode that it lacks', {skip}, async () => {
  const {term, raw} = watched(['-d', '0.2', 'openat'], {env: {TERM: 'vt100', LC_ALL: 'C.UTF-8'}, columns: 80, lines: 24});
  await term.until('events/s');
  await term.press('?').until(/KEY +DOES/);
  term.press('\u001B').press('q');
  await term.ended;
  assert.ok(onlyAscii(raw()));
  const sequences = new Set(raw().match(/\u001B\[[?\d;]*[A-Za-z]/g));
  const allowed = /^\u001B\[(\?7[hl]|[\d;]*[HABCDJK]|(?:0|1|4|5|7)?(?:;(?:0|1|4|5|7))*m)$/;
  assert.deepEqual(
    [...sequences].filter((each) => !allowed.test(each)),
    [],
  );
  assert.ok(!term.alternate);
});

test('the Linux console gets colours, and neither a second screen nor the mouse', {skip}, async () => {
  const {term, raw} = watched(['-d', '0.2', 'openat'], {env: {TERM: 'linux', LC_ALL: 'C.UTF-8'}, columns: 80, lines: 24});
  await term.until('events/s');
  await term.quit();
  assert.match(raw(), /\u001B\[[\d;]*3\dm/);
  assert.doesNotMatch(raw(), /\?(1049|1000|1006|2026)/);
  assert.ok(onlyAscii(raw()));
});

test('without a cursor that can be placed the screen is refused, and -b is named', {skip}, async () => {
  const {term} = watched(['openat'], {env: {TERM: 'dumb'}});
  await term.until("tsbpftop: the full screen needs a terminal with a cursor, and TERM is 'dumb'");
  await term.until('tsbpftop -b');
  assert.equal((await term.ended).status, 1);
});

for (const [name, command] of [
  ['tmux', ['tmux', '-L', `wl-${process.pid}`, '-f', '/dev/null', 'new-session']],
  ['screen', ['screen', '-U', '-c', '/dev/null', '-S', `wl-${process.pid}`]],
] as const)
  test(`in ${name} the screen is drawn, answers keys, and gives the window back`, {skip: skip ?? missing(name)}, async () => {
    const run =
      name === 'tmux' ? [`${process.execPath} ${cli} -d 0.2 openat syscalls`] : [process.execPath, cli, '-d', '0.2', 'openat', 'syscalls'];
    const {term} = watched(run, {command, env: {LC_ALL: 'C.UTF-8', TMUX: '', STY: ''}, columns: 100, lines: 30});
    await term.until('events/s');
    await term.press('2').until('system calls by comm');
    await term.resize(80, 24).until((each) => /quit/.test(each.text()));
    term.press('q');
    assert.equal((await term.ended).status, 0);
  });
