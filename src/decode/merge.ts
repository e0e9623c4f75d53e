// One row for keys that are shown alike: the kernel groups by process, address and stack number, a user by what they are
// called. Sums stay exact: words of a value are added, extremes are compared, and it is told when a sum does not fit. Pure.
import type {Sample} from '../native/contract.ts';
import {decodeCell, type FormatName, type Lookups} from './formats.ts';
import type {Row} from './frame.ts';
import type {KeyField, RecordLayout} from './layout.ts';
import {sumsOf} from './order.ts';

/** Formats that give different values the same text by their nature. */
const manyToOne: ReadonlySet<FormatName> = new Set<FormatName>(['kstack', 'ustack', 'exe', 'cmdline', 'container', 'ksym', 'usym']);

interface Group {
  /** Place among the groups of this sample. */
  place: number;
  seen: number;
  /** Its number for the records made of samples. */
  readonly serial: number;
}

export class Merger {
  private readonly layout: RecordLayout;
  private readonly lookups: Lookups;
  private readonly maxWords: ReadonlySet<number>;
  /** Of those, the ones that a program of others keeps as plain numbers with a sign. */
  private readonly signedMaxWords: ReadonlySet<number>;
  private readonly signedWords: ReadonlySet<number>;
  /** Of texts and numbers that are none to add: those of the first member are shown. */
  private readonly labelWords: ReadonlySet<number>;
  /** Text of a key by the serial of its record, and the number of the last sample that had it. */
  private readonly texts = new Map<number, {readonly text: string; readonly named: boolean; seen: number}>();
  private readonly groups = new Map<string, Group>();
  private seq = 0;
  private wasPast = false;

  /** undefined: the keys of this layout are shown as differently as they are. */
  static of(layout: RecordLayout, lookups: Lookups): Merger | undefined {
    const alike = ({format: {name, names}}: KeyField): boolean =>
      manyToOne.has(name) || (name === 'func' && names !== undefined && new Set(Object.values(names)).size < Object.keys(names).length);
    return layout.key.some(alike) ? new Merger(layout, lookups) : undefined;
  }

  private constructor(layout: RecordLayout, lookups: Lookups) {
    this.layout = layout;
    this.lookups = lookups;
    // both are kept so that the greater word wins
    this.maxWords = new Set(layout.measures.filter(({op}) => op === 'min' || op === 'max').map(({word}) => word));
    const wordsIn = ({offset, size}: KeyField): readonly number[] => Array.from({length: Math.ceil(size / 8)}, (_, i) => offset / 8 + i);
    this.labelWords = new Set((layout.labels ?? []).flatMap(wordsIn));
    this.signedMaxWords = new Set(layout.measures.filter(({op, plain, signed}) => op === 'max' && plain && signed).map(({word}) => word));
    this.signedWords = new Set(sumsOf(layout).flatMap(({word, signed}) => (signed ? [word] : [])));
  }

  /** Whether what the members of a row have together ever went past 64 bits: its total then began again. */
  get passed(): boolean {
    return this.wasPast;
  }

  /** The same counts with a record a text; its key is that of one of its members, the same as long as that one is there. */
  merge(sample: Sample): Sample {
    const {keySize, valueSize} = this.layout;
    const words = valueSize / 8;
    const count = sample.serials.length;
    this.seq++;
    const serials: number[] = [];
    const first: number[] = []; // record of each group's key
    const changes: number[] = [];
    const values = new BigUint64Array(count * words);
    const before = new BigUint64Array(count * words);
    const now = wordsOf(sample.values);
    const then = wordsOf(sample.before);
    for (let i = 0; i < count; i++) {
      const group = this.groupOf(sample, i, keySize);
      const isNew = group.seen !== this.seq;
      if (isNew) {
        group.seen = this.seq;
        group.place = serials.length;
        serials.push(group.serial);
        first.push(i);
        changes.push(0);
      }
      const {place} = group;
      if (sample.changes[i] !== 0) changes[place] = 1;
      if (isNew) {
        values.set(now.subarray(i * words, (i + 1) * words), place * words);
        before.set(then.subarray(i * words, (i + 1) * words), place * words);
        continue;
      }
      const past = this.addWords(values, place * words, now, i * words, words);
      this.wasPast ||= past;
      this.addWords(before, place * words, then, i * words, words);
    }
    this.forget(count);
    const keys = new Uint8Array(first.length * keySize);
    first.forEach((record, place) => keys.set(sample.keys.subarray(record * keySize, (record + 1) * keySize), place * keySize));
    return {
      ...sample,
      matching: serials.length,
      serials: Float64Array.from(serials),
      changes: Uint8Array.from(changes),
      keys,
      values: new Uint8Array(values.buffer, 0, serials.length * valueSize),
      before: new Uint8Array(before.buffer, 0, serials.length * valueSize),
    };
  }

  /** Whether a sum did not fit into its word. */
  private addWords(to: BigUint64Array, at: number, from: BigUint64Array, start: number, words: number): boolean {
    let past = false;
    for (let word = 0; word < words; word++) {
      const [sum, more] = [to[at + word] ?? 0n, from[start + word] ?? 0n];
      if (this.labelWords.has(word)) continue;
      if (this.signedMaxWords.has(word)) to[at + word] = BigInt.asIntN(64, more) > BigInt.asIntN(64, sum) ? more : sum;
      else if (this.maxWords.has(word)) to[at + word] = more > sum ? more : sum;
      else if (this.signedWords.has(word)) {
        const [a, b] = [BigInt.asIntN(64, sum), BigInt.asIntN(64, more)];
        to[at + word] = BigInt.asUintN(64, a + b);
        past ||= BigInt.asIntN(64, a + b) !== a + b;
      } else {
        to[at + word] = sum + more;
        past ||= BigInt.asUintN(64, sum + more) !== sum + more;
      }
    }
    return past;
  }

  private groupOf(sample: Sample, record: number, keySize: number): Group {
    const serial = sample.serials[record] ?? 0;
    let known = this.texts.get(serial);
    if (known?.named !== true) {
      const key = sample.keys.subarray(record * keySize, (record + 1) * keySize);
      const cells = this.layout.key.map((field) => decodeCell(field, key, this.lookups));
      known = {
        text: JSON.stringify(cells.map(({value}) => String(value))),
        named: cells.every(({unnamed}) => unnamed !== true),
        seen: 0,
      };
      this.texts.set(serial, known);
    }
    known.seen = this.seq;
    let group = this.groups.get(known.text);
    // a serial of its own: the first member's
    if (group === undefined) {
      group = {place: 0, seen: 0, serial};
      this.groups.set(known.text, group);
    }
    return group;
  }

  private forget(count: number): void {
    if (this.texts.size > 2 * count + 64) for (const [serial, {seen}] of this.texts) if (seen !== this.seq) this.texts.delete(serial);
    if (this.groups.size > 2 * count + 64) for (const [text, {seen}] of this.groups) if (seen !== this.seq) this.groups.delete(text);
  }
}

/** Rows with a text in their key, and what they sum up to: what the addon does where it knows the texts. */
export function filtered(
  rows: readonly Row[],
  filter: string,
): {readonly rows: readonly Row[]; readonly total: number; readonly delta: number} {
  const wanted = filter.toLowerCase();
  const passing = rows.filter(({key}) => key.some(({value}) => String(value).toLowerCase().includes(wanted)));
  return {
    rows: passing,
    total: passing.reduce((sum, row) => sum + Number(row.total[0] ?? 0), 0),
    delta: passing.reduce((sum, row) => sum + Number(row.delta[0] ?? 0), 0),
  };
}

/** Of bytes that may begin anywhere. */
const wordsOf = (bytes: Uint8Array): BigUint64Array => new BigUint64Array(bytes.slice().buffer);
