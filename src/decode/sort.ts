// The order of rows: by any column, stable, numbers as numbers.
import {compareCounts} from './counts.ts';
import type {Bucket, Count, Row, ViewShape} from './frame.ts';

type Value = string | Count;

export const percentiles = ['p50', 'p90', 'p99', 'max'] as const;
type Percentile = (typeof percentiles)[number];

interface Named {
  readonly keys: readonly {readonly name: string}[];
  readonly measures: readonly {readonly name: string}[];
  readonly hist?: unknown;
}

/** Names that `sort` takes for a view. */
export function sortNames(shape: Named): readonly string[] {
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

/** The order wanted, '-' in front for descending, where the view has that column; else its own. */
export const sortOr = (wanted: string | undefined, shape: ViewShape): string =>
  wanted !== undefined && sortNames(shape).includes(wanted.replace(/^-/, '')) ? wanted : shape.sort;

/** Of rows in order: whose order they are, and at which places these are there. */
interface Origin {
  readonly rows: readonly Row[];
  readonly places: readonly number[];
}
const origins = new WeakMap<readonly Row[], Origin>();

/**
 * @param column one of sortNames, '-' in front for descending. An unknown one sorts by rate.
 * @param before rows in the order of the refresh before, from which that of the same rows mostly differs by little: sorting what is
 * nearly sorted takes a comparison a row
 */
export function sortRows(rows: readonly Row[], shape: ViewShape, column: string, before: readonly Row[] = []): readonly Row[] {
  const descending = column.startsWith('-');
  const value = sortValue(shape, descending ? column.slice(1) : column);
  const sign = descending ? -1 : 1;
  const order = (a: Row, b: Row): number =>
    sign * compare(value(a), value(b)) || sign * compareCounts(a.total[0] ?? 0, b.total[0] ?? 0) || compareKeys(a, b);
  const places = placesOf(rows, origins.get(before));
  places.sort((a, b) => order(rows[a] as Row, rows[b] as Row));
  const sorted = places.map((place) => rows[place] as Row);
  origins.set(sorted, {rows, places});
  return sorted;
}

/** Where each row was before, if the rows are the same. */
function placesOf(rows: readonly Row[], before: Origin | undefined): number[] {
  if (before?.rows.length === rows.length) {
    let i = 0;
    while (i < rows.length && rows[i]?.id === before.rows[i]?.id) i++;
    if (i === rows.length) return before.places.slice();
  }
  return rows.map((_, i) => i);
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
