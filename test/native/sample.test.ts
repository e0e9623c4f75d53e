// The addon's subtraction and selection, held against plain lines over the same map. On the real kernel.
import assert from 'node:assert/strict';
import test from 'node:test';
import {openView} from '../../src/commands/live/open-view.ts';
import type {RecordLayout} from '../../src/decode/layout.ts';
import {queryOf} from '../../src/decode/order.ts';
import {LiveMachine} from '../../src/kernel/machine.ts';
import {loadBinding} from '../../src/native/binding.ts';
import type {Sample, Session} from '../../src/native/contract.ts';
import {parsePreset} from '../../src/preset/load.ts';
import {noPrivilege} from '../support/program.ts';
import {PlainTally} from '../support/samples.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const calls = skip === undefined ? workloads.c('calls') : '';
const {addon, objectPath} = loadBinding();

async function opened(preset: Readonly<Record<string, unknown>>) {
  const loaded = parsePreset(JSON.stringify(preset), 'test.json');
  assert.ok(loaded.ok);
  return openView(loaded.preset, {addon, machine: new LiveMachine(addon, objectPath, '/usr/bin'), filters: {}});
}

const everything = {order: {by: 'none', descending: true}, limit: Number.POSITIVE_INFINITY} as const;
/** Rows by key, without what only has to be stable. */
const plain = ({keys, values, before, changes, serials}: Sample, keySize: number, valueSize: number) =>
  Object.fromEntries(
    [...serials].map((_, i) => [
      keys.slice(i * keySize, (i + 1) * keySize).join(),
      [changes[i], values.slice(i * valueSize, (i + 1) * valueSize).join(), before.slice(i * valueSize, (i + 1) * valueSize).join()],
    ]),
  );
const serialsOf = ({keys, serials}: Sample, keySize: number) =>
  new Map([...serials].map((serial, i) => [keys.slice(i * keySize, (i + 1) * keySize).join(), serial]));

test('of rows to which something came alone: those rows, and the sums of all', {skip}, async () => {
  const {session, plan} = await opened({name: 'changes', attach: `uprobe:${calls}:work_*`, by: ['func', 'i64(arg0)'], measure: 'count'});
  const {keySize, valueSize} = plan.layout;
  const expected = new PlainTally();
  for (const n of [10, 4, 0, 12]) {
    await runToEnd(calls, ['wl-sample', String(n)]);
    const sample = await session.sample('counts', {...everything, changed: true});
    const wanted = expected.take(await session.read('counts'));
    const changed = Object.entries(plain(wanted, keySize, valueSize)).filter(([, [change]]) => change !== 0);
    assert.equal(sample.serials.length, n + Math.floor(n / 2));
    assert.deepEqual(plain(sample, keySize, valueSize), Object.fromEntries(changed));
    assert.deepEqual([sample.count, sample.total, sample.delta], [wanted.count, wanted.total, wanted.delta]);
  }
  await session.close();
});

test('a sample has what came since the one before, row by row, whatever comes to the map', {skip}, async () => {
  // two keys a thread id: each run adds keys, so that the kernel's order shifts
  const {session, plan} = await opened({
    name: 'grows',
    attach: `uprobe:${calls}:work_*`,
    by: ['func', 'tid', 'i64(arg0)'],
    measure: ['count', 'sum(i64(arg0))'],
  });
  const {keySize, valueSize} = plan.layout;
  const expected = new PlainTally();
  let known = new Map<string, number>();
  for (let round = 0; round < 6; round++) {
    if (round !== 3) await runToEnd(calls, ['wl-sample', String(10 * round)]);
    const sample = await session.sample('counts', everything);
    const wanted = expected.take(await session.read('counts'));
    assert.deepEqual(plain(sample, keySize, valueSize), plain(wanted, keySize, valueSize));
    assert.deepEqual([sample.count, sample.total, sample.delta], [wanted.count, wanted.total, wanted.delta]);
    const serials = serialsOf(sample, keySize);
    for (const [key, serial] of known) assert.equal(serials.get(key), serial, 'a key keeps its serial');
    assert.equal(new Set(serials.values()).size, sample.count, 'no two keys have one');
    known = serials;
  }
  await session.close();
});

async function numbered(session: Session, layout: RecordLayout, sort: string, filter = '', limit = 5) {
  const sample = await session.sample('counts', queryOf(layout, {sort, limit, filter}));
  const view = new DataView(sample.keys.buffer);
  const field = layout.key.find(({name}) => name === 'n');
  return {
    ...sample,
    rows: [...sample.serials]
      .map((_, i) => Number(view.getBigInt64(i * layout.keySize + (field?.offset ?? 0), true)))
      .sort((a, b) => a - b),
  };
}

test('the first rows of any order are chosen from all rows, and sums are of all', {skip}, async () => {
  // work_a(0) … work_a(99), work_b on the odd ones: n counts once or twice
  const {session, plan} = await opened({
    name: 'orders',
    attach: `uprobe:${calls}:work_*`,
    by: ['comm', {field: 'i64(arg0)', title: 'N'}],
    measure: ['count', 'sum(i64(arg0))', 'min(i64(arg0))', 'max(i64(arg0))', 'avg(i64(arg0))', 'hist(i64(arg0))'],
  });
  await runToEnd(calls, ['wl-order', '100']);
  const cases: readonly (readonly [sort: string, rows: readonly number[]])[] = [
    ['-n', [95, 96, 97, 98, 99]],
    ['n', [0, 1, 2, 3, 4]],
    ['-total', [1, 3, 5, 7, 9]],
    ['-sum', [91, 93, 95, 97, 99]],
    ['-min', [95, 96, 97, 98, 99]],
    ['min', [0, 1, 2, 3, 4]],
    ['-max', [95, 96, 97, 98, 99]],
    ['-avg', [95, 96, 97, 98, 99]],
    ['avg', [0, 1, 2, 3, 4]],
    ['p50', [0, 1, 2, 3, 4]],
  ];
  assert.deepEqual((await numbered(session, plan.layout, '-rate')).rows, [1, 3, 5, 7, 9], 'what came to all of them');
  for (const [sort, rows] of cases) {
    const sample = await numbered(session, plan.layout, sort);
    assert.deepEqual(sample.rows, rows, sort);
    assert.deepEqual([sample.count, sample.matching, sample.total], [100, 100, 150], sort);
  }
  const filtered = await numbered(session, plan.layout, '-n', '7', 50);
  assert.deepEqual(filtered.rows, [7, 17, 27, 37, 47, 57, 67, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 87, 97]);
  assert.deepEqual([filtered.count, filtered.matching], [100, 19]);
  assert.equal((await numbered(session, plan.layout, '-n', 'WL-ord')).matching, 100, 'letters of either case');
  assert.equal((await numbered(session, plan.layout, '-n', 'nobody')).matching, 0);
  await session.close();
});
