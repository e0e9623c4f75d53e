// The refreshes of a view that can be gone back to: the last 120, or fewer where they are large. Pure.
// A frame of ten thousand rows is megabytes as objects. Kept, it has the numbers of the rows that changed packed in
// arrays; a row to which nothing came is the object that the frame before had, too.
import {bounds, histogram, noSlots, type Slots} from '../decode/buckets.ts';
import type {Bucket, Frame, Row, Scale, ViewShape} from '../decode/frame.ts';
import {NumberedRow, RowNumbers} from '../decode/row-numbers.ts';
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
  readonly total: number;
  readonly bytes: number;
  private readonly head: Omit<Frame, 'rows'>;
  private readonly scale: Scale | undefined;
  /** In the order of the frame: a row that did not change, or undefined for the next of those packed. */
  private readonly rows: readonly (Row | undefined)[];
  /** Of the rows that changed. */
  readonly numbers: RowNumbers;
  private readonly hist: PackedSlots | undefined;

  /** @param before the frame before: its rows that are in this one, too, are shared; @param known numbers that may have the same rows */
  constructor(frame: Frame, before: Frame | undefined, shape: ViewShape, known?: RowNumbers) {
    const {rows, ...head} = frame;
    this.head = head;
    this.time = frame.time;
    this.seq = frame.seq;
    this.interval = frame.interval;
    this.events = frame.sums.delta;
    this.total = frame.sums.total;
    this.scale = shape.hist?.scale;
    const isShared = sharedWith(before?.rows ?? []);
    const packed = rows.every((row) => row instanceof NumberedRow) ? rows : rows.filter((row, i) => !isShared(row, i));
    this.rows = packed.length === rows.length ? [] : rows.map((row, i) => (isShared(row, i) ? row : undefined));
    this.numbers = RowNumbers.of(packed, shape.measures.length, known);
    this.hist = shape.hist === undefined ? undefined : new PackedSlots(packed, shape.hist.scale);
    this.bytes = momentBytes + 8 * this.rows.length + this.numbers.bytes + (this.hist?.bytes ?? 0);
  }

  /** The frame as it was. */
  frame(): Frame {
    let next = 0;
    const rows =
      this.rows.length === 0
        ? Array.from({length: this.numbers.length}, (_, i) => this.row(i))
        : this.rows.map((row) => row ?? this.row(next++));
    return {...this.head, rows};
  }

  private row(i: number): Row {
    if (this.scale === undefined || this.hist === undefined) return this.numbers.row(i, undefined);
    const {slots, previous} = this.hist.of(i);
    return this.numbers.row(i, histogram(slots, previous, this.scale));
  }

  /** Values of the interval by slot: of the row, or of all rows. */
  recent(id: string | undefined): Slots {
    if (this.hist === undefined) return noSlots;
    if (id === undefined) return this.hist.recentOfAll;
    const i = this.numbers.names.place(id);
    return i < 0 ? noSlots : this.hist.recent(i);
  }
}

/** Only a row to which nothing came can be the object that it was before; it mostly is at the same place. */
function sharedWith(before: readonly Row[]): (row: Row, i: number) => boolean {
  let all: ReadonlySet<Row> | undefined;
  return (row, i) =>
    !(row instanceof NumberedRow) && (row === before[i] || ((row.delta[0] ?? 0) === 0 && (all ??= new Set(before)).has(row)));
}

/** In the order of time, also where a recording is gone through backwards. What is furthest from the new one goes first. */
export function remembered(history: readonly Moment[], frame: Frame, before: Frame | undefined, shape: ViewShape): readonly Moment[] {
  const after = history.findLastIndex((moment) => moment.time <= frame.time) + 1;
  if (history[after - 1]?.time === frame.time) return history;
  const moments = [...history.slice(0, after), new Moment(frame, before, shape, history[after - 1]?.numbers), ...history.slice(after)];
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
