// The last minute of a view in cells of five seconds, for its sparklines: what all rows, and each row, counted in them.
// Cells begin at multiples of five seconds, so that a mark once drawn only moves to the left.
import type {RowNumbers} from '../../decode/row-numbers.ts';
import type {Moment} from '../history.ts';

const cellMilliseconds = 5000;
export const pastCells = 12;

export const cellAt = (time: number): number => Math.floor(time / cellMilliseconds);

/** What the refreshes of five seconds counted: of all rows at once, of a row when it is asked for, as are those on the screen. */
export class PastCell {
  /** Number of the cell: time divided by its length. */
  readonly at: number;
  readonly seconds: number;
  readonly events: number;
  /** Of the newest refresh, of all rows: what lasts then. */
  readonly total: number;
  private readonly refreshes: readonly RowNumbers[];
  private readonly asked = new Map<string, number>();

  constructor(
    before: PastCell | undefined,
    {time, interval, events, total, numbers}: Pick<Moment, 'time' | 'interval' | 'events' | 'total' | 'numbers'>,
  ) {
    this.at = cellAt(time);
    this.seconds = (before?.seconds ?? 0) + interval;
    this.events = (before?.events ?? 0) + events;
    this.total = total;
    this.refreshes = [...(before?.refreshes ?? []), numbers];
  }

  /** What the row had in the newest refresh. */
  level(id: string): number {
    return this.refreshes.at(-1)?.total(id) ?? 0;
  }

  counted(id: string): number {
    let count = this.asked.get(id);
    if (count !== undefined) return count;
    count = 0;
    for (let i = 0; i < this.refreshes.length; i++) count += this.refreshes[i]?.count(id) ?? 0;
    this.asked.set(id, count);
    return count;
  }
}

export function withMoment(past: readonly PastCell[], moment: Moment): readonly PastCell[] {
  if (moment.interval === 0) return past;
  const at = cellAt(moment.time);
  const last = past.at(-1);
  const cell = new PastCell(last?.at === at ? last : undefined, moment);
  return [...past.filter((each) => each.at > at - pastCells && each.at < at), cell];
}

/** A value of each of the cells up to `now`, oldest first; undefined where nothing was sampled. */
export function minuteOf(past: readonly PastCell[], now: number, value: (cell: PastCell) => number): readonly (number | undefined)[] {
  const values = new Array<number | undefined>(pastCells).fill(undefined);
  const last = cellAt(now);
  for (let c = 0; c < past.length; c++) {
    const cell = past[c] as PastCell;
    const i = pastCells - 1 - (last - cell.at);
    if (i >= 0 && i < pastCells && cell.seconds > 0) values[i] = value(cell);
  }
  return values;
}
