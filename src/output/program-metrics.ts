// What serve tells of its views beside their rows: how exact they are, what was lost, what probing costs; and of itself.
import {type Frame, type Lost, statuses} from '../decode/frame.ts';
import {labelText, type MetricFamily, type MetricSample, scaled} from './metric-text.ts';

export interface ServedState {
  readonly view: string;
  /** When it was attached, ms since the epoch. */
  readonly since: number;
  /** None: it could not be read. */
  readonly frame: Frame | undefined;
  readonly programs: readonly {readonly runs: number; readonly nanoseconds: number}[];
}

const reasons: readonly (readonly [keyof Lost, string])[] = [
  ['mapFull', 'map_full'],
  ['unmatched', 'unmatched'],
  ['missed', 'missed'],
  ['fault', 'fault'],
  ['stacks', 'stacks'],
];

export function viewFamilies(states: readonly ServedState[]): readonly MetricFamily[] {
  const read = states.flatMap(({frame, ...state}) => (frame === undefined ? [] : [{...state, frame}]));
  const sample = (view: string, value: string, suffix = '', more: readonly (readonly [string, string])[] = []): MetricSample => ({
    suffix,
    labels: labelText([['view', view], ...more]),
    value,
  });
  return [
    {
      name: 'tsbpftop_view_up',
      type: 'gauge',
      help: 'Whether the view is attached and could be read.',
      samples: states.map(({view, frame}) => sample(view, frame === undefined ? '0' : '1')),
    },
    {
      name: 'tsbpftop_view_attached_timestamp_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'When its probes were attached: its counters are from then on.',
      samples: read.map(({view, since}) => sample(view, String(since / 1000))),
    },
    {
      name: 'tsbpftop_view_status',
      type: 'gauge',
      help: '1 for what the view is: every number exact, approximate (it can never be exact), or partial (something was lost).',
      samples: read.flatMap(({view, frame}) =>
        statuses.map((status) => sample(view, frame.status === status ? '1' : '0', '', [['status', status]])),
      ),
    },
    {
      name: 'tsbpftop_view_keys',
      type: 'gauge',
      help: 'Keys in the kernel map of the view.',
      samples: read.map(({view, frame}) => sample(view, String(frame.keys.used))),
    },
    {
      name: 'tsbpftop_view_keys_limit',
      type: 'gauge',
      help: 'Keys that the map holds at most.',
      samples: read.flatMap(({view, frame}) => (frame.keys.max === 0 ? [] : [sample(view, String(frame.keys.max))])),
    },
    {
      name: 'tsbpftop_view_lost_events',
      type: 'counter',
      help: 'What was not counted, or not wholly: no place in a full map, the end of a span without its start, skipped by the kernel, memory that could not be read, no place for a stack.',
      samples: read.flatMap(({view, frame}) =>
        reasons.map(([name, reason]) => sample(view, String(frame.lost[name]), '_total', [['reason', reason]])),
      ),
    },
    {
      name: 'tsbpftop_view_earlier_spans',
      type: 'counter',
      help: 'Spans that began before the probes were there and have ended since: no loss, since every one that began later is counted.',
      samples: read.map(({view, frame}) => sample(view, String(frame.lost.earlier), '_total')),
    },
    {
      name: 'tsbpftop_view_probe_runs',
      type: 'counter',
      help: 'Runs of the BPF programs of the view.',
      samples: read.map(({view, programs}) => sample(view, String(programs.reduce((sum, {runs}) => sum + runs, 0)), '_total')),
    },
    {
      name: 'tsbpftop_view_probe_seconds',
      type: 'counter',
      unit: 'seconds',
      help: 'CPU time of the BPF programs of the view.',
      samples: read.map(({view, programs}) =>
        sample(
          view,
          scaled(
            programs.reduce((sum, {nanoseconds}) => sum + nanoseconds, 0),
            9,
          ),
          '_total',
        ),
      ),
    },
  ];
}

interface Own {
  readonly version: string;
  readonly kernel: string;
  readonly cpuMicroseconds: number;
  readonly memoryBytes: number;
  /** ms since the epoch */
  readonly startedAt: number;
  readonly readMilliseconds: number;
}

export function programFamilies({
  version,
  kernel,
  cpuMicroseconds,
  memoryBytes,
  startedAt,
  readMilliseconds,
}: Own): readonly MetricFamily[] {
  const one = (value: string, suffix = '', labels = ''): readonly MetricSample[] => [{suffix, labels, value}];
  return [
    {
      name: 'tsbpftop_build',
      type: 'info',
      help: 'The program and the kernel under it.',
      samples: one(
        '1',
        '_info',
        labelText([
          ['version', version],
          ['kernel', kernel],
        ]),
      ),
    },
    {
      name: 'tsbpftop_read_duration_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'How long reading the maps of all views took.',
      samples: one(String(Math.round(readMilliseconds * 1000) / 1e6)),
    },
    {
      name: 'process_cpu_seconds',
      type: 'counter',
      unit: 'seconds',
      help: 'CPU time of tsbpftop itself.',
      samples: one(scaled(Math.round(cpuMicroseconds), 6), '_total'),
    },
    {
      name: 'process_resident_memory_bytes',
      type: 'gauge',
      unit: 'bytes',
      help: 'Memory of tsbpftop itself.',
      samples: one(String(memoryBytes)),
    },
    {
      name: 'process_start_time_seconds',
      type: 'gauge',
      unit: 'seconds',
      help: 'When tsbpftop started.',
      samples: one(String(Math.round(startedAt) / 1000)),
    },
  ];
}
