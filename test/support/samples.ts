// What the addon's Tally does, in a few plain lines: the subtraction of a snapshot from the one before, all rows wanted.
// For tests of what is made of samples; test/native/sample.test.ts holds the addon against it.
import type {MeasureField} from '../../src/decode/layout.ts';
import type {Sample} from '../../src/native/contract.ts';

/** Words 0 to 3 of a value: count, sum, least, greatest. */
export const everyMeasure: readonly MeasureField[] = [
  {name: 'count', title: 'COUNT', op: 'count', unit: 'count', word: 0, signed: false},
  {name: 'sum', title: 'SUM', op: 'sum', unit: 'none', word: 1, signed: true},
  {name: 'avg', title: 'AVG', op: 'avg', unit: 'none', word: 1, signed: true},
  {name: 'min', title: 'MIN', op: 'min', unit: 'none', word: 2, signed: true},
  {name: 'max', title: 'MAX', op: 'max', unit: 'none', word: 3, signed: true},
];

export interface Bytes {
  readonly count: number;
  readonly keys: Uint8Array;
  readonly values: Uint8Array;
}

export class PlainTally {
  private before = new Map<string, {readonly serial: number; readonly value: Uint8Array}>();
  private nextSerial = 1;

  take({count, keys, values}: Bytes): Sample {
    const [keySize, valueSize] = [keys.length / count || 0, values.length / count || 0];
    const first = (value: Uint8Array): bigint => new DataView(value.buffer, value.byteOffset).getBigUint64(0, true);
    const rows = Array.from({length: count}, (_, i) => {
      const key = keys.slice(i * keySize, (i + 1) * keySize);
      const value = values.slice(i * valueSize, (i + 1) * valueSize);
      const known = this.before.get(key.join());
      const kept = known !== undefined && first(value) >= first(known.value);
      const before = kept ? known.value : new Uint8Array(valueSize);
      return {key, value, before, serial: known?.serial ?? this.nextSerial++, change: !kept ? 2 : value.join() === before.join() ? 0 : 1};
    });
    this.before = new Map(rows.map(({key, serial, value}) => [key.join(), {serial, value}]));
    const joined = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
    const sum = (parts: readonly Uint8Array[]): number => Number(parts.reduce((all, part) => all + first(part), 0n));
    return {
      count,
      matching: count,
      complete: true,
      total: sum(rows.map(({value}) => value)),
      delta: sum(rows.map(({value}) => value)) - sum(rows.map(({before}) => before)),
      serials: Float64Array.from(rows, ({serial}) => serial),
      changes: Uint8Array.from(rows, ({change}) => change),
      keys: joined(rows.map(({key}) => key)),
      values: joined(rows.map(({value}) => value)),
      before: joined(rows.map(({before}) => before)),
    };
  }
}
