// Members of a map's key and value, found by their names in the types that its BTF gives. Pure.
import {safeString} from '../../decode/safe-text.ts';
import type {MapShape, TypeShape} from '../../native/contract.ts';
import {hintOf, PresetFault} from '../fault.ts';

/** One place in a key or value that can be shown. */
export interface Member {
  /** As a preset spells it: 'key.comm', 'value.slots', 'value'. */
  readonly path: string;
  readonly of: 'key' | 'value';
  readonly type: TypeShape;
  readonly bitOffset: number;
  /** Of a bit-field: less than the type has. */
  readonly bits: number;
  /** Lies where another one lies, in a union. */
  readonly overlaps: boolean;
}

/** Kernel structs that guard or schedule, in a value only for the kernel's sake. */
const machinery = new Set([
  'bpf_spin_lock',
  'bpf_timer',
  'bpf_wq',
  'bpf_list_head',
  'bpf_list_node',
  'bpf_rb_root',
  'bpf_rb_node',
  'bpf_refcount',
]);

const root = (map: MapShape, of: 'key' | 'value'): Member => {
  const size = of === 'key' ? map.keySize : map.valueSize;
  const given = map[of];
  // what has no type is shown as the bytes it has
  const type: TypeShape = given !== undefined && given.size === size ? given : bytesOf(size);
  return {path: of, of, type, bitOffset: 0, bits: size * 8, overlaps: false};
};

function bytesOf(size: number): TypeShape {
  const word = [8, 4, 2, 1].find((each) => size % each === 0) ?? 1;
  const element: TypeShape = {kind: 'int', size: word, signed: false};
  return size === word ? element : {kind: 'array', size, length: size / word, element};
}

/** The members one level below, those of anonymous structs among them. */
function below(member: Member): readonly Member[] {
  const {type} = member;
  if (type.kind === 'array') {
    const size = type.length === 0 ? 0 : type.size / type.length;
    return Array.from({length: Math.min(type.length, 4096)}, (_, i) => ({
      ...member,
      path: `${member.path}[${i}]`,
      type: type.element,
      bitOffset: member.bitOffset + i * size * 8,
      bits: size * 8,
    }));
  }
  if (type.kind !== 'struct' && type.kind !== 'union') return [];
  return type.members.flatMap((each, i) => {
    const found: Member = {
      path: `${member.path}.${each.name}`,
      of: member.of,
      type: each.type,
      bitOffset: member.bitOffset + each.bitOffset,
      bits: each.bits ?? each.type.size * 8,
      overlaps: member.overlaps || (type.kind === 'union' && i > 0),
    };
    return each.name === '' ? below({...found, path: member.path}) : [found];
  });
}

/** Every member that can be shown, those of nested structs by their path. */
export function membersOf(map: MapShape, of: 'key' | 'value'): readonly Member[] {
  const walk = (member: Member, depth: number): readonly Member[] => {
    const {type} = member;
    if (depth > 16) return [];
    if (type.kind !== 'struct' && type.kind !== 'union') return type.kind === 'other' ? [] : [member];
    if (machinery.has(type.name)) return [];
    return below(member).flatMap((each) => walk(each, depth + 1));
  };
  return walk(root(map, of), 0);
}

/** @throws PresetFault that says what there is, nearest first */
export function memberOf(map: MapShape, path: string): Member {
  const [, of, rest] = /^(key|value)(?=$|[.[])(.*)$/s.exec(path) ?? [];
  const missing = (): PresetFault => {
    const all = [...membersOf(map, 'key'), ...membersOf(map, 'value')];
    const names = all.map((member) => member.path);
    return new PresetFault(`map '${map.name}' has no '${path}'`, hintOf(path, names));
  };
  if (of !== 'key' && of !== 'value') throw missing();
  let at = root(map, of);
  for (const part of (rest ?? '').match(/\.[^.[\]]+|\[\d+\]|./gs) ?? []) {
    const found = below(at).find((member) => member.path === `${at.path}${part}`);
    if (found === undefined) throw missing();
    at = found;
  }
  return at;
}

type MemberKind = 'integer' | 'text' | 'integers' | 'none';

export function kindOf({type}: Member): MemberKind {
  switch (type.kind) {
    case 'int':
    case 'enum':
    case 'pointer':
      return type.size <= 8 && type.size > 0 ? 'integer' : 'none';
    case 'array': {
      const {element} = type;
      if (element.kind === 'int' && element.char === true) return 'text';
      return (element.kind === 'int' || element.kind === 'enum') && element.size <= 8 && type.length > 0 ? 'integers' : 'none';
    }
    default:
      return 'none';
  }
}

/** What it is, in words. */
export function saysOf(member: Member): string {
  const {type} = member;
  switch (type.kind) {
    case 'int':
      return type.size <= 8 ? 'an integer' : `an integer of ${type.size} bytes`;
    case 'enum':
      return `an enum${type.name === '' ? '' : ` ${type.name}`}`;
    case 'pointer':
      return 'a pointer';
    case 'array':
      return kindOf(member) === 'text' ? 'a text' : `an array of ${type.length}`;
    case 'struct':
    case 'union':
      return `a ${type.kind}${type.name === '' ? '' : ` ${type.name}`}`;
    case 'other':
      return type.name === '' ? 'of a type that cannot be shown' : type.name;
  }
}

export const isSigned = ({type}: Member): boolean => (type.kind === 'int' || type.kind === 'enum') && type.signed;

/** 'count' of 'value.nested.count', 'value' of 'value', 'slots' of 'value.slots[2]'; safe to print, as others wrote it. */
export const nameOf = ({path}: Member): string => {
  const last = path.split('.').at(-1) ?? path;
  return safeString(last.replace(/\[(\d+)\]/g, '$1'));
};
