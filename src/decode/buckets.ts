// Histograms: slots as probe.bpf.c counts them, buckets as users read them. Half-open intervals [low, high).
import {jsonCount, narrowed} from './counts.ts';
import type {Bucket, Count, Histogram, Scale} from './frame.ts';

/** log2: below zero, [0,1), [1,2), [2,4) ... [2^62,2^63), and the rest. */
const log2Slots = 66;

export function slotCount(scale: Scale): number {
  switch (scale.kind) {
    case 'log2':
      return log2Slots;
    case 'linear':
      return Math.ceil((scale.max - scale.min) / scale.step) + 2;
    case 'powers':
    case 'steps':
      return scale.slots;
  }
}

type Bounds = Pick<Bucket, 'low' | 'high'>;
const unbounded: Bounds = {low: null, high: null};

/** Ends of a slot; null is infinite. */
export function bounds(scale: Scale, slot: number): Bounds {
  const last = slotCount(scale) - 1;
  switch (scale.kind) {
    case 'linear':
      if (slot === 0) return {low: null, high: scale.min};
      if (slot === last) return {low: scale.max, high: null};
      return {low: scale.min + (slot - 1) * scale.step, high: Math.min(scale.min + slot * scale.step, scale.max)};
    case 'steps':
      return {low: scale.min + slot * scale.step, high: slot === last ? null : scale.min + (slot + 1) * scale.step};
    case 'log2':
      return powers(slot, last, 2);
    case 'powers':
      return powers(slot, last, scale.before);
  }
}

/** Powers of two: `before` slots come before that of [1,2); what is above all is in the last one. */
function powers(slot: number, last: number, before: 0 | 1 | 2): Bounds {
  const end = slot - before + 1; // of 2^end
  const high = slot === last || end > 63 ? null : narrowed(1n << BigInt(Math.max(0, end)));
  if (slot >= before) return {low: before === 0 && slot === 0 ? 0 : narrowed(1n << BigInt(end - 1)), high};
  return before === 2 && slot === 0 ? {low: null, high: 0} : {low: 0, high: slot === last ? null : 1};
}

const tables = new WeakMap<Scale, readonly Bounds[]>();

function boundsTable(scale: Scale): readonly Bounds[] {
  let table = tables.get(scale);
  if (table === undefined) {
    table = Array.from({length: slotCount(scale)}, (_, slot) => bounds(scale, slot));
    tables.set(scale, table);
  }
  return table;
}

/** Slots that have a count, ascending, and the counts. Two lists: a pair each would be ten times the memory. */
export interface Slots {
  readonly slots: readonly number[];
  readonly counts: readonly number[];
}
export const noSlots: Slots = {slots: [], counts: []};

export function readSlots(view: DataView, offset: number, length: number): Slots {
  const slots: number[] = [];
  const counts: number[] = [];
  for (let slot = 0; slot < length; slot++) {
    const at = offset + slot * 8;
    const low = view.getUint32(at, true);
    const high = view.getUint32(at + 4, true);
    if ((low | high) === 0) continue;
    slots.push(slot);
    counts.push(high * 0x1_0000_0000 + low);
  }
  return {slots: slots.slice(), counts: counts.slice()}; // without the room that push reserves
}

/** The whole histogram of a row. `previous`: slots of the frame before, none for the first frame. */
export function histogram(slots: Slots, previous: Slots | undefined, scale: Scale): Histogram {
  return new SlotHistogram(slots, previous, boundsTable(scale));
}

/** Percentiles as the buckets that hold them. */
export abstract class Ranked {
  /** Of the session's buckets, ascending. */
  protected abstract get counts(): readonly number[];
  protected abstract bucket(i: number): Bucket | undefined;

  get p50(): Bucket | undefined {
    return this.percentile(0.5);
  }

  get p90(): Bucket | undefined {
    return this.percentile(0.9);
  }

  get p99(): Bucket | undefined {
    return this.percentile(0.99);
  }

  get max(): Bucket | undefined {
    const {length} = this.counts;
    return length === 0 ? undefined : this.bucket(length - 1);
  }

  /** The bucket that holds the value below which a share `p` of all values lies. */
  private percentile(p: number): Bucket | undefined {
    const {counts} = this;
    let sum = 0;
    for (const count of counts) sum += count;
    const rank = Math.ceil(p * sum);
    let seen = 0;
    const at = counts.findIndex((count) => (seen += count) >= rank);
    return at < 0 ? undefined : this.bucket(at);
  }
}

/** Buckets are made when asked for: a screen shows those of one row, and ten thousand rows are kept for two minutes. */
class SlotHistogram extends Ranked implements Histogram {
  readonly slots: Slots;
  readonly previous: Slots | undefined;
  private readonly table: readonly Bounds[];

  constructor(slots: Slots, previous: Slots | undefined, table: readonly Bounds[]) {
    super();
    this.slots = slots;
    this.previous = previous;
    this.table = table;
  }

  get total(): readonly Bucket[] {
    return this.slots.slots.map((_, i) => this.bucket(i));
  }

  get delta(): readonly Bucket[] {
    const {slots, previous} = this;
    if (previous === undefined || previous === slots) return [];
    const recent = subtracted(slots, previous);
    return recent.slots.map((slot, i) => ({...(this.table[slot] ?? unbounded), count: recent.counts[i] ?? 0}));
  }

  protected get counts(): readonly number[] {
    return this.slots.counts;
  }

  protected bucket(i: number): Bucket {
    const {low, high} = this.table[this.slots.slots[i] ?? 0] ?? unbounded;
    return {low, high, count: this.slots.counts[i] ?? 0};
  }
}

/** What a histogram was made of. */
export function slotsIn(hist: Histogram, scale: Scale): {readonly slots: Slots; readonly previous: Slots | undefined} {
  if (hist instanceof SlotHistogram) return hist;
  const slots = slotsOf(hist.total, scale) ?? noSlots;
  return {slots, previous: subtracted(slots, slotsOf(hist.delta, scale) ?? noSlots)};
}

/** Slots of buckets, known by their lower ends; undefined where one is not of this scale. */
export function slotsOf(buckets: readonly Pick<Bucket, 'low' | 'count'>[], scale: Scale): Slots | undefined {
  const slots: number[] = [];
  const counts: number[] = [];
  for (const {low, count} of buckets) {
    const slot = slotFrom(scale, low);
    if (slot === undefined || slot <= (slots.at(-1) ?? -1)) return undefined;
    slots.push(slot);
    counts.push(count);
  }
  return {slots, counts};
}

const lowEnds = new WeakMap<Scale, ReadonlyMap<string, number>>();

function slotFrom(scale: Scale, low: Count | null): number | undefined {
  let ends = lowEnds.get(scale);
  if (ends === undefined) {
    ends = new Map(boundsTable(scale).map((each, slot) => [String(each.low), slot]));
    lowEnds.set(scale, ends);
  }
  return ends.get(String(low));
}

/** Counts that grew, by how much. */
export function subtracted(now: Slots, before: Slots): Slots {
  const slots: number[] = [];
  const counts: number[] = [];
  let at = 0;
  now.slots.forEach((slot, i) => {
    while ((before.slots[at] ?? Number.POSITIVE_INFINITY) < slot) at++;
    const count = (now.counts[i] ?? 0) - (before.slots[at] === slot ? (before.counts[at] ?? 0) : 0);
    if (count > 0) {
      slots.push(slot);
      counts.push(count);
    }
  });
  return {slots, counts};
}

/** All of them as one. */
export function summed(all: Iterable<Slots>): Slots {
  const bySlot: number[] = [];
  for (const {slots, counts} of all) slots.forEach((slot, i) => (bySlot[slot] = (bySlot[slot] ?? 0) + (counts[i] ?? 0)));
  const slots = Object.keys(bySlot).map(Number);
  return {slots, counts: slots.map((slot) => bySlot[slot] ?? 0)};
}

/** Infinite ends are null in JSON. */
export const jsonBound = (bound: Count | null): number | string | null => (bound === null ? null : jsonCount(bound));
