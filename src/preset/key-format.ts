// How a key field is shown: the format that a preset names, or the one that its expression's type and name suggest. Pure.
import {defaultFormat, formats, type FormatName} from '../decode/formats.ts';
import type {KeyField, KeyKind} from '../decode/layout.ts';
import {lastWord} from './expr.ts';
import {PresetFault} from './fault.ts';
import type {Preset} from './preset.ts';
import type {Field} from './resolve.ts';

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

/** A field as its format wants it: a function of a process is known by its address and the process. */
export const keyFieldOf = (field: Field, format: string | undefined): Field =>
  format === 'usym' && field.kind === 'integer' ? {kind: 'userAddress', place: field.place} : field;

export const swapOf = (field: Field): Pick<KeyField['format'], 'swap'> =>
  field.kind === 'integer' && field.place.type.kind === 'integer' && field.place.type.big === true ? {swap: field.place.type.size} : {};

export function formatOf(preset: Preset, i: number, field: Field): FormatName {
  const by = preset.by[i];
  if (by === undefined) throw new Error(`no by field ${i}`);
  if (field.kind === 'func' && (by.format === undefined || by.format === 'map')) return 'func';
  const kind = shapeOf(field);
  if (by.format === undefined) return by.map === undefined ? defaultFormat(lastWord(by.expr), kind, by.expr.kind === 'name') : 'map';
  const {accepts} = formats[by.format];
  if (!(accepts as readonly string[]).includes(kind))
    throw new PresetFault(
      `format '${by.format}' is for ${accepts.map((each) => shapes[each][1]).join(' and ')}, and '${by.text}' is ${shapes[kind][0]}`,
    );
  if (by.format === 'map' && by.map === undefined) throw new PresetFault(`format 'map' wants a "map": {"0": "read", "1": "write"}`);
  return by.format;
}

export const shapes: Readonly<Record<KeyKind, readonly [one: string, many: string]>> = {
  string: ['a text', 'texts'],
  integer: ['an integer', 'integers'],
  address: ['an address of 16 bytes', 'addresses of 16 bytes'],
  stack: ['a stack', 'stacks'],
  process: ['a process', 'processes'],
  userAddress: ['an address', 'addresses'],
};
