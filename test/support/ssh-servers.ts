// SSH servers of a test's own on loopback, each with a port, and a configuration of ssh that knows them by name.
import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type {TestContext} from 'node:test';
import {temporaryFolder} from './program.ts';
import {freePort} from './prometheus.ts';

export const noSshd = (): string | undefined =>
  !existsSync('/usr/sbin/sshd') || !existsSync('/usr/bin/ssh')
    ? 'needs openssh-server and openssh-client'
    : process.getuid?.() === 0
      ? undefined
      : 'needs root: the server logs in as this user';

export class SshServers {
  readonly config: string;
  private readonly folder: string;
  private readonly running = new Map<string, ChildProcess>();
  private readonly ports = new Map<string, number>();

  constructor(context: Pick<TestContext, 'after'>) {
    this.folder = temporaryFolder(context);
    chmodSync(this.folder, 0o700);
    mkdirSync('/run/sshd', {recursive: true});
    this.config = path.join(this.folder, 'config');
    for (const key of ['host', 'user']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path.join(this.folder, key)]);
    writeFileSync(path.join(this.folder, 'authorized'), readFileSync(path.join(this.folder, 'user.pub')), {mode: 0o600});
    writeFileSync(this.config, '');
    context.after(() => {
      for (const name of this.running.keys()) this.kill(name);
    });
  }

  async add(name: string): Promise<void> {
    const port = await freePort();
    this.ports.set(name, port);
    appendFileSync(
      this.config,
      [
        `Host ${name}`,
        '  HostName 127.0.0.1',
        `  Port ${port}`,
        `  User ${os.userInfo().username}`,
        `  IdentityFile ${this.folder}/user`,
        '  IdentitiesOnly yes',
        '  StrictHostKeyChecking no',
        `  UserKnownHostsFile ${this.folder}/known-${name}`,
        '',
      ].join('\n'),
    );
    await this.start(name);
  }

  async start(name: string): Promise<void> {
    const file = path.join(this.folder, `sshd-${name}`);
    writeFileSync(
      file,
      [
        `Port ${this.ports.get(name)}`,
        'ListenAddress 127.0.0.1',
        `HostKey ${this.folder}/host`,
        `AuthorizedKeysFile ${this.folder}/authorized`,
        `PidFile ${file}.pid`,
        'PermitRootLogin yes',
        'UsePAM no',
        'StrictModes no',
        'PasswordAuthentication no',
        '',
      ].join('\n'),
    );
    // a group of its own: the sessions end with it
    const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', file], {stdio: 'ignore', detached: true});
    this.running.set(name, child);
    for (;;) {
      const socket = net.connect(this.ports.get(name) ?? 0, '127.0.0.1');
      const [event] = await Promise.race([once(socket, 'connect').then(() => ['up']), once(socket, 'error').then(() => ['down'])]).catch(
        () => ['down'],
      );
      socket.destroy();
      if (event === 'up') return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** The server and its sessions. */
  kill(name: string): void {
    const child = this.running.get(name);
    this.running.delete(name);
    if (child?.pid === undefined) return;
    const children = execFileSync('ps', ['-eo', 'pid=,ppid='], {encoding: 'utf8'})
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number));
    const below = (pid: number): number[] => children.flatMap(([each = 0, parent]) => (parent === pid ? [each, ...below(each)] : []));
    for (const pid of [child.pid, ...below(child.pid)]) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it ended by itself
      }
    }
  }
}
