// The order of rows: by any column, stable, numbers as numbers.
import {compareCounts} from './counts.ts';
import type {Bucket, Count, Row, ViewShape} from './frame.ts';

type Value = string | Count;

export const percentiles = ['p50', 'p90', 'p99', 'max'] as const;
type Percentile = (typeof percentiles)[number];

/** Names that `sort` takes for a view. */
export function sortNames(shape: ViewShape): readonly string[] {
  return [
    ...new Set([
      ...shape.keys.map((key) => key.name),
      'rate',
      'delta',
      'total',
      ...shape.measures.map((measure) => measure.name),
      ...(shape.hist === undefined ? [] : percentiles),
    ]),
  ];
}

/** `column`: one of sortNames, '-' in front for descending. An unknown one sorts by rate. */
export function sortRows(rows: readonly Row[], shape: ViewShape, column: string): readonly Row[] {
  const descending = column.startsWith('-');
  const value = sortValue(shape, descending ? column.slice(1) : column);
  const keyed = rows.map((row) => ({row, value: value(row)}));
  const sign = descending ? -1 : 1;
  keyed.sort(
    (a, b) =>
      sign * compare(a.value, b.value) || sign * compareCounts(a.row.total[0] ?? 0, b.row.total[0] ?? 0) || compareKeys(a.row, b.row),
  );
  return keyed.map((each) => each.row);
}

function sortValue(shape: ViewShape, name: string): (row: Row) => Value {
  const key = shape.keys.findIndex((each) => each.name === name);
  if (key >= 0) return (row) => row.key[key]?.value ?? '';
  if (name === 'delta') return (row) => row.delta[0] ?? 0;
  if (name === 'total') return (row) => row.total[0] ?? 0;
  const measure = shape.measures.findIndex((each) => each.name === name);
  if (shape.measures[measure]?.shown === 'cpu') return (row) => row.rate[measure] ?? 0;
  if (measure >= 0) return (row) => row.total[measure] ?? 0;
  if (shape.hist !== undefined && isPercentile(name)) return (row) => lowOf(row.hist?.[name]);
  return (row) => row.rate[0] ?? 0;
}

export const isPercentile = (name: string): name is Percentile => (percentiles as readonly string[]).includes(name);

const lowOf = (bucket: Bucket | undefined): Count =>
  bucket === undefined ? Number.NEGATIVE_INFINITY : (bucket.low ?? Number.NEGATIVE_INFINITY);

function compare(a: Value, b: Value): number {
  if (typeof a === 'string' || typeof b === 'string') return a === b ? 0 : String(a) < String(b) ? -1 : 1;
  return compareCounts(a, b);
}

function compareKeys(a: Row, b: Row): number {
  for (let i = 0; i < a.key.length; i++) {
    const order = compare(a.key[i]?.value ?? '', b.key[i]?.value ?? '');
    if (order !== 0) return order;
  }
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
