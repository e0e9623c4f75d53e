import assert from 'node:assert/strict';
import test from 'node:test';
import type {Lookups} from '../../src/decode/formats.ts';
import type {RecordLayout} from '../../src/decode/layout.ts';
import {RecordTable, type Snapshot} from '../../src/decode/records.ts';

const lookups: Lookups = {
  architecture: 'x64',
  user: () => undefined,
  group: () => undefined,
  interface: () => undefined,
  cgroup: () => undefined,
  kernelSymbol: () => undefined,
};

const layout: RecordLayout = {
  keySize: 16,
  valueSize: 32,
  key: [{name: 'comm', title: 'COMM', expression: 'comm', format: {name: 'comm'}, offset: 0, size: 16, kind: 'string', signed: false}],
  measures: [
    {name: 'count', title: 'COUNT', op: 'count', unit: 'count', word: 0, signed: false},
    {name: 'sum', title: 'SUM', op: 'sum', unit: 'none', word: 1, signed: true},
    {name: 'avg', title: 'AVG', op: 'avg', unit: 'none', word: 1, signed: true},
    {name: 'min', title: 'MIN', op: 'min', unit: 'none', word: 2, signed: true},
    {name: 'max', title: 'MAX', op: 'max', unit: 'none', word: 3, signed: true},
  ],
};

function snapshot(rows: Readonly<Record<string, readonly [count: bigint, sum: bigint, min: bigint, max: bigint]>>): Snapshot {
  const names = Object.keys(rows);
  const keys = new Uint8Array(names.length * 16);
  const values = new Uint8Array(names.length * 32);
  const view = new DataView(values.buffer);
  const bias = 1n << 63n;
  names.forEach((name, i) => {
    keys.set(new TextEncoder().encode(name), i * 16);
    const [count, sum, min, max] = rows[name] ?? [0n, 0n, 0n, 0n];
    [count, sum, ~(min ^ bias), max ^ bias].forEach((word, w) => view.setBigUint64(i * 32 + w * 8, BigInt.asUintN(64, word), true));
  });
  return {count: names.length, keys, values};
}

test('the first snapshot has totals, and nothing since', () => {
  const [row] = new RecordTable(layout, lookups).update(snapshot({cat: [4n, -8n, -5n, 1n]}), 0);
  assert.deepEqual(row?.total, [4, -8, -2, -5, 1]);
  assert.deepEqual(row?.delta, [undefined, undefined, undefined, undefined, undefined]);
});

test('a delta is the difference, a rate is it by the seconds, extremes have neither', () => {
  const table = new RecordTable(layout, lookups);
  table.update(snapshot({cat: [4n, 8n, 1n, 3n]}), 0);
  const [row] = table.update(snapshot({cat: [10n, 38n, 1n, 9n]}), 2);
  assert.deepEqual(row?.delta, [6, 30, 5, undefined, undefined]);
  assert.deepEqual(row?.rate, [3, 15, undefined, undefined, undefined]);
});

test('a key that is new, or came back, counts from zero', () => {
  const table = new RecordTable(layout, lookups);
  table.update(snapshot({cat: [4n, 0n, 0n, 0n]}), 0);
  assert.equal(table.update(snapshot({dog: [7n, 0n, 0n, 0n]}), 1)[0]?.delta[0], 7);
  assert.equal(table.update(snapshot({cat: [5n, 0n, 0n, 0n]}), 1)[0]?.delta[0], 5);
});

test('counters past 2^53 stay exact, and so does their difference', () => {
  const table = new RecordTable(layout, lookups);
  const big = (1n << 60n) + 1n;
  assert.equal(table.update(snapshot({cat: [big, 0n, 0n, 0n]}), 0)[0]?.total[0], big);
  assert.equal(table.update(snapshot({cat: [big + 3n, 0n, 0n, 0n]}), 1)[0]?.delta[0], 3);
});

test('a snapshot whose bytes do not add up is refused', () => {
  assert.throws(
    () => new RecordTable(layout, lookups).update({count: 2, keys: new Uint8Array(16), values: new Uint8Array(32)}, 0),
    /snapshot of 2 records/,
  );
});
