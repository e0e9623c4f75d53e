// THE table of probe types: how each is spelled, and how its points are found. Adding a type: its
// entry here, its points in a points-*.ts, its case in native/attach.cc.
import {nearest} from '../errors.ts';
import {hintOfKind} from './bpftrace-words.ts';
import {WrongPreset} from './fault.ts';
import type {Machine} from './machine.ts';
import type {Point, PointOptions} from './points/point.ts';
import {kprobePoints, trampolinePoints} from './points/points-functions.ts';
import {rawTracepointPoints, syscallPoints, tracepointPoints} from './points/points-kernel.ts';
import {hardwareEvents, perfPoints, profilePoints, softwareEvents} from './points/points-perf.ts';
import {usdtPoints} from './points/points-usdt.ts';
import {uprobePoints} from './points/points-user.ts';

interface ProbeType {
  /** How it is written, for messages and completion. */
  readonly spelling: string;
  readonly says: string;
  /** All points of this machine that `rest` (what follows 'KIND:') means; throws a PresetFault that says why there are none. */
  readonly points: (rest: string, machine: Machine, options: PointOptions) => readonly Point[];
}

const table = {
  tracepoint: {spelling: 'tracepoint:CATEGORY:NAME', says: 'kernel tracepoint', points: tracepointPoints},
  rawtracepoint: {spelling: 'rawtracepoint:NAME', says: 'raw kernel tracepoint', points: rawTracepointPoints},
  kprobe: {
    spelling: 'kprobe:FUNC[+OFF]',
    says: 'kernel function entry',
    points: (rest, machine, options) => kprobePoints(rest, machine, false, options),
  },
  kretprobe: {
    spelling: 'kretprobe:FUNC',
    says: 'kernel function return',
    points: (rest, machine, options) => kprobePoints(rest, machine, true, options),
  },
  fentry: {
    spelling: 'fentry:FUNC',
    says: 'kernel function entry by trampoline',
    points: (rest, machine, options) => trampolinePoints(rest, machine, false, options),
  },
  fexit: {
    spelling: 'fexit:FUNC',
    says: 'kernel function return by trampoline',
    points: (rest, machine, options) => trampolinePoints(rest, machine, true, options),
  },
  uprobe: {
    spelling: 'uprobe:FILE:SYMBOL[+OFF]',
    says: 'user function entry',
    points: (rest, machine, options) => uprobePoints(rest, machine, false, options),
  },
  uretprobe: {
    spelling: 'uretprobe:FILE:SYMBOL',
    says: 'user function return',
    points: (rest, machine, options) => uprobePoints(rest, machine, true, options),
  },
  usdt: {
    spelling: 'usdt:FILE:PROVIDER:NAME',
    says: 'user static probe',
    points: usdtPoints,
  },
  profile: {spelling: 'profile:hz:N', says: 'timed sampling on every CPU', points: profilePoints},
  software: {
    spelling: 'software:EVENT:PERIOD',
    says: 'perf software event',
    points: (rest) => perfPoints('software', rest, softwareEvents),
  },
  hardware: {
    spelling: 'hardware:EVENT:PERIOD',
    says: 'perf hardware event',
    points: (rest) => perfPoints('hardware', rest, hardwareEvents),
  },
  syscall: {spelling: 'syscall:NAME', says: 'system call: entry in attach, both ends in span', points: syscallPoints},
} satisfies Readonly<Record<string, ProbeType>>;

export type ProbeKind = keyof typeof table;
export const probeTypes: Readonly<Record<ProbeKind, ProbeType>> = table;

export const isProbeKind = (text: string): text is ProbeKind => Object.hasOwn(probeTypes, text);

/** The points that one probe spelling means on this machine. */
export function pointsOf(probe: string, machine: Machine, options: PointOptions): readonly Point[] {
  const colon = probe.indexOf(':');
  const kind = probe.slice(0, Math.max(colon, 0));
  if (!isProbeKind(kind)) {
    const near = nearest(kind === '' ? probe : kind, Object.keys(probeTypes));
    const hint =
      hintOfKind(kind || probe) ||
      `${near.length > 0 ? `nearest: ${near.join(', ')}\n` : ''}a probe is one of ${Object.values(probeTypes)
        .map((type) => type.spelling)
        .join('  ')}`;
    throw new WrongPreset(`unknown probe type in '${probe}'`, hint);
  }
  return probeTypes[kind].points(probe.slice(colon + 1), machine, options);
}
