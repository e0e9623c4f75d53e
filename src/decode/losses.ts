// What the bundled program counts of events that are not in its numbers, as it is told: which count is which loss, and
// why a frame is not exact. Pure.
import type {Sample} from '../native/contract.ts';
import type {Lost} from './frame.ts';

/** The members of `struct losses` in native/bpf/probe.h. */
const lossWords = [
  ...(['map_full', 'busy', 'unmatched', 'earlier', 'unreturned', 'fault'] as const),
  ...(['stack', 'unsent', 'started', 'unstarted', 'wide'] as const),
];
type Word = (typeof lossWords)[number];
/** Byte offsets in the value of the map `losses`. */
export type LossOffsets = Readonly<Record<Word, number>>;

export const lossOffsets = (offsetOf: (word: string) => number): LossOffsets =>
  Object.fromEntries(lossWords.map((word) => [word, offsetOf(word)])) as LossOffsets;

/** Losses of all kinds, each by its name. */
export const eachLoss = (of: (name: keyof Lost) => number): Lost =>
  Object.fromEntries((Object.keys(noLoss) as (keyof Lost)[]).map((name) => [name, of(name)])) as unknown as Lost;

export const noLoss: Lost = {mapFull: 0, unmatched: 0, missed: 0, fault: 0, stacks: 0, earlier: 0};

/** Runs that the kernel skipped. */
export const skippedOf = (programs: readonly {readonly missed: number}[]): number => programs.reduce((sum, {missed}) => sum + missed, 0);

export class LossReader {
  private readonly offsets: LossOffsets;
  /** Of so many starts none was pushed out of their map to make room. */
  private readonly sureStarts: number;
  /** Ends that are sure to be of spans that began before: counted while no start was pushed out. */
  private earlier = 0;

  constructor(offsets: LossOffsets, sureStarts: number) {
    this.offsets = offsets;
    this.sureStarts = sureStarts;
  }

  /** Of what is sampled; undefined: it has no losses of its own. */
  static of({losses, maxStarts = 0}: {readonly losses?: LossOffsets; readonly maxStarts?: number}): LossReader | undefined {
    return losses && new LossReader(losses, maxStarts / 2);
  }

  /** @param skipped runs of the programs that the kernel skipped */
  read(values: Uint8Array, skipped: number): Lost {
    const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
    const word = (name: Word): number => Number(view.getBigUint64(this.offsets[name], true));
    const [unmatched, earlier] = [word('unmatched'), word('earlier')];
    // an end whose start was pushed out, or found no room, looks like one that began before
    if (word('started') <= this.sureStarts && word('unstarted') === 0) this.earlier = earlier;
    return {
      mapFull: word('map_full'),
      unmatched: unmatched + earlier - this.earlier,
      // a call within a call of the same function opens the span again, and leaves an end unmatched: that is one loss
      missed: skipped + word('busy') + Math.max(0, word('unreturned') - unmatched),
      fault: word('fault'),
      stacks: word('stack'),
      earlier: this.earlier,
    };
  }
}

/** Whether a sum of 64 bits has gone past its end, or may have: that it did is seen in the sum, unless it grew by all of 64 bits
 * between two samples. The program counts how much it can have been at most. */
export class SumWatch {
  private readonly offset: number;
  /** Of 2^32: what no sum grows by between two samples that are told apart. */
  private readonly most: number;
  private readonly sums: number;
  private lastWide = 0;
  private passed = false;

  constructor(offsets: LossOffsets, sums: readonly {readonly signed: boolean}[]) {
    this.offset = offsets.wide;
    this.sums = sums.length;
    this.most = 2 ** (sums.some(({signed}) => signed) ? 31 : 32);
  }

  /** @param values the losses, read before the sample */
  see(values: Uint8Array, {counted = 0, wrapped = 0}: Pick<Sample, 'counted' | 'wrapped'>): boolean {
    const wide = Number(new DataView(values.buffer, values.byteOffset, values.byteLength).getBigUint64(this.offset, true));
    // what a value has in its lower half is less than 2^32
    const grown = wide - this.lastWide + counted * this.sums;
    this.lastWide = wide;
    this.passed ||= wrapped > 0 || grown >= this.most;
    return this.passed;
  }
}

export const sumPassed = 'values so large were added up that a sum went past 64 bits, or may have, and began again';

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/**
 * Why a frame with these losses is partial, one sentence each.
 * @param lasting its events are kept one by one until they are over
 */
export function reasonsOf(lost: Lost, maxKeys: number, lasting = false): readonly string[] {
  const reasons: string[] = [];
  if (lost.mapFull > 0)
    reasons.push(
      lasting
        ? `${plural(lost.mapFull, 'event', 'events')} found no place, since ${maxKeys} lasted already: raise "maxKeys", or narrow "where"`
        : `${plural(lost.mapFull, 'event', 'events')} found no place in the map of ${maxKeys} keys: raise "maxKeys", or group by less`,
    );
  if (lost.unmatched > 0)
    reasons.push(
      `${plural(lost.unmatched, 'end', 'ends')} of a span came without a start, as where calls are nested, seccomp refuses them, or too many are under way at once`,
    );
  if (lost.missed > 0)
    reasons.push(
      lasting
        ? `of ${plural(lost.missed, 'event', 'events')} the end was not seen before the same match value came again, or the kernel skipped them: "until" may lack an end`
        : `${plural(lost.missed, 'event was', 'events were')} skipped by the kernel, as when the program was already running on that CPU, it interrupted another's change of the map, a return found no slot, samples came faster than kernel.perf_event_max_sample_rate, or a CPU was switched on`,
    );
  if (lost.fault > 0)
    reasons.push(
      `${plural(lost.fault, 'value', 'values')} could not be read from memory, and ${lost.fault === 1 ? 'is' : 'are'} shown as <fault> or 0`,
    );
  if (lost.stacks > 0)
    reasons.push(
      `${plural(lost.stacks, 'stack', 'stacks')} found ${lost.stacks === 1 ? 'its place' : 'their places'} in the map of stacks taken by others, and ${lost.stacks === 1 ? 'is' : 'are'} counted as <stack lost>: raise "maxStacks"`,
    );
  return reasons;
}

/** Whether the reasons for both are the same, which are made of words only when they are said. */
export const isSameLoss = (a: Lost, b: Lost): boolean =>
  a.mapFull === b.mapFull && a.unmatched === b.unmatched && a.missed === b.missed && a.fault === b.fault && a.stacks === b.stacks;

/** What is not in the numbers and is no loss; undefined: nothing. */
export const besideOf = ({earlier}: Lost): string | undefined =>
  earlier === 0
    ? undefined
    : `${plural(earlier, 'span that began before the probes were there has', 'spans that began before the probes were there have')} ended since, and ${earlier === 1 ? 'is' : 'are'} not counted: every one that began later is`;
