// Histograms: slots as probe.bpf.c counts them, buckets as users read them. Half-open intervals [low, high).
import {jsonCount, narrowed} from './counts.ts';
import type {Bucket, Count, Histogram, Scale} from './frame.ts';

/** log2: below zero, [0,1), [1,2), [2,4) ... [2^62,2^63), and the rest. */
const log2Slots = 66;

export function slotCount(scale: Scale): number {
  return scale.kind === 'log2' ? log2Slots : Math.ceil((scale.max - scale.min) / scale.step) + 2;
}

/** Ends of a slot; null is infinite. */
export function bounds(scale: Scale, slot: number): {readonly low: Count | null; readonly high: Count | null} {
  if (scale.kind === 'linear') {
    const last = slotCount(scale) - 1;
    if (slot === 0) return {low: null, high: scale.min};
    if (slot === last) return {low: scale.max, high: null};
    return {low: scale.min + (slot - 1) * scale.step, high: Math.min(scale.min + slot * scale.step, scale.max)};
  }
  if (slot === 0) return {low: null, high: 0};
  if (slot === 1) return {low: 0, high: 1};
  if (slot === log2Slots - 1) return {low: narrowed(1n << 63n), high: null};
  return {low: narrowed(1n << BigInt(slot - 2)), high: narrowed(1n << BigInt(slot - 1))};
}

const tables = new WeakMap<Scale, readonly {readonly low: Count | null; readonly high: Count | null}[]>();

function boundsTable(scale: Scale) {
  let table = tables.get(scale);
  if (table === undefined) {
    table = Array.from({length: slotCount(scale)}, (_, slot) => bounds(scale, slot));
    tables.set(scale, table);
  }
  return table;
}

/** Slot counts: sparse, [slot, count] ascending. */
export type Slots = readonly (readonly [number, number])[];

export function readSlots(view: DataView, offset: number, slots: number): Slots {
  const result: [number, number][] = [];
  for (let slot = 0; slot < slots; slot++) {
    const at = offset + slot * 8;
    const low = view.getUint32(at, true);
    const high = view.getUint32(at + 4, true);
    if ((low | high) !== 0) result.push([slot, high * 0x1_0000_0000 + low]);
  }
  return result;
}

/** The whole histogram of a row. `previous`: slots of the frame before, none for the first frame. */
export function histogram(slots: Slots, previous: Slots | undefined, scale: Scale): Histogram {
  const table = boundsTable(scale);
  const bucket = ([slot, count]: readonly [number, number]): Bucket => ({
    low: table[slot]?.low ?? null,
    high: table[slot]?.high ?? null,
    count,
  });
  const before = new Map(previous);
  const delta =
    previous === undefined
      ? []
      : slots.map(([slot, count]) => [slot, count - (before.get(slot) ?? 0)] as const).filter(([, count]) => count > 0);
  const total = slots.map(bucket);
  const sum = slots.reduce((all, [, count]) => all + count, 0);
  return {
    total,
    delta: delta.map(bucket),
    p50: percentile(total, sum, 0.5),
    p90: percentile(total, sum, 0.9),
    p99: percentile(total, sum, 0.99),
    max: total.at(-1),
  };
}

/** The bucket that holds the value below which a share `p` of all values lies. */
function percentile(buckets: readonly Bucket[], sum: number, p: number): Bucket | undefined {
  const rank = Math.ceil(p * sum);
  let seen = 0;
  return buckets.find((bucket) => {
    seen += bucket.count;
    return seen >= rank;
  });
}

/** Infinite ends are null in JSON. */
export const jsonBound = (bound: Count | null): number | string | null => (bound === null ? null : jsonCount(bound));
