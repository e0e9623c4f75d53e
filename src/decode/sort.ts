// The order of rows: by any column, stable, numbers as numbers.
import {compareCounts} from './counts.ts';
import type {Bucket, Count, Row, ViewShape} from './frame.ts';
import {NumberedRow, type Of, ofDelta, ofRate, ofTotal} from './row-numbers.ts';

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
  const values = sortValues(rows, shape, descending ? column.slice(1) : column);
  const counts = sortValues(rows, shape, 'total');
  const sign = descending ? -1 : 1;
  const places = placesOf(rows, origins.get(before));
  places.sort((a, b) => {
    const order = compare(values[a] ?? 0, values[b] ?? 0) || compare(counts[a] ?? 0, counts[b] ?? 0);
    return order === 0 ? compareKeys(rows[a] as Row, rows[b] as Row) : sign * order;
  });
  const sorted: Row[] = new Array(places.length);
  for (let i = 0; i < places.length; i++) sorted[i] = rows[places[i] ?? 0] as Row;
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

/** Of each row what it is sorted by, taken out once: numbers where all are such. */
function sortValues(rows: readonly Row[], shape: ViewShape, name: string): ArrayLike<Value> {
  const sorted = sortedBy(shape, name);
  if (typeof sorted === 'function') return rows.map(sorted);
  const {measure, of} = sorted;
  const numbers = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as Row;
    const number = row instanceof NumberedRow ? row.numbers.number(row.place, measure, of) : (listOf(row, of)[measure] ?? 0);
    if (typeof number !== 'number') return rows.map((each) => listOf(each, of)[measure] ?? 0);
    numbers[i] = number;
  }
  return numbers;
}

/** A number of a measure, or else what it is. */
function sortedBy(shape: ViewShape, name: string): {readonly measure: number; readonly of: Of} | ((row: Row) => Value) {
  const key = shape.keys.findIndex((each) => each.name === name);
  if (key >= 0) return (row) => row.key[key]?.value ?? '';
  if (name === 'delta') return {measure: 0, of: ofDelta};
  if (name === 'total') return {measure: 0, of: ofTotal};
  const measure = shape.measures.findIndex((each) => each.name === name);
  if (shape.measures[measure]?.shown === 'cpu') return {measure, of: ofRate};
  if (measure >= 0) return {measure, of: ofTotal};
  if (shape.hist !== undefined && isPercentile(name)) return (row) => lowOf(row.hist?.[name]);
  return {measure: 0, of: ofRate};
}

const listOf = ({total, delta, rate}: Row, of: Of): readonly (Count | undefined)[] =>
  of === ofTotal ? total : of === ofDelta ? delta : rate;

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
