// THE table of probe types: how each is spelled, which points of this machine a spelling means, which program type they
// take and what can be read there. Adding a type: its name in ProbeKind, its entry here, its case in native/attach.
import type {ProgramType} from '../native/contract.ts';
import {nearest} from '../errors.ts';
import {type Context, kernelFunction, noContext, rawTracepoint, trampoline, tracepoint, userFunction} from './contexts.ts';
import {PresetFault} from './fault.ts';
import type {Machine} from './machine.ts';

export type ProbeKind =
  | 'tracepoint' | 'rawtracepoint' | 'kprobe' | 'kretprobe' | 'fentry' | 'fexit'
  | 'uprobe' | 'uretprobe' | 'usdt' | 'profile' | 'software' | 'hardware' | 'syscall';

/** Where a point is attached, still one by one; plan.ts gathers those that can go together. */
export type Site =
  | {readonly kind: 'tracepoint'; readonly category: string; readonly name: string}
  | {readonly kind: 'raw_tracepoint'; readonly name: string}
  | {readonly kind: 'kprobe'; readonly function: string; readonly offset: number; readonly retprobe: boolean}
  | {readonly kind: 'trampoline'; readonly function: string}
  | {readonly kind: 'uprobe'; readonly path: string; readonly offset: number; readonly retprobe: boolean}
  | {readonly kind: 'perf_event'; readonly eventType: 'software' | 'hardware'; readonly config: number; readonly period: number; readonly frequency: boolean};

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

export interface ProbeType {
  /** How it is written, for messages and completion. */
  readonly spelling: string;
  readonly says: string;
  /** All points of this machine that `rest` (what follows 'KIND:') means; throws a PresetFault that says why there are none. */
  readonly points: (rest: string, machine: Machine, options: PointOptions) => readonly Point[];
}

export interface PointOptions {
  readonly allowGoUretprobe: boolean;
}

/** `*` matches any characters, also none. */
export function matcher(pattern: string): (name: string) => boolean {
  if (!pattern.includes('*')) return (name) => name === pattern;
  const expression = new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);
  return (name) => expression.test(name);
}

const isPattern = (text: string): boolean => text.includes('*');

const missing = (what: string, name: string, names: readonly string[], list: string, where = ''): PresetFault => {
  const near = nearest(name.replaceAll('*', ''), names);
  const hint = `${near.length > 0 ? `nearest: ${near.join(', ')}\n` : ''}${list}`;
  return new PresetFault(`${isPattern(name) ? `no ${what} matches '${name}'` : `no ${what} '${name}'`}${where}`, hint);
};

function tracepointPoints(rest: string, machine: Machine): readonly Point[] {
  const [category = '', name = '', ...more] = rest.split(':');
  if (category === '' || name === '' || more.length > 0) throw new PresetFault(`'tracepoint:${rest}' is not of the form tracepoint:CATEGORY:NAME`);
  const categories = machine.tracepointCategories();
  if (categories.length === 0) throw new PresetFault(...noTracefs);
  const inCategory = categories.filter(matcher(category));
  if (inCategory.length === 0) throw missing('tracepoint category', category, categories, "tsbpftop probes 'tracepoint:*' lists those that exist");
  const matches = matcher(name);
  const found = inCategory.flatMap((each) => machine.tracepointNames(each).filter(matches).map((event) => ({category: each, name: event})));
  if (found.length === 0) {
    const names = inCategory.flatMap((each) => machine.tracepointNames(each));
    throw missing('tracepoint', name, names, `tsbpftop probes 'tracepoint:${category}:*' lists those that exist`);
  }
  return found.map((each) => tracepointPoint(each.category, each.name, each.name, machine));
}

const noTracefs = [
  'no tracepoints can be read: tracefs is not mounted, or not readable',
  'mount -t tracefs tracefs /sys/kernel/tracing   (as root), and run tsbpftop as root',
] as const;

function tracepointPoint(category: string, name: string, func: string, machine: Machine): Point {
  const format = machine.tracepointFormat(category, name);
  if (format === undefined) throw new PresetFault(`the format of tracepoint '${category}:${name}' cannot be read`);
  return {
    probe: `tracepoint:${category}:${name}`,
    func,
    program: 'tracepoint',
    site: {kind: 'tracepoint', category, name},
    context: tracepoint(category, name, format),
  };
}

/** `syscall:NAME`: the enter tracepoint, with the exit one as its return. */
function syscallPoints(rest: string, machine: Machine): readonly Point[] {
  const events = machine.tracepointNames('syscalls');
  if (events.length === 0) throw machine.tracepointCategories().length === 0 ? new PresetFault(...noTracefs) : new PresetFault('this kernel has no system call tracepoints (CONFIG_FTRACE_SYSCALLS)');
  const names = events.filter((event) => event.startsWith('sys_enter_')).map((event) => event.slice('sys_enter_'.length));
  const found = names.filter(matcher(rest));
  if (found.length === 0) throw missing('system call', rest, names, "tsbpftop probes 'syscall:*' lists those that exist");
  return found.map((name) => ({
    ...tracepointPoint('syscalls', `sys_enter_${name}`, name, machine),
    exit: () => tracepointPoint('syscalls', `sys_exit_${name}`, name, machine),
  }));
}

function rawTracepointPoints(rest: string, machine: Machine): readonly Point[] {
  const btf = machine.btf();
  // the raw tracepoint sys_enter is behind all of syscalls:*, and is listed under raw_syscalls
  const names = [...new Set(machine.tracepointCategories().filter((each) => each !== 'syscalls').flatMap((each) => machine.tracepointNames(each)))];
  // some have no event in tracefs, and are known by their type alone; without either, the kernel is asked
  const unlisted = !isPattern(rest) && (names.length === 0 || (btf?.find('typedef', `btf_trace_${rest}`) ?? 0) !== 0);
  const found = unlisted ? [rest] : names.filter(matcher(rest));
  if (found.length === 0) throw missing('raw tracepoint', rest, names, "tsbpftop probes 'rawtracepoint:*' lists those that exist");
  return found.map((name) => ({
    probe: `rawtracepoint:${name}`,
    func: name,
    program: 'raw_tracepoint',
    site: {kind: 'raw_tracepoint', name},
    context: rawTracepoint(btf, name),
  }));
}

function kernelFunctions(rest: string, machine: Machine, what: 'kprobe' | 'fentry'): readonly string[] {
  const reason = machine.whyNot(what);
  if (reason !== undefined) throw new PresetFault(`${what} cannot work here: ${reason}`);
  const all = machine.kernelFunctions();
  if (all.length === 0) {
    if (isPattern(rest)) throw new PresetFault(`kernel functions cannot be listed, so '${rest}' cannot be resolved`, 'run as root; /proc/kallsyms must show names');
    return [rest];
  }
  const found = all.filter(matcher(rest));
  if (found.length === 0) throw missing('kernel function', rest, all, `tsbpftop probes '${what}:${rest.slice(0, 4)}*' lists those that exist`);
  return found;
}

function kprobePoints(rest: string, machine: Machine, retprobe: boolean): readonly Point[] {
  const [, pattern = rest, offsetText] = /^(.*)\+(0x[0-9a-fA-F]+|\d+)$/.exec(rest) ?? [];
  const offset = Number(offsetText ?? 0);
  if (offset !== 0 && retprobe) throw new PresetFault(`'kretprobe:${rest}' has an offset: a return has none`);
  return kernelFunctions(pattern, machine, 'kprobe').map((name) => kprobePoint(name, offset, retprobe, machine));
}

function kprobePoint(name: string, offset: number, retprobe: boolean, machine: Machine): Point {
  return {
    probe: `${retprobe ? 'kretprobe' : 'kprobe'}:${name}${offset === 0 ? '' : `+${offset}`}`,
    func: name,
    program: 'kprobe',
    site: {kind: 'kprobe', function: name, offset, retprobe},
    context: kernelFunction(machine.architecture, machine.btf(), name, retprobe),
    ...(retprobe || offset !== 0 ? {} : {exit: () => kprobePoint(name, 0, true, machine)}),
  };
}

function trampolinePoint(name: string, atExit: boolean, machine: Machine): Point {
  return {
    probe: `${atExit ? 'fexit' : 'fentry'}:${name}`,
    func: name,
    program: atExit ? 'fexit' : 'fentry',
    site: {kind: 'trampoline', function: name},
    context: trampoline(machine.btf(), name, atExit),
    ...(atExit ? {} : {exit: () => trampolinePoint(name, true, machine)}),
  };
}

function uprobePoints(rest: string, machine: Machine, retprobe: boolean, options: PointOptions): readonly Point[] {
  const kind = retprobe ? 'uretprobe' : 'uprobe';
  const split = rest.search(/:[^:]*(::[^:]*)*$/); // a C++ symbol has '::' in it
  const file = rest.slice(0, split);
  const symbol = rest.slice(split + 1);
  if (split <= 0 || symbol === '') throw new PresetFault(`'${kind}:${rest}' is not of the form ${kind}:FILE:SYMBOL`);
  const path = machine.findFile(file);
  if (path === undefined) throw new PresetFault(`no file '${file}'`, 'FILE is a path, a program on PATH, or a shared library by its bare name: libc');
  const elf = machine.elf(path);
  if (retprobe && elf.go && !options.allowGoUretprobe)
    throw new PresetFault(`'${file}' is a Go program, which a uretprobe can crash`, 'to take the risk: "allowGoUretprobe": true');
  const point = (name: string, offset: number, atReturn: boolean): Point => ({
    probe: `${atReturn ? 'uretprobe' : 'uprobe'}:${path}:${name}`,
    func: name,
    program: 'kprobe',
    site: {kind: 'uprobe', path, offset, retprobe: atReturn},
    context: userFunction(machine.architecture, elf.go, atReturn),
    ...(atReturn
      ? {}
      : {
          exit: () => {
            if (elf.go && !options.allowGoUretprobe)
              throw new PresetFault(`'${file}' is a Go program: the return of a function is seen by a uretprobe, which can crash it`, 'to take the risk: "allowGoUretprobe": true');
            return point(name, offset, true);
          },
        }),
  });
  if (/^0x[0-9a-fA-F]+$/.test(symbol)) return [point(symbol, Number(symbol), retprobe)];
  const [, pattern = symbol, plus] = /^(.*)\+(0x[0-9a-fA-F]+|\d+)$/.exec(symbol) ?? [];
  const matches = matcher(pattern);
  const byOffset = new Map<number, string>();
  for (const each of elf.functions) {
    // one probe at one place: of several names for it (read, __read, __libc_read) the plainest is shown
    const known = byOffset.get(each.offset);
    if (matches(each.name) && (known === undefined || plainness(each.name) < plainness(known))) byOffset.set(each.offset, each.name);
  }
  if (byOffset.size === 0) {
    const stripped = elf.symtab ? '' : `\n'${path}' is stripped: its own functions have no names; install its debug symbols, or use uprobe:FILE:0xOFFSET`;
    throw missing('function', pattern, elf.functions.map((each) => each.name), `tsbpftop probes 'uprobe:${file}:*' lists those that exist${stripped}`, ` in '${path}'`);
  }
  const extra = Number(plus ?? 0);
  return [...byOffset].map(([offset, name]) => point(plus === undefined ? name : `${name}+${plus}`, offset + extra, retprobe));
}

const plainness = (name: string): number => (name.match(/_/g)?.length ?? 0) * 100 + (name.startsWith('_') ? 1000 : 0) + name.length;

/** perf_sw_ids and perf_hw_id of linux/perf_event.h, by the names that perf and bpftrace use. */
const softwareEvents: Readonly<Record<string, number>> = {
  'cpu-clock': 0, 'task-clock': 1, 'page-faults': 2, faults: 2, 'context-switches': 3, cs: 3, 'cpu-migrations': 4, migrations: 4,
  'minor-faults': 5, 'major-faults': 6, 'alignment-faults': 7, 'emulation-faults': 8, 'bpf-output': 10, 'cgroup-switches': 11,
};
const hardwareEvents: Readonly<Record<string, number>> = {
  'cpu-cycles': 0, cycles: 0, instructions: 1, 'cache-references': 2, 'cache-misses': 3, 'branch-instructions': 4, branches: 4,
  'branch-misses': 5, 'bus-cycles': 6, 'stalled-cycles-frontend': 7, 'stalled-cycles-backend': 8, 'ref-cycles': 9,
};

function perfPoints(kind: 'software' | 'hardware', rest: string, events: Readonly<Record<string, number>>): readonly Point[] {
  const [event = '', periodText = '1000000', ...more] = rest.split(':');
  const config = Object.hasOwn(events, event) ? events[event] : undefined;
  if (config === undefined) throw missing(`${kind} event`, event, Object.keys(events), `it is one of ${Object.keys(events).join(', ')}`);
  const period = Number(periodText);
  if (more.length > 0 || !Number.isInteger(period) || period < 1) throw new PresetFault(`'${kind}:${rest}' is not of the form ${kind}:EVENT:PERIOD`, 'PERIOD is a count of events from 1');
  return [{
    probe: `${kind}:${event}:${period}`,
    func: event,
    program: 'perf_event',
    site: {kind: 'perf_event', eventType: kind, config, period, frequency: false},
    context: noContext(`a ${kind} event`),
  }];
}

function profilePoints(rest: string): readonly Point[] {
  const hz = Number(/^hz:(\d+)$/.exec(rest)?.[1] ?? Number.NaN);
  if (!(hz >= 1 && hz <= 10_000)) throw new PresetFault(`'profile:${rest}' is not of the form profile:hz:N, N from 1 to 10000`);
  return [{
    probe: `profile:hz:${hz}`,
    func: 'profile',
    program: 'perf_event',
    site: {kind: 'perf_event', eventType: 'software', config: 0, period: hz, frequency: true},
    context: noContext('a timed sample'),
  }];
}

export const probeTypes: Readonly<Record<ProbeKind, ProbeType>> = {
  tracepoint: {spelling: 'tracepoint:CATEGORY:NAME', says: 'kernel tracepoint', points: tracepointPoints},
  rawtracepoint: {spelling: 'rawtracepoint:NAME', says: 'raw kernel tracepoint', points: rawTracepointPoints},
  kprobe: {spelling: 'kprobe:FUNC[+OFF]', says: 'kernel function entry', points: (rest, machine) => kprobePoints(rest, machine, false)},
  kretprobe: {spelling: 'kretprobe:FUNC', says: 'kernel function return', points: (rest, machine) => kprobePoints(rest, machine, true)},
  fentry: {
    spelling: 'fentry:FUNC', says: 'kernel function entry by trampoline',
    points: (rest, machine) => kernelFunctions(rest, machine, 'fentry').map((name) => trampolinePoint(name, false, machine)),
  },
  fexit: {
    spelling: 'fexit:FUNC', says: 'kernel function return by trampoline',
    points: (rest, machine) => kernelFunctions(rest, machine, 'fentry').map((name) => trampolinePoint(name, true, machine)),
  },
  uprobe: {spelling: 'uprobe:FILE:SYMBOL[+OFF]', says: 'user function entry', points: (rest, machine, options) => uprobePoints(rest, machine, false, options)},
  uretprobe: {spelling: 'uretprobe:FILE:SYMBOL', says: 'user function return', points: (rest, machine, options) => uprobePoints(rest, machine, true, options)},
  usdt: {
    spelling: 'usdt:FILE:PROVIDER:NAME', says: 'user static probe',
    points: () => { throw new PresetFault('usdt probes are not supported in this version'); },
  },
  profile: {spelling: 'profile:hz:N', says: 'timed sampling on every CPU', points: profilePoints},
  software: {spelling: 'software:EVENT:PERIOD', says: 'perf software event', points: (rest) => perfPoints('software', rest, softwareEvents)},
  hardware: {spelling: 'hardware:EVENT:PERIOD', says: 'perf hardware event', points: (rest) => perfPoints('hardware', rest, hardwareEvents)},
  syscall: {spelling: 'syscall:NAME', says: 'system call: entry in attach, both ends in span', points: syscallPoints},
};

export const isProbeKind = (text: string): text is ProbeKind => Object.hasOwn(probeTypes, text);

/** The points that one probe spelling means on this machine. */
export function pointsOf(probe: string, machine: Machine, options: PointOptions): readonly Point[] {
  const colon = probe.indexOf(':');
  const kind = probe.slice(0, Math.max(colon, 0));
  if (!isProbeKind(kind)) {
    const near = nearest(kind === '' ? probe : kind, Object.keys(probeTypes));
    const hint = `${near.length > 0 ? `nearest: ${near.join(', ')}\n` : ''}a probe is one of ${Object.values(probeTypes).map((type) => type.spelling).join('  ')}`;
    throw new PresetFault(`unknown probe type in '${probe}'`, hint);
  }
  return probeTypes[kind].points(probe.slice(colon + 1), machine, options);
}
