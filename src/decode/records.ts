// Samples of a map become rows: keys decoded once each, counters with what came since. Owns what is remembered of a row
// between two samples, so that a row to which nothing came costs nothing; the subtraction's other side is the addon's.
// Ten thousand rows are made between two key presses, hence plain loops.
import type {Sample} from '../native/contract.ts';
import {histogram, noSlots, readSlots} from './buckets.ts';
import {difference, quotient, readCount, readMax, readMin, readSigned} from './counts.ts';
import {decodeCell, type Lookups} from './formats.ts';
import type {Cell, Count, Row} from './frame.ts';
import type {KeyField, MeasureField, RecordLayout} from './layout.ts';

/** What is remembered of a key, by its serial. */
interface Known {
  readonly id: string;
  readonly key: readonly Cell[];
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
  private readonly averages: boolean;
  private readonly none: Differences;
  private readonly idle: Differences;
  private seq = 0;

  constructor(layout: RecordLayout, lookups: Lookups) {
    this.layout = layout;
    this.lookups = lookups;
    const {measures} = layout;
    this.averages = measures.some(({op}) => op === 'avg');
    const none = measures.map(() => undefined);
    this.none = {delta: none, rate: none};
    this.idle = {
      delta: measures.map(({op}) => (op === 'min' || op === 'max' ? undefined : 0)),
      rate: measures.map(({op}) => (op === 'count' || op === 'sum' ? 0 : undefined)),
    };
  }

  /** @param elapsed seconds since the sample before; 0 for the first */
  update(sample: Sample, elapsed: number): readonly Row[] {
    const {serials, changes, keys, values, before} = sample;
    const {keySize, valueSize} = this.layout;
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
    const now = new DataView(values.buffer, values.byteOffset, values.byteLength);
    const then = new DataView(before.buffer, before.byteOffset, before.byteLength);
    const rows: Row[] = new Array(count);
    for (let i = 0; i < count; i++) {
      const known = this.find(serials[i] ?? 0, keys, i * keySize);
      // a row that was not among those wanted may have changed meanwhile
      const fresh = known.seen === this.seq - 1;
      known.seen = this.seq;
      if (changes[i] !== unchanged) known.idle = undefined;
      else if (fresh && known.idle !== undefined) {
        rows[i] = known.idle;
        continue;
      }
      const row = this.row(known, changes[i] === unchanged, now, then, i * valueSize, elapsed);
      if (changes[i] === unchanged && elapsed > 0) known.idle = row;
      rows[i] = row;
    }
    if (this.known.size > 2 * count + 64) for (const [serial, {seen}] of this.known) if (seen !== this.seq) this.known.delete(serial);
    return rows;
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
    const {hist, labels} = this.layout;
    const key = labels === undefined ? ofKey : [...ofKey, ...this.labels(labels, now, base)];
    const first = this.seq === 1;
    const total = this.totals(now, base);
    const {delta, rate} = first ? this.none : same && elapsed > 0 ? this.idle : this.differences(now, then, base, elapsed);
    if (hist === undefined) return {id, key, total, delta, rate};
    const slots = readSlots(now, base + hist.word * 8, hist.slots);
    const previous = first ? undefined : same ? slots : readSlots(then, base + hist.word * 8, hist.slots);
    return {id, key, total, delta, rate, hist: histogram(slots, previous ?? (first ? undefined : noSlots), hist.scale)};
  }

  private labels(fields: readonly KeyField[], view: DataView, base: number): readonly Cell[] {
    const bytes = new Uint8Array(view.buffer, view.byteOffset + base, this.layout.valueSize);
    return fields.map((field) => decodeCell(field, bytes, this.lookups));
  }

  private totals(view: DataView, base: number): readonly Count[] {
    const {measures} = this.layout;
    const words: Count[] = new Array(measures.length);
    for (let m = 0; m < measures.length; m++) words[m] = readWord(view, base, measures[m] as MeasureField);
    return this.averages ? measures.map(({op}, m) => (op === 'avg' ? quotient(words[m] ?? 0, words[0] ?? 0) : (words[m] ?? 0))) : words;
  }

  /** What came since: a difference of counters; for an average, that of the interval; for an extreme, nothing. */
  private differences(now: DataView, then: DataView, base: number, elapsed: number): Differences {
    const {measures, lasting} = this.layout;
    const delta: (Count | undefined)[] = new Array(measures.length);
    const rate: (number | undefined)[] = new Array(measures.length);
    let counted: Count = 0;
    for (let m = 0; m < measures.length; m++) {
      const field = measures[m] as MeasureField;
      const isExtreme = field.op === 'min' || field.op === 'max';
      const since = isExtreme ? 0 : difference(readWord(now, base, field), readWord(then, base, field));
      if (m === 0) counted = since;
      delta[m] = isExtreme || (field.op === 'avg' && lasting) ? undefined : field.op !== 'avg' ? since : quotient(since, counted);
      rate[m] = isExtreme || field.op === 'avg' || elapsed === 0 ? undefined : Number(since) / elapsed;
    }
    return {delta, rate};
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
