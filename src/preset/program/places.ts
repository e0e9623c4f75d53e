// Where a value is: a base that the program can read, pointers to follow from it, and the type found there.
// resolve.ts walks expressions over places, program.ts turns them into steps. Pure; types come from kernel BTF.
import type {KernelBtf} from '../../native/contract.ts';
import {hintOf, PresetFault} from '../fault.ts';

/** Reads one 64-bit word; the names are enum source of native/bpf/probe.h. */
export interface Base {
  readonly source: string;
  readonly index?: number;
  readonly second?: number;
  readonly size?: number;
  readonly constant?: bigint;
  /** Read so, it is a number to the verifier as well, which allows no arithmetic with pointers that it knows. */
  readonly asNumber?: Base;
  /** A register that is added, shifted left and then right: base + index * scale. */
  readonly plus?: {readonly index: number; readonly left: number; readonly right: number; readonly signed: boolean};
}

/** What the values of an integer type are called: an enum by its BTF id, the names of a tracepoint's own, or true and false. */
export type NamedType =
  | {readonly kind: 'enum'; readonly id: number}
  | {readonly kind: 'names'; readonly names: Readonly<Record<string, string>>}
  | {readonly kind: 'bool' | 'dev' | 'ptr'};

/** A text that is not where a pointer points and up to a NUL: one of a list that a null pointer ends, or all of a command line. */
type TextAt = {readonly kind: 'argument'; readonly number: number} | {readonly kind: 'command'; readonly until: Place};

export type FieldType =
  /** `big`: in the network's byte order. */
  | {readonly kind: 'integer'; readonly size: number; readonly signed: boolean; readonly big?: boolean; readonly named?: NamedType}
  /** Characters in place; size 0: unknown, ended by a NUL. */
  | {readonly kind: 'chars'; readonly size: number}
  /** `to`: BTF id of the pointee, 0 unknown. `texts`: it is the first of several texts, as argv has them. */
  | {
      readonly kind: 'pointer';
      readonly to: number;
      readonly chars: boolean;
      readonly user: boolean;
      readonly texts?: boolean;
      readonly text?: TextAt;
    }
  /** An address of 16 bytes, in place. */
  | {readonly kind: 'address'}
  | {readonly kind: 'aggregate'; readonly id: number};

export interface Place {
  readonly base: Base;
  /** Byte offsets of the pointers followed, in order. */
  readonly hops: readonly number[];
  /** 'value': base and hops give the value itself. 'address': it is at what they give, plus `offset`. */
  readonly form: 'value' | 'address';
  readonly offset: number;
  /** The pointers point to user memory. */
  readonly user: boolean;
  readonly type: FieldType;
  /** How the bytes are read, where that is not as the type says: an int that is cast to i64 has 4. */
  readonly read?: {readonly size: number; readonly signed: boolean};
  /** A null pointer on the way is a 0, and no fault. */
  readonly none?: true;
  /** A bit-field: where its bits are in the `type.size` bytes read. */
  readonly bits?: {readonly shift: number; readonly width: number};
}

export const u64: FieldType = {kind: 'integer', size: 8, signed: false};
export const i64: FieldType = {kind: 'integer', size: 8, signed: true};

/** ARGUMENTS of native/bpf/texts.h */
const longestList = 64;

export const placeOf = (base: Base, type: FieldType = u64, user = false): Place => ({base, hops: [], form: 'value', offset: 0, user, type});

/** Follows typedef, const, volatile, restrict and tags to the type that has a size. */
export function strip(btf: KernelBtf, id: number): number {
  let at = id;
  for (let i = 0; i < 64; i++) {
    const type = btf.type(at);
    if (!['typedef', 'const', 'volatile', 'restrict', 'type_tag', 'var'].includes(type.kind)) return at;
    at = type.type;
  }
  return at;
}

/** The type of a BTF id as a field; structs by value are aggregates. */
export function fieldType(btf: KernelBtf, id: number): FieldType {
  const at = strip(btf, id);
  const type = btf.type(at);
  switch (type.kind) {
    case 'ptr': {
      const pointee = strip(btf, type.type);
      const direct = btf.type(type.type);
      // the kernel's names are `const unsigned char *`; without const, that is any buffer of bytes
      const name = direct.kind === 'const' && btf.type(pointee).name === 'unsigned char';
      return {
        kind: 'pointer',
        to: pointee,
        chars: name || isChar(btf, pointee),
        user: direct.kind === 'type_tag' && direct.name === 'user',
      };
    }
    case 'array':
      return isChar(btf, strip(btf, type.type)) ? {kind: 'chars', size: type.length} : {kind: 'aggregate', id: at};
    case 'struct':
      if (type.name === 'in6_addr') return {kind: 'address'};
      return {kind: 'aggregate', id: at};
    case 'union':
      return {kind: 'aggregate', id: at};
    default:
      return {
        kind: 'integer',
        size: [1, 2, 4, 8].includes(type.size) ? type.size : 8,
        signed: type.signed,
        ...(isBig(btf, id) ? {big: true} : {}),
        ...namedType(btf, id, at),
      };
  }
}

/** A type as C spells it, for people: 'const struct file *', 'char[16]'. */
export function typeName(btf: KernelBtf, id: number, depth = 0): string {
  const type = btf.type(id);
  if (depth > 16) return '…';
  const inner = (): string => typeName(btf, type.type, depth + 1);
  switch (type.kind) {
    case 'void':
      return 'void';
    case 'ptr':
      return `${inner()}${inner().endsWith('*') ? '' : ' '}*`;
    case 'const':
    case 'volatile':
      return inner().endsWith('*') ? `${inner()} ${type.kind}` : `${type.kind} ${inner()}`;
    case 'restrict':
    case 'type_tag':
      return inner();
    case 'array':
      return `${inner()}[${type.length}]`;
    case 'struct':
    case 'union':
    case 'enum':
      return `${type.kind} ${type.name || '(anonymous)'}`;
    case 'enum64':
      return `enum ${type.name || '(anonymous)'}`;
    case 'fwd':
      return `struct ${type.name}`;
    case 'func_proto':
      return 'function';
    default:
      return type.name;
  }
}

function namedType(btf: KernelBtf, id: number, stripped: number): {readonly named?: NamedType} {
  const type = btf.type(stripped);
  if (type.kind === 'enum' || type.kind === 'enum64') return {named: {kind: 'enum', id: stripped}};
  if (type.name === '_Bool' || type.name === 'bool') return {named: {kind: 'bool'}};
  return btf.type(id).kind === 'typedef' && btf.type(id).name === 'dev_t' ? {named: {kind: 'dev'}} : {};
}

/** __be16, __be32 and __be64 are typedefs of plain integers. */
function isBig(btf: KernelBtf, id: number): boolean {
  for (let at = id, i = 0; i < 64; i++) {
    const type = btf.type(at);
    if (type.kind === 'typedef' && /^__be(16|32|64)$/.test(type.name)) return true;
    if (!['typedef', 'const', 'volatile'].includes(type.kind)) return false;
    at = type.type;
  }
  return false;
}

function isChar(btf: KernelBtf, id: number): boolean {
  const type = btf.type(id);
  return type.kind === 'int' && type.size === 1 && (type.char || type.name === 'char');
}

/** The place that a pointer points at, or the aggregate itself: where members are looked for. */
function aggregate(btf: KernelBtf | undefined, place: Place, name: string): {readonly place: Place; readonly id: number} {
  if (place.type.kind === 'aggregate') return {place, id: place.type.id};
  if (place.type.kind !== 'pointer') throw new PresetFault(`'${name}' is looked for in a value that is no struct and no pointer to one`);
  if (btf === undefined) throw new PresetFault(`'${name}' needs the kernel's types, and this kernel has no BTF`);
  if (place.type.to === 0)
    throw new PresetFault(`the type behind the pointer before '.${name}' is not known`, `give it one: (struct NAME)E.${name}`);
  return {place: {...load(place), form: 'address', offset: 0}, id: place.type.to};
}

/** A place whose value is in hand: pointers in memory get one more hop. */
export function load(place: Place): Place {
  if (place.form === 'value') return place;
  return {...place, hops: [...place.hops, place.offset], form: 'value', offset: 0};
}

export function member(btf: KernelBtf | undefined, from: Place, name: string): Place {
  const {place, id} = aggregate(btf, from, name);
  if (btf === undefined) throw new PresetFault(`'${name}' needs the kernel's types, and this kernel has no BTF`);
  const found = findMember(btf, id, name);
  if (found === undefined) {
    const type = btf.type(id);
    const names = memberNames(btf, id);
    throw new PresetFault(`no member '${name}' in struct ${type.name || '(anonymous)'}`, hintOf(name, names));
  }
  const type = fieldType(btf, found.type);
  const size = type.kind === 'integer' ? type.size : 8;
  if (found.bitSize === 0) return {...place, offset: place.offset + found.bitOffset / 8, type};
  const start = Math.floor(found.bitOffset / (size * 8)) * size;
  const shift = found.bitOffset - start * 8;
  if (type.kind !== 'integer' || shift + found.bitSize <= size * 8)
    return {...place, offset: place.offset + start, type, bits: {shift, width: found.bitSize}};
  // a packed one may lie across two units of its type: eight bytes from its first one on hold it
  const first = Math.floor(found.bitOffset / 8);
  return {
    ...place,
    offset: place.offset + first,
    type: {...type, size: 8},
    bits: {shift: found.bitOffset - first * 8, width: found.bitSize},
  };
}

export function element(btf: KernelBtf | undefined, place: Place, index: number): Place {
  if (place.type.kind === 'pointer' && place.type.texts === true) {
    if (index < 0) throw new PresetFault(`[${index}] is before the first`);
    if (index >= longestList) throw new PresetFault(`[${index}] is beyond what can be looked for in a list of texts: ${longestList}`);
    const type = {kind: 'pointer', to: 0, chars: true, user: place.type.user, text: {kind: 'argument', number: index}} as const;
    return {...load(place), form: 'address', offset: index * 8, type};
  }
  // characters in place, as in a tracepoint's record, are bytes whose types nobody need know
  if (place.type.kind === 'chars' && place.form === 'address' && place.type.size > 0) {
    if (index < 0 || index >= place.type.size) throw new PresetFault(`[${index}] is outside an array of ${place.type.size}`);
    return {...place, offset: place.offset + index, type: {kind: 'integer', size: 1, signed: false}};
  }
  if (btf === undefined) throw new PresetFault(`[${index}] needs the kernel's types, and this kernel has no BTF`);
  if (place.type.kind !== 'aggregate' || btf.type(place.type.id).kind !== 'array')
    throw new PresetFault(`[${index}] is applied to what is no array`);
  const array = btf.type(place.type.id);
  // an array of no length, at a struct's end, is as long as was allocated
  if (index < 0 || (array.length > 0 && index >= array.length)) throw new PresetFault(`[${index}] is outside an array of ${array.length}`);
  const type = fieldType(btf, array.type);
  return {...place, offset: place.offset + index * sizeOf(btf, array.type), type};
}

function sizeOf(btf: KernelBtf, id: number): number {
  const at = strip(btf, id);
  const type = btf.type(at);
  if (type.kind === 'ptr') return 8;
  if (type.kind === 'array') return type.length * sizeOf(btf, type.type);
  return type.size;
}

interface Found {
  readonly type: number;
  readonly bitOffset: number;
  readonly bitSize: number;
}

/** A member by name, also in anonymous structs and unions inside. */
function findMember(btf: KernelBtf, id: number, name: string): Found | undefined {
  for (const candidate of btf.type(id).members) {
    if (candidate.name === name) return candidate;
    if (candidate.name !== '') continue;
    const inner = findMember(btf, strip(btf, candidate.type), name);
    if (inner !== undefined) return {...inner, bitOffset: inner.bitOffset + candidate.bitOffset};
  }
  return undefined;
}

function memberNames(btf: KernelBtf, id: number): string[] {
  return btf.type(id).members.flatMap((each) => (each.name === '' ? memberNames(btf, strip(btf, each.type)) : [each.name]));
}
