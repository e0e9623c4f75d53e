// Who gets a series of his own, and that no event is lost or told twice by it.
import assert from 'node:assert/strict';
import test from 'node:test';
import type {Row} from '../../src/decode/frame.ts';
import {type Exposed, ExposedRows} from '../../src/output/exposed-rows.ts';
import {countShape, row} from '../support/frames.ts';

/** Fed with what rows have in all, as a sampler does: with what came since, and without those to which nothing came. */
class Fed {
  private readonly exposed: ExposedRows;
  private before: ReadonlyMap<string, number> = new Map();

  constructor(most: number) {
    this.exposed = new ExposedRows(countShape, ({id}) => id, most, 60_000);
  }

  update(rows: readonly Row[], now: number): Exposed {
    const all = new Map(rows.map(({id, total}) => [id, Number(total[0])]));
    const changed = rows.flatMap((each) => {
      const [count, had] = [Number(each.total[0]), this.before.get(each.id)];
      if (count === had) return [];
      return [{...each, delta: [had === undefined || count < had ? count : count - had]}];
    });
    this.before = all;
    return this.exposed.update(changed, now);
  }
}
const rowsOf = (most: number): Fed => new Fed(most);
const told = ({rows, others}: Exposed): Readonly<Record<string, number>> => ({
  ...Object.fromEntries(rows.map(({labels, counts}) => [labels, Number(counts[0])])),
  ...(others === undefined ? {} : {[`other ${others.number}`]: Number(others.counts[0])}),
});
const sum = (all: Readonly<Record<string, number>>): number => Object.values(all).reduce((total, each) => total + each, 0);

test('the largest rows have their own, the others one together', () => {
  const exposed = rowsOf(2);
  assert.deepEqual(told(exposed.update([row('a', 5), row('b', 50), row('c', 7), row('d', 1)], 0)), {b: 50, c: 7, 'other 1': 6});
});

test('a row keeps its place and its counter while others are less than twice as busy', () => {
  const exposed = rowsOf(1);
  exposed.update([row('a', 10), row('b', 9)], 0);
  assert.deepEqual(told(exposed.update([row('a', 10), row('b', 15)], 100_000)), {a: 10, 'other 1': 15});
});

test('a row that takes a place counts from then on; what is told sums up to all events', () => {
  const exposed = rowsOf(1);
  exposed.update([row('a', 10), row('b', 9)], 0);
  const moved = told(exposed.update([row('a', 11), row('b', 109)], 100_000));
  assert.deepEqual(moved, {b: 100, 'other 2': 20});
  assert.equal(sum(moved), 120);
  const soon = told(exposed.update([row('a', 10_011), row('b', 110)], 101_000));
  assert.deepEqual(soon, {b: 101, 'other 2': 10_020}, 'not again within a minute');
});

test('what an LRU map forgot is not forgotten here, and counts anew', () => {
  const exposed = rowsOf(2);
  exposed.update([row('a', 10), row('b', 9)], 0);
  exposed.update([row('b', 9)], 1000);
  assert.deepEqual(told(exposed.update([row('a', 3), row('b', 9)], 2000)), {a: 13, b: 9});
  assert.deepEqual(told(exposed.update([row('a', 2), row('b', 9)], 3000)), {a: 15, b: 9});
});

test('no counter ever falls, and sums are exact, over a random history', () => {
  const exposed = rowsOf(5);
  const counts = new Map<string, number>();
  let random = 1;
  const next = (below: number): number => (random = (random * 48_271) % 2_147_483_647) % below;
  let before: Readonly<Record<string, number>> = {};
  for (let i = 1; i <= 500; i++) {
    for (let k = 0; k < 8; k++) {
      const name = `p${next(10) + Math.floor(i / 50)}`;
      counts.set(name, (counts.get(name) ?? 0) + next(1000));
    }
    const rows: readonly Row[] = [...counts].map(([name, count]) => row(name, count));
    const all = told(exposed.update(rows, i * 15_000));
    assert.equal(
      sum(all),
      [...counts.values()].reduce((total, each) => total + each, 0),
    );
    assert.ok(Object.keys(all).length <= 6);
    for (const [name, count] of Object.entries(all)) if (before[name] !== undefined) assert.ok(count >= before[name], name);
    before = all;
  }
});

test('counters past 2^53 are added exactly', () => {
  const exposed = new ExposedRows(countShape, ({id}) => id, 0, 60_000);
  const huge = {...row('a', 0), total: [2n ** 60n], delta: [undefined]};
  assert.equal(exposed.update([huge, {...row('b', 1), delta: [undefined]}], 0).others?.counts[0], 2n ** 60n + 1n);
});
