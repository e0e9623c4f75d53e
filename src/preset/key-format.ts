// How a key field is shown: the format that a preset names, or the one that its expression's type and name suggest. Pure.
import {defaultFormat, formats, type FormatName} from '../decode/formats.ts';
import type {KeyField} from '../decode/layout.ts';
import {lastWord} from './expr.ts';
import {PresetFault} from './fault.ts';
import type {Preset} from './preset.ts';
import type {Field} from './resolve.ts';

export const shapeOf = (field: Field): KeyField['kind'] =>
  field.kind === 'text' || field.kind === 'comm' ? 'string' : field.kind === 'address' || field.kind === 'stack' ? field.kind : 'integer';

export const swapOf = (field: Field): Pick<KeyField['format'], 'swap'> =>
  field.kind === 'integer' && field.place.type.kind === 'integer' && field.place.type.big === true ? {swap: field.place.type.size} : {};

export function formatOf(preset: Preset, i: number, field: Field): FormatName {
  const by = preset.by[i];
  if (by === undefined) throw new Error(`no by field ${i}`);
  if (field.kind === 'func' && (by.format === undefined || by.format === 'map')) return 'func';
  const kind = shapeOf(field);
  if (by.format === undefined) return by.map === undefined ? defaultFormat(lastWord(by.expr), kind) : 'map';
  const {accepts} = formats[by.format];
  if (!(accepts as readonly string[]).includes(kind))
    throw new PresetFault(
      `format '${by.format}' is for ${accepts.map((each) => shapes[each][1]).join(' and ')}, and '${by.text}' is ${shapes[kind][0]}`,
    );
  if (by.format === 'map' && by.map === undefined) throw new PresetFault(`format 'map' wants a "map": {"0": "read", "1": "write"}`);
  return by.format;
}

const shapes: Readonly<Record<KeyField['kind'], readonly [one: string, many: string]>> = {
  string: ['a text', 'texts'],
  integer: ['an integer', 'integers'],
  address: ['an address of 16 bytes', 'addresses of 16 bytes'],
  stack: ['a stack', 'stacks'],
};
