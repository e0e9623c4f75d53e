// Kernel functions: which a wildcard probes, which it leaves out and why, and what is refused by name.
import assert from 'node:assert/strict';
import test from 'node:test';
import type {BtfType, KernelBtf} from '../../src/native/contract.ts';
import {PresetFault} from '../../src/preset/fault.ts';
import type {Machine} from '../../src/preset/machine.ts';
import {type LeftOut, matcher} from '../../src/preset/points/point.ts';
import {pointsOf} from '../../src/preset/probes.ts';
import {whyUnsafe} from '../../src/preset/points/unsafe-functions.ts';

const empty: BtfType = {kind: 'void', name: '', size: 0, type: 0, signed: false, char: false, length: 0, members: [], values: []};
const parameter = (name: string, type: number) => ({name, type, bitOffset: 0, bitSize: 0});
/** 1: int, 2: struct, then a function and its prototype for each of `functions`. */
const prototypes: Readonly<Record<string, readonly number[]>> = {
  vfs_read: [1, 1],
  vfs_struct: [1, 2, 1],
  vfs_printf: [1, 0],
  vfs_many: [1, 1, 1, 1, 1, 1, 1],
  vfs_twice: [1],
  vfs_barred: [1],
};
const names = Object.keys(prototypes);
const types: readonly BtfType[] = [
  empty,
  {...empty, kind: 'int', name: 'int', size: 4, signed: true},
  {...empty, kind: 'struct', name: 'pair', size: 16},
  ...names.map((name, i): BtfType => ({...empty, kind: 'func', name, type: 3 + names.length + i})),
  ...names.map(
    (name): BtfType => ({
      ...empty,
      kind: 'func_proto',
      type: 1,
      members: (prototypes[name] ?? []).map((type, i) => parameter(`a${i}`, type)),
    }),
  ),
];
const btf: KernelBtf = {
  find: (kind, name) =>
    Math.max(
      0,
      types.findIndex((type) => type.kind === kind && type.name === name),
    ),
  type: (id) => types[id] ?? empty,
  functions: () => names,
};
const machine = {
  architecture: 'x64',
  whyNot: () => undefined,
  btf: () => btf,
  kernelFunctions: () => [...names, 'partly_traced', 'vfs_unknown', '_raw_spin_lock', 'bpf_prog_load'],
  functionPlaces: (name: string) =>
    name === 'vfs_twice'
      ? [{address: 16n}, {address: 32n, module: 'ext4'}]
      : name === 'partly_traced'
        ? [{address: 48n, untraced: true}, {address: 80n}]
        : [{address: name === 'do_notrace' ? 1n : 64n}],
  kprobeBlacklist: () => new Set(['vfs_barred']),
} as unknown as Machine;

function found(probe: string) {
  const leftOut: LeftOut[] = [];
  const points = pointsOf(probe, machine, {allowGoUretprobe: false, leaveOut: (left) => leftOut.push(left)});
  return {points: points.map((point) => point.probe), leftOut, first: points[0]};
}

const fault = (probe: string): string => {
  try {
    found(probe);
    return '';
  } catch (error) {
    assert.ok(error instanceof PresetFault);
    return error.message;
  }
};

test('a wildcard of kprobes leaves out what the kernel bars, and takes each of several functions of a name by its address', () => {
  const {points, leftOut} = found('kprobe:vfs_*');
  assert.deepEqual(points, [
    'kprobe:vfs_read',
    'kprobe:vfs_struct',
    'kprobe:vfs_printf',
    'kprobe:vfs_many',
    'kprobe:vfs_twice at 0x10',
    'kprobe:vfs_twice at 0x20',
    'kprobe:vfs_unknown',
  ]);
  assert.deepEqual(leftOut, [{name: 'vfs_barred', reason: 'the kernel allows no kprobe in it'}]);
});

test('a wildcard of trampolines leaves out what a trampoline cannot pass on, and says why', () => {
  const {points, leftOut} = found('fentry:vfs_*');
  assert.deepEqual(points, ['fentry:vfs_read', 'fentry:vfs_barred']);
  assert.deepEqual(leftOut, [
    {name: 'vfs_struct', reason: 'it takes a struct by value'},
    {name: 'vfs_printf', reason: 'it takes any number of arguments'},
    {name: 'vfs_many', reason: 'it has more than 6 arguments'},
    {name: 'vfs_twice', reason: '2 kernel functions have this name, and a trampoline cannot tell them apart'},
    {name: 'vfs_unknown', reason: "the kernel's BTF does not know it"},
  ]);
});

const refused: readonly (readonly [probe: string, message: RegExp])[] = [
  ['kprobe:vfs_barred', /^'vfs_barred' cannot be probed by kprobe: the kernel allows no kprobe in it$/],
  ['fentry:vfs_struct', /^'vfs_struct' cannot be probed by fentry: it takes a struct by value$/],
  ['kprobe:_raw_spin_lock', /BPF maps take this lock/],
  ['kprobe:_raw_*', /^none of the 1 functions that match '_raw_\*' can be probed by kprobe: BPF maps/],
  ['kprobe:do_notrace', /is there, and cannot be probed: it is marked notrace/],
  ['kprobe:vfs_*+4', /an offset and a wildcard/],
  ['kretprobe:vfs_read+4', /a return has none/],
];
for (const [probe, message] of refused) test(`${probe} is refused with its reason`, () => assert.match(fault(probe), message));

test('what is only inexact is probed when it is asked for by its name, and left out of wildcards', () => {
  assert.deepEqual(found('kprobe:bpf_prog_load').points, ['kprobe:bpf_prog_load']);
  assert.match(fault('kprobe:bpf_prog_*'), /BPF programs run through it themselves/);
});

test('arguments behind a struct by value, of an ambiguous name, or inside a function have no names', () => {
  const context = (probe: string) => found(probe).first?.context;
  assert.equal(context('kprobe:vfs_struct')?.named('a0').base.index, 14);
  assert.throws(() => context('kprobe:vfs_struct')?.named('a2'), {message: /args.a2 cannot be read/, hint: /'a1' is a struct by value/});
  assert.throws(() => context('kprobe:vfs_twice')?.named('a0'), {hint: /several kernel functions have this name/});
  assert.throws(() => context('kprobe:vfs_read+4')?.named('a0'), {hint: /at the entry only/});
  assert.equal(context('kprobe:vfs_read+4')?.argument(0).base.index, 14);
});

const safety: readonly (readonly [name: string, byName: boolean, unsafe: boolean])[] = [
  ['vfs_read', false, false],
  ['do_nmi', true, true],
  ['queued_spin_lock_slowpath', true, true],
  ['__pv_queued_spin_lock_slowpath', true, true],
  ['__htab_map_lookup_elem', false, true],
  ['htab_map_update_elem', true, false],
  ['trace_call_bpf', false, true],
  ['tcp_sendmsg', false, false],
  ['do_sys_openat2', false, false],
  ['submit_bio_noacct', false, false],
  ['_printk', false, true],
];
for (const [name, byName, unsafe] of safety)
  test(`${name} ${unsafe ? 'is not' : 'is'} probed ${byName ? 'by name' : 'by a wildcard'}`, () =>
    assert.equal(whyUnsafe(name, byName) !== undefined, unsafe));

test('of functions that share a name, one that is marked notrace has no probe', () => {
  assert.deepEqual(found('kprobe:partly_traced').points, ['kprobe:partly_traced at 0x50']);
});

const matches: readonly (readonly [pattern: string, name: string, does: boolean])[] = [
  ['vfs_*', 'vfs_read', true],
  ['*_read', 'vfs_read', true],
  ['*', '', true],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['a*b*c', 'abxbc', true],
  ['a*bc*c', 'abc', false],
  ['*b*b*', 'abba', true],
  ['*b*b*b*', 'abba', false],
  ['a.c*', 'abcd', false],
  [`${'*'.repeat(400)}x`, 'sys_enter'.repeat(10), false],
  [`${'*e'.repeat(40)}x`, 'sys_enter'.repeat(10), false],
];
for (const [pattern, name, does] of matches)
  test(`'${pattern.slice(0, 20)}' ${does ? 'matches' : 'does not match'} '${name.slice(0, 20)}', and says so at once`, () =>
    assert.equal(matcher(pattern)(name), does));
