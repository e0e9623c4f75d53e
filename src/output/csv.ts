// A Frame as CSV (RFC 4180): one record a row, values raw, so that a sheet or a script need not undo any scaling.
// The header is of a view: its names are those of the JSON, `delta` and `rate` behind the measure's, and `key_` before a key that is
// called as another column. A text that a spreadsheet would
// take for a formula has a ' in front, and so has one that begins with ': who reads it takes one ' away. No number has one.
import {percentiles} from '../decode/sort.ts';
import type {Bucket, Cell, Count, Frame, Row, ViewShape} from '../decode/frame.ts';

/** One line with its CRLF. Two views have two headers: where several are written, each goes to its own table. */
export function csvHeader(shape: ViewShape): string {
  const before = ['time', 'view', 'seq', 'interval', 'status'];
  const after = [
    ...shape.measures.flatMap(({name, op}) => (hasDifference(op) ? [name, `${name}_delta`, `${name}_rate`] : [name])),
    ...(shape.hist === undefined ? [] : percentiles.flatMap((name) => [`${name}_low`, `${name}_high`])),
  ];
  const others = new Set([...before, ...after]);
  const keys = shape.keys.map(({name}) => (others.has(name) ? `key_${name}` : name));
  return record([...before, ...keys, ...after].map(inert));
}

/** The rows in the order of the frame, each line with its CRLF; '' when there are none. */
export function csvRows(frame: Frame, shape: ViewShape): string {
  const [time, interval] = [new Date(frame.time).toISOString(), frame.interval.toFixed(3)];
  return frame.rows
    .map((row) =>
      record([
        time,
        inert(frame.view),
        String(frame.seq),
        interval,
        frame.status,
        ...shape.keys.map((_, i) => cellText(row.key[i])),
        ...shape.measures.flatMap(({op}, i) => {
          const total = countText(row.total[i]);
          return hasDifference(op) ? [total, countText(row.delta[i]), countText(row.rate[i])] : [total];
        }),
        ...(shape.hist === undefined ? [] : percentiles.flatMap((name) => ends(row, name))),
      ]),
    )
    .join('');
}

const hasDifference = (op: string): boolean => op !== 'min' && op !== 'max';

/** An infinite end, or a percentile of no values, is an empty field. */
function ends(row: Row, name: (typeof percentiles)[number]): readonly [string, string] {
  const bucket: Bucket | undefined = row.hist?.[name];
  return [countText(bucket?.low ?? undefined), countText(bucket?.high ?? undefined)];
}

const cellText = (cell: Cell | undefined): string =>
  cell === undefined ? '' : typeof cell.value === 'string' ? inert(cell.value) : String(cell.value);

/** A number past 2^53 may be a text here, and stays one that can be read as a number. */
const inert = (text: string): string => (/^\s*[=+\-@'＝＋－＠]|^[\t\r]/.test(text) && !/^-?\d+$/.test(text) ? `'${text}` : text);

const countText = (count: Count | undefined): string =>
  count === undefined
    ? ''
    : typeof count === 'number' && !Number.isInteger(count)
      ? String(Math.round(count * 1000) / 1000)
      : String(count);

const record = (fields: readonly string[]): string => `${fields.map(field).join(',')}\r\n`;

const field = (text: string): string => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
