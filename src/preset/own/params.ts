// `params`: values for the global variables of a program of one's own, checked against their types. Pure.
import type {GlobalShape, ObjectShape, TypeShape} from '../../native/contract.ts';
import {encodeGlobal} from '../program/encode.ts';
import {type Fault, faultAt, hintOf, PresetFault} from '../fault.ts';
import type {Param} from './own.ts';

export function paramBytes(
  object: ObjectShape,
  params: Readonly<Record<string, Param>>,
): {readonly globals: Readonly<Record<string, Uint8Array>>; readonly faults: readonly Fault[]} {
  const globals: Record<string, Uint8Array> = {};
  const faults: Fault[] = [];
  for (const [name, value] of Object.entries(params)) {
    try {
      const global = object.globals.find((each) => each.name === name);
      if (global === undefined) throw unknownParam(name, object);
      globals[name] = bytesOf(global, value);
    } catch (error) {
      if (!(error instanceof PresetFault)) throw error;
      faults.push(faultAt(`/params/${name}`, error));
    }
  }
  return {globals, faults};
}

function unknownParam(name: string, {globals}: ObjectShape): PresetFault {
  // what a preset sets is, as a rule, const volatile: those first
  const all = [...globals].sort((a, b) => Number(isConstant(b)) - Number(isConstant(a))).map((each) => each.name);
  return new PresetFault(
    `the program has no global variable '${name}'`,
    hintOf(name, all) || 'it has none at all: const volatile int min_us = 0;',
  );
}

const isConstant = ({section}: GlobalShape): boolean => section.startsWith('.rodata');

function bytesOf(global: GlobalShape, value: Param): Uint8Array {
  const {name, type} = global;
  switch (type.kind) {
    case 'int':
      return type.bool === true ? encodeGlobal(global, truthOf(name, value)) : encodeGlobal(global, integerOf(name, type, value));
    case 'enum':
      if (typeof value === 'string' && !/^-?\d/.test(value)) {
        if (Object.hasOwn(type.values, value)) return encodeGlobal(global, type.values[value] ?? 0);
        throw new PresetFault(`'${name}' is an enum without '${value}'`, hintOf(value, Object.keys(type.values)));
      }
      return encodeGlobal({...global, type: {kind: 'int', size: type.size, signed: type.signed}}, integerOf(name, type, value));
    case 'array':
      if (type.element.kind === 'int' && type.element.size === 1 && typeof value === 'string') return textOf(name, type.length, value);
      break;
    default:
      break;
  }
  throw new PresetFault(`'${name}' is ${saysType(type)}, which ${JSON.stringify(value)} cannot be`);
}

function truthOf(name: string, value: Param): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value === 0 || value === 1) return value;
  throw new PresetFault(`'${name}' is a bool: true or false, not ${JSON.stringify(value)}`);
}

/** Past 2^53 a number is no longer itself: a text then, decimal or 0x. */
function integerOf(name: string, {size, signed}: {readonly size: number; readonly signed: boolean}, value: Param): bigint {
  const says = `'${name}' is an integer of ${size * 8} bits${signed ? '' : ', unsigned'}`;
  if (typeof value === 'boolean') throw new PresetFault(`${says}, not ${value}`);
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new PresetFault(`${says}, not ${value}`, Number.isInteger(value) ? `as a text: "${BigInt(value)}"` : 'a whole number');
  if (typeof value === 'string' && !/^(-?\d+|0x[0-9a-f]+)$/i.test(value)) throw new PresetFault(`${says}, not '${value}'`);
  const number = BigInt(value);
  const bits = BigInt(size * 8);
  const [least, most] = signed ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
  if (number < least || number > most) throw new PresetFault(`${says}: from ${least} to ${most}, not ${number}`);
  return number;
}

function textOf(name: string, length: number, value: string): Uint8Array {
  const text = new TextEncoder().encode(value);
  if (text.length >= length) throw new PresetFault(`'${name}' holds ${length - 1} bytes of text, and '${value}' has ${text.length}`);
  const bytes = new Uint8Array(length);
  bytes.set(text);
  return bytes;
}

const saysType = (type: TypeShape): string => (type.kind === 'array' ? `an array of ${type.length}` : `a ${type.kind}`);
