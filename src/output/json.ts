// A Frame as one line of NDJSON: the contract of product.md, version 1. Names never change within a version.
import {jsonBound} from '../decode/buckets.ts';
import {jsonCount} from '../decode/counts.ts';
import type {Bucket, Cell, Count, Frame, HostState, Histogram, Row, ViewShape} from '../decode/frame.ts';

export const version = 1;

type Json = string | number | boolean | null | readonly Json[] | {readonly [name: string]: Json};

export function jsonLine(frame: Frame, shape: ViewShape): string {
  const head = JSON.stringify({
    v: version,
    view: frame.view,
    time: new Date(frame.time).toISOString(),
    seq: frame.seq,
    interval: rounded(frame.interval, 3),
    status: frame.status,
    keys: {...frame.keys},
    lost: {...frame.lost},
    cost: {...frame.cost},
    ...(frame.hosts === undefined ? {} : {hosts: frame.hosts.map(hostJson)}),
  } satisfies Json);
  // ten thousand rows, each gone when its text is made: as one value they would be many times the line
  const rows = frame.rows.map((row) => JSON.stringify(rowJson(row, shape)));
  return `${head.slice(0, -1)},"rows":[${rows.join(',')}]}`;
}

const hostJson = ({since, time, ...host}: HostState): Json => ({
  ...host,
  since: new Date(since).toISOString(),
  ...(time === undefined ? {} : {time: new Date(time).toISOString()}),
});

function rowJson(row: Row, shape: ViewShape): Json {
  const names = shape.measures.map((measure) => measure.name);
  return {
    key: Object.fromEntries(shape.keys.map((key, i) => [key.name, cellJson(row.key[i])])),
    total: Object.fromEntries(names.map((name, i) => [name, countJson(row.total[i] ?? 0)])),
    delta: changed(
      names,
      row.delta.map((delta) => (delta === undefined ? undefined : countJson(delta))),
    ),
    rate: changed(
      names,
      row.rate.map((rate) => (rate === undefined ? undefined : rounded(rate, 3))),
    ),
    ...(row.hist === undefined || shape.hist === undefined ? {} : histJson(row.hist, shape.hist.unit)),
  };
}

/** Only what changed since the line before: zeros are left out. */
const changed = (names: readonly string[], values: readonly (number | string | undefined)[]): Json =>
  Object.fromEntries(names.flatMap((name, i) => (values[i] === undefined || values[i] === 0 ? [] : [[name, values[i]]])));

function histJson(hist: Histogram, unit: string): {readonly [name: string]: Json} {
  const range = (bucket: Bucket | undefined): Json => (bucket === undefined ? null : [jsonBound(bucket.low), jsonBound(bucket.high)]);
  const slots = (buckets: readonly Bucket[]): Json =>
    buckets.map((bucket) => [jsonBound(bucket.low), jsonBound(bucket.high), bucket.count]);
  return {
    hist: {unit, total: slots(hist.total), delta: slots(hist.delta)},
    p50: range(hist.p50),
    p90: range(hist.p90),
    p99: range(hist.p99),
  };
}

export const cellJson = (cell: Cell | undefined): Json =>
  cell === undefined ? null : cell.frames !== undefined ? cell.frames : typeof cell.value === 'string' ? cell.value : jsonCount(cell.value);

/** Averages are fractions; counters are exact. */
const countJson = (count: Count): number | string =>
  typeof count === 'number' && !Number.isInteger(count) ? rounded(count, 3) : jsonCount(count);

const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;
