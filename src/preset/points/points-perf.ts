// Points in time and in counters: timed samples, software and hardware events of perf.
import {noContext} from '../program/contexts.ts';
import {WrongPreset} from '../fault.ts';
import {missing, type Point} from './point.ts';

/** perf_sw_ids and perf_hw_id of linux/perf_event.h, by the names that perf and bpftrace use. */
export const softwareEvents: Readonly<Record<string, number>> = {
  'cpu-clock': 0,
  'task-clock': 1,
  'page-faults': 2,
  faults: 2,
  'context-switches': 3,
  cs: 3,
  'cpu-migrations': 4,
  migrations: 4,
  'minor-faults': 5,
  'major-faults': 6,
  'alignment-faults': 7,
  'emulation-faults': 8,
  'bpf-output': 10,
  'cgroup-switches': 11,
};
export const hardwareEvents: Readonly<Record<string, number>> = {
  'cpu-cycles': 0,
  cycles: 0,
  instructions: 1,
  'cache-references': 2,
  'cache-misses': 3,
  'branch-instructions': 4,
  branches: 4,
  'branch-misses': 5,
  'bus-cycles': 6,
  'stalled-cycles-frontend': 7,
  'stalled-cycles-backend': 8,
  'ref-cycles': 9,
};

/** Sees one of many: each event of a period of 1 is counted. */
export const isSampled = ({site}: Point): boolean => site.kind === 'perf_event' && (site.frequency || site.period > 1);

export function perfPoints(kind: 'software' | 'hardware', rest: string, events: Readonly<Record<string, number>>): readonly Point[] {
  const [event = '', periodText = '1000000', ...more] = rest.split(':');
  const config = Object.hasOwn(events, event) ? events[event] : undefined;
  if (config === undefined) throw missing(`${kind} event`, event, Object.keys(events), `it is one of ${Object.keys(events).join(', ')}`);
  const period = Number(periodText);
  if (more.length > 0 || !Number.isInteger(period) || period < 1)
    throw new WrongPreset(`'${kind}:${rest}' is not of the form ${kind}:EVENT:PERIOD`, 'PERIOD is a count of events from 1');
  return [
    {
      probe: `${kind}:${event}:${period}`,
      func: event,
      program: 'perf_event',
      site: {kind: 'perf_event', eventType: kind, config, period, frequency: false},
      context: noContext(`a ${kind} event`),
    },
  ];
}

export function profilePoints(rest: string): readonly Point[] {
  const hz = Number(/^hz:(\d+)$/.exec(rest)?.[1] ?? Number.NaN);
  if (!(hz >= 1 && hz <= 10_000)) throw new WrongPreset(`'profile:${rest}' is not of the form profile:hz:N, N from 1 to 10000`);
  return [
    {
      probe: `profile:hz:${hz}`,
      func: 'profile',
      program: 'perf_event',
      site: {kind: 'perf_event', eventType: 'software', config: 0, period: hz, frequency: true},
      context: noContext('a timed sample'),
    },
  ];
}
