// A map of others as a table: which members of its key and value are columns, what each counts, and how its entries are
// read into records. Columns come from the preset, or are every member there is. Pure.
import {formats} from '../../decode/formats.ts';
import type {HistColumn, KeyColumn, MeasureColumn, Scale} from '../../decode/frame.ts';
import type {FormatRef, KeyField, MeasureField, RecordLayout} from '../../decode/layout.ts';
import {slotCount} from '../../decode/buckets.ts';
import type {MapShape, MapSpec, Part, Reading} from '../../native/contract.ts';
import {type Fault, faultAt, PresetFault} from '../fault.ts';
import {kindOf, type Member, isSigned, memberOf, nameOf, saysOf} from './members.ts';
import {unique} from '../column-names.ts';
import {defaultColumns} from './default-columns.ts';
import type {OwnColumn} from './own-schema.ts';
import {cellOf, integerPart, type ShownCell} from './table-cells.ts';

export interface TablePlan {
  readonly reading: Reading;
  readonly layout: RecordLayout;
  readonly keys: readonly KeyColumn[];
  readonly measures: readonly MeasureColumn[];
  readonly hist?: HistColumn;
}

/** A number of every record, and where it is kept. */
interface Counted {
  readonly member: Member;
  readonly column: MeasureColumn;
}
interface Spread {
  readonly member: Member;
  readonly scale: Scale;
  readonly unit: NonNullable<OwnColumn['unit']>;
}

/** enum bpf_map_type of linux/bpf.h: those whose entries can be read one by one. */
export const mapTypes: Readonly<Record<number, MapSpec['type']>> = {
  1: 'hash',
  2: 'array',
  5: 'percpu_hash',
  6: 'percpu_array',
  9: 'lru_hash',
  10: 'lru_percpu_hash',
};
const keySlots = 64;

export function tableOf(
  map: MapShape,
  columns: readonly OwnColumn[] | undefined,
  gauges: boolean,
): TablePlan | {readonly faults: readonly Fault[]} {
  const faults: Fault[] = [];
  const shown: {readonly cell: ShownCell; readonly of: 'key' | 'value'}[] = [];
  const counted: Counted[] = [];
  let spread: Spread | undefined;
  const given = columns ?? defaultColumns(map);
  given.forEach((column, i) => {
    try {
      const member = memberOf(map, column.field);
      if (column.hist !== undefined) {
        if (spread !== undefined) throw new PresetFault('a view has one histogram, and this is a second');
        spread = spreadOf(member, column);
      } else if (column.measure !== undefined && column.measure !== false) counted.push(countedOf(member, column, counted.length === 0));
      else shown.push({cell: cellOf(member, column), of: member.of});
    } catch (error) {
      if (!(error instanceof PresetFault)) throw error;
      faults.push(faultAt(`/table/columns/${i}`, error));
    }
  });
  if (spread?.member.of === 'key' && counted.length === 0)
    faults.push({
      pointer: '/table/columns',
      message: `'${spread.member.path}' is a bucket, and no column counts what is in it`,
      hint: 'a column of the value with "measure": true',
    });
  if (faults.length > 0) return {faults};
  return assemble(map, shown, counted, spread, gauges);
}

function countedOf(member: Member, {measure, title, unit = 'none', field}: OwnColumn, isFirst: boolean): Counted {
  if (member.of === 'key') throw new PresetFault(`'${field}' is in the key, and a measure is a number of the value`);
  if (kindOf(member) !== 'integer') throw new PresetFault(`'${field}' is ${saysOf(member)}, and a measure is an integer`);
  if (isFirst && (measure === 'avg' || measure === 'cpu'))
    throw new PresetFault(`the first measure is a plain number, and '${field}' is to be '${measure}'`, 'a count in front of it');
  const name = measure === 'avg' || measure === 'cpu' ? measure : nameOf(member);
  const op = measure === 'avg' || measure === 'max' ? measure : 'sum';
  const column: MeasureColumn = {name, title: title ?? name.toUpperCase(), op, unit: measure === 'cpu' ? 'ns' : unit};
  return {member, column: measure === 'cpu' ? {...column, title: title ?? '% CPU', shown: 'cpu'} : column};
}

function spreadOf(member: Member, {hist, field, slots = keySlots, min = 0, step = 1, unit = 'none'}: OwnColumn): Spread {
  const wanted = member.of === 'key' ? 'integer' : 'integers';
  if (kindOf(member) !== wanted)
    throw new PresetFault(
      `'${field}' is ${saysOf(member)}, and a histogram is ${wanted === 'integer' ? 'a bucket number in the key' : 'an array of integers in the value'}`,
    );
  const length = member.type.kind === 'array' ? member.type.length : slots;
  if (length > 4096) throw new PresetFault(`'${field}' has ${length} slots, and at most 4096 are shown`);
  const before = hist === 'log2' ? 0 : hist === 'log2-zero' ? 1 : 2;
  if (hist !== 'linear' && length > 64 + before)
    throw new PresetFault(`'${field}' has ${length} slots, and a log2 histogram has at most ${64 + before}`);
  return {member, unit, scale: hist === 'linear' ? {kind: 'steps', slots: length, min, step} : {kind: 'powers', slots: length, before}};
}

/** An array's elements, a part each. */
function elements({type, bitOffset}: Member): readonly Part[] {
  if (type.kind !== 'array') return [];
  const bits = (type.size / type.length) * 8;
  return Array.from({length: type.length}, (_, i) => integerPart(bitOffset + i * bits, bits));
}

function assemble(
  map: MapShape,
  shown: readonly {readonly cell: ShownCell; readonly of: 'key' | 'value'}[],
  counted: readonly Counted[],
  spread: Spread | undefined,
  gauges: boolean,
): TablePlan {
  const inKey = shown.filter(({of}) => of === 'key').map(({cell}) => cell);
  const inValue = shown.filter(({of}) => of === 'value').map(({cell}) => cell);
  const slots = spread === undefined ? 0 : slotCount(spread.scale);
  const isBucket = spread?.member.of === 'key';
  // a record begins with a word: where nothing counts, with the histogram's sum, or with 0
  const sumSlots = counted.length === 0;
  const slotWord = counted.length + (sumSlots ? 1 : 0);
  const valueSize = (slotWord + slots) * 8;
  const key = placed(inKey, 0);
  const labels = placed(inValue, valueSize);
  const total: MeasureField = {name: 'count', title: 'COUNT', op: 'count', unit: 'count', word: 0, signed: false};
  const measures: readonly MeasureField[] =
    sumSlots && spread !== undefined
      ? [total]
      : counted.map(({member, column}, word) => ({
          ...column,
          word,
          signed: isSigned(member),
          ...(column.op === 'max' ? {plain: true} : {}),
        }));
  const names = unique([...inKey, ...inValue, ...measures].map((each) => each.name));
  const named = <T extends {readonly name: string}>(list: readonly T[], from: number): readonly T[] =>
    list.map((each, i) => ({...each, name: names[from + i] ?? each.name}));
  const keyFields = named(key.fields, 0);
  const labelFields = named(labels.fields, inKey.length);
  const measureFields = named(measures, inKey.length + inValue.length);
  const hist = spread === undefined ? undefined : {scale: spread.scale, unit: spread.unit};
  return {
    reading: {
      key: inKey.flatMap((cell) => cell.parts),
      words: [
        ...counted.map(({member, column}) => integerPart(member.bitOffset, member.bits, isSigned(member), column.op === 'max')),
        ...(spread === undefined || isBucket ? [] : elements(spread.member)),
      ],
      labels: inValue.flatMap((cell) => cell.parts),
      ...(spread !== undefined && isBucket ? {bucket: integerPart(spread.member.bitOffset, spread.member.bits)} : {}),
      slots: isBucket ? slots : 0,
      sumSlots,
      firstSlot: 0,
      grouped: isBucket || !covers(inKey, map.keySize),
      skipZero: mapTypes[map.type]?.endsWith('array') ?? false, // its entries are there from the start, all zero,
      gauges,
    },
    layout: {
      keySize: key.size,
      valueSize: labels.size,
      key: keyFields,
      ...(labelFields.length === 0 ? {} : {labels: labelFields}),
      measures: measureFields,
      ...(hist === undefined ? {} : {hist: {...hist, word: slotWord, slots, signed: false}}),
    },
    keys: [...keyFields, ...labelFields].map((field) => ({name: field.name, title: field.title, align: formats[field.format.name].align})),
    measures: measureFields.map(({name, title, op, unit, shown: as}) => ({
      name,
      title,
      op,
      unit,
      ...(as === undefined ? {} : {shown: as}),
    })),
    ...(hist === undefined ? {} : {hist}),
  };
}

/** Cells one after the other, from an offset on. */
function placed(cells: readonly ShownCell[], from: number): {readonly fields: readonly KeyField[]; readonly size: number} {
  let offset = from;
  const fields = cells.map(({name, title, expression, format, size, stored, kind, signed}): KeyField => {
    const field: KeyField = {name, title, expression, format: format satisfies FormatRef, offset, size, kind, signed};
    offset += stored;
    return field;
  });
  return {fields, size: offset};
}

/** Whether the columns tell every two keys apart: else some entries are one row. */
const covers = (cells: readonly ShownCell[], keySize: number): boolean =>
  cells.every((cell) => cell.kind !== 'string') &&
  cells.flatMap((cell) => cell.parts).reduce((sum, part) => sum + part.bits, 0) === keySize * 8;
