// The refreshes of a view that can be gone back to: the last 120, or fewer where they are large. Pure.
// A frame of ten thousand rows is megabytes as objects. Kept, it has the numbers of the rows that changed packed in
// arrays; a row to which nothing came is the object that the frame before had, too.
import {bounds, histogram, noSlots, type Slots, slotsIn, subtracted, summed} from '../decode/buckets.ts';
import type {Bucket, Cell, Frame, Row, Scale, ViewShape} from '../decode/frame.ts';

export const mostMoments = 120;
/** Of one view's moments together, as far as they can be reckoned. */
export const mostBytes = 96 * 2 ** 20;

type Numbers = Uint32Array | Float64Array;

/** Words that a moment takes beside its arrays: an object with its members. */
const momentBytes = 600;

export class Moment {
  readonly time: number;
  readonly seq: number;
  readonly interval: number;
  readonly events: number;
  readonly bytes: number;
  private readonly head: Omit<Frame, 'rows'>;
  private readonly scale: Scale | undefined;
  private readonly measures: number;
  /** In the order of the frame: a row that did not change, or undefined for the next of those packed. */
  private readonly rows: readonly (Row | undefined)[];
  private readonly ids: readonly string[];
  private readonly keys: readonly (readonly Cell[])[];
  /** Total, delta and rate of each measure of each row; NaN is undefined, and what no number holds exactly is in `wide`. */
  private readonly numbers: Float64Array;
  private readonly wide: ReadonlyMap<number, bigint>;
  /** Where the slots of a packed row begin: one more than there are rows. */
  private readonly ends: Uint32Array;
  private readonly slots: Uint16Array;
  private readonly slotCounts: Numbers;
  private readonly slotRecents: Numbers;
  private readonly first: boolean;
  private all: Slots | undefined;

  /** @param before the frame before: its rows that are in this one, too, are shared */
  constructor(frame: Frame, before: Frame | undefined, shape: ViewShape) {
    const {rows, ...head} = frame;
    this.head = head;
    this.time = frame.time;
    this.seq = frame.seq;
    this.interval = frame.interval;
    this.events = frame.sums.delta;
    this.scale = shape.hist?.scale;
    this.measures = shape.measures.length;
    const shared = new Set(before?.rows);
    const packed = rows.filter((row) => !shared.has(row));
    this.rows = packed.length === rows.length ? [] : rows.map((row) => (shared.has(row) ? row : undefined));
    this.ids = packed.map((row) => row.id);
    this.keys = packed.map((row) => row.key);
    this.numbers = new Float64Array(packed.length * this.measures * 3);
    const wide = new Map<number, bigint>();
    const ends = new Uint32Array(packed.length + 1);
    const slots: number[] = [];
    const counts: number[] = [];
    const recents: number[] = [];
    let at = 0;
    let first = false;
    for (const [i, row] of packed.entries()) {
      for (let m = 0; m < this.measures; m++)
        for (const value of [row.total[m], row.delta[m], row.rate[m]]) {
          if (typeof value === 'bigint') wide.set(at, value);
          this.numbers[at++] = value === undefined ? Number.NaN : Number(value);
        }
      if (row.hist !== undefined && this.scale !== undefined) {
        const hist = slotsIn(row.hist, this.scale);
        first ||= hist.recent === undefined;
        let next = 0;
        for (const [s, slot] of hist.slots.slots.entries()) {
          const came = hist.recent?.slots[next] === slot ? (hist.recent.counts[next++] ?? 0) : 0;
          slots.push(slot);
          counts.push(hist.slots.counts[s] ?? 0);
          recents.push(came);
        }
      }
      ends[i + 1] = slots.length;
    }
    this.wide = wide;
    this.ends = ends;
    this.first = first;
    this.slots = Uint16Array.from(slots);
    this.slotCounts = numbersOf(counts);
    this.slotRecents = numbersOf(recents);
    this.bytes =
      momentBytes +
      8 * (this.rows.length + 2 * packed.length) +
      this.numbers.byteLength +
      ends.byteLength +
      this.slots.byteLength +
      this.slotCounts.byteLength +
      this.slotRecents.byteLength;
  }

  /** The frame as it was. */
  frame(): Frame {
    let next = 0;
    const rows = this.rows.length === 0 ? this.ids.map((_, i) => this.row(i)) : this.rows.map((row) => row ?? this.row(next++));
    return {...this.head, rows};
  }

  private row(i: number): Row {
    const triples = Array.from({length: this.measures}, (_, m) => (i * this.measures + m) * 3);
    const optional = (at: number): number | undefined => (Number.isNaN(this.numbers[at]) ? undefined : this.numbers[at]);
    const row = {
      id: this.ids[i] ?? '',
      key: this.keys[i] ?? [],
      total: triples.map((at) => this.wide.get(at) ?? this.numbers[at] ?? 0),
      delta: triples.map((at) => optional(at + 1)),
      rate: triples.map((at) => optional(at + 2)),
    };
    if (this.scale === undefined) return row;
    const slots = this.slotsOf(i, this.slotCounts);
    const recent = this.slotsOf(i, this.slotRecents);
    const previous = this.first ? undefined : recent.slots.length === 0 ? slots : subtracted(slots, recent);
    return {...row, hist: histogram(slots, previous, this.scale)};
  }

  private slotsOf(i: number, from: Numbers): Slots {
    const slots: number[] = [];
    const counts: number[] = [];
    for (let at = this.ends[i] ?? 0; at < (this.ends[i + 1] ?? 0); at++) {
      if (from[at] === 0) continue;
      slots.push(this.slots[at] ?? 0);
      counts.push(from[at] ?? 0);
    }
    return {slots, counts};
  }

  /** What the rows counted in the interval, those that did. */
  *counts(): Iterable<readonly [id: string, count: number]> {
    for (const [i, id] of this.ids.entries()) {
      const delta = this.numbers[i * this.measures * 3 + 1] ?? 0;
      if (delta > 0) yield [id, delta];
    }
  }

  /** Values of the interval by slot: of the row, or of all rows. */
  recent(id: string | undefined): Slots {
    if (this.first) return noSlots;
    if (id !== undefined) {
      const i = this.ids.indexOf(id);
      return i < 0 ? noSlots : this.slotsOf(i, this.slotRecents);
    }
    this.all ??= summed(this.ids.map((_, i) => this.slotsOf(i, this.slotRecents)));
    return this.all;
  }
}

function numbersOf(values: readonly number[]): Numbers {
  return values.every((value) => value <= 0xffff_ffff) ? Uint32Array.from(values) : Float64Array.from(values);
}

/** In the order of time, also where a recording is gone through backwards. What is furthest from the new one goes first. */
export function remembered(history: readonly Moment[], frame: Frame, before: Frame | undefined, shape: ViewShape): readonly Moment[] {
  const after = history.findLastIndex((moment) => moment.time <= frame.time) + 1;
  if (history[after - 1]?.time === frame.time) return history;
  const moments = [...history.slice(0, after), new Moment(frame, before, shape), ...history.slice(after)];
  let bytes = moments.reduce((sum, moment) => sum + moment.bytes, 0);
  const oldest = after >= moments.length / 2;
  while (moments.length > 1 && (moments.length > mostMoments || bytes > mostBytes))
    bytes -= (oldest ? moments.shift() : moments.pop())?.bytes ?? 0;
  return moments;
}

/** The moment that many steps from the one of that time, or the nearest there is. */
export function momentFrom(history: readonly Moment[], time: number, by: number): Moment | undefined {
  const at = history.findLastIndex((moment) => moment.time <= time);
  return history[Math.max(0, Math.min(history.length - 1, at + by))];
}

/** A band of buckets, [low, high). */
export const bandOf = (scale: Scale, from: number, to: number): Pick<Bucket, 'low' | 'high'> => ({
  low: bounds(scale, from).low,
  high: bounds(scale, to).high,
});
