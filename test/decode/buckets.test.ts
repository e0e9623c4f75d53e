import assert from 'node:assert/strict';
import test from 'node:test';
import {bounds, histogram, readSlots, slotCount} from '../../src/decode/buckets.ts';
import type {Scale} from '../../src/decode/frame.ts';

const log2: Scale = {kind: 'log2'};

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

test('slots are read sparsely, past 2^32 too', () => {
  const view = new DataView(new ArrayBuffer(8 * 66));
  view.setBigUint64(8 * 3, 5n, true);
  view.setBigUint64(8 * 65, 1n << 40n, true);
  assert.deepEqual(readSlots(view, 0, 66), [
    [3, 5],
    [65, 2 ** 40],
  ]);
});

test('a percentile is the bucket that holds the value of its rank', () => {
  const cases: readonly (readonly [
    slots: readonly (readonly [number, number])[],
    p50: number | null,
    p90: number | null,
    p99: number | null,
  ])[] = [
    [[[1, 1]], 0, 0, 0],
    [
      [
        [2, 50],
        [3, 50],
      ],
      1,
      2,
      2,
    ],
    [
      [
        [2, 51],
        [3, 49],
      ],
      1,
      2,
      2,
    ],
    [
      [
        [2, 90],
        [3, 9],
        [4, 1],
      ],
      1,
      1,
      2,
    ],
    [
      [
        [2, 99],
        [10, 1],
      ],
      1,
      1,
      1,
    ],
    [
      [
        [2, 98],
        [10, 2],
      ],
      1,
      1,
      256,
    ],
  ];
  for (const [slots, p50, p90, p99] of cases) {
    const hist = histogram(slots, undefined, log2);
    assert.deepEqual([hist.p50?.low, hist.p90?.low, hist.p99?.low], [p50, p90, p99]);
  }
});

test('the interval’s buckets are what came since, and none before the second frame', () => {
  assert.deepEqual(histogram([[2, 5]], undefined, log2).delta, []);
  assert.deepEqual(
    histogram(
      [
        [2, 5],
        [3, 1],
      ],
      [[2, 5]],
      log2,
    ).delta,
    [{low: 2, high: 4, count: 1}],
  );
});
