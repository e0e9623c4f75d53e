// Rows counted from a moment on: what they had then is subtracted, nothing is cleared. Extremes cannot be taken back, and
// stay those of the whole session. Pure.
import {Ranked} from './buckets.ts';
import {subtract} from './counts.ts';
import type {Bucket, Count, Histogram, MeasureColumn, Row, ViewShape} from './frame.ts';

export type Baseline = ReadonlyMap<string, Row>;

export const baselineOf = (rows: readonly Row[]): Baseline => new Map(rows.map((row) => [row.id, row]));

export function rowsSince(rows: readonly Row[], baseline: Baseline, {measures, lasting}: ViewShape): readonly Row[] {
  return rows.map((row) => {
    const base = baseline.get(row.id);
    // a key that an LRU map dropped and took in again counts from zero; of what lasts there may be less than then
    return base === undefined || (lasting !== true && (row.total[0] ?? 0) < (base.total[0] ?? 0)) ? row : rowSince(row, base, measures);
  });
}

function rowSince(row: Row, base: Row, measures: readonly MeasureColumn[]): Row {
  const count = Number(row.total[0] ?? 0) - Number(base.total[0] ?? 0);
  const since = (now: Count, then: Count, op: MeasureColumn['op']): Count => {
    switch (op) {
      case 'count':
      case 'sum':
        return subtract(now, then);
      case 'avg':
        return count === 0 ? 0 : (Number(now) * Number(row.total[0]) - Number(then) * Number(base.total[0])) / count;
      case 'min':
      case 'max':
        return now;
    }
  };
  const {id, key, delta, rate, hist} = row;
  const total = row.total.map((now, m) => since(now, base.total[m] ?? 0, measures[m]?.op ?? 'count'));
  if (hist === undefined) return {id, key, total, delta, rate};
  return {id, key, total, delta, rate, hist: base.hist === undefined ? hist : new HistogramSince(hist, base.hist)};
}

/** Buckets are made when asked for, as those of the session. */
class HistogramSince extends Ranked implements Histogram {
  private readonly now: Histogram;
  private readonly before: Histogram;
  private made: readonly Bucket[] | undefined;

  constructor(now: Histogram, before: Histogram) {
    super();
    this.now = now;
    this.before = before;
  }

  get total(): readonly Bucket[] {
    this.made ??= this.subtracted();
    return this.made;
  }

  get delta(): readonly Bucket[] {
    return this.now.delta;
  }

  protected get counts(): readonly number[] {
    return this.total.map((bucket) => bucket.count);
  }

  protected bucket(i: number): Bucket | undefined {
    return this.total[i];
  }

  private subtracted(): readonly Bucket[] {
    const before = new Map(this.before.total.map((bucket) => [String(bucket.low), bucket.count]));
    return this.now.total.flatMap((bucket) => {
      const count = bucket.count - (before.get(String(bucket.low)) ?? 0);
      return count > 0 ? [{...bucket, count}] : [];
    });
  }
}
