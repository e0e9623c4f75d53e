// The refreshes of a view that can be gone back to: the last 120, or fewer where they are large. Pure.
// A frame of ten thousand rows is megabytes as objects. Kept, it has the numbers of the rows that changed packed in
// arrays; a row to which nothing came is the object that the frame before had, too.
import {bounds, histogram, noSlots, type Slots} from '../decode/buckets.ts';
import type {Bucket, Cell, Count, Frame, Row, Scale, ViewShape} from '../decode/frame.ts';
import {PackedSlots} from './packed-slots.ts';

export const mostMoments = 120;
/** Of one view's moments together, as far as they can be reckoned. */
export const mostBytes = 96 * 2 ** 20;

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
  private readonly hist: PackedSlots | undefined;

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
    let at = 0;
    for (const row of packed)
      for (let m = 0; m < this.measures; m++, at += 3) {
        const total = row.total[m];
        if (typeof total === 'bigint') wide.set(at, total);
        this.numbers[at] = Number(total ?? 0);
        this.numbers[at + 1] = row.delta[m] ?? Number.NaN;
        this.numbers[at + 2] = row.rate[m] ?? Number.NaN;
      }
    this.wide = wide;
    this.hist = shape.hist === undefined ? undefined : new PackedSlots(packed, shape.hist.scale);
    this.bytes = momentBytes + 8 * (this.rows.length + 2 * packed.length) + this.numbers.byteLength + (this.hist?.bytes ?? 0);
  }

  /** The frame as it was. */
  frame(): Frame {
    let next = 0;
    const rows = this.rows.length === 0 ? this.ids.map((_, i) => this.row(i)) : this.rows.map((row) => row ?? this.row(next++));
    return {...this.head, rows};
  }

  private row(i: number): Row {
    const total: Count[] = [];
    const delta: (number | undefined)[] = [];
    const rate: (number | undefined)[] = [];
    for (let m = 0, at = i * this.measures * 3; m < this.measures; m++, at += 3) {
      total.push(this.wide.get(at) ?? this.numbers[at] ?? 0);
      delta.push(known(this.numbers[at + 1]));
      rate.push(known(this.numbers[at + 2]));
    }
    const row = {id: this.ids[i] ?? '', key: this.keys[i] ?? [], total, delta, rate};
    if (this.scale === undefined || this.hist === undefined) return row;
    const {slots, previous} = this.hist.of(i);
    return {id: row.id, key: row.key, total, delta, rate, hist: histogram(slots, previous, this.scale)};
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
    if (this.hist === undefined) return noSlots;
    if (id === undefined) return this.hist.recentOfAll;
    const i = this.ids.indexOf(id);
    return i < 0 ? noSlots : this.hist.recent(i);
  }
}

const known = (number: number | undefined): number | undefined => (Number.isNaN(number) ? undefined : number);

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
