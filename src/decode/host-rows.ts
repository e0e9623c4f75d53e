// The counts of one view on one host, over connections that end and begin again: what was counted in those that ended is
// kept, so that no sum ever falls. And rows of several hosts added up. Pure.
import {histogram, noSlots, type Slots, slotsIn, summed} from './buckets.ts';
import {added, compareCounts, difference} from './counts.ts';
import {eachLoss, noLoss} from './losses.ts';
import type {Cell, Count, Frame, Lost, Row, ViewShape} from './frame.ts';

interface Counted {
  readonly counts: readonly Count[];
  readonly slots: Slots;
}

/** A row of one host: what it has counted, what it had at the refresh before, and in how many seconds of that host. */
export interface HostRow {
  readonly host: number;
  readonly id: string;
  readonly key: readonly Cell[];
  readonly now: Counted;
  readonly before: Counted | undefined;
  readonly seconds: number;
}

export const lostInAll = (all: readonly Lost[]): Lost => eachLoss((name) => all.reduce((sum, lost) => sum + lost[name], 0));

export class HostRows {
  private readonly host: number;
  private readonly keys = new Map<string, readonly Cell[]>();
  private carried = new Map<string, Counted>();
  private current = new Map<string, Counted>();
  private told: ReadonlyMap<string, Counted> = new Map();
  private seconds = 0;
  private lostBefore = noLoss;
  /** The newest one of this connection. */
  latest: Frame | undefined;

  constructor(host: number) {
    this.host = host;
  }

  frame(frame: Frame, shape: ViewShape): void {
    this.latest = frame;
    this.seconds += frame.interval;
    this.current = new Map();
    for (const {id, key, total, hist} of frame.rows) {
      const slots = hist === undefined || shape.hist === undefined ? noSlots : slotsIn(hist, shape.hist.scale).slots;
      this.current.set(id, {counts: total, slots});
      if (!this.keys.has(id)) this.keys.set(id, key);
    }
  }

  /** The connection is over: the next one counts from zero. */
  end(shape: ViewShape | undefined): void {
    this.lostBefore = this.lost;
    this.latest = undefined;
    if (shape !== undefined && shape.lasting !== true)
      for (const [id, counted] of this.current) this.carried.set(id, joined(shape, this.carried.get(id), counted));
    this.current = new Map();
  }

  /** Of all connections. */
  get lost(): Lost {
    return lostInAll([this.lostBefore, this.latest?.lost ?? noLoss]);
  }

  /** What there is to tell; the next call tells what came since this one. */
  tell(shape: ViewShape): readonly HostRow[] {
    const all = new Map(this.carried);
    for (const [id, counted] of this.current) all.set(id, joined(shape, all.get(id), counted));
    const {told, seconds, host} = this;
    this.told = all;
    this.seconds = 0;
    return [...all].map(([id, now]) => ({host, id, key: this.keys.get(id) ?? [], now, before: told.get(id), seconds}));
  }
}

/** One row of rows with the same key. @param first nothing was told before */
export function rowOf(rows: readonly HostRow[], id: string, key: readonly Cell[], shape: ViewShape, first: boolean): Row {
  const now = rows.map((row) => row.now).reduce((a, b) => joined(shape, a, b));
  const gain = ({now, before}: HostRow, i: number): Count => difference(now.counts[i] ?? 0, before?.counts[i] ?? 0);
  const each = <T>(value: (i: number) => T): (T | undefined)[] =>
    shape.measures.map(({op}, i) => (first || (op !== 'count' && op !== 'sum') ? undefined : value(i)));
  const before = first ? undefined : summed(rows.map((row) => row.before?.slots ?? noSlots));
  return {
    id,
    key,
    total: now.counts,
    delta: each((i) => rows.reduce<Count>((sum, row) => added(sum, gain(row, i)), 0)),
    rate: each((i) => rows.reduce((sum, row) => sum + (row.seconds > 0 ? Number(gain(row, i)) / row.seconds : 0), 0)),
    ...(shape.hist === undefined ? {} : {hist: histogram(now.slots, before, shape.hist.scale)}),
  };
}

function joined(shape: ViewShape, a: Counted | undefined, b: Counted): Counted {
  if (a === undefined) return b;
  const counts = shape.measures.map(({op}, i): Count => {
    const [x, y] = [a.counts[i] ?? 0, b.counts[i] ?? 0];
    switch (op) {
      case 'count':
      case 'sum':
        return added(x, y);
      // either may be a bigint, which Math.min refuses
      case 'min':
        return compareCounts(x, y) <= 0 ? x : y;
      case 'max':
        return compareCounts(x, y) >= 0 ? x : y;
      case 'avg': {
        // weighted by how many values each is of: the first measure
        const [n, m] = [Number(a.counts[0] ?? 0), Number(b.counts[0] ?? 0)];
        return n + m === 0 ? 0 : (Number(x) * n + Number(y) * m) / (n + m);
      }
    }
  });
  return {counts, slots: summed([a.slots, b.slots])};
}
