// The real program in a real terminal on the real kernel: opens, switches, sorts, pauses, resizes, and gives the
// terminal back whatever ends it.
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {readdirSync} from 'node:fs';
import test from 'node:test';
import {bpfInUse, noPrivilege} from '../support/program.ts';
import {gone, parentOf} from '../support/sshd.ts';
import {openTerm} from '../support/term.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();

/** What it has loaded, whatever others load meanwhile. */
function heldBy(pid: number): readonly string[] {
  const held = [...bpfInUse(pid)];
  assert.ok(held.length > 0);
  return held;
}
function stillUsed(held: readonly string[]): readonly string[] {
  const used = bpfInUse();
  return held.filter((each) => used.has(each));
}

test('the first view opens, and counts exactly what a program does', {skip}, async () => {
  const calls = workloads.c('calls');
  const term = await openTerm(['-d', '0.2', '--sort', '-total']).until('events/s');
  assert.ok(term.alternate);
  await runToEnd(calls, ['wl-screen', '1234']);
  await term.until(/wl-screen .*1,234/);
  assert.match(term.text(), /exact +\d+\/10,240 keys/);
  term.press('q');
  assert.deepEqual(await term.ended, {status: 0, signal: 0});
  assert.ok(!term.alternate);
});

test('each of the five views opens by its number and by the arrow keys', {skip}, async () => {
  const names = ['openat', 'openat-files', 'syscalls', 'functions', 'read-latency'];
  const term = await openTerm(['-d', '0.2', ...names], {columns: 130}).until('openat by comm');
  const titles = [
    'openat by comm ',
    'openat by comm and path',
    'system calls by comm',
    'function calls by comm',
    'read(2) latency by comm',
  ];
  for (const [i, title] of titles.entries())
    await term.press(String(i + 1)).until((each) => each.text().includes(title) && each.text().includes('events/s'));
  await term.press('\u001B[C').until('openat by comm ');
  await term.press('\u001B[D').until('read(2) latency by comm');
  await term.press('\t').until('openat by comm ');
  await term.press('\u001B[Z').until('read(2) latency by comm');
  await term.quit();
});

test('two keys of one read are two keys', {skip}, async () => {
  const term = await openTerm(['-d', '0.2']).until('events/s');
  await term.press('23').until('system calls by comm');
  await term.quit();
});

test('sort, reverse, pause, help and detail do what the footer says', {skip}, async () => {
  const term = await openTerm(['-d', '0.2']).until('RATE/s ▾');
  await term.press('s').until('DELTA ▾');
  await term.press('S').until('RATE/s ▾');
  await term.press('r').until('RATE/s ▴');
  await term.press(' ').until('paused');
  await term.press(' ').until('▸ 0.2s');
  await term.press('+').until('▸ 0.5s');
  await term.press('-').until('▸ 0.2s');
  await term.press('?').until(/KEY +DOES/);
  await term.press('\u001B').until('RATE/s');
  await term.press('e').until(/attached +tracepoint:syscalls:sys_enter_openat/);
  await term.quit();
});

test('the histogram of the selected row stands below the table at 80x24, beside it at 140x30', {skip}, async () => {
  const term = await openTerm(['-d', '0.2', 'read-latency'], {columns: 80, lines: 24}).until('█ interval');
  assert.ok(!term.text().includes('│'));
  await term.resize(140, 30).until('│');
  await term.press('m').until((each) => !each.text().includes('█ interval'));
  await term.quit();
});

test('the screen follows the terminal’s size, and says when it is too small', {skip}, async () => {
  const term = await openTerm(['-d', '0.2']).until('events/s');
  await term.resize(30, 6).until('needs 40x8');
  await term.resize(200, 60).until((each) => each.text().split('\n').at(-1)?.includes('quit') ?? false);
  await term.resize(80, 24).until(
    (each) =>
      each
        .text()
        .split('\n')
        .every((line) => line.length <= 80) &&
      (each.text().split('\n').at(-1)?.includes('quit') ?? false),
  );
  await term.quit();
});

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGQUIT', 131],
] as const)
  test(`${signal} gives the terminal back, and nothing stays loaded`, {skip}, async () => {
    const term = await openTerm(['-d', '0.2']).until('events/s');
    const held = heldBy(term.pty.pid);
    process.kill(term.pty.pid, signal);
    assert.equal((await term.ended).status, status);
    assert.ok(!term.alternate, 'the alternate screen is left');
    assert.deepEqual(stillUsed(held), []);
  });

test('suspended, the terminal is the shell’s; continued, the screen is there again', {skip}, async () => {
  const term = await openTerm(['-d', '0.2']).until('events/s');
  term.press('\u001A');
  await term.until((each) => !each.alternate);
  await term.until(() => /^State:\s+T/m.test(execFileSync('cat', [`/proc/${term.pty.pid}/status`], {encoding: 'utf8'})));
  process.kill(term.pty.pid, 'SIGCONT');
  await term.until((each) => each.alternate && each.text().includes('events/s'));
  await term.quit();
});

test('a lost terminal ends the program, and nothing stays loaded', {skip}, async () => {
  // a shell of script(1) holds the pty; killed, it takes the terminal away
  const script = spawn('script', ['-qec', `exec ${process.execPath} dist/cli.js -d 0.2`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    cwd: process.cwd(),
    env: {...process.env, NODE_OPTIONS: '', TERM: 'xterm'},
  });
  await new Promise<void>((resolve) => {
    let seen = '';
    script.stdout?.on('data', (data) => {
      seen += data;
      if (seen.includes('events/s')) resolve();
    });
  });
  const pid =
    readdirSync('/proc')
      .map(Number)
      .find((each) => each > 0 && parentOf(each) === script.pid) ?? 0;
  const held = heldBy(pid);
  script.kill('SIGKILL');
  await gone(pid);
  assert.deepEqual(stillUsed(held), []);
});

test('names and paths that a terminal would obey are shown, not obeyed', {skip}, async () => {
  const hostile = workloads.c('hostile');
  const term = await openTerm(['-d', '0.2', 'openat-files'], {columns: 160}).until('events/s');
  const title = term.screen.buffer.active.type;
  await runToEnd(hostile, []);
  await term.until((each) => each.text().includes('\\x1b[31mevil'));
  assert.ok(term.text().includes('/\\x1b]0;owned\\x07\\u{202e}日/\\n'), term.text());
  assert.equal(term.screen.buffer.active.type, title);
  await term.quit();
});

test('a view that cannot run says why, and the others go on', {skip}, async () => {
  const file = workloads.preset({name: 'broken', attach: 'tracepoint:syscalls:sys_enter_opnat', measure: 'count'});
  const term = await openTerm(['-d', '0.2', '--presets', file, 'broken', 'openat']).until("no tracepoint 'sys_enter_opnat'");
  assert.match(term.text(), /nearest: sys_enter_openat/);
  await term.press('2').until('events/s');
  await term.quit();
});

test('an exception gives the terminal back, and is shown as a bug of ours', {skip}, async () => {
  const throwing = encodeURIComponent("process.on('SIGUSR2', () => { throw new Error('boom'); })");
  const term = await openTerm(['-d', '0.2'], {env: {NODE_OPTIONS: `--import=data:text/javascript,${throwing}`}}).until('events/s');
  const held = heldBy(term.pty.pid);
  process.kill(term.pty.pid, 'SIGUSR2');
  await term.until('tsbpftop: a bug of ours: Error: boom');
  assert.equal((await term.ended).status, 1);
  assert.ok(!term.alternate);
  assert.deepEqual(stillUsed(held), []);
});

test('what was lost is said in the header, and once more at the end', {skip}, async () => {
  const calls = workloads.c('calls');
  const file = workloads.preset({name: 'tiny', attach: `uprobe:${calls}:work_a`, by: ['arg0'], measure: 'count', maxKeys: 10});
  const term = await openTerm(['-d', '0.2', '--presets', file, 'tiny']).until('no events yet');
  await runToEnd(calls, ['wl-tiny', '500']);
  await term.until(/partial: \d+ map full/);
  term.press('q');
  await term.until(/tsbpftop: tiny: partial: \d+ events found no place in the map of 10 keys/);
  await term.ended;
});

test('without a terminal the screen is refused with one message', {skip}, async () => {
  const {Program} = await import('../support/program.ts');
  const {status, stderr} = await new Program([]).ended;
  assert.equal(status, 1);
  assert.equal(stderr, 'tsbpftop: the full screen needs a terminal\nhint: without one: tsbpftop -b, or tsbpftop --json\n');
});
