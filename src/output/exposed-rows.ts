// Which rows of a view have a series of their own, when only so many may: those that count most of late. What the others
// count goes to one row for all of them. Each event is in exactly one row, and no row's counter ever falls; so sums stay
// exact. A row loses its place only to one that counts twice as much, now and then. What it had counted goes to the others'
// row, which begins as a new series by its number: grown by what was counted before, it would look like a burst.
import {noSlots, slotsIn, type Slots, subtracted, summed} from '../decode/buckets.ts';
import {added, compareCounts} from '../decode/counts.ts';
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
/** Scores of rows without a place that are kept whatever they are. */
const mostScores = 10_000;

export class ExposedRows {
  private readonly shape: ViewShape;
  private readonly most: number;
  private readonly pause: number;
  private readonly labelsOf: (row: Row) => string;
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

  /** @param rows those of the view to which something came; others may be among them @param now ms of a clock that only grows */
  update(rows: readonly Row[], now: number): Exposed {
    const gains = this.gains(rows);
    this.score(gains, now);
    this.admit([...gains.keys()].filter((labels) => !this.places.has(labels)));
    this.move(gains, now);
    for (const [labels, gain] of gains) this.add(this.places.get(labels) ?? (this.others ??= newPlace()), gain);
    return {
      rows: [...this.places].map(([labels, {counts, slots}]) => ({labels, counts, slots})),
      others: this.others === undefined ? undefined : {counts: this.others.counts, slots: this.others.slots, number: this.number},
    };
  }

  /** What came to each series since the update before. Keys that differ and look alike are one. */
  private gains(rows: readonly Row[]): ReadonlyMap<string, Tally> {
    const {measures} = this.shape;
    const gains = new Map<string, Tally>();
    for (const row of rows) {
      const labels = this.labelsOf(row);
      const first = row.delta.every((each) => each === undefined) && measures.some(({op}) => grows(op));
      // a row that an LRU map had forgotten begins anew, and all of it has come since
      const counts = row.total.map((count, i) => (grows(measures[i]?.op) ? (first ? count : (row.delta[i] ?? count)) : count));
      const gain: Tally = {counts, slots: this.slotsOf(row, first)};
      const known = gains.get(labels);
      gains.set(
        labels,
        known === undefined ? gain : {counts: this.joined(known.counts, gain.counts), slots: summed([known.slots, gain.slots])},
      );
    }
    return gains;
  }

  private slotsOf({hist}: Row, first: boolean): Slots {
    const {scale} = this.shape.hist ?? {};
    if (hist === undefined || scale === undefined) return noSlots;
    const {slots, previous} = slotsIn(hist, scale);
    return first || previous === undefined ? slots : subtracted(slots, previous);
  }

  private score(gains: ReadonlyMap<string, Tally>, now: number): void {
    const left = 0.5 ** ((now - this.scoredAt) / halfLife);
    const scores = new Map([...this.scores].map(([labels, score]) => [labels, score * left]));
    for (const [labels, {counts}] of gains) scores.set(labels, (scores.get(labels) ?? 0) + Number(counts[0] ?? 0));
    // what has counted next to nothing of late is far from any place
    if (scores.size > mostScores) for (const [labels, score] of scores) if (score < 1 && !this.places.has(labels)) scores.delete(labels);
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

  private move(gains: ReadonlyMap<string, Tally>, now: number): void {
    if (this.places.size < this.most || now - this.movedAt < this.pause) return;
    const waiting = [...gains.keys()].filter((labels) => !this.places.has(labels)).sort((a, b) => this.scoreOf(b) - this.scoreOf(a));
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

  private add(place: Place, gain: Tally): void {
    place.counts = this.joined(place.counts, gain.counts);
    gain.slots.slots.forEach((slot, i) => addAt(place.slots, slot, gain.slots.counts[i] ?? 0));
  }

  /** Sums of what grows, and the extremes of the rest. */
  private joined(a: readonly Count[], b: readonly Count[]): Count[] {
    return this.shape.measures.map(({op}, i) => {
      const [x, y] = [a[i], b[i]];
      if (x === undefined || y === undefined) return x ?? y ?? 0;
      if (grows(op)) return added(x, y);
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
