// -p by number or by name: the one process that is called so. A name that several have is no answer, and they are told.
import {readFileSync, readlinkSync} from 'node:fs';
import path from 'node:path';
import {safeString} from '../../decode/safe-text.ts';
import {UserError} from '../../errors.ts';
import {runningProcesses} from '../../kernel/running.ts';

const mostTold = 8;

/** @throws UserError where no process, or more than one, has the name */
export function processNumber(text: string): number {
  if (/^-?[\d.]+$/.test(text)) {
    const pid = Number(text);
    if (Number.isInteger(pid) && pid >= 1 && pid <= 0x7fff_ffff) return pid;
    throw new UserError(`--pid wants the number or name of a process, not '${text}'`, {status: 2});
  }
  const found = processes().filter((each) => each.comm === text.slice(0, 15) || each.program === text);
  const [only] = found;
  if (only === undefined)
    throw new UserError(`no process is called '${safeString(text)}'`, {hint: '-p takes a number, or the name that ps -e shows'});
  if (found.length === 1) return only.pid;
  throw new UserError(`${found.length} processes are called '${safeString(text)}', and -p is about one`, {
    hint: [
      ...found.slice(0, mostTold).map((each) => `-p ${each.pid}: ${safeString(commandLine(each)).slice(0, 100)}`),
      ...(found.length > mostTold ? [`and ${found.length - mostTold} more`] : []),
      `all of them: --comm '${safeString(only.comm)}'`,
    ].join('\n'),
  });
}

interface Process {
  readonly pid: number;
  readonly comm: string;
  /** The file it runs, without its folder. */
  readonly program: string;
}

function processes(): readonly Process[] {
  return runningProcesses()
    .filter(({pid, comm}) => Number(pid) !== process.pid && comm !== '')
    .map(({pid, comm}) => ({pid: Number(pid), comm, program: path.basename(readOr(() => readlinkSync(`/proc/${pid}/exe`)))}));
}

const commandLine = ({pid, comm}: Process): string =>
  readOr(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    .replaceAll('\0', ' ')
    .trim() || comm;

/** '' of a process that has ended, or that others own. */
function readOr(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
