// How a probe that is being typed can go on: its type, then category, file or name, each up to the next colon. Names only, and
// bounded, since a shell waits for it. Pure; files are the shell's.
import type {Machine} from '../machine.ts';
import {matcher} from './point.ts';
import {rawTracepointNames} from './points-kernel.ts';
import {hardwareEvents, softwareEvents} from './points-perf.ts';
import {isProbeKind, probeTypes} from '../probes.ts';

interface ProbeWord {
  readonly word: string;
  readonly says: string;
}

interface ProbeWords {
  readonly words: readonly ProbeWord[];
  /** What follows this is the path of a file: 'uprobe:'. */
  readonly fileAfter?: string;
}

/** More than this nobody reads; the next letter makes fewer. */
const most = 500;

export function probeWords(typed: string, machine: () => Machine): ProbeWords {
  const [kind = '', ...rest] = typed.split(':');
  if (rest.length === 0) {
    const kinds = Object.entries(probeTypes).filter(([name]) => name.startsWith(kind));
    return {words: kinds.map(([name, {says}]) => ({word: `${name}:`, says}))};
  }
  if (!isProbeKind(kind)) return {words: []};
  const made = (names: readonly string[], front = `${kind}:`, says = ''): ProbeWords => {
    const starts = startsWith(typed.slice(front.length));
    const fitting = names.filter(starts).sort();
    return {words: fitting.slice(0, most).map((name) => ({word: `${front}${name}`, says}))};
  };
  const [first = '', ...others] = rest;
  switch (kind) {
    case 'tracepoint':
      if (others.length > 0) return made(machine().tracepointNames(first), `${kind}:${first}:`);
      return made(machine().tracepointCategories().map(withColon));
    case 'rawtracepoint':
      return made(rawTracepointNames(machine()));
    case 'syscall': {
      const entry = 'sys_enter_';
      const names = machine().tracepointNames('syscalls');
      return made(names.flatMap((name) => (name.startsWith(entry) ? [name.slice(entry.length)] : [])));
    }
    case 'kprobe':
    case 'kretprobe':
    case 'fentry':
    case 'fexit':
      // 60,000 names are no help
      return first === '' ? {words: []} : made(machine().kernelFunctions());
    case 'uprobe':
    case 'uretprobe':
    case 'usdt': {
      const path = others.length === 0 ? undefined : machine().findFile(first);
      if (path === undefined) return {words: [], fileAfter: `${kind}:`};
      const file =
        kind === 'usdt'
          ? machine()
              .usdt(path)
              .sites.map(({provider, name}) => `${provider}:${name}`)
          : machine()
              .elf(path)
              .functions.map(({name}) => name);
      return made([...new Set(file)], `${kind}:${first}:`);
    }
    case 'profile':
      return made(['hz:49', 'hz:99', 'hz:199', 'hz:999']);
    case 'software':
      return made(Object.keys(softwareEvents).map(withColon));
    case 'hardware':
      return made(Object.keys(hardwareEvents).map(withColon));
  }
}

/** The word goes on behind it. */
const withColon = (name: string): string => `${name}:`;

/** A wildcard that is typed is obeyed: 'vfs_*ea' goes on as 'vfs_read'. */
const startsWith = (text: string): ((name: string) => boolean) =>
  text.includes('*') ? matcher(`${text}*`) : (name) => name.startsWith(text);
