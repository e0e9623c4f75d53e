// The screen of the single executable, in a real pty: where it was copied to, over a real ssh, and in clean roots of Debian
// without Node, /tmp noexec and the root read-only. What it draws, what its keys do, and how it leaves the terminal.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {copyFileSync, mkdtempSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, {after, before} from 'node:test';
import {bpfInUse, root} from '../support/program.ts';
import {noSshd, SshServers} from '../support/sshd.ts';
import {Term, type TermOptions} from '../support/term.ts';
import {noRoots, rootCommand} from './roots.ts';

const made = path.join(root, 'dist/package/tsbpftop-linux-x64');
const work = mkdtempSync(path.join(os.tmpdir(), 'tsbpftop-copied-'));
const copied = path.join(work, 'tsbpftop');
const terms: Term[] = [];
before(() => copyFileSync(made, copied));
after(() => {
  for (const term of terms) term.kill();
  rmSync(work, {recursive: true, force: true});
});
const reason = noRoots();
const here = {skip: reason ?? false, timeout: 120_000};
const args = '-d 0.2 --sort -total openat read-latency cpu-stacks';

function opened(command: readonly string[], options: TermOptions = {}): Term {
  const term = new Term([], {columns: 80, lines: 24, ...options, command});
  terms.push(term);
  return term;
}

const opens = (name: string): void => {
  const code = `open C, ">/proc/$$/comm"; print C "${name}"; close C; for (1..1000) { open F, "<", "/etc/passwd"; close F }`;
  execFileSync('perl', ['-e', code]);
};

/** Rows, views of each kind, drilling down, the lists, a resize; then it leaves. */
async function used(term: Term, name: string): Promise<void> {
  await term.until('events/s');
  assert.ok(term.alternate);
  opens(name);
  await term.until(new RegExp(`${name} .*1,000`));
  assert.match(term.text(), /exact/);
  await term.press('2').until('read(2) latency by comm');
  await term.until(/█/);
  await term.press('3').until('▾');
  await term.press('1').until('openat by comm');
  await term.press('?').until('tsbpftop: keys');
  await term.press('\u001B').until(new RegExp(`${name} `));
  await term.press('p').until('fsync-latency');
  await term.press('\u001B').until(new RegExp(`${name} `));
  await term.press('n').until(/new view|probe/i);
  await term.press('\u001B').until(new RegExp(`${name} `));
  await term.resize(132, 40).until('LAST MINUTE');
  assert.doesNotMatch(term.text(), /a bug of ours|undefined|NaN|Error/);
  term.press('q');
  assert.equal((await term.ended).status, 0);
  assert.ok(!term.alternate);
}

test('copied, with a bare environment and an unprivileged umask', here, async () => {
  const term = opened(['env', '-i', 'TERM=xterm-256color', 'LANG=C.UTF-8', 'sh', '-c', `umask 077; exec ${copied} ${args}`]);
  await used(term, 'pkg-copied');
  assert.deepEqual([...bpfInUse(term.pty.pid)], []);
});

test('over ssh, as it would be on a server', {...here, skip: reason ?? noSshd() ?? false}, async (context) => {
  const servers = new SshServers(context);
  await servers.add('alpha');
  await used(opened([...servers.client('alpha'), `exec ${copied} ${args}`], {env: {LC_ALL: 'C.UTF-8'}}), 'pkg-ssh');
});

for (const suite of ['bullseye', 'trixie'] as const)
  test(`${suite}, no Node, read-only root, /tmp noexec`, here, async () => {
    const command = rootCommand(suite, `exec tsbpftop ${args}`, {
      files: {'/usr/local/bin/tsbpftop': made},
      before: 'mount -o remount,noexec $R/tmp; mount -o remount,ro $R',
      env: ['TERM=xterm-256color', 'LANG=C.UTF-8'],
    });
    await used(opened(command), `pkg-${suite}`);
  });

test('bullseye, no locale, and a terminal of 1978: ASCII', here, async () => {
  const command = rootCommand('bullseye', `exec tsbpftop ${args}`, {
    files: {'/usr/local/bin/tsbpftop': made},
    env: ['TERM=vt100', 'LANG=C'],
  });
  const term = await opened(command).until('events/s');
  opens('pkg-vt100');
  await term.until(/pkg-vt100 .*1,000/);
  assert.match(term.text(), /^[\n -~]*$/);
  term.press('q');
  assert.equal((await term.ended).status, 0);
});
