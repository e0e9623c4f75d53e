// Reading maps of any kind, with any query: what cannot be read is an error that says so, never an empty table and never a read
// or a write past an end. On the real kernel.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import {openView} from '../../src/commands/live/open-view.ts';
import {LiveMachine} from '../../src/kernel/machine.ts';
import {loadBinding} from '../../src/native/binding.ts';
import type {NativeError, Part, Reading, SampleQuery} from '../../src/native/contract.ts';
import {parsePreset} from '../../src/preset/load.ts';
import {noPrivilege, root} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const {addon, objectPath} = loadBinding();
const workloads = new Workloads();
const calls = skip === undefined ? workloads.c('calls') : '';

const part = (bitOffset: number, bits: number): Part => ({kind: 'integer', bitOffset, bits, signed: false, maximum: false});
const reading: Reading = {
  ...{key: [], words: [part(0, 32)], labels: [], slots: 0, sumSlots: false, firstSlot: 0},
  ...{grouped: false, skipZero: false, gauges: false},
};
const query: SampleQuery = {order: {by: 'none', descending: true}, limit: 10};
const outcome = (promise: Promise<{readonly count: number}>): Promise<string> =>
  promise.then(
    ({count}) => `${count} rows`,
    ({operation, code}: NativeError) => `${operation}: ${code}`,
  );

async function opened(preset: Readonly<Record<string, unknown>>) {
  const loaded = parsePreset(JSON.stringify(preset), 'test.json');
  assert.ok(loaded.ok);
  return openView(loaded.preset, {addon, machine: new LiveMachine(addon, objectPath, '/usr/bin'), filters: {}});
}

/** What reading each map of the object says, and whether it has entries to be looked up. */
const odd: Readonly<Record<string, RegExp>> = {
  odd_array: /^1 rows$/,
  odd_queue: /^read map: EINVAL$/,
  odd_ring: /^read map: EINVAL$/,
  odd_programs: /^0 rows$/,
  odd_sockets: /^read map: (ENOSPC|ENOTSUPP?|EOPNOTSUPP)$/,
  odd_storage: /^0 rows$/,
};

test('a map that has no keys, or is of a kind that cannot be read, is an error and no empty table', {skip}, async () => {
  const file = path.join(root, 'test/fixtures/objects/odd-maps.bpf.c');
  const include = `-I/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
  const bytes = execFileSync('clang', ['-g', '-O2', '-target', 'bpf', include, '-c', file, '-o', '-'], {maxBuffer: 2 ** 24});
  const others = new Set(addon.loadedMaps().map(({id}) => id));
  const spec = {name: 'odd', bytes, globals: {}, programs: [], map: 'odd_array', maxEntries: 0, reading, statistics: false};
  const holder = await addon.openObject(spec);
  const maps = addon.loadedMaps().filter(({id, name}) => name in odd && !others.has(id));
  assert.deepEqual(maps.map(({name}) => name).sort(), Object.keys(odd).sort());
  for (const {id, name, keySize} of maps) {
    const session = await addon.openMap({id, name, reading});
    assert.match(await outcome(session.read('counts')), odd[name] ?? /never/, name);
    assert.match(await outcome(session.sample('counts', query)), odd[name] ?? /never/, name);
    const looked = await outcome(session.lookup('counts', new Uint8Array(keySize)));
    assert.match(looked, odd[name]?.source.includes('read map') ? /^read map: / : /^[01] rows$/, name);
    await session.close();
  }
  await holder.close();
  const gone = await addon.openMap({id: maps[0]?.id ?? 0, name: 'gone', reading}).catch(({code}: NativeError) => code);
  assert.equal(gone, 'ENOENT');
});

const beyond: readonly (readonly [what: string, query: SampleQuery])[] = [
  ['a word of the order', {...query, order: {by: 'word', word: 999, descending: true}}],
  ['slots of the order', {...query, order: {by: 'share', word: 0, slots: 999, share: 0.5, descending: true}}],
  ['a text of the order', {...query, order: {by: 'text', offset: 8, size: 999, descending: true}}],
  ['an integer of the order', {...query, order: {by: 'integer', offset: 4_294_967_295, size: 8, descending: true}}],
  ['a sum', {...query, sums: [{word: 999, signed: false}]}],
  ['a field of the filter', {...query, filter: {text: 'a', fields: [{offset: 999, size: 8, text: true, signed: false}]}}],
  [
    'a field of the filter in the value',
    {...query, filter: {text: 'a', fields: [{offset: 999, size: 8, text: true, signed: false, value: true}]}},
  ],
];
test('a query for what lies beyond the end of a record is refused', {skip}, async () => {
  const {session} = await opened({name: 'beyond', attach: `uprobe:${calls}:work_*`, by: ['func', 'i64(arg0)'], measure: 'count'});
  await runToEnd(calls, ['wl-beyond', '3']);
  for (const [what, each] of beyond) assert.equal(await outcome(session.sample('counts', each)), 'read map: EINVAL', what);
  assert.equal(await outcome(session.sample('counts', query)), '4 rows', 'as before');
  await session.close();
});

test('a sample may bring along what another map had before it', {skip}, async () => {
  const {session} = await opened({name: 'first', attach: `uprobe:${calls}:work_*`, by: ['func'], measure: 'count', maxKeys: 1});
  await runToEnd(calls, ['wl-first', '6']);
  const {first, count} = await session.sample('counts', query, 'losses');
  assert.deepEqual([count, first], [1, (await session.read('losses')).values]);
  assert.ok(
    first?.some((byte) => byte !== 0),
    'the second function found no room',
  );
  assert.equal((await session.sample('counts', query)).first, undefined);
  assert.equal(await outcome(session.sample('counts', query, 'nobody')), 'read map: ENOENT');
  await session.close();
});

test('what the programs counted may be asked for while they are detached, and while the session is closed', {skip}, async () => {
  for (const end of ['detach', 'close'] as const) {
    const {session} = await opened({name: 'many', attach: 'tracepoint:syscalls:sys_enter_f*', by: ['comm'], measure: 'count'});
    const ended = session[end]();
    let going = true;
    void ended.then(() => (going = false));
    let [asked, missed] = [0, 0];
    const ask = (): void => {
      const now = session.programs().reduce((sum, each) => sum + each.missed, 0);
      assert.ok(now >= missed, 'what is gone is kept');
      missed = now;
    };
    for (; going; asked++) {
      try {
        for (let i = 0; i < 100; i++) ask();
      } catch (error) {
        assert.equal((error as NativeError).code, 'EBADF');
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(asked > 0);
    await session.close();
  }
});

test('of thousands of rows the first ones are chosen, whatever came before them', {skip}, async () => {
  const {session, plan} = await opened({name: 'top', attach: `uprobe:${calls}:work_*`, by: ['i64(arg0)'], measure: 'count', maxKeys: 8192});
  const rows = 6000;
  await runToEnd(calls, ['wl-top', String(rows)]);
  const {keySize} = plan.layout;
  const numbers = ({keys, serials}: {readonly keys: Uint8Array; readonly serials: Float64Array}): readonly number[] => {
    const view = new DataView(keys.buffer, keys.byteOffset);
    return [...serials].map((_, i) => Number(view.getBigInt64(i * keySize, true))).sort((a, b) => a - b);
  };
  const numbered = Array.from({length: rows}, (_, i) => i);
  // work_b is called by the odd ones: they have counted two, and come before or behind all others
  const odds = numbered.filter((n) => n % 2 === 1);
  const evens = numbered.filter((n) => n % 2 === 0);
  /** Rows of one count come in the order of their keys' bytes: little-endian, so by the lower byte first. */
  const byBytes = (a: number, b: number): number => (a & 255) - (b & 255) || a - b;
  for (const limit of [1, 5, 1500, 2999, 4000, rows - 1, rows, rows + 1]) {
    const read = async (by: 'word' | 'signedInteger', descending: boolean) => {
      const order = by === 'word' ? ({by, word: 0, descending} as const) : ({by, offset: 0, size: 8, descending} as const);
      return numbers(await session.sample('counts', {order, limit}));
    };
    const sorted = (all: readonly number[]): readonly number[] => all.slice(0, limit).sort((a, b) => a - b);
    assert.deepEqual(await read('signedInteger', false), numbered.slice(0, limit), `first ${limit}`);
    assert.deepEqual(await read('signedInteger', true), numbered.slice(-limit), `last ${limit}`);
    assert.deepEqual(await read('word', true), sorted([...odds.toSorted(byBytes), ...evens.toSorted(byBytes)]), `most ${limit}`);
    assert.deepEqual(await read('word', false), sorted([...evens.toSorted(byBytes), ...odds.toSorted(byBytes)]), `least ${limit}`);
  }
  await session.close();
});

test('what was read stays as it is while the map is read again', {skip}, async () => {
  const {session} = await opened({
    name: 'kept',
    attach: `uprobe:${calls}:work_*`,
    by: ['i64(arg0)', 'comm'],
    measure: 'count',
    maxKeys: 8192,
  });
  await runToEnd(calls, ['wl-kept', '5000']);
  const all: SampleQuery = {...query, limit: Number.POSITIVE_INFINITY};
  const held: {readonly arrays: readonly Uint8Array[]; readonly copies: readonly Uint8Array[]}[] = [];
  for (let i = 0; i < 6; i++) {
    for (const {keys, values} of [await session.read('counts'), await session.sample('counts', all)])
      held.push({arrays: [keys, values], copies: [keys.slice(), values.slice()]});
    await runToEnd(calls, ['wl-kept', '10']);
  }
  await session.close();
  for (const {arrays, copies} of held) assert.deepEqual(arrays, copies);
});
