// -p by number or by name: the one process that is called so. A name that several have is no answer, and they are told.
import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
import path from 'node:path';
import {safeString} from '../../decode/safe-text.ts';
import {UserError} from '../../errors.ts';

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
      ...found.slice(0, mostTold).map(({pid, line}) => `-p ${pid}: ${safeString(line).slice(0, 100)}`),
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
  readonly line: string;
}

function processes(): readonly Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const of = (read: () => string): string => {
        try {
          return read();
        } catch {
          return '';
        }
      };
      const comm = of(() => readFileSync(`/proc/${name}/comm`, 'utf8')).trimEnd();
      const line = of(() => readFileSync(`/proc/${name}/cmdline`, 'utf8'))
        .replaceAll('\0', ' ')
        .trim();
      const program = path.basename(of(() => readlinkSync(`/proc/${name}/exe`)));
      return comm === '' ? [] : [{pid: Number(name), comm, program, line: line || comm}];
    });
}
