// What a refresh's rows counted, in one array of numbers where each as objects would be ten times the memory. A row is made of them
// when it is looked at, as are those on a screen; the refreshes that are kept have the same arrays. Refreshes of the same rows,
// as most are that follow one another, share the rows' names, and the index by which a row is found. Pure.
import type {Cell, Count, Histogram, Row} from './frame.ts';

/** What a row is called, whatever it counts. */
export interface Named {
  readonly id: string;
  readonly key: readonly Cell[];
}

export class Names {
  readonly all: readonly Named[];
  private index: ReadonlyMap<string, number> | undefined;

  constructor(all: readonly Named[]) {
    this.all = all;
  }

  areOf(rows: readonly Named[]): boolean {
    const {all} = this;
    if (all.length !== rows.length) return false;
    for (let i = 0; i < rows.length; i++) if (all[i]?.id !== rows[i]?.id || all[i]?.key !== rows[i]?.key) return false;
    return true;
  }

  /** -1: there is no such row. */
  place(id: string): number {
    this.index ??= new Map(this.all.map((each, i) => [each.id, i]));
    return this.index.get(id) ?? -1;
  }
}

/** Places of a measure's numbers, one behind the other: NaN where there is none. */
export const [ofTotal, ofDelta, ofRate] = [0, 1, 2] as const;
export type Of = typeof ofTotal | typeof ofDelta | typeof ofRate;
export const perMeasure = 3;

export class RowNumbers {
  readonly names: Names;
  readonly bytes: number;
  private readonly stride: number;
  /** Total, delta and rate of each measure of each row. */
  readonly numbers: Float64Array;
  /** What no number holds exactly, by its place. */
  readonly wide: Map<number, bigint>;

  /** @param numbers, wide are filled by whoever makes it, and not changed afterwards */
  constructor(names: Names, measures: number, numbers: Float64Array, wide: Map<number, bigint>) {
    this.names = names;
    this.stride = measures * perMeasure;
    this.numbers = numbers;
    this.wide = wide;
    this.bytes = 16 * names.all.length + numbers.byteLength;
  }

  /** @param before those of the refresh before, which may have the same rows */
  static of(rows: readonly Row[], measures: number, before: RowNumbers | undefined): RowNumbers {
    const already = numbersBehind(rows);
    if (already !== undefined) return already;
    const names = before?.names.areOf(rows) === true ? before.names : new Names(rows.map(({id, key}) => ({id, key})));
    const numbers = numbersFor(rows.length, measures);
    const wide = new Map<number, bigint>();
    // ten thousand rows between two keys: no iterators
    for (let i = 0, at = 0; i < rows.length; i++) {
      const {total, delta, rate} = rows[i] as Row;
      for (let m = 0; m < measures; m++, at += perMeasure) {
        const count = total[m];
        const since = delta[m];
        if (typeof count === 'bigint') wide.set(at + ofTotal, count);
        if (typeof since === 'bigint') wide.set(at + ofDelta, since);
        numbers[at + ofTotal] = Number(count ?? 0);
        numbers[at + ofDelta] = Number(since ?? Number.NaN);
        numbers[at + ofRate] = rate[m] ?? Number.NaN;
      }
    }
    return new RowNumbers(names, measures, numbers, wide);
  }

  get length(): number {
    return this.names.all.length;
  }

  row(i: number, hist: Histogram | undefined): Row {
    return new NumberedRow(this, i, hist);
  }

  totals(i: number): readonly Count[] {
    const totals: Count[] = [];
    for (let at = i * this.stride, end = at + this.stride; at < end; at += perMeasure) totals.push(this.at(at + ofTotal) ?? 0);
    return totals;
  }

  deltas(i: number): readonly (Count | undefined)[] {
    const deltas: (Count | undefined)[] = [];
    for (let at = i * this.stride, end = at + this.stride; at < end; at += perMeasure) deltas.push(this.at(at + ofDelta));
    return deltas;
  }

  rates(i: number): readonly (number | undefined)[] {
    const rates: (number | undefined)[] = [];
    for (let at = i * this.stride, end = at + this.stride; at < end; at += perMeasure) rates.push(known(this.numbers[at + ofRate]));
    return rates;
  }

  private at(place: number): Count | undefined {
    return this.wide.get(place) ?? known(this.numbers[place]);
  }

  /** One of them, 0 where there is none; undefined: no number holds it exactly. */
  number(i: number, measure: number, of: Of): number | undefined {
    const at = i * this.stride + measure * perMeasure + of;
    if (this.wide.has(at)) return undefined;
    const number = this.numbers[at] ?? 0;
    return Number.isNaN(number) ? 0 : number;
  }

  total(id: string): number {
    const i = this.names.place(id);
    return i < 0 ? 0 : (this.numbers[i * this.stride + ofTotal] ?? 0);
  }

  /** What the row counted in the interval. */
  count(id: string): number {
    const i = this.names.place(id);
    return i < 0 ? 0 : Math.max(0, known(this.numbers[i * this.stride + ofDelta]) ?? 0);
  }
}

export const numbersFor = (rows: number, measures: number): Float64Array => new Float64Array(rows * measures * perMeasure);

const known = (number: number | undefined): number | undefined => (Number.isNaN(number) ? undefined : number);

/** A row whose lists are made when they are asked for. */
export class NumberedRow implements Row {
  readonly numbers: RowNumbers;
  readonly place: number;
  declare readonly hist?: Histogram;

  constructor(numbers: RowNumbers, place: number, hist: Histogram | undefined) {
    this.numbers = numbers;
    this.place = place;
    if (hist !== undefined) this.hist = hist;
  }

  get id(): string {
    return this.numbers.names.all[this.place]?.id ?? '';
  }

  get key(): readonly Cell[] {
    return this.numbers.names.all[this.place]?.key ?? [];
  }

  get total(): readonly Count[] {
    return this.numbers.totals(this.place);
  }

  get delta(): readonly (Count | undefined)[] {
    return this.numbers.deltas(this.place);
  }

  get rate(): readonly (number | undefined)[] {
    return this.numbers.rates(this.place);
  }
}

/** Those that all of the rows were made of, each at its place. */
function numbersBehind(rows: readonly Row[]): RowNumbers | undefined {
  const [first] = rows;
  if (!(first instanceof NumberedRow) || first.numbers.length !== rows.length) return undefined;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (!(row instanceof NumberedRow) || row.numbers !== first.numbers || row.place !== i) return undefined;
  }
  return first.numbers;
}
