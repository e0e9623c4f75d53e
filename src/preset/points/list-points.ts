// Which points a pattern means, for people who look for one: more freely than a preset's probe, which has to be exact.
// 'open' looks for a part of a name in every type, 'tracepoint:*open*' in all categories, 'uprobe:libc' lists a file. Pure.
import {PresetFault} from '../fault.ts';
import type {Machine} from '../machine.ts';
import {isPattern, matcher, type Point, type PointOptions} from './point.ts';
import {hardwareEvents, softwareEvents} from './points-perf.ts';
import {isProbeKind, type ProbeKind, pointsOf, probeTypes} from '../probes.ts';

export interface Search {
  readonly kind: ProbeKind;
  /** What follows 'KIND:'. */
  readonly rest: string;
}

/** Types that are searched by a name alone: one of each pair of entry and return, and none that needs a file. */
const byName = [
  'syscall',
  'tracepoint',
  'rawtracepoint',
  'fentry',
  'kprobe',
  'software',
  'hardware',
] as const satisfies readonly ProbeKind[];

/** A pattern as one or several searches; those of several that find nothing are no error. @throws PresetFault */
export function searchesOf(pattern: string): readonly Search[] {
  const colon = pattern.indexOf(':');
  if (colon < 0) {
    if (isProbeKind(pattern)) return [{kind: pattern, rest: wholeRest(pattern, '')}];
    const part = isPattern(pattern) ? pattern : `*${pattern}*`;
    return byName.map((kind) => ({kind, rest: wholeRest(kind, part)}));
  }
  const [kind, rest] = [pattern.slice(0, colon), pattern.slice(colon + 1)];
  if (!isPattern(kind)) return [{kind: kind as ProbeKind, rest: isProbeKind(kind) ? wholeRest(kind, rest) : rest}];
  const kinds = (Object.keys(probeTypes) as readonly ProbeKind[]).filter(matcher(kind));
  if (kinds.length === 0) throw new PresetFault(`no probe type matches '${kind}'`, `there are ${Object.keys(probeTypes).join(', ')}`);
  return kinds.map((each) => ({kind: each, rest: wholeRest(each, rest)}));
}

/** The parts that a search may leave out: the category, or the function of a file. */
function wholeRest(kind: ProbeKind, rest: string): string {
  const name = rest === '' ? '*' : rest;
  switch (kind) {
    case 'tracepoint':
      return name.includes(':') ? name : `*:${name}`;
    case 'uprobe':
    case 'uretprobe':
      return rest === '' || rest.includes(':') ? rest : `${rest}:*`;
    case 'usdt':
      return rest === '' || rest.includes(':') ? rest : `${rest}:*:*`;
    default:
      return name;
  }
}

/** The points of one search. @throws PresetFault where there are none, with the reason */
export function listPoints({kind, rest}: Search, machine: Machine, options: PointOptions): readonly Point[] {
  if (kind === 'software' || kind === 'hardware') return perfNamed(kind, rest, machine, options);
  const points = pointsOf(`${kind}:${rest}`, machine, options);
  // as it is written in a preset, not as the tracepoint that it becomes
  return kind === 'syscall' ? points.map((point) => ({...point, probe: `syscall:${point.func}`})) : points;
}

/** Of a clock and of a counter of cycles each single event would be too many. */
const periodOf = (kind: 'software' | 'hardware', name: string): string =>
  kind === 'hardware' || name.endsWith('-clock') ? '1000000' : '1';

/** An event by a pattern. */
function perfNamed(kind: 'software' | 'hardware', rest: string, machine: Machine, options: PointOptions): readonly Point[] {
  const [name = '', period] = rest.split(':');
  if (!isPattern(name)) return pointsOf(`${kind}:${rest.includes(':') ? rest : `${rest}:${periodOf(kind, name)}`}`, machine, options);
  const events = kind === 'software' ? softwareEvents : hardwareEvents;
  const names = Object.keys(events).filter(matcher(name));
  if (names.length === 0) throw new PresetFault(`no ${kind} event matches '${name}'`, `there are ${Object.keys(events).join(', ')}`);
  return names.flatMap((each) => pointsOf(`${kind}:${each}:${period ?? periodOf(kind, each)}`, machine, options));
}
