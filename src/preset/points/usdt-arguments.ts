// Arguments of a static probe: from the operands that an assembler wrote ('-4@%edi 8@-8(%rbp) 4@$5') to places that the
// program can read. Pure. Forms: sys/sdt.h over the operands of gas for x86-64 and arm64.
import type {Architecture} from '../machine.ts';
import {type Base, type Place, placeOf} from '../program/places.ts';

export type Argument = {readonly size: number; readonly signed: boolean} & (
  | {readonly place: Place}
  /** Why it cannot be read. */
  | {readonly unreadable: string}
);

/** What an operand may refer to besides registers. */
interface Surroundings {
  readonly architecture: Architecture;
  /** Of the probe's instruction, in the file's own addresses, as those of symbols. */
  readonly address: number;
  /** The file runs at its own addresses. */
  readonly fixed: boolean;
  readonly symbols: Readonly<Record<string, readonly number[]>>;
}

/** An operand that cannot be read, with the reason. Never leaves this file. */
class Unreadable extends Error {}
const cannot = (why: string): never => {
  throw new Unreadable(why);
};

export function parseArguments(text: string, around: Surroundings): readonly Argument[] {
  // operands of arm64 have spaces in them
  return text.trim() === ''
    ? []
    : text
        .trim()
        .split(/\s+(?=-?\d+f?@)/)
        .map((each) => parseArgument(each, around));
}

function parseArgument(text: string, around: Surroundings): Argument {
  const {sign, size: digits, float, operand} = /^(?<sign>-?)(?<size>\d+)(?<float>f?)@(?<operand>.+)$/.exec(text)?.groups ?? {};
  const type = {size: Number(digits ?? 8), signed: sign === '-'};
  if (operand === undefined) return {...type, unreadable: `its description '${text}' is of no known form`};
  if (float === 'f') return {...type, unreadable: 'it is a floating-point number'};
  if (![1, 2, 4, 8].includes(type.size)) return {...type, unreadable: `it has ${type.size} bytes`};
  try {
    const place = (around.architecture === 'x64' ? x64 : arm64)(operand.trim(), type, around);
    return {...type, place: {...place, type: {kind: 'integer', ...type}, user: true}};
  } catch (error) {
    if (error instanceof Unreadable) return {...type, unreadable: error.message};
    throw error;
  }
}

type Type = {readonly size: number; readonly signed: boolean};

function constant(value: bigint, {size, signed}: Type): Place {
  return placeOf({source: 'SOURCE_CONSTANT', constant: BigInt.asUintN(signed ? 64 : size * 8, value)});
}

function memory(base: Base, displacement: number): Place {
  // offsets of pointers are 32 bits wide in the program's table
  if (displacement !== (displacement | 0)) return cannot(`its offset ${displacement} is too great`);
  return {...placeOf(base), hops: [displacement]};
}

const register = (index: number): Base => ({source: 'SOURCE_CONTEXT64', index});

/** Words of the kernel's pt_regs. */
const x64Words = ['r15', 'r14', 'r13', 'r12', 'bp', 'bx', 'r11', 'r10', 'r9', 'r8', 'ax', 'cx', 'dx', 'si', 'di', '', 'ip', '', '', 'sp'];
const x64Float = /^(xmm|ymm|zmm|mm|st|k)\d*/;

/** A register by any of its names: the word it is in, its bits, and how far up in the word they begin. */
function x64Register(name: string): {readonly word: number; readonly bits: number; readonly shift: number} {
  const numbered = /^(r(?:8|9|1[0-5]))([dwbl]?)$/.exec(name);
  if (numbered !== null) {
    const bits = {d: 32, w: 16, b: 8, l: 8}[numbered[2] ?? ''] ?? 64;
    return {word: x64Words.indexOf(numbered[1] ?? ''), bits, shift: 0};
  }
  const byte = /^([abcd])([lh])$/.exec(name);
  if (byte !== null) return {word: x64Words.indexOf(`${byte[1]}x`), bits: 8, shift: byte[2] === 'h' ? 8 : 0};
  const low = /^(si|di|bp|sp)l$/.exec(name);
  if (low !== null) return {word: x64Words.indexOf(low[1] ?? ''), bits: 8, shift: 0};
  const wide = /^([re]?)([abcd]x|si|di|bp|sp|ip)$/.exec(name);
  if (wide !== null) return {word: x64Words.indexOf(wide[2] ?? ''), bits: {r: 64, e: 32}[wide[1] ?? ''] ?? 16, shift: 0};
  if (x64Float.test(name)) return cannot(`it is in register %${name}, which probes do not see`);
  return cannot(`register %${name} is not known`);
}

function x64Address(name: string): number {
  const {word, bits} = x64Register(name);
  return bits === 64 ? word : cannot(`its address is in the 32-bit register %${name}`);
}

function x64(operand: string, type: Type, around: Surroundings): Place {
  if (operand.startsWith('$')) {
    const {number, symbol} = sum(operand.slice(1), around);
    if (symbol !== undefined && !around.fixed) return cannot(`it is the address of '${symbol}' in a file that is loaded anywhere`);
    return constant(number, type);
  }
  const bare = /^%(\w+)$/.exec(operand);
  if (bare !== null) {
    const {word, bits, shift} = x64Register(bare[1] ?? '');
    const place = placeOf(register(word));
    if (shift > 0) return {...place, bits: {shift, width: 8}};
    return bits < type.size * 8 ? {...place, read: {size: bits / 8, signed: type.signed}} : place;
  }
  if (operand.includes(':')) return cannot(`it is in the thread's own memory (${operand})`);
  const {displacement, base, index, scale} =
    /^(?<displacement>[^(]*)(\((%(?<base>\w+))?(,\s*%(?<index>\w+)(,\s*(?<scale>[1248]))?)?\))?$/.exec(operand)?.groups ?? {};
  if (displacement === undefined) return cannot(`its operand '${operand}' is of no known form`);
  const {number, symbol} = sum(displacement, around);
  const offset = Number(number);
  if (base === 'rip') return memory(register(x64Words.indexOf('ip')), symbol === undefined ? offset : offset - around.address);
  if (symbol !== undefined && !around.fixed) return cannot(`it is at the address of '${symbol}' in a file that is loaded anywhere`);
  const scaled = index === undefined ? undefined : {index: x64Address(index), left: Math.log2(Number(scale ?? 1)), right: 0, signed: false};
  if (base === undefined && scaled === undefined) return {...placeOf({source: 'SOURCE_CONSTANT', constant: number}), hops: [0]};
  const start: Base = base === undefined ? {source: 'SOURCE_CONSTANT', constant: 0n} : register(x64Address(base));
  return memory(scaled === undefined ? start : {...start, plus: scaled}, offset);
}

/** '40+CheckpointStats', '-8', 'table', '': numbers and at most one symbol, by its address. */
function sum(text: string, around: Surroundings): {readonly number: bigint; readonly symbol?: string} {
  let number = 0n;
  let symbol: string | undefined;
  let rest = text.trim();
  while (rest !== '') {
    const [whole, sign, term = ''] = /^([+-]?)\s*([\w.$]+)\s*/.exec(rest) ?? cannot(`its operand '${text}' is of no known form`);
    rest = rest.slice(whole.length);
    if (/^(0x[0-9a-fA-F]+|\d+)$/.test(term)) {
      number += sign === '-' ? -BigInt(term) : BigInt(term);
      continue;
    }
    if (symbol !== undefined || sign === '-') return cannot(`its operand '${text}' is of no known form`);
    symbol = term;
    const addresses = Object.hasOwn(around.symbols, term) ? (around.symbols[term] ?? []) : [];
    const [address] = addresses;
    if (address === undefined) return cannot(`it is at the symbol '${term}', which the file does not name (stripped?)`);
    if (addresses.length > 1) return cannot(`it is at the symbol '${term}', and the file has ${addresses.length} of that name`);
    number += BigInt(address);
  }
  return {number, ...(symbol === undefined ? {} : {symbol})};
}

function arm64Register(name: string): {readonly word: number; readonly bits: number} {
  if (name === 'sp') return {word: 31, bits: 64};
  const numbered = /^([xw])(\d|[12]\d|30)$/.exec(name);
  if (numbered !== null) return {word: Number(numbered[2]), bits: numbered[1] === 'x' ? 64 : 32};
  if (/^[vqdshb]\d+$/.test(name)) return cannot(`it is in register ${name}, which probes do not see`);
  return cannot(`its operand '${name}' is of no known form`);
}

function arm64(operand: string, type: Type): Place {
  if (/^#?-?(0x[0-9a-fA-F]+|\d+)$/.test(operand)) return constant(signedBigInt(operand.replace('#', '')), type);
  if (/^[xw]zr$/.test(operand)) return constant(0n, type);
  if (!operand.startsWith('[')) {
    const {word, bits} = arm64Register(operand);
    return bits < type.size * 8 ? {...placeOf(register(word)), read: {size: bits / 8, signed: type.signed}} : placeOf(register(word));
  }
  const {base, offset, index, extend, by} =
    /^\[(?<base>\w+)(,\s*(#?(?<offset>-?(0x[0-9a-fA-F]+|\d+))|(?<index>[xw]\d+)(,\s*(?<extend>lsl|[us]xt[wx])(\s*#?(?<by>[0-4]))?)?))?\]$/.exec(
      operand,
    )?.groups ?? {};
  if (base === undefined) return cannot(`its operand '${operand}' is of no known form`);
  const from = arm64Register(base);
  if (from.bits !== 64) return cannot(`its address is in the 32-bit register ${base}`);
  if (index === undefined) return memory(register(from.word), Number(signedBigInt(offset ?? '0')));
  const {word, bits} = arm64Register(index);
  const shift = Number(by ?? 0);
  const [left, right] = bits === 32 ? [32, 32 - shift] : [shift, 0];
  return memory({...register(from.word), plus: {index: word, left, right, signed: extend === 'sxtw'}}, 0);
}

const signedBigInt = (text: string): bigint => (text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text));
