import assert from 'node:assert/strict';
import test from 'node:test';
import type {Lookups} from '../../src/decode/formats.ts';
import type {RecordLayout} from '../../src/decode/layout.ts';
import {RecordTable} from '../../src/decode/records.ts';
import type {Row} from '../../src/decode/frame.ts';
import {type Bytes, everyMeasure, PlainTally} from '../support/samples.ts';

const lookups: Lookups = {
  architecture: 'x64',
  user: () => undefined,
  group: () => undefined,
  interface: () => undefined,
  cgroup: () => undefined,
};

/** Snapshots in, rows out: the subtraction is the addon's, here done plainly. */
class Table {
  private readonly tally = new PlainTally();
  private readonly table: RecordTable;

  constructor(layout: RecordLayout, lookups: Lookups) {
    this.table = new RecordTable(layout, lookups);
  }

  update(snapshot: Bytes, elapsed: number): readonly Row[] {
    return this.table.update(this.tally.take(snapshot), elapsed);
  }
}

const layout: RecordLayout = {
  keySize: 16,
  valueSize: 32,
  key: [{name: 'comm', title: 'COMM', expression: 'comm', format: {name: 'comm'}, offset: 0, size: 16, kind: 'string', signed: false}],
  measures: everyMeasure,
};

const uid = {
  name: 'uid',
  title: 'UID',
  expression: 'uid',
  format: {name: 'uid'},
  offset: 0,
  size: 8,
  kind: 'integer',
  signed: false,
} as const;

function snapshot(rows: Readonly<Record<string, readonly [count: bigint, sum: bigint, min: bigint, max: bigint]>>): Bytes {
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
  const [row] = new Table(layout, lookups).update(snapshot({cat: [4n, -8n, -5n, 1n]}), 0);
  assert.deepEqual(row?.total, [4, -8, -2, -5, 1]);
  assert.deepEqual(row?.delta, [undefined, undefined, undefined, undefined, undefined]);
});

test('a delta is the difference, a rate is it by the seconds, extremes have neither', () => {
  const table = new Table(layout, lookups);
  table.update(snapshot({cat: [4n, 8n, 1n, 3n]}), 0);
  const [row] = table.update(snapshot({cat: [10n, 38n, 1n, 9n]}), 2);
  assert.deepEqual(row?.delta, [6, 30, 5, undefined, undefined]);
  assert.deepEqual(row?.rate, [3, 15, undefined, undefined, undefined]);
});

test('a key that is new, or came back, counts from zero', () => {
  const table = new Table(layout, lookups);
  table.update(snapshot({cat: [4n, 0n, 0n, 0n]}), 0);
  assert.equal(table.update(snapshot({dog: [7n, 0n, 0n, 0n]}), 1)[0]?.delta[0], 7);
  assert.equal(table.update(snapshot({cat: [5n, 0n, 0n, 0n]}), 1)[0]?.delta[0], 5);
});

test('counters past 2^53 stay exact, and so does their difference', () => {
  const table = new Table(layout, lookups);
  const big = (1n << 60n) + 1n;
  assert.equal(table.update(snapshot({cat: [big, 0n, 0n, 0n]}), 0)[0]?.total[0], big);
  assert.equal(table.update(snapshot({cat: [big + 3n, 0n, 0n, 0n]}), 1)[0]?.delta[0], 3);
});

test('an average’s interval is exact where its sum is past 2^53', () => {
  const table = new Table(layout, lookups);
  const big = (1n << 60n) + 1n;
  table.update(snapshot({cat: [3n, big, 0n, 0n]}), 0);
  assert.equal(table.update(snapshot({cat: [5n, big + 14n, 0n, 0n]}), 1)[0]?.delta[2], 7);
});

test('a key that an LRU map dropped and took in again counts from zero', () => {
  const table = new Table(layout, lookups);
  table.update(snapshot({cat: [9n, 90n, 0n, 0n]}), 0);
  assert.deepEqual(table.update(snapshot({cat: [2n, 6n, 0n, 0n]}), 1)[0]?.delta.slice(0, 3), [2, 6, 3]);
});

test('a row to which nothing came has its totals, and nothing since', () => {
  const table = new Table(layout, lookups);
  const rows = {cat: [4n, 8n, 1n, 3n], dog: [1n, 1n, 1n, 1n]} as const;
  table.update(snapshot(rows), 0);
  const [first] = table.update(snapshot({...rows, cat: [6n, 8n, 1n, 3n]}), 1);
  assert.deepEqual(first?.delta, [2, 0, 0, undefined, undefined]);
  const [cat, dog] = table.update(snapshot({...rows, cat: [6n, 8n, 1n, 3n]}), 1);
  assert.deepEqual(
    [cat?.total, cat?.delta],
    [
      [6, 8, 8 / 6, 1, 3],
      [0, 0, 0, undefined, undefined],
    ],
  );
  assert.deepEqual(dog?.rate, [0, 0, undefined, undefined, undefined]);
});

test('a row is compared with its own key’s, wherever the walk met that before', () => {
  const table = new Table(layout, lookups);
  table.update(snapshot({cat: [9n, 0n, 0n, 0n], dog: [4n, 0n, 0n, 0n]}), 0);
  const [dog] = table.update(snapshot({dog: [9n, 0n, 0n, 0n], cat: [9n, 0n, 0n, 0n]}), 1);
  assert.deepEqual([dog?.total[0], dog?.delta[0]], [9, 5]);
});

test('rows keep their own counters however the walk’s order changes, and whatever leaves or comes', () => {
  const table = new Table(layout, lookups);
  const counts = new Map<string, bigint>();
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
  for (let round = 0; round < 200; round++) {
    const before = new Map(counts);
    for (let n = random(8); n > 0; n--) {
      const name = `task-${random(30)}`;
      counts.set(name, (counts.get(name) ?? 0n) + BigInt(1 + random(5)));
    }
    if (random(3) === 0) counts.delete(`task-${random(30)}`);
    const names = [...counts.keys()];
    if (random(4) === 0) names.sort(() => random(3) - 1);
    const rows = table.update(snapshot(Object.fromEntries(names.map((name) => [name, [counts.get(name) ?? 0n, 0n, 0n, 0n]]))), 1);
    assert.deepEqual(
      rows.map((row) => [row.key[0]?.text, row.total[0], row.delta[0]]),
      names.map((name) => [
        name,
        Number(counts.get(name)),
        round === 0 ? undefined : Number((counts.get(name) ?? 0n) - (before.get(name) ?? 0n)),
      ]),
    );
  }
});

test('a key is decoded once while it stays in the map', () => {
  const asked: number[] = [];
  const table = new Table(
    {...layout, keySize: 8, valueSize: 8, key: [uid], measures: layout.measures.slice(0, 1)},
    {
      ...lookups,
      user: (id) => {
        asked.push(id);
        return 'root';
      },
    },
  );
  const record = (id: number, count: number) => ({
    count: 1,
    keys: Uint8Array.of(id, 0, 0, 0, 0, 0, 0, 0),
    values: Uint8Array.of(count, 0, 0, 0, 0, 0, 0, 0),
  });
  for (const each of [record(1, 1), record(1, 2), record(1, 2), record(2, 1), record(1, 3)]) table.update(each, 1);
  assert.deepEqual(asked, [1, 2, 1]);
});

test('a row that was not wanted for a while is not taken for unchanged', () => {
  const tally = new PlainTally();
  const table = new RecordTable(layout, lookups);
  const rows = (count: bigint) => tally.take(snapshot({cat: [count, 0n, 0n, 0n]}));
  const nothing = {
    ...rows(1n),
    serials: new Float64Array(),
    changes: new Uint8Array(),
    keys: new Uint8Array(),
    values: new Uint8Array(),
    before: new Uint8Array(),
  };
  table.update(rows(1n), 0);
  table.update(rows(1n), 1);
  rows(7n);
  table.update(nothing, 1);
  assert.deepEqual(table.update(rows(7n), 1)[0]?.total[0], 7);
});

test('a key is told from the one that came 2^32 keys before it', () => {
  const table = new RecordTable(layout, lookups);
  const sample = new PlainTally().take(snapshot({cat: [1n, 0n, 0n, 0n], dog: [2n, 0n, 0n, 0n]}));
  const rows = table.update({...sample, serials: Float64Array.of(7, 2 ** 32 + 7)}, 0);
  assert.deepEqual(
    rows.map(({key, total}) => [key[0]?.text, total[0]]),
    [
      ['cat', 1],
      ['dog', 2],
    ],
  );
});

test('a row to which nothing comes is the same row', () => {
  const table = new Table(layout, lookups);
  table.update(snapshot({cat: [1n, 0n, 0n, 0n]}), 0);
  const [row] = table.update(snapshot({cat: [1n, 0n, 0n, 0n]}), 1);
  assert.equal(table.update(snapshot({cat: [1n, 0n, 0n, 0n]}), 1)[0], row);
});

test('a row’s id is its key’s bytes, of any value', () => {
  const keys = Uint8Array.from({length: 16}, (_, i) => 0x7f + i * 8);
  const [row] = new Table(layout, lookups).update({count: 1, keys, values: new Uint8Array(32)}, 0);
  assert.deepEqual(
    Uint8Array.from(row?.id ?? '', (character) => character.charCodeAt(0)),
    keys,
  );
});

test('a histogram’s interval follows its row', () => {
  const table = new Table(
    {
      ...layout,
      valueSize: 8 * 67,
      measures: layout.measures.slice(0, 1),
      hist: {scale: {kind: 'log2'}, unit: 'ns', word: 1, slots: 66, signed: false},
    },
    lookups,
  );
  const record = (slots: Readonly<Record<number, bigint>>): Bytes => {
    const values = new Uint8Array(8 * 67);
    const view = new DataView(values.buffer);
    const counts = Object.entries(slots);
    view.setBigUint64(
      0,
      counts.reduce((sum, [, count]) => sum + count, 0n),
      true,
    );
    for (const [slot, count] of counts) view.setBigUint64(8 + Number(slot) * 8, count, true);
    return {count: 1, keys: new Uint8Array(16), values};
  };
  const cases: readonly (readonly [slots: Readonly<Record<number, bigint>>, total: number, delta: number, buckets: number])[] = [
    [{2: 5n}, 5, 0, 0],
    [{2: 5n, 4: 2n}, 7, 2, 1],
    [{2: 5n, 4: 2n}, 7, 0, 0],
    [{2: 6n, 4: 9n}, 15, 8, 2],
    [{2: 1n}, 1, 1, 1],
  ];
  const sum = (buckets: readonly {readonly count: number}[] = []): number => buckets.reduce((all, {count}) => all + count, 0);
  for (const [slots, total, delta, buckets] of cases) {
    const hist = table.update(record(slots), 1)[0]?.hist;
    assert.deepEqual([sum(hist?.total), sum(hist?.delta), hist?.delta.length], [total, delta, buckets]);
  }
});

test('a sample whose bytes do not add up is refused', () => {
  const sample = new PlainTally().take(snapshot({cat: [1n, 0n, 0n, 0n]}));
  assert.throws(() => new RecordTable(layout, lookups).update({...sample, keys: new Uint8Array(15)}, 0), /sample of 1 records/);
});

test('ten thousand rows, printed and not judged', (t) => {
  const rows = Object.fromEntries(Array.from({length: 10_000}, (_, i) => [`task-${i}`, [BigInt(i), 0n, 0n, 0n]] as const));
  const grown = Object.fromEntries(Object.entries(rows).map(([name, [count]]) => [name, [count + 3n, 5n, 0n, 9n]] as const));
  const tally = new PlainTally();
  const table = new RecordTable(layout, lookups);
  for (const [what, each] of [
    ['first', rows],
    ['all grown', grown],
    ['all the same', grown],
  ] as const) {
    const given = tally.take(snapshot(each));
    const start = performance.now();
    assert.equal(table.update(given, 1).length, 10_000);
    t.diagnostic(`${what}: ${(performance.now() - start).toFixed(1)} ms`);
  }
});
