// The command of -c as the commands that show views take it: whether there is one, what it does not go with, and what is said of
// its end.
import {UserError} from '../../errors.ts';
import {requirePrivilege} from '../../kernel/privilege.ts';
import type {Invocation} from '../invocation.ts';
import {tell} from './safe-lines.ts';
import type {StartedCommand} from './started-command.ts';

/** @param quiet a screen is on the terminal. @throws UserError */
export async function commandOf(invocation: Invocation, quiet: boolean): Promise<StartedCommand | undefined> {
  const {command, pid, cgroup, owner, searchPath} = invocation;
  if (command === undefined) return undefined;
  const other = pid !== undefined ? '-p' : cgroup !== undefined ? '--cgroup' : undefined;
  if (other !== undefined)
    throw new UserError(`-c and ${other}: what the command and its children do is counted, or what others do; leave out one of them`, {
      status: 2,
    });
  requirePrivilege();
  return (await import('./started-command.ts')).startCommand({command, owner, searchPath, quiet});
}

/** Of one that has ended by itself. @returns its status, which is this program's then; else 0 */
export async function tellEnd(started: StartedCommand | undefined): Promise<number> {
  const end = await Promise.race([started?.ended, undefined]);
  if (end === undefined) return 0;
  if (end.said !== '') tell(end.said);
  return end.status;
}
