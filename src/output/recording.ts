// The lines of a recording: those of --json, and before each view's first one a header with what a replay needs of it.
// A header has no `rows`, so that whoever reads --json can pass it over. recorded.ts reads them again.
import type {Cell, Frame, ViewShape} from '../decode/frame.ts';
import {framesCell} from '../decode/stacks.ts';
import {jsonLine, version as jsonVersion} from './json.ts';
import {safeJson} from '../decode/safe-text.ts';

/** What a header says beside the view's shape. */
export interface Origin {
  readonly version: string;
  readonly host: string;
  readonly kernel: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Seconds between refreshes, as asked for. */
  readonly interval: number;
  /** The preset as written; '' where it is not known. */
  readonly preset: string;
  readonly details: readonly (readonly [string, string])[];
}

export function headerLine(shape: ViewShape, origin: Origin): string {
  const {version, host, kernel, time, interval, preset, details} = origin;
  return safeJson({
    v: jsonVersion,
    recording: 'header',
    view: shape.name,
    time: new Date(time).toISOString(),
    tsbpftop: version,
    host,
    kernel,
    interval,
    shape,
    details,
    preset,
  });
}

/** The line of --json, with what the screen shows and JSON does not say as a last member, where there is any. */
export function recordedLine(frame: Frame, shape: ViewShape): string {
  const line = jsonLine(frame, shape);
  const texts = frame.rows.flatMap((row, i) =>
    row.key.flatMap((cell, column) => (cell.text === derivedText(cell) ? [] : [[i, column, cell.text] as const])),
  );
  const {rows, total, delta} = frame.sums;
  const cut = rows === frame.rows.length ? {} : {sums: {rows, total, delta}};
  // JSON has milliseconds: shares of a rate would come to a little more or less than the whole
  const exact = Number(frame.interval.toFixed(3)) === frame.interval ? {} : {interval: frame.interval};
  const replay = {...exact, ...(frame.reasons.length > 0 ? {reasons: frame.reasons} : {}), ...(texts.length > 0 ? {texts} : {}), ...cut};
  return Object.keys(replay).length === 0 ? line : `${line.slice(0, -1)},"replay":${JSON.stringify(replay)}}`;
}

/** What a replay makes of the JSON alone. */
const derivedText = ({value, frames}: Cell): string => (frames === undefined ? String(value) : framesCell(frames).text);
