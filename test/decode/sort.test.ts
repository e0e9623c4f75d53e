import assert from 'node:assert/strict';
import test from 'node:test';
import {histogram} from '../../src/decode/buckets.ts';
import type {Cell, Count, Row, ViewShape} from '../../src/decode/frame.ts';
import {RowNumbers} from '../../src/decode/row-numbers.ts';
import {sortNames, sortRows} from '../../src/decode/sort.ts';

const shape: ViewShape = {
  name: 'v',
  title: 'V',
  description: '',
  keys: [
    {name: 'comm', title: 'COMM', align: 'left'},
    {name: 'pid', title: 'PID', align: 'right'},
  ],
  measures: [
    {name: 'count', title: 'COUNT', op: 'count', unit: 'count'},
    {name: 'max', title: 'MAX', op: 'max', unit: 'ns'},
  ],
  hist: {unit: 'ns', scale: {kind: 'log2'}},
  sort: '-rate',
  probes: [],
};

function row(comm: string, pid: Cell['value'], count: Count, delta: number | undefined, slot: number | undefined, max: Count = 0): Row {
  const rate = delta === undefined ? undefined : delta / 2;
  return {
    id: `${comm}\0${pid}`,
    key: [
      {text: comm, value: comm},
      {text: String(pid), value: pid},
    ],
    total: [count, max],
    delta: [delta, undefined],
    rate: [rate, undefined],
    ...(slot === undefined ? {} : {hist: histogram({slots: [slot], counts: [1]}, undefined, {kind: 'log2'})}),
  };
}

const rows = [
  row('b', 10, 5, 4, 3, 30),
  row('a', 9, (1n << 60n) + 1n, 2, 65, 10),
  row('c', 100, 1n << 60n, 0, undefined, 20),
  row('a', 11, 7, 4, 0, 1n << 62n),
];
const order = (column: string, given: readonly Row[] = rows): string =>
  sortRows(given, shape, column)
    .map(({key}) => `${key[0]?.text}${key[1]?.text}`)
    .join(' ');

const cases: readonly (readonly [column: string, order: string])[] = [
  ['comm', 'a11 a9 b10 c100'],
  ['-comm', 'c100 b10 a9 a11'],
  ['pid', 'a9 b10 a11 c100'],
  ['-rate', 'a11 b10 a9 c100'],
  ['rate', 'c100 a9 b10 a11'],
  ['-delta', 'a11 b10 a9 c100'],
  ['total', 'b10 a11 c100 a9'],
  ['-count', 'a9 c100 a11 b10'],
  ['-max', 'a11 b10 c100 a9'],
  ['p99', 'a11 c100 b10 a9'],
  ['-p50', 'a9 b10 c100 a11'],
];
for (const [column, expected] of cases) test(`sorting by ${column} gives ${expected}`, () => assert.equal(order(column), expected));

test('equal rows are ordered by their keys, whatever order they come in', () => {
  const equal = [row('b', 2, 1, 1, 1), row('a', 10, 1, 1, 1), row('a', 9, 1, 1, 1)];
  for (const given of [equal, equal.toReversed(), [...equal.slice(1), ...equal.slice(0, 1)]])
    for (const column of ['rate', '-rate', '-p90']) assert.equal(order(column, given), 'a9 a10 b2');
});

test('before there are rates, rows are ordered by their totals', () => {
  assert.equal(order('-rate', [row('a', 1, 3, undefined, 1), row('b', 1, 8, undefined, 1), row('c', 1, 5, undefined, 1)]), 'b1 c1 a1');
});

test('the rows given are left as they are', () => {
  const given = Object.freeze([...rows]);
  assert.notEqual(sortRows(given, shape, 'comm'), given);
  assert.deepEqual(given, rows);
});

test('each name that sorting takes is named once', () => {
  assert.deepEqual(sortNames(shape), ['comm', 'pid', 'rate', 'delta', 'total', 'count', 'max', 'p50', 'p90', 'p99']);
});

test('rows that are made of packed numbers when looked at have the order, and the numbers, of rows that hold them', () => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 16_807) % 2_147_483_647) % below;
  const held = Array.from({length: 200}, (_, i) =>
    row(
      `c${random(9)}`,
      i,
      random(20) === 0 ? 2n ** 60n + BigInt(random(3)) : random(5),
      random(9) === 0 ? undefined : random(4),
      random(9),
    ),
  );
  const numbers = RowNumbers.of(held, shape.measures.length, undefined);
  const packed = held.map(({hist}, i) => numbers.row(i, hist));
  assert.equal(RowNumbers.of(packed, shape.measures.length, undefined), numbers, 'what is packed already is taken as it is');
  packed.forEach((each, i) => {
    const {id, key, total, delta, rate} = each;
    const {hist: _, ...was} = held[i] as Row;
    assert.deepEqual({id, key, total, delta, rate}, was);
  });
  for (const name of sortNames(shape))
    for (const column of [name, `-${name}`])
      assert.deepEqual(
        sortRows(packed, shape, column).map(({id}) => id),
        sortRows(held, shape, column).map(({id}) => id),
        column,
      );
});
