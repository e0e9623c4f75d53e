// Points that the kernel offers: tracepoints, system calls, raw tracepoints.
import {rawTracepoint} from '../program/contexts.ts';
import {PresetFault, WrongPreset} from '../fault.ts';
import type {Machine} from '../machine.ts';
import {isPattern, matcher, missing, type Point} from './point.ts';
import {tracepoint} from '../program/record.ts';

export function tracepointPoints(rest: string, machine: Machine): readonly Point[] {
  const [category = '', name = '', ...more] = rest.split(':');
  if (category === '' || name === '' || more.length > 0)
    throw new WrongPreset(`'tracepoint:${rest}' is not of the form tracepoint:CATEGORY:NAME`);
  if (machine.hasTracepoint(category, name)) return [tracepointPoint(category, name, name, machine)];
  const categories = machine.tracepointCategories();
  if (categories.length === 0) throw noTracefs(machine);
  const inCategory = categories.filter(matcher(category));
  if (inCategory.length === 0)
    throw missing('tracepoint category', category, categories, "tsbpftop probes 'tracepoint:*' lists those that exist");
  const matches = matcher(name);
  const found = inCategory.flatMap((each) =>
    machine
      .tracepointNames(each)
      .filter(matches)
      .map((event) => ({category: each, name: event})),
  );
  if (found.length === 0) {
    const names = inCategory.flatMap((each) => machine.tracepointNames(each));
    throw missing('tracepoint', name, names, `tsbpftop probes 'tracepoint:${category}:*' lists those that exist`);
  }
  return found.map((each) => tracepointPoint(each.category, each.name, each.name, machine));
}

const noTracefs = (machine: Machine): PresetFault =>
  machine.tracefsForbidden === true
    ? new PresetFault('no tracepoints can be read: CAP_DAC_READ_SEARCH is missing, and tracefs is for root alone', fixOf.forbidden)
    : new PresetFault('no tracepoints can be read: tracefs is not mounted, or not readable', fixOf.absent);

const fixOf = {
  forbidden:
    'run it as root: sudo tsbpftop\nor give the program the capability: setcap cap_bpf,cap_perfmon,cap_dac_read_search+ep FILE   (the single executable, or a copy of node)\nor in a systemd unit: AmbientCapabilities=CAP_BPF CAP_PERFMON CAP_DAC_READ_SEARCH',
  absent: 'mount -t tracefs tracefs /sys/kernel/tracing   (as root), and run tsbpftop as root',
} as const;

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

/** They have no exit event: a span of them would never end. */
const neverReturn: ReadonlySet<string> = new Set(['exit', 'exit_group', 'rt_sigreturn']);

/** `syscall:NAME`: the enter tracepoint, with the exit one as its return. */
export function syscallPoints(rest: string, machine: Machine): readonly Point[] {
  const point = (name: string): Point => ({
    ...tracepointPoint('syscalls', `sys_enter_${name}`, name, machine),
    ...(neverReturn.has(name) ? {} : {exit: () => tracepointPoint('syscalls', `sys_exit_${name}`, name, machine)}),
  });
  if (machine.hasTracepoint('syscalls', `sys_enter_${rest}`)) return [point(rest)];
  const events = machine.tracepointNames('syscalls');
  if (events.length === 0)
    throw machine.tracepointCategories().length === 0
      ? noTracefs(machine)
      : new PresetFault('this kernel has no system call tracepoints (CONFIG_FTRACE_SYSCALLS)');
  const names = events.filter((event) => event.startsWith('sys_enter_')).map((event) => event.slice('sys_enter_'.length));
  const found = names.filter(matcher(rest));
  if (found.length === 0) throw missing('system call', rest, names, "tsbpftop probes 'syscall:*' lists those that exist");
  return found.map(point);
}

/** The raw tracepoint sys_enter is behind all of syscalls:*, and is listed under raw_syscalls. */
export function rawTracepointNames(machine: Machine): readonly string[] {
  const categories = machine.tracepointCategories().filter((each) => each !== 'syscalls');
  return [...new Set(categories.flatMap((each) => machine.tracepointNames(each)))];
}

export function rawTracepointPoints(rest: string, machine: Machine): readonly Point[] {
  const btf = machine.btf();
  // some have no event in tracefs, and are known by their type alone
  const typed = !isPattern(rest) && (btf?.find('typedef', `btf_trace_${rest}`) ?? 0) !== 0;
  return (typed ? [rest] : listedTracepoints(rest, machine)).map((name) => ({
    probe: `rawtracepoint:${name}`,
    func: name,
    program: 'raw_tracepoint',
    site: {kind: 'raw_tracepoint', name},
    context: rawTracepoint(btf, name),
  }));
}

/** Those of tracefs that are meant; where it has none, the kernel is asked for the one that is spelled out. */
function listedTracepoints(rest: string, machine: Machine): readonly string[] {
  const names = rawTracepointNames(machine);
  const found = names.length === 0 && !isPattern(rest) ? [rest] : names.filter(matcher(rest));
  if (found.length === 0) throw missing('raw tracepoint', rest, names, "tsbpftop probes 'rawtracepoint:*' lists those that exist");
  return found;
}
