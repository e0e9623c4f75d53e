// A probe point: one place of this machine where a program can be attached, and what can be read there. The files
// points-*.ts find them, attachments.ts gathers them into programs.
import {nearest} from '../../errors.ts';
import type {KprobeSite, PerfEventSite, ProgramType, RawTracepointSite, TracepointSite, UprobeSite} from '../../native/contract.ts';
import type {Context, ContextField} from '../program/contexts.ts';
import {PresetFault} from '../fault.ts';

/** Where a point is attached, still one by one; attachments.ts gathers those that can go together. */
export type Site =
  | TracepointSite
  | RawTracepointSite
  | KprobeSite
  | UprobeSite
  | PerfEventSite
  | {readonly kind: 'trampoline'; readonly function: string};

export interface Point {
  /** The point as a user would write it. */
  readonly probe: string;
  /** What `func` shows. */
  readonly func: string;
  readonly program: ProgramType;
  readonly site: Site;
  readonly context: Context;
  /** The return of the same call, for a span. */
  readonly exit?: () => Point;
}

/** What the return of the call gives beside what the point itself has; nothing where that return is refused, as a Go program's is. */
export function returnFields(point: Point): readonly ContextField[] {
  const own = new Set(point.context.fields().map(({name}) => name));
  try {
    return (point.exit?.().context.fields() ?? [])
      .filter(({name}) => !own.has(name) && /^(retval|args\.ret)$/.test(name))
      .map(({name, type}) => ({name, type: `${type} (at the return)`}));
  } catch (error) {
    if (error instanceof PresetFault) return [];
    throw error;
  }
}

/** Its program may run while it runs on that CPU already, in an interrupt: before 5.12 the kernel keeps this from all others. */
export const canInterruptItself = ({site}: Point): boolean => site.kind === 'raw_tracepoint' || site.kind === 'trampoline';

export interface PointOptions {
  /** -p: its uprobes are put into the files that this process has. */
  readonly pid?: number;
  readonly allowGoUretprobe: boolean;
  readonly allowCppUretprobe?: boolean;
  /** The return of each call is probed as well. */
  readonly returns?: boolean;
  /** Told of each function that a wildcard matches and that is not probed. */
  readonly leaveOut?: (left: LeftOut) => void;
}

/** A function that a wildcard matches and that is not probed, and why. */
export interface LeftOut {
  readonly name: string;
  readonly reason: string;
}

/** `*` matches any characters, also none. */
export function matcher(pattern: string): (name: string) => boolean {
  if (!pattern.includes('*')) return (name) => name === pattern;
  // part by part, each at its first place: an expression of many '.*' would try all ways to divide the name, for ever
  const parts = pattern.split('*');
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  const middle = parts.slice(1, -1).filter((part) => part !== '');
  return (name) => {
    if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
    const end = name.length - last.length;
    let at = first.length;
    for (const part of middle) {
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

/** A name that one of the patterns means, looked up among those that are names themselves. */
export function anyOf(patterns: readonly string[]): (name: string) => boolean {
  const names = new Set(patterns.filter((each) => !isPattern(each)));
  const matchers = patterns.filter(isPattern).map(matcher);
  return (name) => names.has(name) || matchers.some((matches) => matches(name));
}

export const isPattern = (text: string): boolean => text.includes('*');

export const missing = (what: string, name: string, names: readonly string[], list: string, where = ''): PresetFault => {
  const near = nearest(name.replaceAll('*', ''), names);
  const hint = `${near.length > 0 ? `nearest: ${near.join(', ')}\n` : ''}${list}`;
  return new PresetFault(`${isPattern(name) ? `no ${what} matches '${name}'` : `no ${what} '${name}'`}${where}`, hint);
};
