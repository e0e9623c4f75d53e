// Samples of a map become rows: keys decoded once each, counters with what came since. Owns what is remembered of a row
// between two samples, so that a row to which nothing came costs nothing; the subtraction's other side is the addon's.
// Ten thousand rows are made between two key presses, hence plain loops.
import type {Sample} from '../native/contract.ts';
import {histogram, readSlots} from './buckets.ts';
import {difference, quotient, readCount, readMax, readMin, readSigned} from './counts.ts';
import {decodeCell, type Lookups} from './formats.ts';
import type {Cell, Count, Histogram, Row} from './frame.ts';
import type {KeyField, MeasureField, RecordLayout} from './layout.ts';
import {type Named, Names, numbersFor, ofDelta, ofRate, ofTotal, perMeasure, RowNumbers} from './row-numbers.ts';

/** What is remembered of a key, by its serial. */
interface Known extends Named {
  /** Nothing in the key waits for its name any longer. */
  readonly named: boolean;
  /** Number of the last sample that had the row. */
  seen: number;
  /** The row as it is while nothing comes to it. */
  idle: Row | undefined;
}

type Differences = Pick<Row, 'delta' | 'rate'>;
const unchanged = 0;

export class RecordTable {
  private readonly layout: RecordLayout;
  private readonly lookups: Lookups;
  private readonly known = new Map<number, Known>();
  /** Of the records of the last sample, in their order: mostly those of the next one. */
  private readonly found: Known[] = [];
  private serials: Sample['serials'] = new Float64Array();
  /** Of the rows to which something came in the last sample. */
  private names = new Names([]);
  private readonly idle: Differences;
  private seq = 0;

  constructor(layout: RecordLayout, lookups: Lookups) {
    this.layout = layout;
    this.lookups = lookups;
    const {measures} = layout;
    this.idle = {
      delta: measures.map(({op}) => (op === 'min' || op === 'max' ? undefined : 0)),
      rate: measures.map(({op}) => (op === 'count' || op === 'sum' ? 0 : undefined)),
    };
  }

  /** @param elapsed seconds since the sample before; 0 for the first */
  update(sample: Sample, elapsed: number): readonly Row[] {
    const {serials, changes, keys, values, before} = sample;
    const {keySize, valueSize, labels} = this.layout;
    const count = serials.length;
    for (const [array, size] of [
      [changes, 1],
      [keys, keySize],
      [values, valueSize],
      [before, valueSize],
    ] as const)
      if (array.length !== count * size)
        throw new Error(`a sample of ${count} records has ${array.length} bytes where ${size} belong to each`);
    this.seq++;
    this.findAll(sample);
    const now = new DataView(values.buffer, values.byteOffset, values.byteLength);
    const then = new DataView(before.buffer, before.byteOffset, before.byteLength);
    // texts of the value are of each refresh anew: then a row has a key of its own
    const numbers = labels === undefined ? this.numbers(changes, now, then, elapsed) : undefined;
    const rows: Row[] = new Array(count);
    for (let i = 0, next = 0; i < count; i++) {
      const known = this.found[i] as Known;
      // a row that was not among those wanted may have changed meanwhile
      const fresh = known.seen === this.seq - 1;
      known.seen = this.seq;
      const same = changes[i] === unchanged;
      if (!same) known.idle = undefined;
      if (same && fresh && known.idle !== undefined) rows[i] = known.idle;
      else if (!same && numbers !== undefined) rows[i] = numbers.row(next++, this.histogram(false, now, then, i * valueSize));
      else {
        const row = this.row(known, same, now, then, i * valueSize, elapsed);
        if (same && elapsed > 0) known.idle = row;
        rows[i] = row;
      }
    }
    if (this.known.size > 2 * count + 64) for (const [serial, {seen}] of this.known) if (seen !== this.seq) this.known.delete(serial);
    return rows;
  }

  private findAll({serials, keys}: Sample): void {
    const {found, layout} = this;
    for (let i = 0; i < serials.length; i++) {
      const serial = serials[i] ?? 0;
      if (this.serials[i] !== serial || found[i]?.named !== true) found[i] = this.find(serial, keys, i * layout.keySize);
    }
    found.length = serials.length;
    this.serials = serials;
  }

  /** Of the rows to which something came. */
  private numbers(changes: Uint8Array, now: DataView, then: DataView, elapsed: number): RowNumbers | undefined {
    const {found, layout} = this;
    const {valueSize, measures} = layout;
    const before = this.names.all;
    let length = 0;
    let alike = true;
    for (let i = 0; i < found.length; i++) if (changes[i] !== unchanged) alike = before[length++] === found[i] && alike;
    if (length === 0) return undefined;
    if (!alike || before.length !== length) this.names = new Names(found.filter((_, i) => changes[i] !== unchanged));
    const numbers = new RowNumbers(this.names, measures.length, numbersFor(length, measures.length), new Map());
    let at = 0;
    for (let i = 0; i < found.length; i++) if (changes[i] !== unchanged) at = this.fill(numbers, at, now, then, i * valueSize, elapsed);
    return numbers;
  }

  /** What was counted, and what came since: a difference of counters; for an average, that of the interval; for an extreme, nothing.
   * @returns where the numbers of the next row are */
  private fill({numbers, wide}: RowNumbers, from: number, now: DataView, then: DataView, base: number, elapsed: number): number {
    const {measures, lasting} = this.layout;
    const first = this.seq === 1;
    let at = from;
    let count: Count = 0;
    let counted: Count = 0;
    for (let m = 0; m < measures.length; m++) {
      const field = measures[m] as MeasureField;
      const {op} = field;
      const word = readWord(now, base, field);
      if (m === 0) count = word;
      const since = first || op === 'min' || op === 'max' ? Number.NaN : difference(word, readWord(then, base, field));
      if (m === 0) counted = since;
      const total = op === 'avg' ? quotient(word, count) : word;
      const delta = op !== 'avg' ? since : lasting ? Number.NaN : quotient(since, counted);
      if (typeof total === 'bigint') wide.set(at + ofTotal, total);
      if (typeof delta === 'bigint') wide.set(at + ofDelta, delta);
      numbers[at + ofTotal] = Number(total);
      numbers[at + ofDelta] = Number(delta);
      numbers[at + ofRate] = op === 'avg' || elapsed === 0 ? Number.NaN : Number(since) / elapsed;
      at += perMeasure;
    }
    return at;
  }

  private find(serial: number, keys: Uint8Array, at: number): Known {
    const found = this.known.get(serial);
    if (found?.named === true) return found;
    const bytes = keys.subarray(at, at + this.layout.keySize);
    const key = this.layout.key.map((field) => decodeCell(field, bytes, this.lookups));
    const named = key.every(({unnamed}) => unnamed !== true);
    if (found !== undefined && !named) return found;
    const known: Known = {id: String.fromCharCode(...bytes), key, named, seen: found?.seen ?? 0, idle: undefined};
    this.known.set(serial, known);
    return known;
  }

  private row({id, key: ofKey}: Known, same: boolean, now: DataView, then: DataView, base: number, elapsed: number): Row {
    const {labels, measures} = this.layout;
    const key = labels === undefined ? ofKey : [...ofKey, ...this.labels(labels, now, base)];
    const numbers = new RowNumbers(new Names([]), measures.length, numbersFor(1, measures.length), new Map());
    this.fill(numbers, 0, now, then, base, elapsed);
    const total = numbers.totals(0);
    const {delta, rate} = same && elapsed > 0 ? this.idle : {delta: numbers.deltas(0), rate: numbers.rates(0)};
    const hist = this.histogram(same, now, then, base);
    return hist === undefined ? {id, key, total, delta, rate} : {id, key, total, delta, rate, hist};
  }

  private histogram(same: boolean, now: DataView, then: DataView, base: number): Histogram | undefined {
    const {hist} = this.layout;
    if (hist === undefined) return undefined;
    const at = base + hist.word * 8;
    const slots = readSlots(now, at, hist.slots);
    const previous = this.seq === 1 ? undefined : same ? slots : readSlots(then, at, hist.slots);
    return histogram(slots, previous, hist.scale);
  }

  private labels(fields: readonly KeyField[], view: DataView, base: number): readonly Cell[] {
    const bytes = new Uint8Array(view.buffer, view.byteOffset + base, this.layout.valueSize);
    return fields.map((field) => decodeCell(field, bytes, this.lookups));
  }
}

function readWord(view: DataView, base: number, {op, word, signed, plain}: MeasureField): Count {
  const at = base + word * 8;
  switch (op) {
    case 'count':
    case 'sum':
    case 'avg':
      return signed ? readSigned(view, at) : readCount(view, at);
    case 'max':
      return plain ? (signed ? readSigned(view, at) : readCount(view, at)) : readMax(view, at, signed);
    case 'min':
      return readMin(view, at, signed);
  }
}
