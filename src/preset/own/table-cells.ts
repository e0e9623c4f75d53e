// A member of a map that is shown as it is, in the key or beside the numbers: its parts in a record, and its format. Pure.
import {accepts, defaultFormat} from '../../decode/formats.ts';
import type {FormatRef, KeyField} from '../../decode/layout.ts';
import {safeString} from '../../decode/safe-text.ts';
import type {Part} from '../../native/contract.ts';
import {PresetFault} from '../fault.ts';
import {requireFormat} from '../program/key-format.ts';
import {isSigned, kindOf, type Member, nameOf, saysOf} from './members.ts';
import type {OwnColumn} from './own-schema.ts';

/** Of a text as long as its map allows, which may be megabytes, this much is read; a record is kept of every row. */
const mostTextBytes = 4096;

/** Of what a record can have, what can be in a foreign map: a stack's id says nothing without the map that it is of. */
type CellKind = Extract<KeyField['kind'], 'integer' | 'string' | 'address'>;

export interface ShownCell extends Pick<KeyField, 'name' | 'title' | 'expression' | 'format' | 'size' | 'signed'> {
  readonly kind: CellKind;
  readonly parts: readonly Part[];
  /** Bytes of the record that it takes. */
  readonly stored: number;
}

export function cellOf(member: Member, column: OwnColumn): ShownCell {
  const kind = shownKind(member, column);
  if (kind === undefined)
    throw new PresetFault(
      `'${column.field}' is ${saysOf(member)}, which is no column`,
      kindOf(member) === 'integers' ? 'as a histogram: "hist": "log2"; or one of its elements: [0]' : 'name a member of it',
    );
  const name = nameOf(member);
  const title = column.title ?? name.toUpperCase();
  const common = {name: column.title === undefined ? name : column.title.toLowerCase(), title, expression: column.field, kind};
  const format = formatOf(member, column, kind);
  switch (kind) {
    case 'integer': {
      const signed = isSigned(member);
      return {...common, format, size: 8, stored: 8, signed, parts: [integerPart(member.bitOffset, member.bits, signed)]};
    }
    case 'address': {
      const parts = [0, 64].map((at) => integerPart(member.bitOffset + at, 64));
      return {...common, format, size: 16, stored: 16, signed: false, parts};
    }
    case 'string': {
      const bytes = member.bits / 8;
      const read = Math.min(bytes, mostTextBytes - 2);
      // two bytes more than the text can have, as native/recorder.cc has it; of one that is cut, one: it is full then
      const stored = Math.ceil((read + 2) / 8) * 8;
      const text: Part = {kind: 'text', bitOffset: member.bitOffset, bits: read * 8, signed: false, maximum: false};
      return {...common, format, size: read < bytes ? read + 1 : stored, stored, signed: false, parts: [text]};
    }
  }
}

export const integerPart = (bitOffset: number, bits: number, signed = false, maximum = false): Part => ({
  kind: 'integer',
  bitOffset,
  bits,
  signed,
  maximum,
});

/** By its type; bytes are a text or an address where the format says so. */
function shownKind(member: Member, {format}: OwnColumn): CellKind | undefined {
  const {type} = member;
  const bytes = type.kind === 'array' && type.element.kind === 'int';
  if (bytes && type.size === 16 && format !== undefined && accepts(format, 'address')) return 'address';
  switch (kindOf(member)) {
    case 'integer':
      return 'integer';
    case 'text':
      return 'string';
    case 'integers':
      return bytes && type.element.size === 1 && format !== undefined && accepts(format, 'string') ? 'string' : undefined;
    case 'none':
      return undefined;
  }
}

function formatOf(member: Member, {format, map, field}: OwnColumn, kind: CellKind): FormatRef {
  const {type} = member;
  if (format === undefined) {
    if (map !== undefined) return {name: 'map', map};
    if (type.kind === 'enum')
      return {name: 'map', map: Object.fromEntries(Object.entries(type.values).map(([name, value]) => [String(value), safeString(name)]))};
    if (type.kind === 'pointer') return {name: 'ptr'};
    if (type.kind === 'int' && type.bool === true) return {name: 'bool'};
    const name = defaultFormat(nameOf(member), kind);
    return accepts(name, kind) ? {name, ...swap(member)} : {name: 'dec'};
  }
  requireFormat(format, kind, map, field, saysOf(member));
  return {name: format, ...(map === undefined ? {} : {map}), ...swap(member)};
}

const swap = ({type}: Member): Pick<FormatRef, 'swap'> => (type.kind === 'int' && type.big === true ? {swap: type.size} : {});
