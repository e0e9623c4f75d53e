// A tracepoint's record, as a program gets it: its fields by the format file in tracefs, and how each is read. Pure.
import {type Context, no} from './contexts.ts';
import {hintOf, PresetFault} from '../fault.ts';
import type {TracepointField} from '../machine.ts';
import {type NamedType, type Place, placeOf} from './places.ts';

/** Longest reach of direct loads: 64-bit words and 32-bit words of probe.bpf.c's two switches. */
const direct64 = 34;
const direct32 = 32;

/** A tracepoint's record, by the format file in tracefs. */
export function tracepoint(category: string, name: string, fields: readonly TracepointField[]): Context {
  const own = fields.filter((field) => !field.name.startsWith('common_'));
  const names = own.map((field) => field.name);
  const where = `tracepoint '${category}:${name}'`;
  const spelled = (): readonly string[] => names.map((each) => `args.${each}`);
  return {
    argument: (index) => no(`arg${index}`, where, hintOf('', spelled())),
    named(wanted) {
      const field = fields.find((each) => each.name === wanted);
      if (field === undefined) throw new PresetFault(`no field '${wanted}' in ${where}`, hintOf(wanted, names));
      return recordField(field, category === 'syscalls');
    },
    retval() {
      const field = category === 'syscalls' ? fields.find((each) => each.name === 'ret') : undefined;
      return field === undefined ? no('retval', 'a tracepoint') : recordField(field, true);
    },
    fields: () => own.map((field) => ({name: `args.${field.name}`, type: fieldTypeName(field)})),
  };
}

const fieldTypeName = ({type, array, size}: TracepointField): string =>
  array && !type.startsWith('__data_loc') && !type.startsWith('__rel_loc') ? `${type}[${/\bchar$/.test(type) ? size : ''}]` : type;

function recordField(field: TracepointField, ofSyscall: boolean): Place {
  if (field.type.startsWith('__data_loc') || field.type.startsWith('__rel_loc')) {
    if (field.type.startsWith('__rel_loc') || field.offset % 4 !== 0 || field.offset / 4 >= direct32)
      throw new PresetFault(`field '${field.name}' is of type '${field.type}', which cannot be read`);
    return {...placeOf({source: 'SOURCE_CONTEXT_DATA_LOC', index: field.offset / 4}), form: 'address', type: {kind: 'chars', size: 0}};
  }
  if (field.array) {
    const chars = /\bchar$/.test(field.type);
    if (/\b(__)?u8$|unsigned char$/.test(field.type) && field.size === 4) return placeOf(recordBase({...field, array: false}));
    if (/\b(__)?u8$|unsigned char$/.test(field.type) && field.size === 16)
      return {...placeOf({source: 'SOURCE_CONTEXT_ADDRESS', index: field.offset}), form: 'address', type: {kind: 'address'}};
    if (!chars) throw new PresetFault(`field '${field.name}' is an array of ${field.type}, which cannot be shown`);
    return {...placeOf({source: 'SOURCE_CONTEXT_ADDRESS', index: field.offset}), form: 'address', type: {kind: 'chars', size: field.size}};
  }
  const pointer = field.type.endsWith('*');
  const chars = /\bchar *\*$/.test(field.type);
  const texts = /\bchar *\*.*\*$/.test(field.type); // const char *const *argv
  // every argument of a system call has 8 bytes in the record, whatever its type: its own size is in the type's name
  const narrow = ofSyscall && field.size === 8 && /^(unsigned )?int$|^(u|__u|s|__s)32$|^(pid|uid|gid|mode|key_serial)_t$/.test(field.type);
  const signed = ofSyscall ? /^(int|long|ssize_t|pid_t|loff_t|off_t|s32|s64|__s32|__s64|long long)$/.test(field.type) : field.signed;
  const type = pointer
    ? ({kind: 'pointer', to: 0, chars, user: ofSyscall, ...(texts ? {texts} : {})} as const)
    : ({kind: 'integer', size: narrow ? 4 : field.size, signed, ...namedType(field)} as const);
  return placeOf(recordBase(field), type, ofSyscall);
}

const namedType = ({type, names}: TracepointField): {readonly named?: NamedType} =>
  names !== undefined
    ? {named: {kind: 'names', names}}
    : type === 'dev_t'
      ? {named: {kind: 'dev'}}
      : type === 'bool'
        ? {named: {kind: 'bool'}}
        : {};

function recordBase(field: TracepointField): {source: string; index: number; size?: number} {
  // a load wider than the field could reach past the record's end, which attaching refuses
  if (field.size === 8 && field.offset % 8 === 0 && field.offset / 8 < direct64)
    return {source: 'SOURCE_CONTEXT64', index: field.offset / 8};
  if (field.size === 4 && field.offset % 4 === 0 && field.offset / 4 < direct32)
    return {source: 'SOURCE_CONTEXT32', index: field.offset / 4};
  if (![1, 2, 4, 8].includes(field.size)) throw new PresetFault(`field '${field.name}' has ${field.size} bytes, and is no number`);
  return {source: 'SOURCE_CONTEXT_BYTES', index: field.offset, size: field.size};
}
