// `-c COMMAND`: a command that is started to be watched. Owns its process, the cgroup that it and all its children are in, by which
// views are filtered in the kernel, and their end: whatever becomes of this program, the cgroup is removed.
import {type ChildProcess, spawn, type StdioOptions} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {UserError} from '../../errors.ts';
import {cgroupFolder} from '../../kernel/cgroups.ts';
import {programInPath} from '../../kernel/program-path.ts';
import type {Owner} from '../files/safe-folder.ts';

export interface StartedCommand {
  readonly pid: number;
  readonly cgroup: bigint;
  /** All is attached: it may run. */
  begin(): void;
  readonly ended: Promise<CommandEnd>;
  /** Ends it, if it has not; its cgroup is gone then. */
  close(): Promise<void>;
}

interface CommandEnd {
  /** What is to be said of it; '' where it ended well. */
  readonly said: string;
  /** As a shell has it: 128 and the number of the signal that ended it. */
  readonly status: number;
}

interface CommandRequest {
  readonly command: string;
  /** Who became root by sudo: it runs as that user. */
  readonly owner: Owner | undefined;
  /** PATH */
  readonly searchPath: string;
  /** A screen is on the terminal: nothing is read from it, and nothing written to it. */
  readonly quiet: boolean;
}

/** The shell waits until it is told to go on, so that the command's first call is seen. */
const waiting = 'read -r go <&3 || exit 125; exec 3<&- /bin/sh -c "$1"';

/**
 * Outlives this program: what it says last is how it was. What is left in the cgroup goes back where it would have been; a command
 * that was not waited for is asked to end.
 */
const keeping = `
said=stopped
while read -r line; do said=$line; done
n=0
if [ "$said" != ended ]; then
  while read -r pid; do kill -TERM "$pid"; done < "$1/cgroup.procs"
  while [ -n "$(cat "$1/cgroup.procs")" ] && [ $n -lt 20 ]; do sleep 0.1; n=$((n + 1)); done
fi
n=0
until rmdir "$1" || [ ! -e "$1" ] || [ $n -ge 100 ]; do
  while read -r pid; do echo "$pid" > "$2/cgroup.procs"; done < "$1/cgroup.procs"
  sleep 0.02
  n=$((n + 1))
done`;

/** @throws UserError where it cannot be started so that its children are known */
export function startCommand(request: CommandRequest): StartedCommand {
  const {folder, parent} = makeCgroup();
  const keeper = spawn('/bin/sh', ['-c', keeping, 'sh', folder, parent], {stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/'});
  keeper.stdin.on('error', () => undefined);
  const child = start(request);
  const go = child.stdio[3];
  if (child.pid === undefined || go === null || go === undefined || !('write' in go)) throw new Error('a command without a process');
  go.on('error', () => undefined);
  let end = '';
  const ended = once(child, 'exit').then(([status, signal]: (NodeJS.Signals | number | null)[]): CommandEnd => {
    end = 'ended';
    if (typeof signal === 'string') return {said: `the command was ended by ${signal}`, status: 128 + os.constants.signals[signal]};
    return {said: status === 0 ? '' : `the command ended with status ${status}`, status: Number(status)};
  });
  try {
    writeFileSync(path.join(folder, 'cgroup.procs'), `${child.pid}`);
  } catch (error) {
    child.kill('SIGKILL');
    keeper.stdin.end();
    throw refused(folder, error);
  }
  return {
    pid: child.pid,
    cgroup: statSync(folder, {bigint: true}).ino,
    begin: () => {
      if (go.writable) go.end('go\n');
    },
    ended,
    close: async () => {
      const gone = keeper.exitCode === null && keeper.signalCode === null ? once(keeper, 'exit') : undefined;
      keeper.stdin.end(`${end}\n`);
      await gone;
    },
  };
}

function start({command, owner, searchPath, quiet}: CommandRequest): ChildProcess {
  // what it prints is not part of a table, nor of a line of JSON
  const stdio: StdioOptions = quiet ? ['ignore', 'ignore', 'ignore', 'pipe'] : ['inherit', 2, 2, 'pipe'];
  const words = ['-c', waiting, 'sh', command];
  if (owner === undefined) return spawn('/bin/sh', words, {stdio});
  const account = ['env', ...accountOf(owner.uid), '/bin/sh', ...words];
  // Node takes the user's other groups away
  const setpriv = programInPath(['setpriv'], searchPath);
  if (setpriv === undefined) return spawn('env', account.slice(1), {stdio, ...owner});
  return spawn(setpriv, [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--init-groups', '--', ...account], {stdio});
}

/** What a login of that user would have. */
function accountOf(uid: number): readonly string[] {
  const account = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => Number(fields[2]) === uid);
  const [name = '', , , , , home = ''] = account ?? [];
  return account === undefined ? [] : [`HOME=${home}`, `USER=${name}`, `LOGNAME=${name}`];
}

/** Below that of this program, whose limits hold on. */
function makeCgroup(): {readonly folder: string; readonly parent: string} {
  const root = cgroupFolder();
  if (root === undefined)
    throw new UserError("-c: what a command's children do cannot be told: there is no cgroup hierarchy of version 2", {
      hint: 'start the command yourself, and give -p PID or --comm NAME',
    });
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
  const parent = path.join(root, own.includes('..') ? '/' : own);
  const folder = path.join(parent, `tsbpftop-${process.pid}`);
  try {
    mkdirSync(folder);
    return {folder, parent};
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw refused(folder, error);
    // of one that was killed, and had the same number
    rmdirSync(folder);
    mkdirSync(folder);
    return {folder, parent};
  }
}

const refused = (folder: string, error: unknown): UserError =>
  new UserError(`-c: cannot make the cgroup '${folder}' for the command: ${(error as NodeJS.ErrnoException).code ?? String(error)}`, {
    hint: 'it wants root, and a /sys/fs/cgroup that may be written to; or start the command yourself, and give -p PID or --comm NAME',
  });
