// Which rows of a view have a series of their own, when only so many may: those that count most of late. What the others
// count goes to one row for all of them. Each event is in exactly one row, and no row's counter ever falls; so sums stay
// exact. A row loses its place only to one that counts twice as much, now and then. What it had counted goes to the others'
// row, which begins as a new series by its number: grown by what was counted before, it would look like a burst.
import {noSlots, slotsIn, type Slots, subtracted, summed} from '../decode/buckets.ts';
import {compareCounts, narrowed, subtract} from '../decode/counts.ts';
import type {Count, Row, ViewShape} from '../decode/frame.ts';

export interface ExposedRow {
  readonly labels: string;
  /** One a measure of the shape. */
  readonly counts: readonly Count[];
  /** Counts by slot of the scale; empty without a histogram. */
  readonly slots: readonly number[];
}

export interface Exposed {
  readonly rows: readonly ExposedRow[];
  /** All rows without a place, if there have been any; `number` counts from 1. */
  readonly others: (Omit<ExposedRow, 'labels'> & {readonly number: number}) | undefined;
}

interface Tally {
  readonly counts: readonly Count[];
  readonly slots: Slots;
}

interface Place {
  counts: Count[];
  readonly slots: number[];
}

/** ms in which what a row has counted weighs half as much for its place. */
const halfLife = 600_000;

export class ExposedRows {
  private readonly shape: ViewShape;
  private readonly most: number;
  private readonly pause: number;
  private readonly labelsOf: (row: Row) => string;
  /** What each row had at the last update: only what came since is added. */
  private last: ReadonlyMap<string, Tally> = new Map();
  private readonly places = new Map<string, Place>();
  private others: Place | undefined;
  private number = 1;
  private movedAt = Number.NEGATIVE_INFINITY;
  /** Of rows with and without a place: what they counted, lately more than long ago. */
  private scores = new Map<string, number>();
  private scoredAt = 0;

  /** @param most places @param pause ms between changes of who has one */
  constructor(shape: ViewShape, labelsOf: (row: Row) => string, most: number, pause: number) {
    this.shape = shape;
    this.labelsOf = labelsOf;
    this.most = most;
    this.pause = pause;
  }

  /** @param rows all rows of the view @param now ms of a clock that only grows */
  update(rows: readonly Row[], now: number): Exposed {
    const tallies = this.grouped(rows);
    const gains = new Map([...tallies].map(([labels, tally]) => [labels, this.gain(tally, this.last.get(labels))]));
    this.score(gains, now);
    this.admit([...tallies.keys()].filter((labels) => !this.places.has(labels)));
    this.move(now);
    for (const [labels, gain] of gains) this.add(this.places.get(labels) ?? (this.others ??= newPlace()), gain);
    this.last = tallies;
    return {
      rows: [...this.places].map(([labels, {counts, slots}]) => ({labels, counts, slots})),
      others: this.others === undefined ? undefined : {counts: this.others.counts, slots: this.others.slots, number: this.number},
    };
  }

  /** Keys that differ and look alike are one series. */
  private grouped(rows: readonly Row[]): ReadonlyMap<string, Tally> {
    const {hist} = this.shape;
    const tallies = new Map<string, Tally>();
    for (const row of rows) {
      const labels = this.labelsOf(row);
      const slots = hist === undefined || row.hist === undefined ? noSlots : slotsIn(row.hist, hist.scale).slots;
      const known = tallies.get(labels);
      tallies.set(
        labels,
        known === undefined
          ? {counts: row.total, slots}
          : {counts: this.joined(known.counts, row.total), slots: summed([known.slots, slots])},
      );
    }
    return tallies;
  }

  private score(gains: ReadonlyMap<string, Tally>, now: number): void {
    const left = 0.5 ** ((now - this.scoredAt) / halfLife);
    const scores = new Map([...this.places.keys()].map((labels) => [labels, (this.scores.get(labels) ?? 0) * left]));
    for (const [labels, {counts}] of gains) scores.set(labels, (this.scores.get(labels) ?? 0) * left + Number(counts[0] ?? 0));
    this.scores = scores;
    this.scoredAt = now;
  }

  /** The places that are free, to those with most. */
  private admit(waiting: readonly string[]): void {
    const free = this.most - this.places.size;
    if (free <= 0 || waiting.length === 0) return;
    const first = waiting.length <= free ? waiting : [...waiting].sort((a, b) => this.scoreOf(b) - this.scoreOf(a)).slice(0, free);
    for (const labels of first) this.places.set(labels, newPlace());
  }

  private move(now: number): void {
    if (this.places.size < this.most || this.scores.size === this.places.size || now - this.movedAt < this.pause) return;
    const waiting = [...this.scores.keys()].filter((labels) => !this.places.has(labels)).sort((a, b) => this.scoreOf(b) - this.scoreOf(a));
    const placed = [...this.places.keys()].sort((a, b) => this.scoreOf(a) - this.scoreOf(b));
    const moves = waiting.findIndex((labels, i) => i >= placed.length || this.scoreOf(labels) <= 2 * this.scoreOf(placed[i] ?? ''));
    const count = moves < 0 ? Math.min(waiting.length, placed.length) : moves;
    if (count === 0) return;
    const others = (this.others ??= newPlace());
    for (const labels of placed.slice(0, count)) {
      const place = this.places.get(labels);
      if (place !== undefined) others.counts = this.joined(others.counts, place.counts);
      place?.slots.forEach((count, slot) => addAt(others.slots, slot, count));
      this.places.delete(labels);
    }
    for (const labels of waiting.slice(0, count)) this.places.set(labels, newPlace());
    this.movedAt = now;
    this.number++;
  }

  private scoreOf(labels: string): number {
    return this.scores.get(labels) ?? 0;
  }

  /** A row that has less than before was forgotten by an LRU map, and began anew. */
  private gain(now: Tally, before: Tally | undefined): Tally {
    if (before === undefined || this.shape.measures.some(({op}, i) => grows(op) && (now.counts[i] ?? 0) < (before.counts[i] ?? 0)))
      return now;
    return {
      counts: now.counts.map((count, i) => (grows(this.shape.measures[i]?.op) ? subtract(count, before.counts[i] ?? 0) : count)),
      slots: subtracted(now.slots, before.slots),
    };
  }

  private add(place: Place, gain: Tally): void {
    place.counts = this.joined(place.counts, gain.counts);
    gain.slots.slots.forEach((slot, i) => addAt(place.slots, slot, gain.slots.counts[i] ?? 0));
  }

  /** Sums of what grows, and the extremes of the rest. */
  private joined(a: readonly Count[], b: readonly Count[]): Count[] {
    return this.shape.measures.map(({op}, i) => {
      const [x, y] = [a[i], b[i]];
      if (x === undefined || y === undefined) return x ?? y ?? 0;
      if (grows(op)) return plus(x, y);
      return op === 'min' ? least(x, y) : least(y, x) === x ? y : x;
    });
  }
}

const newPlace = (): Place => ({counts: [], slots: []});

const grows = (op: string | undefined): boolean => op === 'count' || op === 'sum';

function addAt(slots: number[], slot: number, count: number): void {
  slots[slot] = (slots[slot] ?? 0) + count;
}

// either may be a bigint, which Math.min refuses
const least = (a: Count, b: Count): Count => (compareCounts(a, b) <= 0 ? a : b);

function plus(a: Count, b: Count): Count {
  if (typeof a === 'number' && typeof b === 'number' && (Number.isSafeInteger(a + b) || !Number.isInteger(a + b))) return a + b;
  return narrowed(BigInt(a) + BigInt(b));
}
