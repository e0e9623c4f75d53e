// docs/fleet.md: each command in it runs. Hosts are SSH servers of the test's own.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {cli, noPrivilege, Program, root} from '../support/program.ts';
import {noSshd, SshServers} from '../support/sshd.ts';
import {Term} from '../support/term.ts';

const text = readFileSync(path.join(root, 'docs/fleet.md'), 'utf8');
const blocks = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
const commands = blocks.filter(([, language]) => language === '').flatMap(([, , block = '']) => block.trim().split('\n'));

for (const command of commands) {
  const args = command.split(' ').slice(1);
  const hosts = args.includes('--host');
  test(command, {skip: noPrivilege() ?? (hosts ? noSshd() : undefined)}, async (context) => {
    assert.match(command, /^tsbpftop /);
    if (!hosts) {
      const listen = args.includes('--listen')
        ? args.map((arg) => arg.replace('127.0.0.1:9435', '127.0.0.1:0'))
        : [...args, '--listen', '127.0.0.1:0'];
      const program = new Program(listen);
      context.after(() => program.child.kill('SIGKILL'));
      await program.until(({stderr}) => stderr.includes('/metrics'));
      assert.equal((await program.stop()).status, 0);
      return;
    }
    const servers = new SshServers(context);
    for (const name of ['web1', 'web2']) await servers.add(name);
    const all = [...args, '--ssh', `ssh -F ${servers.config}`, '--remote-command', `${process.execPath} ${cli}`];
    if (args.includes('-n')) {
      const program = new Program(all);
      const {status, stdout} = await program.ended;
      assert.equal(status, 0, program.stderr);
      assert.ok(stdout.split('\n').length > 3);
    } else {
      const term = new Term(all);
      context.after(() => term.kill());
      await term.until(/web2 +\S+/);
      term.press('q');
      assert.equal((await term.ended).status, 0);
    }
  });
}
