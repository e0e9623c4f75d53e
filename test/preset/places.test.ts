// Where members are, by a literal BTF with the shapes that C compilers make of structs.
import assert from 'node:assert/strict';
import test from 'node:test';
import type {BtfType, KernelBtf} from '../../src/native/contract.ts';
import {PresetFault} from '../../src/preset/fault.ts';
import {element, fieldType, member, type Place, placeOf} from '../../src/preset/program/places.ts';

const blank: BtfType = {kind: 'void', name: '', size: 0, type: 0, signed: false, char: false, length: 0, members: [], values: []};
const at = (name: string, type: number, bitOffset: number, bitSize = 0) => ({name, type, bitOffset, bitSize});
/** By id. */
const types: readonly Partial<BtfType>[] = [
  {},
  {kind: 'int', name: 'unsigned int', size: 4},
  {kind: 'int', name: 'int', size: 4, signed: true},
  {kind: 'int', name: 'char', size: 1, char: true},
  {kind: 'int', name: '_Bool', size: 1},
  {kind: 'int', name: 'short unsigned int', size: 2},
  {kind: 'typedef', name: '__be16', type: 5}, // 6
  {kind: 'enum', name: 'state', size: 4, values: [{name: 'OFF', value: 0}]},
  {kind: 'array', type: 1, length: 3}, // 8: u32[3]
  {kind: 'array', type: 8, length: 2}, // 9: u32[2][3]
  {kind: 'array', type: 3, length: 16}, // 10: char[16]
  {kind: 'array', type: 2, length: 0}, // 11: int[]
  {kind: 'union', size: 8, members: [at('id', 1, 0), at('', 13, 0)]}, // 12: anonymous
  {kind: 'struct', size: 8, members: [at('low', 5, 0), at('high', 5, 16), at('deep', 2, 32)]}, // 13: anonymous
  {
    kind: 'struct', // 14
    name: 'thing',
    size: 128,
    members: [
      at('first', 1, 0, 3),
      at('second', 1, 3, 29),
      at('sign', 2, 32, 5),
      at('flag', 4, 40, 1),
      at('across', 1, 84, 20),
      at('', 12, 128),
      at('state', 7, 192),
      at('port', 6, 224),
      at('grid', 9, 256),
      at('name', 10, 448),
      at('next', 15, 576),
      at('things', 16, 640),
      at('rest', 11, 1024),
      at('mode', 7, 96, 2),
    ],
  },
  {kind: 'ptr', type: 14}, // 15
  {kind: 'array', type: 17, length: 2}, // 16: struct inner[2]
  {kind: 'struct', name: 'inner', size: 16, members: [at('a', 2, 0), at('b', 15, 64)]}, // 17
  {kind: 'const', type: 18 + 1}, // 18
  {kind: 'typedef', name: 'thing_t', type: 14}, // 19
];
const btf: KernelBtf = {
  find: (kind, name) => types.findIndex((type) => type.kind === kind && type.name === name),
  type: (id) => ({...blank, ...types[id]}),
  functions: () => [],
};
const thing: Place = placeOf({source: 'SOURCE_CONTEXT64', index: 0}, {kind: 'pointer', to: 14, chars: false, user: false});

type Expected = Partial<Pick<Place, 'hops' | 'offset' | 'bits'>> & {readonly type?: Readonly<Record<string, unknown>>};
const cases: readonly (readonly [what: string, place: () => Place, expected: Expected])[] = [
  ['a bit-field at the start of its unit', () => member(btf, thing, 'first'), {offset: 0, bits: {shift: 0, width: 3}}],
  ['a bit-field behind another one', () => member(btf, thing, 'second'), {offset: 0, bits: {shift: 3, width: 29}}],
  ['a signed bit-field', () => member(btf, thing, 'sign'), {offset: 4, bits: {shift: 0, width: 5}, type: {signed: true}}],
  ['a flag in a byte', () => member(btf, thing, 'flag'), {offset: 5, bits: {shift: 0, width: 1}, type: {named: {kind: 'bool'}}}],
  ['a packed bit-field across two units', () => member(btf, thing, 'across'), {offset: 10, bits: {shift: 4, width: 20}, type: {size: 8}}],
  [
    'a bit-field of an enum',
    () => member(btf, thing, 'mode'),
    {offset: 12, bits: {shift: 0, width: 2}, type: {named: {kind: 'enum', id: 7}}},
  ],
  ['a member of an anonymous union', () => member(btf, thing, 'id'), {offset: 16, type: {size: 4}}],
  ['a member of a struct in it', () => member(btf, thing, 'high'), {offset: 18, type: {size: 2}}],
  ['the last one there', () => member(btf, thing, 'deep'), {offset: 20, type: {signed: true}}],
  ['an enum', () => member(btf, thing, 'state'), {offset: 24, type: {named: {kind: 'enum', id: 7}}}],
  ['a number in the network’s order', () => member(btf, thing, 'port'), {offset: 28, type: {big: true, size: 2}}],
  [
    'an element of an array of arrays',
    () => element(btf, element(btf, member(btf, thing, 'grid'), 1), 2),
    {offset: 32 + 12 + 8, type: {size: 4}},
  ],
  ['a text in place', () => member(btf, thing, 'name'), {offset: 56, type: {kind: 'chars', size: 16}}],
  ['a member behind a pointer', () => member(btf, member(btf, thing, 'next'), 'state'), {hops: [72], offset: 24}],
  ['two pointers on', () => member(btf, member(btf, member(btf, thing, 'next'), 'next'), 'id'), {hops: [72, 72], offset: 16}],
  ['a member of an element', () => member(btf, element(btf, member(btf, thing, 'things'), 1), 'a'), {offset: 96}],
  [
    'behind a pointer in an element',
    () => member(btf, member(btf, element(btf, member(btf, thing, 'things'), 1), 'b'), 'first'),
    {hops: [104], offset: 0, bits: {shift: 0, width: 3}},
  ],
  ['an element of an array without a length', () => element(btf, member(btf, thing, 'rest'), 4), {offset: 128 + 16}],
];
for (const [what, place, expected] of cases)
  test(`${what} is found`, () => {
    const {type, ...rest} = expected;
    const found = place();
    assert.deepEqual(
      {hops: found.hops, offset: found.offset, ...(found.bits === undefined ? {} : {bits: found.bits})},
      {hops: [], offset: 0, ...rest},
    );
    for (const [name, value] of Object.entries(type ?? {}))
      assert.deepEqual((found.type as unknown as Record<string, unknown>)[name], value, name);
  });

test('a type behind typedef and const is the type itself', () => {
  assert.deepEqual(fieldType(btf, 18), {kind: 'aggregate', id: 14});
});

const faults: readonly (readonly [what: string, place: () => Place, message: RegExp])[] = [
  ['a member that is not there', () => member(btf, thing, 'frist'), /no member 'frist' in struct thing/],
  ['an element outside', () => element(btf, member(btf, thing, 'grid'), 2), /\[2\] is outside an array of 2/],
  ['an element of what is no array', () => element(btf, member(btf, thing, 'state'), 0), /is applied to what is no array/],
  ['a member of a number', () => member(btf, member(btf, thing, 'state'), 'x'), /no struct and no pointer to one/],
];
for (const [what, place, message] of faults)
  test(`${what} is a fault that says so`, () => {
    assert.throws(place, (error) => error instanceof PresetFault && message.test(error.message));
  });
