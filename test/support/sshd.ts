// An OpenSSH server of one's own on the loopback address: its keys, configuration and port go with the test.
import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type {TestContext} from 'node:test';
import {temporaryFolder} from './program.ts';

const daemon = '/usr/sbin/sshd';

/** Why there can be none here, or undefined: for skips. */
export function noSshd(): string | undefined {
  if (!existsSync(daemon)) return 'openssh-server is not installed';
  return process.getuid?.() === 0 ? undefined : 'an ssh server that starts programs as root needs root';
}

export interface Sshd {
  /** An ssh client's command line that ends where the remote command begins. */
  readonly client: readonly string[];
  readonly server: ChildProcess;
}

export async function startSshd(context: Pick<TestContext, 'after'>): Promise<Sshd> {
  const folder = temporaryFolder(context);
  const at = (name: string): string => path.join(folder, name);
  for (const name of ['host', 'user']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)]);
  mkdirSync('/run/sshd', {recursive: true, mode: 0o755});
  const port = await freePort();
  const settings = {
    Port: port,
    ListenAddress: '127.0.0.1',
    HostKey: at('host'),
    AuthorizedKeysFile: at('user.pub'),
    PidFile: 'none',
    PermitRootLogin: 'yes',
    StrictModes: 'no',
    UsePAM: 'no',
    PasswordAuthentication: 'no',
    AcceptEnv: 'LC_* LANG',
    PrintMotd: 'no',
    PrintLastLog: 'no',
  };
  writeFileSync(
    at('config'),
    Object.entries(settings)
      .map(([name, value]) => `${name} ${value}\n`)
      .join(''),
  );
  const log = at('log');
  const server = spawn(daemon, ['-D', '-f', at('config'), '-E', log], {stdio: 'ignore'});
  context.after(() => server.kill());
  for (let waited = 0; !(existsSync(log) && readFileSync(log, 'utf8').includes('listening')); waited++) {
    if (waited > 300 || server.exitCode !== null)
      throw new Error(`sshd does not listen: ${existsSync(log) ? readFileSync(log, 'utf8') : ''}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'SendEnv=LC_ALL LANG'];
  const client = ['ssh', '-F', 'none', '-i', at('user'), '-p', String(port), ...options.flatMap((option) => ['-o', option])];
  return {client: [...client, '-t', `${os.userInfo().username}@127.0.0.1`], server};
}

/** A port that the system gives, free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
