// What is run for a host: no name is an option, no argument is more than one word to the shell there.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import test from 'node:test';
import {endOf, requireHosts, sshArguments, wordsOf} from '../../src/commands/remote/ssh-command.ts';

test('names that ssh or a shell would take for more than a host are refused', () => {
  for (const name of ['-v', '-oProxyCommand=x', 'a b', 'a;b', '$(x)', 'a@-x', 'a\n', '', 'ssh://-x', '`x`', 'a|b', 'ü'])
    assert.throws(() => requireHosts([name]), /no name of a host/, name);
  requireHosts(['a', 'root@a.example', '10.0.0.1', 'ssh://me@h:22', '[::1]', 'fe80::1%eth0', 'web_1']);
});

test('arguments arrive in the shell there as they were given', () => {
  const args = ['--where', "args.ret > 0 && comm != 'x'", '$HOME', '`id`', 'a\nb', '', '*', '"', '--comm=-x', '\\'];
  const words = sshArguments({ssh: ['ssh'], remoteCommand: 'printf "%s\\0"'}, 'a', args);
  assert.equal(words.at(-3), '--');
  assert.equal(words.at(-2), 'a');
  const arrived = execFileSync('sh', ['-c', words.at(-1) ?? ''], {encoding: 'utf8'})
    .split('\0')
    .slice(0, -1);
  assert.deepEqual(arrived, args);
});

test('--ssh is split as a shell would, and nothing of it is run', () => {
  for (const [text, words] of [
    ['ssh', ['ssh']],
    ['ssh -F /a/b', ['ssh', '-F', '/a/b']],
    ["ssh -F '/a b/c'", ['ssh', '-F', '/a b/c']],
    ['ssh -o "X=\\"y\\""', ['ssh', '-o', 'X="y"']],
    ['a\\ b c', ['a b', 'c']],
    ['ssh $(x)', ['ssh', '$(x)']],
  ] as const)
    assert.deepEqual(wordsOf(text), words);
  for (const text of ['', '  ', "ssh 'a"]) assert.throws(() => wordsOf(text), /not a program/);
});

test('why a connection ended has a hint where there is something to try', () => {
  for (const [status, stderr, message, hint] of [
    [127, 'bash: line 1: tsbpftop: command not found', /no 'tsbpftop' there/, /--remote-command/],
    [1, 'tsbpftop: loading eBPF needs root, or CAP_BPF\nhint: sudo', /needs root/, /sudo -n/],
    [1, 'sudo: a password is required', /password/, /without a password/],
    [2, "tsbpftop: no view 'x'\nhint: tsbpftop list", /no view 'x'/, /tsbpftop list/],
    [255, 'Permission denied (publickey).', /Permission denied/, /ssh-agent/],
    [255, '', /the connection ended/, /^$/],
  ] as const) {
    const end = endOf(status, stderr, 'tsbpftop');
    assert.match(end.message, message);
    assert.match(end.hint, hint);
  }
});
