// What a refresh's rows counted, packed in one array where each as objects would be ten times the memory. Refreshes of the same
// rows, as most are that follow one another, share the rows' names, and the index by which a row is found. Pure.
import type {Cell, Count, Row} from '../decode/frame.ts';

class Names {
  readonly ids: readonly string[];
  readonly keys: readonly (readonly Cell[])[];
  private index: ReadonlyMap<string, number> | undefined;

  constructor(rows: readonly Row[]) {
    this.ids = rows.map((row) => row.id);
    this.keys = rows.map((row) => row.key);
  }

  areOf(rows: readonly Row[]): boolean {
    const {ids, keys} = this;
    if (ids.length !== rows.length) return false;
    for (let i = 0; i < rows.length; i++) if (ids[i] !== rows[i]?.id || keys[i] !== rows[i]?.key) return false;
    return true;
  }

  /** -1: there is no such row. */
  place(id: string): number {
    this.index ??= new Map(this.ids.map((each, i) => [each, i]));
    return this.index.get(id) ?? -1;
  }
}

export class RowNumbers {
  readonly bytes: number;
  private readonly names: Names;
  private readonly measures: number;
  /** Total, delta and rate of each measure of each row; NaN is undefined, and what no number holds exactly is in `wide`. */
  private readonly numbers: Float64Array;
  private readonly wide: ReadonlyMap<number, bigint>;

  /** @param before those of the refresh before, which may have the same rows */
  constructor(rows: readonly Row[], measures: number, before: RowNumbers | undefined) {
    this.names = before?.names.areOf(rows) === true ? before.names : new Names(rows);
    this.measures = measures;
    this.numbers = new Float64Array(rows.length * measures * 3);
    const wide = new Map<number, bigint>();
    // ten thousand rows between two keys: no iterators
    for (let i = 0, at = 0; i < rows.length; i++) {
      const row = rows[i];
      for (let m = 0; m < measures; m++, at += 3) {
        const total = row?.total[m];
        const delta = row?.delta[m];
        if (typeof total === 'bigint') wide.set(at, total);
        if (typeof delta === 'bigint') wide.set(at + 1, delta);
        this.numbers[at] = Number(total ?? 0);
        this.numbers[at + 1] = Number(delta ?? Number.NaN);
        this.numbers[at + 2] = row?.rate[m] ?? Number.NaN;
      }
    }
    this.wide = wide;
    this.bytes = 16 * rows.length + this.numbers.byteLength;
  }

  get length(): number {
    return this.names.ids.length;
  }

  row(i: number): Row {
    const total: Count[] = [];
    const delta: (Count | undefined)[] = [];
    const rate: (number | undefined)[] = [];
    for (let m = 0, at = i * this.measures * 3; m < this.measures; m++, at += 3) {
      total.push(this.wide.get(at) ?? this.numbers[at] ?? 0);
      delta.push(this.wide.get(at + 1) ?? known(this.numbers[at + 1]));
      rate.push(known(this.numbers[at + 2]));
    }
    return {id: this.names.ids[i] ?? '', key: this.names.keys[i] ?? [], total, delta, rate};
  }

  place(id: string): number {
    return this.names.place(id);
  }

  total(id: string): number {
    const i = this.place(id);
    return i < 0 ? 0 : (this.numbers[i * this.measures * 3] ?? 0);
  }

  /** What the row counted in the interval. */
  count(id: string): number {
    const i = this.place(id);
    return i < 0 ? 0 : Math.max(0, known(this.numbers[i * this.measures * 3 + 1]) ?? 0);
  }
}

const known = (number: number | undefined): number | undefined => (Number.isNaN(number) ? undefined : number);
