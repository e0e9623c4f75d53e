// A preset on a machine becomes a Plan: which instances of the bundled program, with which configuration, attached where,
// over which maps, and how their records are read back. Pure. variants.ts chooses among firstOf alternatives before.
import type {EventLayout, RecordLayout} from '../decode/layout.ts';
import type {ViewShape} from '../decode/frame.ts';
import type {SessionSpec} from '../native/contract.ts';
import {attachments, type Instance} from './program/attachments.ts';
import {counting, countsMap} from './program/counts-map.ts';
import {fillForget, keeping, keptMap} from './program/kept.ts';
import {comparisonsOf} from './conditions.ts';
import {encodeGlobal} from './program/encode.ts';
import {eventLayout, sending, wantedWords} from './program/events.ts';
import {type Attempt, type Fault, Faults, PlanFaults} from './fault.ts';
import type {FuncSource} from './program/func-numbers.ts';
import {type Filters, fillEvent, fillStart, type Scene, spanMatch} from './program/fill.ts';
import {ownFilters} from './program/filters.ts';
import {keyLayout} from './program/layouts.ts';
import {mapsOf} from './program/maps.ts';
import type {Ability, Machine} from './machine.ts';
import {measureLayout} from './program/measures.ts';
import {type PlannedPoint, plannedPoints} from './program/planned-points.ts';
import type {Preset} from './preset.ts';
import {canInterruptItself, isPattern, type LeftOut, type PointOptions} from './points/point.ts';
import {isSampled} from './points/points-perf.ts';
import {configOf} from './program/engine.ts';
import {Program, type Role} from './program/program.ts';
import type {Value} from './program/encode.ts';
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

/** @param send single events in place of counts: all, or those of the row with this key */
export function planOf(given: Preset, variant: Variant, machine: Machine, asked: Filters, send?: 'all' | Uint8Array): Plan {
  const faults = new Faults();
  const {attempt} = faults;
  const {preset, filters} = attempt('/filter', () => ownFilters(given, asked)) ?? {preset: given, filters: {}};
  const leftOut = new Map<string, LeftOut>();
  const options: PointOptions = {
    ...(asked.pid === undefined ? {} : {pid: asked.pid}),
    allowGoUretprobe: preset.allowGoUretprobe,
    allowCppUretprobe: preset.allowCppUretprobe,
    returns: variant.kind === 'call',
    leaveOut: (left) => leftOut.set(left.name, left),
  };
  const {from, to, until} = plannedPoints(preset, variant, machine, options, faults);
  const points = [...from, ...to, ...until];
  const end = to[0]?.point;
  if (end === undefined) throw new PlanFaults([{pointer: '', message: 'no probe to attach to'}]);

  const ends = {start: from[0]?.point ?? end, end, span: variant.kind !== 'attach', call: isOneCall(variant, from), machine};
  const key = keyLayout(preset, ends, attempt);
  const measures = measureLayout(preset, ends, attempt);
  if (faults.all.length > 0) faults.add(...otherFaults(faults.all, preset, (rest) => planOf(rest, variant, machine, asked, send)));
  faults.stop();
  if (key === undefined) throw new Error('no layout, and no fault');
  const lasting = preset.until !== undefined;
  const counts = lasting ? {map: keptMap(preset, measures, key, attempt)} : countsMap(preset, measures, key.size, machine, attempt);
  faults.stop();

  const keyFields = key.fields(namesByNumber(from), namesByNumber(to));
  const last =
    send !== undefined
      ? sending(key.size, send === 'all' ? [] : wantedWords(keyFields, send))
      : lasting
        ? keeping(key)
        : counting(key.size, counts.hot);
  const scene = {
    preset,
    filters,
    machine,
    key,
    measures,
    match: spanMatch(variant),
    variant,
    several: from.length > 1,
    keeps: lasting && send === undefined,
  };
  const extremes = measures.maxWords.length > 0 && !lasting;
  const exchange = extremes && machine.abilities.has('exchange');
  const instances = instancesOf(from, to, send === undefined ? until : [], scene, last, attempt);
  const {groups, relies} = attachments(instances, machine.abilities, asked.pid, exchange);
  faults.stop();
  if (groups.length === 0) throw new PlanFaults([{pointer: '/where', message: 'no probe is left: the comparison with func leaves none'}]);

  const config = configOf(machine);
  const layout: RecordLayout = {
    keySize: key.size,
    valueSize: measures.valueSize,
    key: keyFields,
    measures: measures.fields,
    ...(lasting ? {lasting} : {}),
    ...(measures.hist === undefined ? {} : {hist: measures.hist}),
  };
  return {
    session: {
      object: exchange ? machine.exchangePath : machine.enginePath,
      maps: mapsOf(preset, variant, key, send === undefined ? counts : undefined, machine),
      programs: groups.map((group) => ({
        program: 'probe',
        type: group.type,
        ...(group.target === undefined ? {} : {target: group.target}),
        globals: {config: encodeGlobal(config, group.config)},
        attach: group.attach,
      })),
      statistics: true,
    },
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
      ...(points.some(({point}) => isSampled(point)) ? ['samples: the shares are near the truth, and what is rare may be missed'] : []),
      ...(extremes && !exchange && to.some(({point}) => canInterruptItself(point))
        ? ['min and max: one that is measured in an interrupt of another may be lost (exact since Linux 5.12)']
        : []),
    ],
    relies,
    points: [...new Set(points.map(({point}) => point.probe))],
    places: points.flatMap(({spec, point}) =>
      point.site.kind === 'uprobe'
        ? [{path: point.site.path, offset: point.site.offset, probe: point.probe, func: point.func, byName: !isPattern(spec.probe)}]
        : [],
    ),
    leftOut: [...leftOut.values()],
  };
}

/** The programs of all points. @param last what a program does with an event that has passed: it counts it, or sends it */
function instancesOf(
  from: readonly PlannedPoint[],
  to: readonly PlannedPoint[],
  until: readonly PlannedPoint[],
  shared: Omit<Scene, 'planned' | 'func'>,
  last: Readonly<Record<string, Value>>,
  attempt: Attempt,
): readonly Instance[] {
  const {preset, variant, machine} = shared;
  const build = (planned: PlannedPoint, role: Role, func: FuncSource): Program | undefined => {
    const program = new Program(role, planned.point.program === 'tracepoint', machine);
    const scene = {...shared, planned, func};
    if (role === 'ROLE_FORGET') return fillForget(program, scene, preset.until?.match ?? scene.match, attempt) ? program : undefined;
    if (role !== 'ROLE_START') program.endWith(last);
    const wanted = role === 'ROLE_START' ? fillStart(program, scene, attempt) : fillEvent(program, scene, attempt);
    return wanted ? program : undefined;
  };
  const all = (points: readonly PlannedPoint[], role: Role): Instance[] =>
    points.map((planned) => ({planned, build: (func) => build(planned, role, func)}));
  // attached first: whatever is kept is seen to end
  const over = all(until, 'ROLE_FORGET');
  if (variant.kind === 'attach') return [...over, ...all(to, 'ROLE_COUNT')];
  /** A call of which no end can pass is not begun either: it would never end. */
  const canEnd = (planned: PlannedPoint): boolean => {
    const end = to[planned.index];
    return variant.kind !== 'call' || !namesFunction(preset) || (end !== undefined && build(end, 'ROLE_END', 'constant') !== undefined);
  };
  // starts before ends: an end then finds its start wherever it began since
  return [...over, ...all(from.filter(canEnd), 'ROLE_START'), ...all(to, 'ROLE_END')];
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

/** Names of functions by their points' numbers. */
const namesByNumber = (planned: readonly PlannedPoint[]): Readonly<Record<string, string>> =>
  Object.fromEntries(planned.map((each) => [String(each.number), each.point.func]));

/** After exec an address is one of another program's. */
const isOneCall = ({kind}: Variant, from: readonly PlannedPoint[]): boolean =>
  kind === 'call' && !from.some(({spec, point}) => spec.match !== undefined || point.func.includes('exec'));

/** A comparison with `func` leaves whole points out. */
const namesFunction = ({where}: Preset): boolean =>
  where.some(({value}) =>
    comparisonsOf(value).some(({left, right}) => [left, right].some((side) => side.kind === 'name' && side.name === 'func')),
  );
