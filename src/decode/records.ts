// Snapshots of a map become rows: keys decoded once each, counters subtracted from those of the snapshot before. Owns
// what is remembered between two snapshots; a key that leaves the map is forgotten. Ten thousand rows are decoded between
// two key presses, hence plain loops, and nothing made anew that did not change.
import {histogram, noSlots, readSlots, type Slots} from './buckets.ts';
import {difference, readCount, readMax, readMin, readSigned} from './counts.ts';
import {decodeCell, type Lookups} from './formats.ts';
import type {Cell, Count, Row} from './frame.ts';
import type {MeasureField, RecordLayout} from './layout.ts';

/** Bytes that nobody writes to again: they are compared with those of the next one. */
export interface Snapshot {
  readonly count: number;
  readonly keys: Uint8Array;
  readonly values: Uint8Array;
}

/** What a key had in the snapshot before. */
interface Known {
  readonly id: string;
  readonly key: readonly Cell[];
  /** Number of the last snapshot that had the key, and the key's place there. */
  seen: number;
  index: number;
  /** A measure each; of an average, the sum. */
  words: readonly Count[];
  total: readonly Count[];
  slots: Slots;
}

type Differences = Pick<Row, 'delta' | 'rate'>;
const noSnapshot: Snapshot = {count: 0, keys: new Uint8Array(0), values: new Uint8Array(0)};

export class RecordTable {
  private readonly layout: RecordLayout;
  private readonly lookups: Lookups;
  private readonly known = new Map<string, Known>();
  private readonly averages: boolean;
  private readonly none: Differences;
  private readonly unchanged: Differences;
  /** The kernel walks a map in the same order again: here the next key is expected where it was. */
  private order: readonly Known[] = [];
  private before = noSnapshot;
  private seq = 0;

  constructor(layout: RecordLayout, lookups: Lookups) {
    this.layout = layout;
    this.lookups = lookups;
    const {measures} = layout;
    this.averages = measures.some(({op}) => op === 'avg');
    const none = measures.map(() => undefined);
    this.none = {delta: none, rate: none};
    this.unchanged = {
      delta: measures.map(({op}) => (op === 'min' || op === 'max' ? undefined : 0)),
      rate: measures.map(({op}) => (op === 'count' || op === 'sum' ? 0 : undefined)),
    };
  }

  /** @param elapsed seconds since the snapshot before */
  update(snapshot: Snapshot, elapsed: number): readonly Row[] {
    const {count, keys, values} = snapshot;
    const {keySize, valueSize} = this.layout;
    if (keys.length !== count * keySize || values.length !== count * valueSize)
      throw new Error(`a snapshot of ${count} records has ${keys.length} bytes of keys and ${values.length} of values`);
    this.seq++;
    const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
    const order: Known[] = [];
    const rows: Row[] = [];
    let expected = 0;
    for (let i = 0; i < count; i++) {
      const known = this.find(keys, i * keySize, expected);
      order.push(known);
      if (known.seen === this.seq) continue; // the walk met it twice
      const isNew = known.seen === 0;
      if (!isNew) expected = known.index + 1;
      const same = !isNew && sameBytes(values, i * valueSize, this.before.values, known.index * valueSize, valueSize);
      known.seen = this.seq;
      known.index = i;
      rows.push(same ? this.sameRow(known, elapsed) : this.row(known, isNew, view, i * valueSize, elapsed));
    }
    if (this.known.size > rows.length) for (const {id, seen} of this.known.values()) if (seen !== this.seq) this.known.delete(id);
    this.order = order;
    this.before = snapshot;
    return rows;
  }

  private find(keys: Uint8Array, at: number, expected: number): Known {
    const {keySize} = this.layout;
    const guess = this.order[expected];
    if (guess !== undefined && sameBytes(keys, at, this.before.keys, expected * keySize, keySize)) return guess;
    const bytes = keys.subarray(at, at + keySize);
    const id = String.fromCharCode(...bytes);
    const found = this.known.get(id);
    if (found !== undefined) return found;
    const key = this.layout.key.map((field) => decodeCell(field, bytes, this.lookups));
    const known: Known = {id, key, seen: 0, index: 0, words: [], total: [], slots: noSlots};
    this.known.set(id, known);
    return known;
  }

  /** Nothing came since: most rows of most snapshots. */
  private sameRow(known: Known, elapsed: number): Row {
    const {id, key, total} = known;
    const {delta} = this.unchanged;
    const rate = elapsed > 0 ? this.unchanged.rate : this.none.rate;
    const {hist} = this.layout;
    if (hist === undefined) return {id, key, total, delta, rate};
    return {id, key, total, delta, rate, hist: histogram(known.slots, known.slots, hist.scale)};
  }

  private row(known: Known, isNew: boolean, view: DataView, base: number, elapsed: number): Row {
    const {id, key} = known;
    const {measures, hist} = this.layout;
    const words = measures.map((field) => readWord(view, base, field));
    const total = this.averages ? measures.map((field, m) => (field.op === 'avg' ? average(words, m) : (words[m] ?? 0))) : words;
    // an LRU map may have dropped the key and taken it in again: then all of it is new
    const restarted = isNew || (words[0] ?? 0) < (known.words[0] ?? 0);
    const {delta, rate} = this.seq === 1 ? this.none : this.differences(words, restarted ? [] : known.words, elapsed);
    known.words = words;
    known.total = total;
    if (hist === undefined) return {id, key, total, delta, rate};
    const slots = readSlots(view, base + hist.word * 8, hist.slots);
    const previous = this.seq === 1 ? undefined : restarted ? noSlots : known.slots;
    known.slots = slots;
    return {id, key, total, delta, rate, hist: histogram(slots, previous, hist.scale)};
  }

  /** What came since: a difference of counters; for an average, that of the interval; for an extreme, nothing. */
  private differences(words: readonly Count[], before: readonly Count[], elapsed: number): Differences {
    const {measures} = this.layout;
    const since = (m: number): number => difference(words[m] ?? 0, before[m] ?? 0);
    return {
      delta: measures.map(({op}, m) => {
        switch (op) {
          case 'count':
          case 'sum':
            return since(m);
          case 'avg': {
            const counted = since(0);
            return counted === 0 ? 0 : since(m) / counted;
          }
          case 'min':
          case 'max':
            return undefined;
        }
      }),
      rate: measures.map(({op}, m) => ((op === 'count' || op === 'sum') && elapsed > 0 ? since(m) / elapsed : undefined)),
    };
  }
}

/** `words[0]` is the count. */
const average = (words: readonly Count[], sum: number): number => (words[0] === 0 ? 0 : Number(words[sum]) / Number(words[0]));

function readWord(view: DataView, base: number, {op, word, signed}: MeasureField): Count {
  const at = base + word * 8;
  switch (op) {
    case 'count':
      return readCount(view, at);
    case 'sum':
    case 'avg':
      return signed ? readSigned(view, at) : readCount(view, at);
    case 'max':
      return readMax(view, at, signed);
    case 'min':
      return readMin(view, at, signed);
  }
}

function sameBytes(a: Uint8Array, at: number, b: Uint8Array, from: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[at + i] !== b[from + i]) return false;
  return true;
}
