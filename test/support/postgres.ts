// A private PostgreSQL for tests: its own cluster in a temporary folder, no network, gone with the test file.
import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, statSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The newest installed server's folder of programs. */
export function postgresBin(): string | undefined {
  const versions = '/usr/lib/postgresql';
  if (statSync(versions, {throwIfNoEntry: false}) === undefined) return undefined;
  return readdirSync(versions)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => path.join(versions, version, 'bin'))
    .find((bin) => ['initdb', 'postgres', 'psql'].every((name) => statSync(path.join(bin, name), {throwIfNoEntry: false})?.isFile()));
}

export class Postgres {
  readonly program: string;
  private readonly bin: string;
  private readonly folder: string;
  /** The server refuses to run as root. */
  private readonly owner: {readonly uid?: number; readonly gid?: number};
  private server: ChildProcess | undefined;

  constructor(bin: string) {
    this.bin = bin;
    this.program = path.join(bin, 'postgres');
    this.folder = mkdtempSync(path.join(os.tmpdir(), 'tsbpftop-postgres-'));
    this.owner = process.getuid?.() === 0 ? idsOf('postgres') : {};
    if (this.owner.uid !== undefined) chownSync(this.folder, this.owner.uid, this.owner.gid ?? this.owner.uid);
    chmodSync(this.folder, 0o700);
  }

  async start(): Promise<void> {
    const data = path.join(this.folder, 'data');
    const options = {...this.owner, cwd: this.folder, env: {PATH: process.env['PATH'], LC_ALL: 'C', HOME: this.folder}};
    execFileSync(path.join(this.bin, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync'], {...options, stdio: 'pipe'});
    const settings = ['listen_addresses=', 'fsync=off', 'autovacuum=off', 'shared_buffers=8MB'].flatMap((each) => ['-c', each]);
    const server = spawn(this.program, ['-D', data, '-k', this.folder, ...settings], {...options, stdio: ['ignore', 'ignore', 'pipe']});
    this.server = server;
    let log = '';
    for await (const text of server.stderr) {
      log += String(text);
      if (log.includes('ready to accept connections')) break;
    }
    if (!log.includes('ready to accept connections')) throw new Error(`postgres did not start: ${log}`);
    server.stderr.resume();
  }

  /** Sends each as a query of its own, in one connection. */
  query(queries: readonly string[]): void {
    execFileSync(path.join(this.bin, 'psql'), ['-X', '-q', '-At', '-h', this.folder, '-U', 'postgres', '-d', 'postgres'], {
      input: `${queries.join(';\n')};\n`,
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: '/',
      env: {PATH: process.env['PATH'], LC_ALL: 'C'}, // what is preloaded for us is not for others' programs
    });
  }

  async stop(): Promise<void> {
    if (this.server?.exitCode === null) {
      this.server.kill('SIGQUIT');
      await once(this.server, 'exit');
    }
    rmSync(this.folder, {recursive: true, force: true});
  }
}

function idsOf(user: string): {readonly uid: number; readonly gid: number} {
  const id = (flag: string): number => Number(execFileSync('id', [flag, user], {encoding: 'utf8'}));
  return {uid: id('-u'), gid: id('-g')};
}
