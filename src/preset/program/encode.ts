// Puts values by name into the bytes of a C global, by the layout that the object's BTF gives. The only code that
// writes offsets, and it is told them.
import {treeId} from '../expr-parts.ts';
import type {GlobalShape, TypeShape} from '../../native/contract.ts';

/** An enumerator's name, an integer, an array, or members by name. What is left out is zero. */
export type Value = string | number | bigint | boolean | readonly Value[] | {readonly [member: string]: Value | undefined};

export function encodeGlobal(global: GlobalShape, value: Value): Uint8Array {
  const bytes = new Uint8Array(global.size);
  write(new DataView(bytes.buffer), 0, global.type, value, global.name);
  return bytes;
}

function write(view: DataView, offset: number, type: TypeShape, value: Value, path: string): void {
  switch (type.kind) {
    case 'int':
      if (typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'boolean') throw misfit(path, type, value);
      return writeInteger(view, offset, type.size, BigInt(value));
    case 'enum': {
      const number = typeof value === 'string' ? type.values[value] : value;
      if (typeof number !== 'number') throw misfit(path, type, value);
      return writeInteger(view, offset, type.size, BigInt(number));
    }
    case 'array': {
      if (!isList(value) || value.length > type.length) throw misfit(path, type, value);
      const size = type.size / type.length;
      return value.forEach((each, i) => write(view, offset + i * size, type.element, each, `${path}[${i}]`));
    }
    case 'struct':
    case 'union': {
      if (typeof value !== 'object' || isList(value)) throw misfit(path, type, value);
      for (const [name, each] of Object.entries(value)) {
        const member = type.members.find((candidate) => candidate.name === name);
        if (member === undefined) throw new Error(`${path} has no member '${name}'`);
        if (each !== undefined) write(view, offset + member.bitOffset / 8, member.type, each, `${path}.${name}`);
      }
      return;
    }
    case 'pointer':
    case 'other':
      throw misfit(path, type, value);
  }
}

function writeInteger(view: DataView, offset: number, size: number, value: bigint): void {
  const bits = BigInt.asUintN(size * 8, value);
  for (let i = 0; i < size; i++) view.setUint8(offset + i, Number((bits >> BigInt(8 * i)) & 0xffn));
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

const misfit = (path: string, type: TypeShape, value: Value): Error =>
  new Error(`${path} is ${type.kind === 'array' ? `an array of ${type.length}` : type.kind}, and does not take ${treeId(value)}`);

/** How many elements the array `path` ('config.late') of a global has. */
export function lengthOf(global: GlobalShape, member: string): number {
  const type = memberType(global, member);
  if (type.kind !== 'array') throw new Error(`${global.name}.${member} is no array`);
  return type.length;
}

function memberType(global: GlobalShape, member: string): TypeShape {
  const found = global.type.kind === 'struct' ? global.type.members.find((each) => each.name === member) : undefined;
  if (found === undefined) throw new Error(`${global.name} has no member '${member}'`);
  return found.type;
}
