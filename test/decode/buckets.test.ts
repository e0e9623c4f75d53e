import assert from 'node:assert/strict';
import test from 'node:test';
import {bounds, histogram, jsonBound, noSlots, readSlots, slotCount, type Slots} from '../../src/decode/buckets.ts';
import type {Scale} from '../../src/decode/frame.ts';

const log2: Scale = {kind: 'log2'};

const slots = (counts: Readonly<Record<number, number>>): Slots => ({
  slots: Object.keys(counts).map(Number),
  counts: Object.values(counts),
});

/** The slot that probe.bpf.c counts a value in. */
const slotOf = (value: bigint, signed: boolean): number => {
  if (signed && value < 0n) return 0;
  const unsigned = BigInt.asUintN(64, value);
  return unsigned === 0n ? 1 : unsigned.toString(2).length + 1;
};

test('log2 has a slot below zero, one for zero, one a power of two, and one for the rest', () => {
  assert.equal(slotCount(log2), 66);
  assert.deepEqual(bounds(log2, 0), {low: null, high: 0});
  assert.deepEqual(bounds(log2, 1), {low: 0, high: 1});
  assert.deepEqual(bounds(log2, 2), {low: 1, high: 2});
  assert.deepEqual(bounds(log2, 64), {low: 1n << 62n, high: 1n << 63n});
  assert.deepEqual(bounds(log2, 65), {low: 1n << 63n, high: null});
});

test('each value lies within the bounds of its slot', () => {
  const edges = [
    0n,
    1n,
    2n,
    3n,
    4n,
    7n,
    8n,
    (1n << 32n) - 1n,
    1n << 32n,
    (1n << 53n) - 1n,
    (1n << 53n) + 1n,
    1n << 62n,
    (1n << 63n) - 1n,
    1n << 63n,
    (1n << 64n) - 1n,
  ];
  for (const value of edges) {
    const {low, high} = bounds(log2, slotOf(value, false));
    assert.ok((low === null || BigInt(low) <= value) && (high === null || value < BigInt(high)), `${value}`);
  }
});

test('linear buckets are half-open, with one below and one above', () => {
  const scale: Scale = {kind: 'linear', min: 100, max: 300, step: 100};
  assert.deepEqual(
    Array.from({length: slotCount(scale)}, (_, slot) => bounds(scale, slot)),
    [
      {low: null, high: 100},
      {low: 100, high: 200},
      {low: 200, high: 300},
      {low: 300, high: null},
    ],
  );
});

test('the last linear bucket ends at the scale’s end', () => {
  const scale: Scale = {kind: 'linear', min: -10, max: 15, step: 10};
  assert.deepEqual(
    Array.from({length: slotCount(scale)}, (_, slot) => bounds(scale, slot)),
    [
      {low: null, high: -10},
      {low: -10, high: 0},
      {low: 0, high: 10},
      {low: 10, high: 15},
      {low: 15, high: null},
    ],
  );
});

test('a signed value below zero is in the slot below zero', () => {
  for (const value of [-1n, -(1n << 32n), -(1n << 63n)]) assert.equal(bounds(log2, slotOf(value, true)).high, 0);
});

test('log2 buckets follow each other without a gap', () => {
  for (let slot = 1; slot < slotCount(log2); slot++) assert.equal(bounds(log2, slot).low, bounds(log2, slot - 1).high);
});

test('slots are read sparsely, past 2^32 too', () => {
  const view = new DataView(new ArrayBuffer(8 * 66));
  view.setBigUint64(8 * 3, 5n, true);
  view.setBigUint64(8 * 65, 1n << 40n, true);
  assert.deepEqual(readSlots(view, 0, 66), slots({3: 5, 65: 2 ** 40}));
});

test('a percentile is the bucket that holds the value of its rank', () => {
  const cases: readonly (readonly [counts: Readonly<Record<number, number>>, p50: number, p90: number, p99: number, max: number])[] = [
    [{1: 1}, 0, 0, 0, 0],
    [{2: 50, 3: 50}, 1, 2, 2, 2],
    [{2: 49, 3: 51}, 2, 2, 2, 2],
    [{2: 90, 3: 9, 4: 1}, 1, 1, 2, 4],
    [{2: 99, 10: 1}, 1, 1, 1, 256],
    [{2: 98, 10: 2}, 1, 1, 256, 256],
    [{2: 9, 3: 1}, 1, 1, 2, 2],
    [{2: 899, 3: 101}, 1, 2, 2, 2],
  ];
  for (const [counts, ...lows] of cases) {
    const hist = histogram(slots(counts), undefined, log2);
    assert.deepEqual([hist.p50?.low, hist.p90?.low, hist.p99?.low, hist.max?.low], lows, JSON.stringify(counts));
  }
});

test('a histogram of nothing has no percentiles', () => {
  const {total, delta, p50, p90, p99, max} = histogram(noSlots, undefined, log2);
  assert.deepEqual([total, delta, p50, p90, p99, max], [[], [], undefined, undefined, undefined, undefined]);
});

test('the interval’s buckets are what came since, and none before the second frame', () => {
  const cases: readonly (readonly [
    now: Readonly<Record<number, number>>,
    before: Readonly<Record<number, number>> | undefined,
    delta: readonly (readonly [low: number, count: number])[],
  ])[] = [
    [{2: 5}, undefined, []],
    [{2: 5}, {2: 5}, []],
    [{2: 5}, {}, [[1, 5]]],
    [{2: 5, 3: 1}, {2: 5}, [[2, 1]]],
    [
      {1: 1, 2: 7, 9: 3},
      {2: 5, 9: 3},
      [
        [0, 1],
        [1, 2],
      ],
    ],
  ];
  for (const [now, before, delta] of cases) {
    const hist = histogram(slots(now), before === undefined ? undefined : slots(before), log2);
    assert.deepEqual(
      hist.delta.map(({low, count}) => [low, count]),
      delta,
    );
  }
});

test('JSON has infinite bounds as null, and those past 2^53 as texts', () => {
  assert.deepEqual([null, 0, 1n << 63n].map(jsonBound), [null, 0, '9223372036854775808']);
});
