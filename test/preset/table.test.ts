// A map of others as a table: what its BTF says is what its columns are.
import assert from 'node:assert/strict';
import test from 'node:test';
import {bounds, slotCount} from '../../src/decode/buckets.ts';
import type {Scale} from '../../src/decode/frame.ts';
import type {MapShape, MemberShape, TypeShape} from '../../src/native/contract.ts';
import {probeOf} from '../../src/preset/own/sections.ts';
import {type TablePlan, tableOf} from '../../src/preset/own/table.ts';

const int = (size: number, signed = false): TypeShape => ({kind: 'int', size, signed});
const text = (length: number): TypeShape => ({kind: 'array', size: length, length, element: {...int(1), char: true} as TypeShape});
const array = (element: TypeShape, length: number): TypeShape => ({kind: 'array', size: element.size * length, length, element});
const struct = (size: number, members: readonly (readonly [name: string, byte: number, type: TypeShape])[]): TypeShape => ({
  kind: 'struct',
  name: 's',
  size,
  members: members.map(([name, byte, type]): MemberShape => ({name, bitOffset: byte * 8, type})),
});
const map = (key: TypeShape | undefined, value: TypeShape | undefined, sizes: {key?: number; value?: number} = {}): MapShape => ({
  name: 'm',
  type: 1,
  keySize: sizes.key ?? key?.size ?? 0,
  valueSize: sizes.value ?? value?.size ?? 0,
  maxEntries: 10,
  ...(key === undefined ? {} : {key}),
  ...(value === undefined ? {} : {value}),
});
const planned = (shape: MapShape, columns?: Parameters<typeof tableOf>[1]): TablePlan => {
  const plan = tableOf(shape, columns, false);
  if ('faults' in plan) throw new Error(plan.faults.map((fault) => `${fault.message} (${fault.hint ?? ''})`).join('; '));
  return plan;
};
const fault = (shape: MapShape, columns?: Parameters<typeof tableOf>[1]): string => {
  const plan = tableOf(shape, columns, false);
  return 'faults' in plan ? plan.faults.map(({pointer, message, hint}) => `${pointer} ${message} ${hint ?? ''}`).join('\n') : '';
};
const names = ({keys, measures, hist}: TablePlan): readonly unknown[] => [
  keys.map((each) => each.name),
  measures.map((each) => each.name),
  hist?.scale.kind,
];

test('scalars are key and value', () => {
  assert.deepEqual(names(planned(map(int(4), int(8)))), [['key'], ['value'], undefined]);
});

test('members of nested and nameless structs are columns; integers of the value count, texts do not', () => {
  const inner = struct(8, [
    ['errno', 0, int(4, true)],
    ['', 4, struct(4, [['cpu', 0, int(4)]])],
  ]);
  const value = struct(40, [
    ['count', 0, int(8)],
    ['comm', 8, text(16)],
    ['bytes', 24, int(8)],
    ['at', 32, {kind: 'pointer', size: 8}],
  ]);
  assert.deepEqual(
    names(
      planned(
        map(
          struct(12, [
            ['tid', 0, int(4)],
            ['what', 4, inner],
          ]),
          value,
        ),
      ),
    ),
    [['tid', 'errno', 'cpu', 'comm', 'at'], ['count', 'bytes'], undefined],
  );
});

test('an array of integers is the histogram; where nothing else counts, its sum does', () => {
  const plan = planned(
    map(
      int(4),
      struct(124, [
        ['slots', 0, array(int(4), 27)],
        ['comm', 108, text(16)],
      ]),
    ),
  );
  assert.deepEqual(names(plan), [['key', 'comm'], ['count'], 'powers']);
  assert.equal(plan.reading.sumSlots, true);
  assert.deepEqual(plan.layout.hist, {scale: {kind: 'powers', slots: 27, before: 0}, unit: 'none', word: 1, slots: 27, signed: false});
  assert.equal(plan.layout.valueSize, 8 * 28 + 24);
});

test('of a union the first member is shown, and the others by their names', () => {
  const either: TypeShape = {
    kind: 'union',
    name: 'u',
    size: 4,
    members: [
      {name: 'a', bitOffset: 0, type: int(4)},
      {name: 'b', bitOffset: 0, type: int(2)},
    ],
  };
  const shape = map(either, int(8));
  assert.deepEqual(names(planned(shape))[0], ['a']);
  assert.deepEqual(names(planned(shape, [{field: 'key.b'}, {field: 'value', measure: true}]))[0], ['b']);
});

test('an enum is told by its names, a bool as one, and what is of the network in its order', () => {
  const kind: TypeShape = {kind: 'enum', name: 'e', size: 4, signed: false, values: {READ: 0, WRITE: 1}};
  const key = struct(8, [
    ['kind', 0, kind],
    ['flag', 4, {...int(1), bool: true} as TypeShape],
    ['port', 6, {...int(2), big: true} as TypeShape],
  ]);
  assert.deepEqual(
    planned(map(key, int(8))).layout.key.map((field) => field.format),
    [{name: 'map', map: {'0': 'READ', '1': 'WRITE'}}, {name: 'bool'}, {name: 'port', swap: 2}],
  );
});

test('entries are gathered where the columns do not tell them apart, and only there', () => {
  const key = struct(8, [
    ['pid', 0, int(4)],
    ['cpu', 4, int(4)],
  ]);
  assert.equal(planned(map(key, int(8))).reading.grouped, false);
  assert.equal(planned(map(key, int(8)), [{field: 'key.pid'}, {field: 'value', measure: true}]).reading.grouped, true);
  const padded = struct(8, [
    ['pid', 0, int(4)],
    ['flag', 4, int(1)],
  ]);
  assert.equal(planned(map(padded, int(8))).reading.grouped, true, 'padding tells no two rows apart');
});

test('without BTF a map is shown by its bytes', () => {
  assert.deepEqual(names(planned(map(undefined, undefined, {key: 16, value: 8}))), [['key0', 'key1'], ['value'], undefined]);
  assert.deepEqual(names(planned(map(undefined, undefined, {key: 4, value: 24}))), [['key', 'value0', 'value1', 'value2'], [], undefined]);
});

const shape = map(
  struct(20, [
    ['comm', 0, text(16)],
    ['slot', 16, int(4)],
  ]),
  struct(16, [
    ['count', 0, int(8)],
    ['sum', 8, int(8)],
  ]),
);
const faults: readonly (readonly [string, Parameters<typeof tableOf>[1], RegExp])[] = [
  ['a measure in the key', [{field: 'key.slot', measure: true}], /\/table\/columns\/0 'key.slot' is in the key/],
  ['a format for another kind', [{field: 'key.comm', format: 'hex'}], /format 'hex' is for integers, and 'key.comm' is a text/],
  ['a bucket that nothing counts', [{field: 'key.slot', hist: 'log2'}], /'key.slot' is a bucket, and no column counts what is in it/],
  [
    'two histograms',
    [
      {field: 'key.slot', hist: 'log2'},
      {field: 'key.slot', hist: 'log2'},
      {field: 'value.count', measure: true},
    ],
    /one histogram, and this is a second/,
  ],
  ['an average without a count in front', [{field: 'value.sum', measure: 'avg'}], /the first measure is a plain number/],
  ['a struct as a column', [{field: 'value'}], /'value' is a struct s, which is no column name a member/],
  ['a name that is near', [{field: 'value.cuont'}], /map 'm' has no 'value.cuont' it has value.count/],
  ['neither key nor value', [{field: 'comm'}], /has no 'comm'/],
];
for (const [what, columns, says] of faults) test(`${what} is a fault, with its place`, () => assert.match(fault(shape, columns), says));

const ends = (scale: Scale): readonly unknown[] =>
  Array.from({length: slotCount(scale)}, (_, slot) => bounds(scale, slot)).map(({low, high}) => [low, high]);

test('slots are told as their program counts them: powers of two with or without a slot for zero and below, and steps', () => {
  assert.deepEqual(ends({kind: 'powers', slots: 4, before: 0}), [
    [0, 2],
    [2, 4],
    [4, 8],
    [8, null],
  ]);
  assert.deepEqual(ends({kind: 'powers', slots: 4, before: 1}), [
    [0, 1],
    [1, 2],
    [2, 4],
    [4, null],
  ]);
  assert.deepEqual(ends({kind: 'powers', slots: 4, before: 2}), [
    [null, 0],
    [0, 1],
    [1, 2],
    [2, null],
  ]);
  assert.deepEqual(ends({kind: 'powers', slots: 64, before: 0}).at(-1), [9_223_372_036_854_775_808n, null]);
  assert.deepEqual(ends({kind: 'steps', slots: 3, min: 10, step: 5}), [
    [10, 15],
    [15, 20],
    [20, null],
  ]);
});

const sections: readonly (readonly [section: string, probe: string | undefined])[] = [
  ['tp/sched/sched_switch', 'tracepoint:sched:sched_switch'],
  ['tracepoint/syscalls/sys_enter_openat', 'tracepoint:syscalls:sys_enter_openat'],
  ['raw_tp/sys_enter', 'rawtracepoint:sys_enter'],
  ['tp_btf/sched_wakeup', 'rawtracepoint:sched_wakeup'],
  ['?kprobe/vfs_read', 'kprobe:vfs_read'],
  ['kprobe.multi/vfs_*', 'kprobe:vfs_*'],
  ['fentry.s/vfs_read', 'fentry:vfs_read'],
  ['uprobe//usr/bin/bash:readline', 'uprobe:/usr/bin/bash:readline'],
  ['uprobe', undefined],
  ['perf_event', undefined],
  ['xdp', undefined],
  ['cgroup_skb/egress', undefined],
];
for (const [section, probe] of sections)
  test(`a section '${section}' ${probe === undefined ? 'says no place' : `is ${probe}`}`, () => assert.equal(probeOf(section), probe));
