// Fills one Program for one point: filters first (the cheapest refusals), then the key, then measures. Pure.
import type {Condition, Expr} from '../expr.ts';
import {tid, treeId} from '../expr-parts.ts';
import {commOffset, EventWriter, funcStep} from './event-writer.ts';
import {type Attempt, WrongPreset} from '../fault.ts';
import type {FuncSource} from './func-numbers.ts';
import type {KeyLayout} from './layouts.ts';
import type {Machine} from '../machine.ts';
import type {MeasureLayout} from './measures.ts';
import {placeOf} from './places.ts';
import type {PlannedPoint} from './planned-points.ts';
import type {PointMatch, Preset} from '../preset.ts';
import type {Program, StepNumber} from './program.ts';
import {testOf} from './compare.ts';
import {resolve} from '../resolve.ts';
import {returnsOf} from './births.ts';
import type {Variant} from '../variants.ts';

/** What the command line adds to every view's `where`. */
export interface Filters {
  readonly pid?: number;
  /** Bytes where it comes from the kernel: it may be no UTF-8. */
  readonly comm?: string | Uint8Array;
  readonly cgroup?: bigint;
  /** The cgroup is that of a command which was started to be watched. */
  readonly command?: true;
}

export interface Match {
  readonly from: Expr;
  readonly to: Expr;
  readonly within?: Expr;
  /** The function is part of the pair: calls of two traced functions of one thread may be nested. */
  readonly byFunction: boolean;
  /** An end without a start is a loss, and not what a start's own `where` left out. */
  readonly countUnmatched: boolean;
}

export interface Scene {
  readonly preset: Preset;
  readonly filters: Filters;
  readonly machine: Machine;
  readonly planned: PlannedPoint;
  readonly key: KeyLayout;
  readonly measures: MeasureLayout;
  readonly match: Match;
  readonly variant: Variant;
  /** How the program knows which point fired. */
  readonly func: FuncSource;
  readonly several: boolean;
  /** What lasts is kept; else it is sent, as other events are. */
  readonly keeps: boolean;
}

// A CPU sets 128 free entries of an LRU map aside, and the map pushes entries out when none is left for the next CPU: of so
// many, half are sure to find room.
export const startEntries = ({possibleCpus}: Machine): number => Math.max(16_384, 256 * possibleCpus);
/** Of those, what one CPU may make. */
const sureStarts = (machine: Machine): number => Math.floor(startEntries(machine) / 2 / machine.possibleCpus);

const zero: Expr = {kind: 'integer', value: 0n};

export function spanMatch(variant: Variant): Match {
  if (variant.kind !== 'pair') return {from: tid, to: tid, byFunction: true, countUnmatched: true};
  const leftOut = variant.from
    .flatMap((start) => start.where)
    .some((each) => variant.to.some((end) => !end.where.some((one) => isSame(each, one))));
  return {...variant.match, byFunction: false, countUnmatched: !leftOut};
}

/** What the ends leave out as well leaves none of them without a start. */
const isSame = (one: Condition, other: Condition): boolean => treeId(one) === treeId(other);

/** A counting point, or a span's end. False: this point can never pass `where`. */
export function fillEvent(program: Program, scene: Scene, attempt: Attempt): boolean {
  const {preset, planned, key} = scene;
  const end = program.role === 'ROLE_END';
  if (end) {
    const by = planned.spec.match?.expr ?? scene.match.to;
    const returns = treeId(by) === treeId(tid) ? returnsOf(planned.point, scene.machine.architecture) : {};
    attempt('/span', () =>
      program.pairBy(matchStep(program, scene, scene.match.to), scene.match.countUnmatched, sureStarts(scene.machine), returns),
    );
  }
  applyFilters(program, scene, end);
  // a process alone is filtered at the start as well: nothing is open then
  program.closeFiltered = end && scene.variant.kind === 'call' && (scene.filters.pid === undefined || scene.filters.comm !== undefined);
  const writer = new EventWriter(program, scene, end);
  let possible = true;
  // what fails a point's own where is no end: it is tested before the start is looked up, which it leaves alone
  for (const value of planned.spec.where)
    attempt(planned.spec.at, () => {
      possible = writer.require(value, end) && possible;
    });
  for (const {at, value} of preset.where)
    attempt(at, () => {
      possible = writer.require(value) && possible;
    });
  if (!possible) return false;
  // before texts are read, since some may be about them
  const tables = scene.measures.parts.map(({at, where}) => (where === undefined ? undefined : attempt(at, () => writer.tableOf(where))));
  writer.flushComparedTexts();
  if (end) program.restore(key.restored.words, key.restored.offset);
  preset.by.forEach((by, i) => attempt(by.at, () => writer.keyField(by.expr, by.from, by.format, key.offsets[i] ?? 0)));
  const {until} = preset;
  if (until !== undefined && scene.keeps) {
    const own = scene.variant.kind === 'attach' ? planned.spec.match : undefined;
    const {expr, within} = own ?? {expr: until.match.from, within: until.match.within};
    attempt('/until/match', () => {
      const step = writer.number(expr);
      program.keepBy(within === undefined ? step : program.combine('SOURCE_COMBINE', writer.number(within), step));
    });
  }
  if (preset.by.length === 0) program.keyInteger(program.value(placeOf({source: 'SOURCE_CONSTANT'})), 0);
  scene.measures.parts.forEach((part, i) =>
    attempt(part.at, () => {
      const {operation, word, slots, bias, low, width} = part;
      // what no event of this point passes adds nothing; a table of 0 would be no table
      const expr = tables[i] === 0n ? zero : part.expr;
      program.measure({operation, word, slots, bias, low, width, passes: tables[i] ?? 0n, step: writer.number(expr)});
    }),
  );
  return true;
}

/** A span's start: what pairs it, what it saves. */
export function fillStart(program: Program, scene: Scene, attempt: Attempt): boolean {
  const {planned, key, variant} = scene;
  // what a filter keeps from its end is open for good
  const ends =
    variant.kind === 'call' && scene.filters.comm === undefined && scene.filters.cgroup === undefined && planned.spec.where.length === 0;
  attempt('/span', () => program.pairBy(matchStep(program, scene, scene.match.from), ends, 0));
  // pid and tid are the same at both ends of a call, so that the start of a filtered one need not be remembered
  if (variant.kind === 'call')
    applyFilters(program, {...scene, filters: scene.filters.pid === undefined ? {} : {pid: scene.filters.pid}}, false);
  program.readAgain = key.readAgain;
  const writer = new EventWriter(program, scene, false);
  let possible = true;
  if (variant.kind === 'pair')
    for (const value of planned.spec.where)
      attempt(planned.spec.at, () => {
        possible = writer.require(value) && possible;
      });
  if (!possible) return false;
  writer.flushComparedTexts();
  for (const saved of key.saved) attempt(saved.at, () => writer.keyField(saved.expr, false, saved.format, 8 + 8 * saved.word));
  program.save(key.savedWords);
  return true;
}

/** What pairs two points, read at one of them. @param common of points that say nothing of it */
export function pairStep(program: Program, scene: Scene, common: PointMatch): StepNumber {
  const read = (each: Expr): StepNumber => {
    const field = resolve(each, scene.planned.point, scene.machine, false);
    if (field.kind !== 'integer') throw new WrongPreset('a match is an integer');
    return program.value(field.place, true);
  };
  const {expr, within} = scene.planned.spec.match ?? common;
  const step = read(expr);
  return within === undefined ? step : program.combine('SOURCE_COMBINE', read(within), step, true);
}

function matchStep(program: Program, scene: Scene, common: Expr): StepNumber {
  const {within} = scene.match;
  const step = pairStep(program, scene, {expr: common, ...(within === undefined ? {} : {within})});
  if ((scene.planned.spec.match?.within ?? within) !== undefined) return step;
  if (!scene.match.byFunction || !scene.several) return step;
  return program.combine('SOURCE_COMBINE', funcStep(program, scene, true), step, true);
}

/** In a span's end before the lookup, so that another process's unmatched end is not counted as ours. */
function applyFilters(program: Program, scene: Scene, early: boolean): void {
  const {pid, comm, cgroup} = scene.filters;
  const equal = (source: string, value: bigint): void => {
    const test = testOf('==', value, false);
    if (test !== undefined) program.require(program.value(placeOf({source}), early), test);
  };
  if (pid !== undefined) equal('SOURCE_PID', BigInt(pid));
  if (cgroup !== undefined) equal('SOURCE_CGROUP', cgroup);
  if (comm !== undefined) program.commTests([{value: comm, prefix: false, equal: true}], commOffset(scene));
}
