// A one-liner of bpftrace in the flags of this program: what counts, sums or prints at one probe. For a hint, not for running:
// who reads it sees how it is said here. Pure.
import {splitList} from './split-list.ts';

const shape = /^\s*([^\s{]+)\s*(?:\/([^{}]*)\/\s*)?\{([^{};]*;?\s*)\}\s*$/s;
/** The time from one probe to another: @start[tid] = nsecs, and what is made of nsecs - @start[tid]. */
const timing =
  /^\s*(\S+)\s*\{\s*(@\w+)\[tid\]\s*=\s*nsecs;?\s*\}\s*([^\s{]+)\s*(?:\/\s*\2\[tid\]\s*\/\s*)?\{\s*@\w*\s*(?:\[([^\]]*)\])?\s*=\s*(\w+)\s*\(\s*\(?\s*nsecs\s*-\s*\2\[tid\]/s;
const counting = /^\s*@\w*\s*(?:\[(.*)\])?\s*=\s*(\w+)\s*\((.*)\)\s*;?\s*$/s;
const printing = /^\s*(?:printf|print)\s*\(\s*(?:"[^"]*"\s*,)?(.*)\)\s*;?\s*$/s;
const measures: ReadonlySet<string> = new Set(['count', 'sum', 'min', 'max', 'avg', 'hist', 'lhist']);
const names: Readonly<Record<string, string>> = {probe: 'func', execname: 'comm', username: 'user', cgroupid: 'cgroup'};

/** Names of C++ have braces too. */
export const looksLikeBpftrace = (text: string): boolean => /\{\s*(@|\$|print|delete|clear|exit|if\b)/.test(text);

/** @returns the command line; undefined where it is more than one action at one probe */
export function fromBpftrace(text: string): string | undefined {
  const [, from = '', , to = '', by = '', op = ''] = timing.exec(text) ?? [];
  if (measures.has(op)) return commandOf([...spanOf(from, to), ...bys(by), ...(op === 'hist' ? [] : ['--measure', `${op}(duration)`])]);
  const [, probe, condition, body] = shape.exec(text) ?? [];
  if (probe === undefined || body === undefined) return undefined;
  const where = condition === undefined ? [] : ['--where', condition.trim()];
  const [, keys = '', measure = '', of = ''] = counting.exec(body) ?? [];
  if (measures.has(measure)) {
    const measured = measure === 'count' ? [] : ['--measure', `${measure}(${here(of)})`];
    return commandOf(['-e', probe, ...where.map(here), ...bys(keys), ...measured]);
  }
  const [, shown] = printing.exec(body) ?? [];
  return shown === undefined ? undefined : commandOf(['--events', '-e', probe, ...where.map(here), ...bys(shown)]);
}

/** Entry and return of one function, or of one system call, have a name of their own. */
function spanOf(from: string, to: string): readonly string[] {
  const [, call] = /^tracepoint:syscalls:sys_enter_(\w+)$/.exec(from) ?? [];
  if (call !== undefined && to === `tracepoint:syscalls:sys_exit_${call}`) return ['--span', `syscall:${call}`];
  if (to === from.replace(/^(k|u)probe:/, '$1retprobe:').replace(/^fentry:/, 'fexit:')) return ['--span', from];
  return ['--from', from, '--to', to];
}

const here = (text: string): string => text.trim().replaceAll('->', '.').replaceAll('"', "'");

const bys = (keys: string): readonly string[] =>
  splitList(keys)
    .map((key) => here(key).replace(/^(?:[ku]stack)\(.*\)$/, (stack) => stack.slice(0, 6)))
    .filter((key) => key !== '')
    .flatMap((key) => ['--by', names[key] ?? key]);

/** As a shell takes it. */
const commandOf = (words: readonly string[]): string =>
  [
    'tsbpftop',
    ...words.map((word) =>
      /^[\w:./@%+,=-]+$/.test(word) ? word : word.includes("'") ? `"${word.replace(/[$`"\\]/g, '\\$&')}"` : `'${word}'`,
    ),
  ].join(' ');
