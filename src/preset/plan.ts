// A preset on a machine becomes a Plan: which instances of the bundled program, with which configuration, attached where,
// over which maps, and how their records are read back. Pure. variants.ts chooses among firstOf alternatives before.
import type {EventLayout, RecordLayout} from '../decode/layout.ts';
import type {ViewShape} from '../decode/frame.ts';
import {stackMaps} from '../decode/stacks.ts';
import type {MapSpec, ProgramSpec, SessionSpec} from '../native/contract.ts';
import {attachments, type Instance} from './program/attachments.ts';
import {counting, countsMap} from './program/counts-map.ts';
import {fillForget, keeping, keptMap} from './program/kept.ts';
import {comparisonsOf} from './conditions.ts';
import {encodeGlobal} from './program/encode.ts';
import {eventLayout, ringBytes, sending, wantedWords} from './program/events.ts';
import {type Fault, faultAt, PresetFault, WrongPreset} from './fault.ts';
import {type FuncSource, numbered, type Unnumbered} from './program/func-numbers.ts';
import {type Filters, fillEvent, fillStart, spanMatch, startEntries} from './program/fill.ts';
import {ownFilters} from './program/filters.ts';
import {keyLayout} from './program/layouts.ts';
import type {Ability, Machine} from './machine.ts';
import {measureLayout} from './program/measures.ts';
import type {Preset, ProbeSpec} from './preset.ts';
import {canInterruptItself, isPattern, type LeftOut, type Point, type PointOptions} from './points/point.ts';
import {isSampled} from './points/points-perf.ts';
import {pointsOf} from './probes.ts';
import {configOf, lossesOf} from './program/engine.ts';
import {Program, type Role} from './program/program.ts';
import type {Variant} from './variants.ts';

export interface Plan {
  readonly session: SessionSpec;
  readonly layout: RecordLayout;
  /** Of the events that a session for single events sends. */
  readonly events: EventLayout;
  readonly shape: ViewShape;
  readonly maxKeys: number;
  /** Why this view can never be exact; empty when it can. */
  readonly approximations: readonly string[];
  /** What the plan assumes of the kernel, and could do without. */
  readonly relies: readonly Ability[];
  readonly points: readonly string[];
  /** What wildcards match and the view does not probe. */
  readonly leftOut: readonly LeftOut[];
  /** Where uprobes are put, by which the kernel names those that it refuses. `byName`: not found by a wildcard. */
  readonly places: readonly {
    readonly path: string;
    readonly offset: number;
    readonly probe: string;
    readonly func: string;
    readonly byName: boolean;
  }[];
}

/** The faults of one plan, all of them. */
export class PlanFaults extends Error {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(faults.map((fault) => fault.message).join('; '));
    // one that is looked at for key and value, or at both ends of a span, is told once
    this.faults = faults.filter(
      (fault, i) => faults.findIndex(({pointer, message}) => pointer === fault.pointer && message === fault.message) === i,
    );
  }
}

/** One point, with the per-point parts of its spelling. */
export interface PlannedPoint {
  readonly spec: ProbeSpec;
  readonly point: Point;
  /** Which of the points it is, by which cookies tell them apart. A span's two ends have the same. */
  readonly index: number;
  /** What `func` is in the key. */
  readonly number: bigint;
  /** The registers at the point hold that number. */
  readonly byAddress: boolean;
}

/** @param send single events in place of counts: all, or those of the row with this key */
export function planOf(given: Preset, variant: Variant, machine: Machine, asked: Filters, send?: 'all' | Uint8Array): Plan {
  const faults: Fault[] = [];
  const attempt = <T>(at: string, work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof PresetFault)) throw error;
      faults.push(faultAt(at, error));
      return undefined;
    }
  };
  const stop = (): void => {
    if (faults.length > 0) throw new PlanFaults(faults);
  };

  const {preset, filters} = attempt('/filter', () => ownFilters(given, asked)) ?? {preset: given, filters: {}};
  const leftOut = new Map<string, LeftOut>();
  const options: PointOptions = {
    ...(asked.pid === undefined ? {} : {pid: asked.pid}),
    allowGoUretprobe: preset.allowGoUretprobe,
    allowCppUretprobe: preset.allowCppUretprobe,
    returns: variant.kind === 'call',
    leaveOut: (left) => leftOut.set(left.name, left),
  };
  const expand = (specs: readonly ProbeSpec[]): Unnumbered[] => {
    const all = specs.flatMap(
      (spec) => attempt(spec.at, () => pointsOf(spec.probe, machine, options).map((point) => ({spec, point}))) ?? [],
    );
    if (all.length > preset.maxProbes)
      faults.push({
        pointer: specs[0]?.at ?? '',
        message: `${all.length} probes, and at most ${preset.maxProbes} are allowed`,
        hint: 'a narrower wildcard, or "maxProbes": N',
      });
    // points of one name feed one row; calls are told apart, since those of two functions of a name may be nested
    const first = new Map<string, number>();
    all.forEach(({point}, index) => {
      if (variant.kind !== 'call' && !first.has(point.func)) first.set(point.func, index);
    });
    return all.map((each, index) => ({...each, index: first.get(each.point.func) ?? index}));
  };
  const begun = expand(variant.from);
  // a span's two ends have one number, and names go by it
  const started =
    variant.kind === 'call' ? begun.filter((each) => returnsOrNamed(each, options)).map((each, index) => ({...each, index})) : begun;
  const ended = variant.kind === 'pair' ? expand(variant.to) : variant.kind === 'call' ? returns(started, attempt) : started;
  const over = expand(variant.until).map((each): PlannedPoint => ({...each, index: 0, number: 0n, byAddress: false}));
  stop();
  const {from, to} = numbered(started, ended, machine);
  const ends = to[0];
  if (ends === undefined) throw new PlanFaults([{pointer: '', message: 'no probe to attach to'}]);

  const span = variant.kind !== 'attach';
  const key = keyLayout(preset, from[0]?.point ?? ends.point, ends.point, span, machine, attempt);
  const measures = measureLayout(preset, from[0]?.point ?? ends.point, ends.point, span, machine, attempt);
  if (faults.length > 0) faults.push(...otherFaults(faults, preset, (rest) => planOf(rest, variant, machine, asked, send)));
  stop();
  if (key === undefined || measures === undefined) throw new Error('no layout, and no fault');

  const lasting = preset.until !== undefined;
  const extremes = measures.maxWords.length > 0 && !lasting;
  const exchange = extremes && machine.abilities.has('exchange');
  const {map, hot} = lasting
    ? {map: keptMap(preset, measures, key, attempt), hot: undefined}
    : countsMap(preset, measures, key.size, machine, attempt);
  stop();
  const match = spanMatch(variant);
  const keyFields = key.fields(points(from), points(to));
  const instances: Instance[] = [];
  const build = (planned: PlannedPoint, role: Role, func: FuncSource): Program | undefined => {
    const program = new Program(role, planned.point.program === 'tracepoint', machine);
    const keeps = lasting && send === undefined;
    const scene = {preset, filters, machine, planned, key, measures, match, variant, func, several: from.length > 1, keeps};
    if (role === 'ROLE_FORGET') return fillForget(program, scene, preset.until?.match ?? match, attempt) ? program : undefined;
    if (role !== 'ROLE_START')
      program.endWith(
        send !== undefined
          ? sending(key.size, send === 'all' ? [] : wantedWords(keyFields, send))
          : keeps
            ? keeping(key)
            : counting(key.size, hot),
      );
    const wanted = role === 'ROLE_START' ? fillStart(program, scene, attempt) : fillEvent(program, scene, attempt);
    return wanted ? program : undefined;
  };
  const add = (points: readonly PlannedPoint[], role: Role): void => {
    for (const planned of points) instances.push({planned, build: (func) => build(planned, role, func)});
  };
  /** A call of which no end can pass is not begun either: it would never end. */
  const closed = (planned: PlannedPoint): boolean => {
    const end = to[planned.index];
    return variant.kind !== 'call' || !namesFunction(preset) || (end !== undefined && build(end, 'ROLE_END', 'constant') !== undefined);
  };
  if (send === undefined) add(over, 'ROLE_FORGET'); // attached first: whatever is kept is seen to end
  if (span) add(from.filter(closed), 'ROLE_START'); // attached first: an end then finds its start wherever it began since
  add(to, span ? 'ROLE_END' : 'ROLE_COUNT');

  const usesStacks = preset.by.some(({expr}) => expr.kind === 'name' && (expr.name === 'kstack' || expr.name === 'ustack'));
  const config = configOf(machine);
  const {groups, relies} = attachments(instances, machine.abilities, asked.pid, exchange);
  stop();
  const programs: ProgramSpec[] = groups.map((group) => ({
    program: 'probe',
    type: group.type,
    ...(group.target === undefined ? {} : {target: group.target}),
    globals: {config: encodeGlobal(config, group.config)},
    attach: group.attach,
  }));
  if (programs.length === 0) throw new PlanFaults([{pointer: '/where', message: 'no probe is left: the comparison with func leaves none'}]);

  const events: MapSpec = {name: 'events', type: 'ringbuf', keySize: 0, valueSize: 0, maxEntries: ringBytes};
  const maps: MapSpec[] = [
    send === undefined ? map : events,
    {name: 'losses', type: 'percpu_array', keySize: 4, valueSize: lossesOf(machine).valueSize, maxEntries: 1},
  ];
  if (send === undefined && hot !== undefined)
    maps.push({name: 'hot', type: 'percpu_array', keySize: 4, valueSize: hot.bytes * hot.slots, maxEntries: hot.parts});
  if (span) maps.push({name: 'starts', type: 'lru_hash', keySize: 8, valueSize: 8 + 8 * key.savedWords, maxEntries: startEntries(machine)});
  if (variant.kind === 'call') maps.push({name: 'armed', type: 'array', keySize: 4, valueSize: 8, maxEntries: 1});
  if (usesStacks)
    stackMaps.forEach((name, i) =>
      maps.push({
        name,
        type: 'stack_trace',
        keySize: 4,
        valueSize: 8 * machine.stackDepth,
        maxEntries: Math.ceil(preset.maxStacks / 2 ** i),
      }),
    );
  const layout: RecordLayout = {
    keySize: key.size,
    valueSize: measures.valueSize,
    key: keyFields,
    measures: measures.fields,
    ...(lasting ? {lasting} : {}),
    ...(measures.hist === undefined ? {} : {hist: measures.hist}),
  };
  return {
    session: {object: exchange ? machine.exchangePath : machine.enginePath, maps, programs, statistics: true},
    layout,
    events: eventLayout(machine, layout, measures),
    shape: {
      name: preset.name,
      title: preset.title,
      description: preset.description,
      keys: key.columns,
      measures: measures.columns,
      ...(measures.hist === undefined ? {} : {hist: {unit: measures.hist.unit, scale: measures.hist.scale}}),
      ...(lasting ? {lasting} : {}),
      sort: preset.sort,
      probes: variant.kind === 'pair' ? [...variant.from, ...variant.to].map((spec) => spec.probe) : variant.from.map((spec) => spec.probe),
    },
    maxKeys: preset.maxKeys,
    approximations: [
      ...(preset.map === 'lru' ? ['an LRU map forgets keys without a word when it is full'] : []),
      ...([...from, ...to].some(({point}) => isSampled(point))
        ? ['samples: the shares are near the truth, and what is rare may be missed']
        : []),
      ...(extremes && !exchange && to.some(({point}) => canInterruptItself(point))
        ? ['min and max: one that is measured in an interrupt of another may be lost (exact since Linux 5.12)']
        : []),
    ],
    relies,
    points: [...new Set([...from, ...to, ...over].map((each) => each.point.probe))],
    places: [...from, ...to, ...over].flatMap(({spec, point}) =>
      point.site.kind === 'uprobe'
        ? [{path: point.site.path, offset: point.site.offset, probe: point.probe, func: point.func, byName: !isPattern(spec.probe)}]
        : [],
    ),
    leftOut: [...leftOut.values()],
  };
}

/** What else is wrong, as is seen without the fields that are: all faults are told at once. */
function otherFaults(faults: readonly Fault[], preset: Preset, plan: (preset: Preset) => unknown): readonly Fault[] {
  const right = ({at}: {readonly at: string}): boolean => !faults.some(({pointer}) => `${pointer}/`.startsWith(`${at}/`));
  const rest = {...preset, by: preset.by.filter(right), measures: preset.measures.filter(right)};
  if (rest.by.length + rest.measures.length === preset.by.length + preset.measures.length) return [];
  try {
    plan(rest);
    return [];
  } catch (error) {
    if (error instanceof PlanFaults) return error.faults;
    throw error;
  }
}

/** Names by the points' numbers. */
const points = (planned: readonly PlannedPoint[]): Readonly<Record<string, string>> =>
  Object.fromEntries(planned.map((each) => [String(each.number), each.point.func]));

/** A comparison with `func` leaves whole points out. */
const namesFunction = ({where}: Preset): boolean =>
  where.some(({value}) =>
    comparisonsOf(value).some(({left, right}) => [left, right].some((side) => side.kind === 'name' && side.name === 'func')),
  );

/** What a wildcard means and never returns is left out of a span; what is named is refused. */
function returnsOrNamed({spec, point}: Unnumbered, options: PointOptions): boolean {
  if (point.exit !== undefined || !isPattern(spec.probe)) return true;
  options.leaveOut?.({name: point.func, reason: 'it does not return'});
  return false;
}

/** The return points of calls, numbered as their entries. */
function returns(from: readonly Unnumbered[], attempt: <T>(at: string, work: () => T) => T | undefined): Unnumbered[] {
  const failed = new Set<string>();
  return from.flatMap((planned) => {
    if (failed.has(planned.spec.at)) return [];
    const point = attempt(planned.spec.at, () => {
      if (planned.point.exit === undefined)
        throw new WrongPreset(
          `'${planned.spec.probe}' has no return`,
          'a span of one probe wants syscall:, kprobe:, fentry: or uprobe:; else {"from": P, "to": P}',
        );
      return planned.point.exit();
    });
    if (point === undefined) failed.add(planned.spec.at);
    return point === undefined ? [] : [{...planned, point}];
  });
}
