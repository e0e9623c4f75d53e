// The command line, read: what cli.ts hands to every command, and the machine they all start from.
import {readFileSync, statSync} from 'node:fs';
import path from 'node:path';
import {safeString} from '../decode/safe-text.ts';
import {UserError} from '../errors.ts';
import {cgroupRoot, isUnified} from '../kernel/cgroups.ts';
import {LiveMachine} from '../kernel/machine.ts';
import {sharesNumbers} from '../kernel/processes.ts';
import {AddonError, loadBinding} from '../native/binding.ts';
import type {Filters} from '../preset/program/fill.ts';
import type {Preset} from '../preset/preset.ts';
import type {Owner} from './files/safe-folder.ts';
import type {Surroundings} from './live/open-view.ts';
import {OwnPrograms} from './live/own-programs.ts';
import type {StartedCommand} from './process/started-command.ts';
import type {PresetPlaces} from './presets/preset-files.ts';
import type {TerminalKind} from './process/terminal-kind.ts';
import type {Reach} from './remote/ssh-command.ts';

export interface Invocation {
  /** What is no flag: views, or a command's operands. */
  readonly words: readonly string[];
  readonly batch: boolean;
  readonly json: boolean;
  /** Single events in place of refreshes. */
  readonly events: boolean;
  readonly csv: boolean;
  /** Call chains for flame graphs, in place of tables. */
  readonly folded: boolean;
  /** Seconds */
  readonly interval: number;
  readonly count: number | undefined;
  /** -c: started to be watched */
  readonly command: string | undefined;
  readonly pid: number | undefined;
  /** --probe: in place of the view's own */
  readonly probes: readonly string[];
  readonly comm: string | undefined;
  readonly cgroup: string | undefined;
  readonly top: number | undefined;
  readonly sort: string | undefined;
  /** --header */
  readonly header: boolean;
  /** --host, and how they are reached */
  readonly remote: Reach & {
    readonly hosts: readonly string[];
    /** What of the command line is for the tsbpftop there. */
    readonly args: readonly string[];
  };
  /** --sum: of all hosts together */
  readonly sum: boolean;
  /** --listen: where serve does */
  readonly listen: string | undefined;
  readonly verbose: boolean;
  readonly colour: boolean;
  readonly ascii: boolean;
  readonly terminal: TerminalKind;
  readonly mouse: boolean;
  /** --screen-reader */
  readonly spoken: boolean;
  readonly maxBytes: number | undefined;
  /** ms that a view stays attached after it was left; infinite: as long as the program runs */
  readonly linger: number;
  /** The view that the flags make */
  readonly made: Preset | undefined;
  /** --save NAME */
  readonly save: boolean;
  /** --force: record replaces a file */
  readonly force: boolean;
  /** Whose the files are that are written: the user who became root by sudo. */
  readonly owner: Owner | undefined;
  /** The program's own */
  readonly version: string;
  readonly places: PresetPlaces;
  /** $TERM and the locale: $LC_ALL, $LC_CTYPE or $LANG */
  readonly terminalType: string;
  readonly locale: string;
  /** $TSBPFTOP_TMP: where the single executable writes out its addon; '' for the usual places */
  readonly temporary: string;
  /** PATH */
  readonly searchPath: string;
}

/** @param started what is watched, in place of all */
export function surroundings(invocation: Invocation, started?: StartedCommand): Surroundings {
  const {addon, objectPath} = loadBinding(invocation.temporary);
  const {searchPath, places} = invocation;
  const machine = new LiveMachine(addon, objectPath, searchPath);
  const own = new OwnPrograms(addon, machine, searchPath, places.sudoUser);
  const only = filterWords(invocation);
  if (started === undefined) return {addon, machine, filters: filtersOf(invocation), own, only};
  const filters = {...filtersOf(invocation), cgroup: started.cgroup, command: true as const};
  return {addon, machine, filters, own, only, ...(sharesNumbers() ? {started: started.pid} : {})};
}

const mostShown = 40;

/** The filters as they were given, for headings. */
function filterWords({command, pid, comm, cgroup}: Invocation): string {
  const flags = {'-c': command, '-p': pid, '--comm': comm, '--cgroup': cgroup};
  return Object.entries(flags)
    .flatMap(([flag, value]) => (value === undefined ? [] : [`${flag} ${short(safeString(String(value)))}`]))
    .join(' ');
}

const short = (text: string): string => {
  const quoted = /^[\w./:@-]+$/.test(text) ? text : `'${text}'`;
  return quoted.length > mostShown ? `${[...quoted].slice(0, mostShown - 1).join('')}…` : quoted;
};

/** For what is of use without the addon too, as on systems without BPF: or why there is none. */
export function surroundingsOrNone(invocation: Invocation): Surroundings | {readonly none: UserError} {
  try {
    return surroundings(invocation);
  } catch (error) {
    if (!(error instanceof AddonError)) throw error;
    return {none: error};
  }
}

function filtersOf({pid, comm, cgroup}: Invocation): Filters {
  if (pid !== undefined) requireProcess(pid);
  if (pid !== undefined && !sharesNumbers())
    throw new UserError(`-p ${pid} would mean another process: BPF counts by the machine's numbers, and those here are a container's own`, {
      hint: 'run tsbpftop in the pid namespace of the machine, as with docker run --pid=host; or --comm, or --cgroup',
    });
  if (comm !== undefined && Buffer.byteLength(comm) > 15)
    throw new UserError(`--comm '${comm}' can match nothing: the kernel keeps 15 bytes of a name`, {
      hint: `--comm '${comm.slice(0, 15)}'`,
      status: 2,
    });
  return {
    ...(pid === undefined ? {} : {pid}),
    ...(comm === undefined ? {} : {comm}),
    ...(cgroup === undefined ? {} : {cgroup: cgroupId(cgroup)}),
  };
}

/** /proc has threads too, and lists them not. */
function requireProcess(pid: number): void {
  let process: string | undefined;
  try {
    process = /^Tgid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  } catch {
    throw new UserError(`no process ${pid}`, {hint: '-p PID takes the id of a running process'});
  }
  if (process !== undefined && process !== String(pid))
    throw new UserError(`-p ${pid} is a thread, of process ${process}: by that number nothing would be counted`, {
      hint: `-p ${process} has all of its threads; a view made with --by tid, or --where 'tid == ${pid}', tells them apart`,
    });
}

/** A cgroup's id is the inode of its folder. */
function cgroupId(name: string): bigint {
  const root = cgroupRoot();
  const folder = name.startsWith('/sys/fs/cgroup') ? name : path.join(root, name);
  const stat = statSync(folder, {bigint: true, throwIfNoEntry: false});
  if (stat === undefined || !stat.isDirectory())
    throw new UserError(`no cgroup '${name}'`, {hint: `a folder under ${root}, as the line with 0:: of /proc/PID/cgroup has it`});
  if (!isUnified(folder))
    throw new UserError(`--cgroup '${name}' is of cgroup version 1, whose folders BPF does not know`, {
      hint: 'a folder of the unified hierarchy: mount -t cgroup2 shows where that is; or --comm, or -p',
    });
  return stat.ino;
}
