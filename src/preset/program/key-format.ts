// How a key field is shown: the format that a preset names, or the one that its expression's type and name suggest. Pure.
import {accepts, defaultFormat, formats, type FormatName} from '../../decode/formats.ts';
import type {KeyField, KeyKind} from '../../decode/layout.ts';
import {compatCall} from './call-abi.ts';
import {lastWord} from '../expr-parts.ts';
import {PresetFault, WrongPreset} from '../fault.ts';
import type {Machine} from '../machine.ts';
import type {ByField, Preset} from '../preset.ts';
import type {Field} from '../resolve.ts';

export function shapeOf(field: Field): KeyKind {
  switch (field.kind) {
    case 'text':
    case 'comm':
    case 'literal':
    case 'bytes':
      return 'string';
    case 'address':
    case 'stack':
    case 'process':
    case 'userAddress':
      return field.kind;
    case 'integer':
    case 'constant':
    case 'func':
      return 'integer';
  }
}

/** A field as its format wants it: a function of a process is known by its address and the process, a call by its ABI, too. */
export function keyFieldOf(field: Field, format: string | undefined, machine: Machine): Field {
  if (field.kind !== 'integer') return field;
  if (format === 'usym') return {kind: 'userAddress', place: field.place};
  const high = format === 'syscall' ? compatCall(machine) : undefined;
  return high === undefined ? field : {...field, high};
}

export const swapOf = (field: Field): Pick<KeyField['format'], 'swap'> =>
  field.kind === 'integer' && field.place.type.kind === 'integer' && field.place.type.big === true ? {swap: field.place.type.size} : {};

export function formatOf(preset: Preset, i: number, field: Field): FormatName {
  const by = preset.by[i];
  if (by === undefined) throw new Error(`no by field ${i}`);
  if (by.map !== undefined && by.format !== undefined && by.format !== 'map')
    throw new WrongPreset(`'${by.text}' has a "map" of texts, and the format '${by.format}': one of them shows it`, 'leave out "format"');
  if (field.kind === 'func') {
    if (by.format === undefined || by.format === 'map') return 'func';
    throw new WrongPreset(`'func' is a name, and takes no format '${by.format}'`, 'names of your own for it: "map": {"read": "in"}');
  }
  const kind = shapeOf(field);
  if (by.format?.startsWith('enum:')) {
    if (kind !== 'integer') throw new WrongPreset(`format '${by.format}' is for integers, and '${by.text}' is ${shapes[kind][0]}`);
    return 'enum';
  }
  const type = field.kind === 'integer' && field.place.type.kind === 'integer' ? field.place.type.named : undefined;
  if (by.format === undefined && by.map === undefined && type !== undefined && type.kind !== 'names') return type.kind;
  if (by.format === undefined && by.map === undefined) return defaultFormat(lastWord(by.expr), kind, by.expr.kind === 'name');
  const format = (by.format ?? 'map') as FormatName;
  requireFormat(format, kind, by.map, by.text, shapes[kind][0]);
  return format;
}

/** @param says what the field is, in words */
export function requireFormat(format: FormatName, kind: KeyKind, map: ByField['map'], field: string, says: string): void {
  if (!accepts(format, kind))
    throw new WrongPreset(
      `format '${format}' is for ${formats[format].accepts.map((each) => shapes[each][1]).join(' and ')}, and '${field}' is ${says}`,
    );
  if (format === 'map' && map === undefined) throw new WrongPreset(`format 'map' wants a "map": {"0": "read", "1": "write"}`);
}

/** The names of an enum's values, where the format is one: by its name, or that of the field's own type. */
export function enumNames(by: ByField, field: Field, machine: Machine): Pick<KeyField['format'], 'map'> {
  const name = by.format?.startsWith('enum:') ? by.format.slice('enum:'.length) : undefined;
  const type = field.kind === 'integer' && field.place.type.kind === 'integer' ? field.place.type.named : undefined;
  const own = by.format === undefined && by.map === undefined && type?.kind === 'enum' ? type.id : 0;
  if (name === undefined && own === 0) return {};
  const btf = machine.btf();
  if (type?.kind === 'names' && (btf === undefined || (name !== undefined && btf.find('enum', name) === 0))) return {map: type.names};
  if (btf === undefined) throw new PresetFault(`format '${by.format}' needs the kernel's types, and this kernel has no BTF`);
  const id = name === undefined ? own : btf.find('enum', name) || btf.find('enum64', name);
  if (id === 0) throw new PresetFault(`the kernel has no enum '${name}'`);
  const {size, values} = btf.type(id);
  // a field of another type may show the same bits with or without a sign
  const names = new Map<string, string>();
  for (const {name: text, value} of values) {
    const bits = BigInt(value);
    for (const seen of [bits, BigInt.asUintN(size * 8, bits), BigInt.asIntN(size * 8, bits)])
      if (!names.has(String(seen))) names.set(String(seen), text);
  }
  return {map: Object.fromEntries(names)};
}

export const shapes: Readonly<Record<KeyKind, readonly [one: string, many: string]>> = {
  string: ['a text', 'texts'],
  integer: ['an integer', 'integers'],
  address: ['an address of 16 bytes', 'addresses of 16 bytes'],
  stack: ['a stack', 'stacks'],
  process: ['a process', 'processes'],
  userAddress: ['an address', 'addresses'],
};
