// OpenSSH servers of a test's own on the loopback address, each with a name, a port and a configuration of ssh that knows it.
// Keys, settings and processes go with the test.
import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type {TestContext} from 'node:test';
import {temporaryFolder} from './program.ts';
import {freePort} from './prometheus.ts';

const daemon = '/usr/sbin/sshd';

/** Why there can be none here, or undefined: for skips. */
export const noSshd = (): string | undefined =>
  !existsSync(daemon) || !existsSync('/usr/bin/ssh')
    ? 'needs openssh-server and openssh-client'
    : process.getuid?.() === 0
      ? undefined
      : 'needs root: the server logs in as this user';

const linesOf = (settings: Readonly<Record<string, string | number>>, indent = ''): string =>
  Object.entries(settings)
    .map(([name, value]) => `${indent}${name} ${value}\n`)
    .join('');

interface Running {
  readonly child: ChildProcess;
  readonly log: string;
}

export class SshServers {
  /** For ssh -F. */
  readonly config: string;
  private readonly folder: string;
  private readonly running = new Map<string, Running>();
  private readonly settings = new Map<string, Readonly<Record<string, string | number>>>();

  constructor(context: Pick<TestContext, 'after'>) {
    this.folder = temporaryFolder(context);
    chmodSync(this.folder, 0o700);
    mkdirSync('/run/sshd', {recursive: true, mode: 0o755});
    this.config = this.at('config');
    for (const key of ['host', 'user']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', this.at(key)]);
    writeFileSync(this.config, '');
    context.after(() => {
      for (const name of this.running.keys()) this.kill(name);
    });
  }

  /** @param wantsPassword it takes no key */
  async add(name: string, {wantsPassword = false} = {}): Promise<void> {
    const port = await freePort();
    this.settings.set(name, {
      Port: port,
      ListenAddress: '127.0.0.1',
      HostKey: this.at('host'),
      AuthorizedKeysFile: wantsPassword ? 'none' : this.at('user.pub'),
      PasswordAuthentication: wantsPassword ? 'yes' : 'no',
      PidFile: 'none',
      PermitRootLogin: 'yes',
      StrictModes: 'no',
      UsePAM: 'no',
      AcceptEnv: 'LC_* LANG',
      PrintMotd: 'no',
      PrintLastLog: 'no',
    });
    const client = {
      HostName: '127.0.0.1',
      Port: port,
      User: os.userInfo().username,
      IdentityFile: this.at('user'),
      IdentitiesOnly: 'yes',
      StrictHostKeyChecking: 'no',
      UserKnownHostsFile: this.at(`known-${name}`),
      LogLevel: 'ERROR',
      SendEnv: 'LC_ALL LANG',
    };
    appendFileSync(this.config, `Host ${name}\n${linesOf(client, '  ')}`);
    await this.start(name);
  }

  port(name: string): number {
    return Number(this.settings.get(name)?.['Port']);
  }

  async start(name: string): Promise<void> {
    const [file, log] = [this.at(`sshd-${name}`), this.at(`log-${name}`)];
    writeFileSync(file, linesOf(this.settings.get(name) ?? {}));
    writeFileSync(log, '');
    const child = spawn(daemon, ['-D', '-f', file, '-E', log], {stdio: 'ignore', detached: true});
    this.running.set(name, {child, log});
    for (let waited = 0; !readFileSync(log, 'utf8').includes('listening'); waited++) {
      if (waited > 300 || child.exitCode !== null) throw new Error(`sshd does not listen: ${readFileSync(log, 'utf8')}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** An ssh client's command line that ends where the remote command begins; that gets a terminal. */
  client(name: string): readonly string[] {
    return ['ssh', '-F', this.config, '-o', 'BatchMode=yes', '-t', name];
  }

  /** The program that a client of this server has started there, when it is there. */
  program(name: string): number | undefined {
    return this.processes(name).find(isProgram);
  }

  /** To the server and all that it has started: SIGSTOP is a network, or a machine, that has gone silent. */
  signal(name: string, signal: NodeJS.Signals): void {
    for (const pid of this.processes(name)) {
      try {
        process.kill(pid, signal);
      } catch {
        // it ended by itself
      }
    }
  }

  /** The server and its sessions. */
  kill(name: string): void {
    this.signal(name, 'SIGKILL');
    this.running.delete(name);
  }

  private processes(name: string): readonly number[] {
    const server = this.running.get(name)?.child.pid;
    return server === undefined
      ? []
      : readdirSync('/proc')
          .map(Number)
          .filter((pid) => descends(pid, server));
  }

  private at(name: string): string {
    return path.join(this.folder, name);
  }
}

export function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return 0; // it has ended
  }
}

const descends = (pid: number, from: number): boolean => pid > 1 && (pid === from || descends(parentOf(pid), from));

export function isProgram(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'tsbpftop\n';
  } catch {
    return false;
  }
}

/** Waits until the program with this number has ended. */
export async function gone(pid: number): Promise<void> {
  for (let waited = 0; isProgram(pid); waited++) {
    if (waited > 600) throw new Error(`process ${pid} is still there`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
