import assert from 'node:assert/strict';
import test from 'node:test';
import {added, compareCounts, difference, jsonCount, quotient, readCount, readMax, readMin, readSigned} from '../../src/decode/counts.ts';
import type {Count} from '../../src/decode/frame.ts';

function word(value: bigint): DataView {
  const view = new DataView(new ArrayBuffer(16));
  view.setBigUint64(8, BigInt.asUintN(64, value), true);
  return view;
}

const edge = 1n << 53n;
const top = (1n << 64n) - 1n;
const signBit = 1n << 63n;

test('an unsigned word is a number below 2^53 and a bigint from there on', () => {
  const cases: readonly (readonly [bigint, Count])[] = [
    [0n, 0],
    [1n, 1],
    [(1n << 32n) - 1n, 4_294_967_295],
    [1n << 32n, 4_294_967_296],
    [edge - 1n, Number.MAX_SAFE_INTEGER],
    [edge, edge],
    [edge + 1n, edge + 1n],
    [signBit, signBit],
    [top, top],
  ];
  for (const [value, count] of cases) assert.strictEqual(readCount(word(value), 8), count);
});

test('a signed word is exact on both sides', () => {
  const cases: readonly (readonly [bigint, Count])[] = [
    [0n, 0],
    [-1n, -1],
    [-(1n << 32n), -4_294_967_296],
    [-edge + 1n, -Number.MAX_SAFE_INTEGER],
    [-edge - 1n, -edge - 1n],
    [edge - 1n, Number.MAX_SAFE_INTEGER],
    [edge + 1n, edge + 1n],
    [-signBit, -signBit],
    [signBit - 1n, signBit - 1n],
  ];
  for (const [value, count] of cases) assert.strictEqual(readSigned(word(value), 8), count);
});

test('extremes are kept so that zero bytes are none, and read back', () => {
  const values = [0n, 1n, 255n, (1n << 32n) - 1n, 1n << 32n, edge - 1n, edge + 1n, signBit - 1n];
  for (const value of [...values, signBit, top]) {
    assert.equal(BigInt(readMax(word(value), 8, false)), value);
    assert.equal(BigInt(readMin(word(~value), 8, false)), value);
  }
  for (const value of [...values, ...values.map((each) => -each), -signBit]) {
    const biased = BigInt.asUintN(64, value) ^ signBit;
    assert.equal(BigInt(readMax(word(biased), 8, true)), value);
    assert.equal(BigInt(readMin(word(~biased), 8, true)), value);
  }
  assert.equal(readMax(word(0n), 8, true), -signBit);
  assert.equal(readMin(word(0n), 8, true), signBit - 1n);
});

test('a difference is exact, whatever the two are', () => {
  const cases: readonly (readonly [Count, Count, Count])[] = [
    [7, 3, 4],
    [3, 7, -4],
    [edge + 1n, edge - 2n, 3],
    [edge + 1n, Number.MAX_SAFE_INTEGER, 2],
    [top, top - 5n, 5],
    [edge * 3n + 1n, 1, edge * 3n],
    [4, top - 5n, 10],
  ];
  for (const [a, b, expected] of cases) assert.strictEqual(difference(a, b), expected);
});

test('a sum and an average are exact where they are whole, and past 2^53 too', () => {
  assert.strictEqual(added(Number.MAX_SAFE_INTEGER, 2), edge + 1n);
  assert.strictEqual(added(edge + 1n, -2), Number.MAX_SAFE_INTEGER);
  assert.strictEqual(added(0.5, 2), 2.5);
  assert.strictEqual(quotient(7, 2), 3.5);
  assert.strictEqual(quotient(edge * 3n + 3n, 3), edge + 1n);
  assert.strictEqual(quotient(edge, 2), 2 ** 52);
  assert.strictEqual(quotient(edge, 0), 0);
});

test('numbers and bigints are ordered together', () => {
  const sorted = [edge + 1n, 3, 0, Number.MAX_SAFE_INTEGER, -1, edge].sort(compareCounts);
  assert.deepEqual(sorted, [-1, 0, 3, Number.MAX_SAFE_INTEGER, edge, edge + 1n]);
});

test('JSON has a number while it is exact, and a text past 2^53', () => {
  assert.strictEqual(jsonCount(12), 12);
  assert.strictEqual(jsonCount(edge + 1n), '9007199254740993');
});
