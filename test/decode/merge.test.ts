// Keys that are shown alike are one row, whose numbers are those of all its members.
import assert from 'node:assert/strict';
import test from 'node:test';
import type {Lookups} from '../../src/decode/formats.ts';
import type {RecordLayout} from '../../src/decode/layout.ts';
import {filtered, Merger} from '../../src/decode/merge.ts';
import {RecordTable} from '../../src/decode/records.ts';
import {everyMeasure, PlainTally} from '../support/samples.ts';

const exes: Readonly<Record<number, string>> = {1: '/bin/a', 2: '/bin/b', 3: '/bin/a'};
const lookups: Lookups = {
  architecture: 'x64',
  user: () => undefined,
  group: () => undefined,
  interface: () => undefined,
  cgroup: () => undefined,
  late: {
    prepare: async () => undefined,
    stack: () => undefined,
    symbol: () => undefined,
    process: (word) => {
      const exe = exes[Number(word >> 32n)];
      return exe === undefined ? undefined : {exe, cmdline: exe};
    },
  },
};
const layout: RecordLayout = {
  keySize: 8,
  valueSize: 40,
  key: [{name: 'exe', title: 'EXE', expression: 'exe', format: {name: 'exe'}, offset: 0, size: 8, kind: 'process', signed: false}],
  measures: everyMeasure,
  hist: {scale: {kind: 'log2'}, unit: 'none', word: 4, slots: 1, signed: false},
};

type Counted = readonly [pid: number, count: bigint, sum: bigint, min: bigint, max: bigint];
function bytes(rows: readonly Counted[]) {
  const [keys, values] = [new Uint8Array(rows.length * 8), new Uint8Array(rows.length * 40)];
  const [k, v] = [new DataView(keys.buffer), new DataView(values.buffer)];
  const bias = 1n << 63n;
  rows.forEach(([pid, count, sum, min, max], i) => {
    k.setBigUint64(i * 8, BigInt(pid) << 32n, true);
    [count, sum, ~(min ^ bias), max ^ bias, count].forEach((word, w) => v.setBigUint64(i * 40 + w * 8, BigInt.asUintN(64, word), true));
  });
  return {count: rows.length, keys, values};
}

class View {
  private readonly tally = new PlainTally();
  private readonly merger = Merger.of(layout, lookups);
  private readonly table = new RecordTable(layout, lookups);
  see(rows: readonly Counted[], elapsed: number) {
    const sample = this.merger?.merge(this.tally.take(bytes(rows)));
    assert.ok(sample !== undefined);
    return this.table.update(sample, elapsed);
  }
}

test('processes of one program are one row: counts and sums added, extremes compared, averages over all', () => {
  const rows = new View().see(
    [
      [1, 4n, -8n, -5n, 1n],
      [2, 1n, 1n, 1n, 1n],
      [3, 6n, 28n, 2n, 9n],
    ],
    0,
  );
  assert.deepEqual(
    rows.map(({key, total}) => [key[0]?.text, ...total]),
    [
      ['/bin/a', 10, 20, 2, -5, 9],
      ['/bin/b', 1, 1, 1, 1, 1],
    ],
  );
  assert.equal(rows[0]?.hist?.total[0]?.count, 10);
});

const [most, least] = [2n ** 63n - 1n, -(2n ** 63n)];
const sums: readonly (readonly [what: string, signed: boolean, sums: readonly [bigint, bigint], passed: boolean])[] = [
  ['up to the last of 64 bits', false, [2n ** 63n, most], false],
  ['one more', false, [2n ** 63n, 2n ** 63n], true],
  ['up to the greatest with a sign', true, [most - 7n, 7n], false],
  ['one more than that', true, [most, 1n], true],
  ['down to the least', true, [least + 7n, -7n], false],
  ['one less', true, [least, -1n], true],
  ['of either sign', true, [least, most], false],
];
for (const [what, signed, [a, b], passed] of sums)
  test(`a sum of several processes ${passed ? 'that does not fit is told' : 'fits'}: ${what}`, () => {
    const measures = everyMeasure.map((measure) => (measure.word === 1 ? {...measure, signed} : measure));
    const merger = Merger.of({...layout, measures}, lookups);
    assert.ok(merger !== undefined);
    const tally = new PlainTally();
    const [first, second, other]: readonly Counted[] = [
      [1, 1n, a, 0n, 0n],
      [3, 1n, b, 0n, 0n],
      [2, 1n, b, 0n, 0n],
    ];
    if (first === undefined || second === undefined || other === undefined) return;
    merger.merge(tally.take(bytes([first, other])));
    assert.equal(merger.passed, false, 'of one alone, or of two rows');
    merger.merge(tally.take(bytes([first, second, other])));
    assert.equal(merger.passed, passed);
    merger.merge(tally.take(bytes([first])));
    assert.equal(merger.passed, passed, 'and stays so when it shrinks again');
  });

test('of values of others, the greatest with a sign is one, and a text beside the numbers is that of the first', () => {
  const plain = everyMeasure.flatMap((measure) => (measure.op === 'max' ? [{...measure, plain: true as const}] : []));
  const labels = [
    {
      name: 'label',
      title: 'LABEL',
      expression: 'label',
      format: {name: 'dec' as const},
      offset: 8,
      size: 8,
      kind: 'integer' as const,
      signed: true,
    },
  ];
  const {hist: _, ...others} = layout;
  const own: RecordLayout = {...others, labels, measures: [...everyMeasure.slice(0, 1), ...plain]};
  const biased = 1n << 63n; // as bytes() keeps them
  const sample = Merger.of(own, lookups)?.merge(
    new PlainTally().take(
      bytes([
        [1, 1n, 6n, 0n, -5n ^ biased],
        [3, 1n, 7n, 0n, 4n ^ biased],
        [2, 1n, 8n, 0n, -3n ^ biased],
      ]),
    ),
  );
  assert.ok(sample !== undefined);
  assert.deepEqual(
    new RecordTable(own, lookups).update(sample, 0).map(({key, total}) => [...key.map(({text}) => text), ...total]),
    [
      ['/bin/a', '6', 2, 4],
      ['/bin/b', '8', 1, -3],
    ],
  );
});

test('what came since is that of all members, also of one that joined', () => {
  const view = new View();
  view.see([[1, 4n, 0n, 0n, 0n]], 0);
  const [row] = view.see(
    [
      [1, 5n, 0n, 0n, 0n],
      [3, 2n, 0n, 0n, 0n],
    ],
    2,
  );
  assert.equal(row?.delta[0], 3);
  assert.equal(row?.rate[0], 1.5);
  assert.equal(row?.total[0], 7);
});

test('a row keeps its identity while its members come and go', () => {
  const view = new View();
  const [before] = view.see([[1, 4n, 0n, 0n, 0n]], 0);
  const [after] = view.see(
    [
      [3, 2n, 0n, 0n, 0n],
      [1, 5n, 0n, 0n, 0n],
    ],
    1,
  );
  assert.equal(after?.id, before?.id);
});

test('a process that cannot be read stays a row of its own', () => {
  const rows = new View().see(
    [
      [77, 1n, 0n, 0n, 0n],
      [78, 1n, 0n, 0n, 0n],
    ],
    0,
  );
  assert.deepEqual(
    rows.map(({key}) => key[0]?.text),
    ['~pid 77', '~pid 78'],
  );
});

test('a layout whose keys are shown as differently as they are is left alone', () => {
  const plain = {...layout, key: layout.key.map((field) => ({...field, format: {name: 'dec'} as const, kind: 'integer' as const}))};
  assert.equal(Merger.of(plain, lookups), undefined);
});

test('a filter finds a text in any case, and sums up what it leaves', () => {
  const rows = new View().see(
    [
      [1, 4n, 0n, 0n, 0n],
      [2, 3n, 0n, 0n, 0n],
    ],
    0,
  );
  const {rows: left, total} = filtered(rows, '/BIN/A');
  assert.deepEqual([left.length, total], [1, 4]);
});

test('a cgroup whose name is found later has it from then on, and joins the others of its container', () => {
  const names = new Map([[1n, `/docker/${'a'.repeat(64)}`]]);
  const containers: RecordLayout = {
    ...layout,
    key: [
      {
        name: 'container',
        title: 'C',
        expression: 'container',
        format: {name: 'container'},
        offset: 0,
        size: 8,
        kind: 'integer',
        signed: false,
      },
    ],
  };
  const lookup = {...lookups, cgroup: (id: bigint) => names.get(id)};
  const [tally, table, merger] = [new PlainTally(), new RecordTable(containers, lookup), Merger.of(containers, lookup)];
  const see = (rows: readonly (readonly [id: bigint, count: bigint])[]) => {
    const counted = bytes(rows.map(([, count]) => [0, count, 0n, 0n, 0n]));
    rows.forEach(([id], i) => new DataView(counted.keys.buffer).setBigUint64(i * 8, id, true));
    const sample = merger?.merge(tally.take(counted));
    assert.ok(sample !== undefined);
    return table.update(sample, 1).map(({key, total, delta}) => [key[0]?.text, total[0], delta[0]]);
  };
  see([]);
  const before = [
    [1n, 4n],
    [2n, 3n],
    [3n, 1n],
  ] as const;
  assert.deepEqual(see(before), [
    ['aaaaaaaaaaaa', 4, 4],
    ['unknown:2', 3, 3],
    ['unknown:3', 1, 1],
  ]);
  names.set(2n, `/docker/${'a'.repeat(64)}/inner`).set(3n, `/docker/${'b'.repeat(64)}`);
  assert.deepEqual(see(before), [
    ['aaaaaaaaaaaa', 7, 0],
    ['bbbbbbbbbbbb', 1, 0],
  ]);
});

test('functions of one name are one row, and others are left as they are', () => {
  const named = (names: readonly string[]): RecordLayout => ({
    ...layout,
    key: [
      {
        name: 'func',
        title: 'FUNC',
        expression: 'func',
        format: {name: 'func', names: Object.fromEntries(names.entries())},
        offset: 0,
        size: 8,
        kind: 'integer',
        signed: false,
      },
    ],
  });
  assert.equal(Merger.of(named(['one', 'other']), lookups), undefined);
  const merged = Merger.of(named(['same', 'other', 'same']), lookups)?.merge(
    new PlainTally().take({
      ...bytes([
        [0, 3n, 0n, 0n, 0n],
        [0, 5n, 0n, 0n, 0n],
      ]),
      keys: new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]),
    }),
  );
  assert.equal(merged?.serials.length, 1);
  assert.equal(new DataView(merged?.values.buffer ?? new ArrayBuffer(0)).getBigUint64(0, true), 8n);
});
