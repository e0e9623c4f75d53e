// Snapshots of a map become rows: keys decoded once each, counters subtracted from those of the snapshot before. Owns
// what is remembered between two snapshots; a key that leaves the map is forgotten.
import {histogram, readSlots, type Slots} from './buckets.ts';
import {difference, narrowed, readCount, readSigned} from './counts.ts';
import {decodeCell, type Lookups} from './formats.ts';
import type {Cell, Count, Row} from './frame.ts';
import type {HistField, MeasureField, RecordLayout} from './layout.ts';

export interface Snapshot {
  readonly count: number;
  readonly keys: Uint8Array;
  readonly values: Uint8Array;
}

interface Known {
  readonly key: readonly Cell[];
  readonly total: readonly Count[];
  readonly slots: Slots | undefined;
}

const signBit = 1n << 63n;
const all = (1n << 64n) - 1n;

export class RecordTable {
  private readonly layout: RecordLayout;
  private readonly lookups: Lookups;
  private known = new Map<string, Known>();
  private first = true;

  constructor(layout: RecordLayout, lookups: Lookups) {
    this.layout = layout;
    this.lookups = lookups;
  }

  /** @param elapsed seconds since the snapshot before */
  update(snapshot: Snapshot, elapsed: number): readonly Row[] {
    const {keySize, valueSize, hist} = this.layout;
    if (snapshot.keys.length !== snapshot.count * keySize || snapshot.values.length !== snapshot.count * valueSize)
      throw new Error(
        `a snapshot of ${snapshot.count} records has ${snapshot.keys.length} bytes of keys and ${snapshot.values.length} of values`,
      );
    const view = new DataView(snapshot.values.buffer, snapshot.values.byteOffset, snapshot.values.byteLength);
    const known = new Map<string, Known>();
    const rows: Row[] = [];
    for (let i = 0; i < snapshot.count; i++) {
      const bytes = snapshot.keys.subarray(i * keySize, (i + 1) * keySize);
      const id = String.fromCharCode(...bytes);
      const before = this.known.get(id);
      const key = before?.key ?? this.layout.key.map((field) => decodeCell(field, bytes, this.lookups));
      const base = i * valueSize;
      const total = this.layout.measures.map((field) => readMeasure(view, base, field));
      const slots = hist === undefined ? undefined : readSlots(view, base + hist.word * 8, hist.slots);
      known.set(id, {key, total, slots});
      const delta = this.layout.measures.map((field, m) =>
        this.first ? undefined : deltaOf(field, view, base, total[m] ?? 0, before?.total, m, this.layout.measures),
      );
      rows.push({
        id,
        key,
        total,
        delta,
        rate: delta.map((value, m) =>
          value === undefined || this.layout.measures[m]?.op === 'avg' || elapsed <= 0 ? undefined : value / elapsed,
        ),
        ...(hist === undefined || slots === undefined ? {} : {hist: this.histogram(hist, slots, before)}),
      });
    }
    this.known = known;
    this.first = false;
    return rows;
  }

  private histogram(hist: HistField, slots: Slots, before: Known | undefined) {
    return histogram(slots, this.first ? undefined : (before?.slots ?? []), hist.scale);
  }
}

function readMeasure(view: DataView, base: number, field: MeasureField): Count {
  const at = base + field.word * 8;
  switch (field.op) {
    case 'count':
      return readCount(view, at);
    case 'sum':
      return field.signed ? readSigned(view, at) : readCount(view, at);
    case 'avg': {
      const count = readCount(view, base);
      const sum = field.signed ? readSigned(view, at) : readCount(view, at);
      return Number(count) === 0 ? 0 : Number(sum) / Number(count);
    }
    case 'max':
      return extreme(view.getBigUint64(at, true), field.signed);
    case 'min':
      return extreme(~view.getBigUint64(at, true) & all, field.signed);
  }
}

/** Undoes the bias of probe.h's measures. */
function extreme(stored: bigint, signed: boolean): Count {
  return narrowed(signed ? BigInt.asIntN(64, stored ^ signBit) : stored);
}

/** What came since: a difference of counters; for an average, that of the interval; for an extreme, nothing. */
function deltaOf(
  field: MeasureField,
  view: DataView,
  base: number,
  total: Count,
  before: readonly Count[] | undefined,
  index: number,
  measures: readonly MeasureField[],
): number | undefined {
  switch (field.op) {
    case 'count':
    case 'sum':
      return difference(total, before?.[index] ?? 0);
    case 'avg': {
      const count = readCount(view, base);
      const counted = difference(count, before?.[0] ?? 0);
      const sum = field.signed ? readSigned(view, base + field.word * 8) : readCount(view, base + field.word * 8);
      const sumIndex = measures.findIndex((each) => each.op === 'sum' && each.word === field.word);
      // the sum before: remembered, or the average times the count
      const sumBefore =
        before === undefined
          ? 0
          : sumIndex >= 0
            ? (before[sumIndex] ?? 0)
            : Math.round(Number(before[index] ?? 0) * Number(before[0] ?? 0));
      return counted === 0 ? 0 : difference(sum, sumBefore) / counted;
    }
    case 'min':
    case 'max':
      return undefined;
  }
}
