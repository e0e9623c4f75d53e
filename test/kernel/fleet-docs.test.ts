// docs/fleet.md: each command of several hosts runs. The hosts are SSH servers of the test's own. Its other commands:
// docs-commands.test.ts.
import assert from 'node:assert/strict';
import test from 'node:test';
import {commandsOf} from '../support/doc-commands.ts';
import {cli, noPrivilege, Program} from '../support/program.ts';
import {noSshd, SshServers} from '../support/sshd.ts';
import {Term} from '../support/term.ts';

const ofHosts = commandsOf('docs/fleet.md').filter(({words}) => words.includes('--host'));

for (const {line, words} of ofHosts) {
  const args = words.slice(1);
  test(line, {skip: noPrivilege() ?? noSshd()}, async (context) => {
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
