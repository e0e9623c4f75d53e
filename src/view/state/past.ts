// The last minute of a view in cells of five seconds, for its sparklines: what all rows, and each row, counted in them.
// Cells begin at multiples of five seconds, so that a mark once drawn only moves to the left.
import type {Frame} from '../../decode/frame.ts';

export interface PastCell {
  /** Number of the cell: time divided by its length. */
  readonly at: number;
  readonly seconds: number;
  readonly events: number;
  readonly counted: ReadonlyMap<string, number>;
}

export const cellMilliseconds = 5000;
export const pastCells = 12;

export const cellAt = (time: number): number => Math.floor(time / cellMilliseconds);

export function withFrame(past: readonly PastCell[], frame: Frame): readonly PastCell[] {
  if (frame.interval === 0) return past;
  const at = cellAt(frame.time);
  const known = past.at(-1);
  const same = known !== undefined && known.at === at;
  const counted = new Map(same ? known.counted : []);
  for (const row of frame.rows) {
    const delta = row.delta[0] ?? 0;
    if (delta > 0) counted.set(row.id, (counted.get(row.id) ?? 0) + delta);
  }
  const events = (same ? known.events : 0) + frame.sums.delta;
  const cell: PastCell = {at, seconds: (same ? known.seconds : 0) + frame.interval, events, counted};
  return [...past.filter((each) => each.at > at - pastCells && each.at < at), cell];
}

/** Rates in the cells up to `now`, oldest first; undefined where nothing was sampled. */
export function minuteOf(past: readonly PastCell[], now: number, counted: (cell: PastCell) => number): readonly (number | undefined)[] {
  const values = new Array<number | undefined>(pastCells).fill(undefined);
  const last = cellAt(now);
  for (const cell of past) {
    const i = pastCells - 1 - (last - cell.at);
    if (i >= 0 && i < pastCells && cell.seconds > 0) values[i] = counted(cell) / cell.seconds;
  }
  return values;
}
