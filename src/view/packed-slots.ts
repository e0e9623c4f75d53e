// The histograms of a frame's rows in four arrays, where each as objects would be ten times the memory; made objects again
// when they are looked at. Pure.
import {noSlots, type Slots, slotsIn} from '../decode/buckets.ts';
import type {Row, Scale} from '../decode/frame.ts';

type Numbers = Uint32Array | Float64Array;

export class PackedSlots {
  readonly bytes: number;
  /** What came of all rows in the interval. */
  readonly recentOfAll: Slots;
  /** Of a first frame it is not known what came. */
  readonly first: boolean;
  /** Where the slots of a row begin: one more than there are rows. */
  private readonly ends: Uint32Array;
  private readonly slots: Uint16Array;
  private readonly counts: Numbers;
  private readonly recents: Numbers;

  constructor(rows: readonly Row[], scale: Scale) {
    const all = rows.map((row) => (row.hist === undefined ? undefined : slotsIn(row.hist, scale)));
    this.ends = new Uint32Array(rows.length + 1);
    let length = 0;
    let most = 0;
    for (const [i, each] of all.entries()) {
      length += each?.slots.slots.length ?? 0;
      this.ends[i + 1] = length;
      if (each !== undefined) for (const count of each.slots.counts) if (count > most) most = count;
    }
    const numbers = (): Numbers => (most <= 0xffff_ffff ? new Uint32Array(length) : new Float64Array(length));
    this.slots = new Uint16Array(length);
    this.counts = numbers();
    this.recents = numbers();
    const sums: number[] = [];
    let at = 0;
    for (const each of all) {
      if (each === undefined) continue;
      const {slots, previous = noSlots} = each;
      let next = 0;
      for (let s = 0; s < slots.slots.length; s++, at++) {
        const slot = slots.slots[s] ?? 0;
        const count = slots.counts[s] ?? 0;
        while ((previous.slots[next] ?? Number.POSITIVE_INFINITY) < slot) next++;
        const came = count - (previous.slots[next] === slot ? (previous.counts[next] ?? 0) : 0);
        this.slots[at] = slot;
        this.counts[at] = count;
        if (came <= 0) continue;
        this.recents[at] = came;
        sums[slot] = (sums[slot] ?? 0) + came;
      }
    }
    this.first = all.some((each) => each !== undefined && each.previous === undefined);
    const filled = Object.keys(sums).map(Number);
    this.recentOfAll = this.first ? noSlots : {slots: filled, counts: filled.map((slot) => sums[slot] ?? 0)};
    this.bytes = this.ends.byteLength + this.slots.byteLength + this.counts.byteLength + this.recents.byteLength;
  }

  /** What came in the interval of one row. */
  recent(i: number): Slots {
    return this.first ? noSlots : this.read(i, 'recent');
  }

  /** Now, and the frame before: read when they are asked for, as a screen does of the rows that are on it. */
  of(i: number): {readonly slots: Slots; readonly previous: Slots | undefined} {
    const slots = new Late(this, i, 'now');
    if (this.first) return {slots, previous: undefined};
    return {slots, previous: this.isIdle(i) ? slots : new Late(this, i, 'before')};
  }

  read(i: number, which: Which): Slots {
    const slots: number[] = [];
    const counts: number[] = [];
    const end = this.ends[i + 1] ?? 0;
    for (let at = this.ends[i] ?? 0; at < end; at++) {
      const [now, came] = [this.counts[at] ?? 0, this.recents[at] ?? 0];
      const count = which === 'now' ? now : which === 'recent' ? came : now - came;
      if (count === 0) continue;
      slots.push(this.slots[at] ?? 0);
      counts.push(count);
    }
    return {slots, counts};
  }

  private isIdle(i: number): boolean {
    const end = this.ends[i + 1] ?? 0;
    for (let at = this.ends[i] ?? 0; at < end; at++) if (this.recents[at] !== 0) return false;
    return true;
  }
}

type Which = 'now' | 'recent' | 'before';

class Late implements Slots {
  private readonly packed: PackedSlots;
  private readonly row: number;
  private readonly which: Which;
  private made: Slots | undefined;

  constructor(packed: PackedSlots, row: number, which: Which) {
    this.packed = packed;
    this.row = row;
    this.which = which;
  }

  get slots(): readonly number[] {
    this.made ??= this.packed.read(this.row, this.which);
    return this.made.slots;
  }

  get counts(): readonly number[] {
    this.made ??= this.packed.read(this.row, this.which);
    return this.made.counts;
  }
}
