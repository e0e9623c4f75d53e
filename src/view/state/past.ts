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

/** What a refresh counted: of all rows, and of those to which something came. */
export interface Counted {
  readonly time: number;
  readonly interval: number;
  readonly events: number;
  counts(): Iterable<readonly [id: string, count: number]>;
}

export function withFrame(past: readonly PastCell[], frame: Frame): readonly PastCell[] {
  const {time, interval, sums, rows} = frame;
  return withCounts(past, {
    time,
    interval,
    events: sums.delta,
    *counts() {
      for (const row of rows) if ((row.delta[0] ?? 0) > 0) yield [row.id, row.delta[0] ?? 0];
    },
  });
}

export function withCounts(past: readonly PastCell[], refresh: Counted): readonly PastCell[] {
  if (refresh.interval === 0) return past;
  const at = cellAt(refresh.time);
  const known = past.at(-1);
  const same = known !== undefined && known.at === at;
  const counted = new Map(same ? known.counted : []);
  for (const [id, count] of refresh.counts()) counted.set(id, (counted.get(id) ?? 0) + count);
  const events = (same ? known.events : 0) + refresh.events;
  const cell: PastCell = {at, seconds: (same ? known.seconds : 0) + refresh.interval, events, counted};
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
