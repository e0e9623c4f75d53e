// The points that a variant of a preset means on a machine: wildcards expanded, the return of each call found, all of them
// numbered. Pure.
import {type Faults, WrongPreset} from '../fault.ts';
import {numbered} from './func-numbers.ts';
import type {Machine} from '../machine.ts';
import type {Preset, ProbeSpec} from '../preset.ts';
import {isPattern, type Point, type PointOptions} from '../points/point.ts';
import {pointsOf} from '../probes.ts';
import type {Variant} from '../variants.ts';

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
export type Unnumbered = Omit<PlannedPoint, 'number' | 'byAddress'>;

/** Where a span begins, which is nowhere for a view without one, and where it ends or where events are counted. */
interface PlannedPoints {
  readonly from: readonly PlannedPoint[];
  readonly to: readonly PlannedPoint[];
  /** Where what lasts is over. */
  readonly until: readonly PlannedPoint[];
}

/** @throws PlanFaults */
export function plannedPoints(
  {maxProbes}: Preset,
  variant: Variant,
  machine: Machine,
  options: PointOptions,
  faults: Faults,
): PlannedPoints {
  const expand = (specs: readonly ProbeSpec[]): Unnumbered[] => {
    const all = specs.flatMap(
      (spec) => faults.attempt(spec.at, () => pointsOf(spec.probe, machine, options).map((point) => ({spec, point}))) ?? [],
    );
    if (all.length > maxProbes)
      faults.add({
        pointer: specs[0]?.at ?? '',
        message: `${all.length} probes, and at most ${maxProbes} are allowed`,
        hint: 'a narrower wildcard, or "maxProbes": N',
      });
    return indexed(all, variant.kind === 'call');
  };
  const begun = expand(variant.from);
  const started =
    variant.kind === 'call'
      ? indexed(
          begun.filter((each) => returnsOrNamed(each, options)),
          true,
        )
      : begun;
  const ended = variant.kind === 'pair' ? expand(variant.to) : variant.kind === 'call' ? returns(started, faults) : started;
  const until = expand(variant.until).map((each) => ({...each, index: 0, number: 0n, byAddress: false}));
  faults.stop();
  return {...numbered(started, ended, machine), until};
}

/** Points of one name feed one row; calls are told apart, since those of two functions of a name may be nested. */
function indexed(all: readonly Omit<Unnumbered, 'index'>[], calls: boolean): Unnumbered[] {
  const first = new Map<string, number>();
  all.forEach(({point}, index) => {
    if (!calls && !first.has(point.func)) first.set(point.func, index);
  });
  return all.map((each, index) => ({...each, index: first.get(each.point.func) ?? index}));
}

/** A function that never returns is left out of a span where a wildcard means it, and refused where it is named. */
function returnsOrNamed({spec, point}: Unnumbered, options: PointOptions): boolean {
  if (point.exit !== undefined || !isPattern(spec.probe)) return true;
  options.leaveOut?.({name: point.func, reason: 'it does not return'});
  return false;
}

/** The return points of calls, with the indices of their entries. */
function returns(from: readonly Unnumbered[], faults: Faults): Unnumbered[] {
  const failed = new Set<string>();
  return from.flatMap((planned) => {
    if (failed.has(planned.spec.at)) return [];
    const point = faults.attempt(planned.spec.at, () => {
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
