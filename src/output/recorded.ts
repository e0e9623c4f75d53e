// Reads the lines of a recording: whoever wrote it, so that every text is made safe and every number is checked. What is
// not as it should be makes its line unreadable, and no other.
import * as z from 'zod';
import {histogram, noSlots, slotCount, type Slots, slotsOf, subtracted} from '../decode/buckets.ts';
import {narrowed} from '../decode/counts.ts';
import {
  type Bucket,
  type Cell,
  type Count,
  type Frame,
  type Histogram,
  operations,
  type Row,
  statuses,
  units,
  type ViewShape,
} from '../decode/frame.ts';
import {eachLoss} from '../decode/losses.ts';
import {safeLines, safeString} from '../decode/safe-text.ts';
import {framesCell} from '../decode/stacks.ts';
import {version} from './json.ts';
import type {Origin} from './recording.ts';

/** The line is not one of a recording, or not one of this version. */
export class Unreadable extends Error {}

export interface Header {
  readonly shape: ViewShape;
  readonly origin: Origin;
}

/** What every object has a member of, views are not named: they are kept by their names. */
export const isInherited = (name: string): boolean => name in {};

/** Texts may be of several lines, as a preset's. */
const text = z.string().transform(safeLines);
const line = z.string().transform(safeString);
const unit = z.enum(units);
const mostSlots = 10_000;
const mostColumns = 64;
const slotsOfPowers = z.number().int().min(1).max(66);
const scale = z.union([
  z.object({kind: z.literal('log2')}),
  z
    .object({kind: z.literal('linear'), min: z.number(), max: z.number(), step: z.number().positive()})
    .refine((linear) => linear.max > linear.min && slotCount(linear) <= mostSlots),
  z.object({kind: z.literal('powers'), slots: slotsOfPowers, before: z.union([z.literal(0), z.literal(1), z.literal(2)])}),
  z.object({kind: z.literal('steps'), slots: z.number().int().min(1).max(mostSlots), min: z.number(), step: z.number().positive()}),
]);
const headerSchema = z.object({
  v: z.literal(version),
  recording: z.literal('header'),
  view: line,
  time: z.iso.datetime(),
  tsbpftop: line,
  host: line,
  kernel: line,
  interval: z.number(),
  shape: z.object({
    name: line,
    title: line,
    description: line,
    keys: z
      .array(z.object({name: line, title: line, align: z.enum(['left', 'right']), stack: z.enum(['kstack', 'ustack']).optional()}))
      .max(2 * mostColumns),
    // a map of others may have none
    measures: z
      .array(z.object({name: line, title: line, op: z.enum(operations), unit, shown: z.literal('cpu').optional()}))
      .max(mostColumns),
    hist: z.object({unit, scale}).optional(),
    sort: line,
    probes: z.array(line),
    lasting: z.literal(true).optional(),
    others: z.literal(true).optional(),
  }),
  details: z.array(z.tuple([line, text])),
  preset: text,
});

export function readHeader(json: unknown): Header {
  const read = headerSchema.safeParse(json);
  if (!read.success) throw new Unreadable(read.error.issues[0]?.message ?? '');
  if (isInherited(read.data.view)) throw new Unreadable('no name of a view');
  const {tsbpftop, host, kernel, time, interval, details, preset, shape, view} = read.data;
  const {hist, keys, measures, lasting, others, ...rest} = shape;
  return {
    shape: {
      ...rest,
      name: view,
      measures: measures.map(({shown, ...measure}) => ({...measure, ...(shown === undefined ? {} : {shown})})),
      keys: keys.map(({stack, ...key}) => ({...key, ...(stack === undefined ? {} : {stack})})),
      ...(hist === undefined ? {} : {hist}),
      ...(lasting === undefined ? {} : {lasting}),
      ...(others === undefined ? {} : {others}),
    },
    origin: {version: tsbpftop, host, kernel, time: Date.parse(time), interval, details, preset},
  };
}

type Members = Readonly<Record<string, unknown>>;

/** @param cells the same cells for the same key: a recording has each key in every line */
export function readFrame(json: unknown, shape: ViewShape, cells: KeyCells): Frame {
  const all = membersOf(json);
  if (all['v'] !== version) throw new Unreadable('another version');
  const seq = numberOf(all['seq']);
  const replay = all['replay'] === undefined ? {} : membersOf(all['replay']);
  const interval = numberOf(replay['interval'] ?? all['interval']);
  const texts = new Map(
    arrayOf(replay['texts'] ?? []).map((each) => {
      const [row, column, shown] = arrayOf(each);
      return [`${numberOf(row)} ${numberOf(column)}`, stringOf(shown)] as const;
    }),
  );
  const ids = new Map<string, number>();
  const rows = arrayOf(all['rows']).map((each, i): Row => {
    const row = membersOf(each);
    const {id, key} = cells.of(row['key'], shape, (column) => (texts.size === 0 ? undefined : texts.get(`${i} ${column}`)));
    const before = ids.get(id) ?? 0;
    ids.set(id, before + 1);
    const hist = shape.hist === undefined || row['hist'] === undefined ? {} : {hist: histOf(row['hist'], shape.hist.scale, seq === 0)};
    // two keys may look the same in JSON, and are two rows
    return {id: before === 0 ? id : `${id} ${before}`, key, ...numbersOf(row, shape, seq === 0, interval), ...hist};
  });
  const [keys, lost, cost] = [membersOf(all['keys']), membersOf(all['lost']), membersOf(all['cost'])];
  const sums = replay['sums'] === undefined ? undefined : membersOf(replay['sums']);
  return {
    view: shape.name,
    seq,
    time: timeOf(all['time']),
    interval,
    status: statusOf(all['status']),
    reasons: arrayOf(replay['reasons'] ?? []).map(stringOf),
    keys: {used: numberOf(keys['used']), max: numberOf(keys['max'])},
    lost: eachLoss((name) => numberOf(lost[name] ?? 0)),
    cost: {nsPerEvent: numberOf(cost['nsPerEvent']), events: numberOf(cost['events']), cpuPercent: numberOf(cost['cpuPercent'])},
    sums: {
      rows: sums === undefined ? rows.length : numberOf(sums['rows']),
      total: sums === undefined ? rows.reduce((sum, row) => sum + Number(row.total[0] ?? 0), 0) : numberOf(sums['total']),
      delta: sums === undefined ? rows.reduce((sum, row) => sum + Number(row.delta[0] ?? 0), 0) : numberOf(sums['delta']),
    },
    cut: sums !== undefined && numberOf(sums['rows']) > rows.length,
    rows,
  };
}

const mostKeys = 50_000;

/** Decoded keys, so that a key of a hundred frames is one object. */
export class KeyCells {
  private readonly known = new Map<string, {readonly id: string; readonly key: readonly Cell[]}>();

  of(
    json: unknown,
    {keys}: ViewShape,
    shown: (column: number) => string | undefined,
  ): {readonly id: string; readonly key: readonly Cell[]} {
    const members = membersOf(json);
    const values = keys.map(({name}) => plainValue(members[name] ?? null));
    const texts = keys.map((_, column) => shown(column));
    const id = JSON.stringify(values);
    const known = this.known.get(id);
    if (known?.key.every((cell, i) => texts[i] === undefined || cell.text === texts[i])) return known;
    const key = keys.map(({align}, i): Cell => {
      const json = values[i] ?? null;
      if (typeof json === 'object' && json !== null) {
        const stack = framesCell(json);
        return {...stack, text: texts[i] ?? stack.text};
      }
      const value = keyValue(json, align === 'right');
      return {value, text: texts[i] ?? String(value)};
    });
    if (this.known.size >= mostKeys) this.known.clear();
    const read = {id, key};
    this.known.set(id, read);
    return read;
  }
}

/** What a key may be: nothing that goes down into itself, which whoever writes it out again would have to follow. */
function plainValue(json: unknown): null | number | string | readonly string[] {
  if (json === null || typeof json === 'number' || typeof json === 'string') return json;
  return arrayOf(json).map(stringOf);
}

/** A number past 2^53 is a string in JSON. */
function keyValue(json: null | number | string, number: boolean): Cell['value'] {
  if (typeof json === 'number') return json;
  if (json === null) return '';
  const value = stringOf(json);
  return number && /^-?\d{1,20}$/.test(value) ? narrowed(BigInt(value)) : value;
}

function numbersOf(row: Members, {measures}: ViewShape, first: boolean, interval: number): Pick<Row, 'total' | 'delta' | 'rate'> {
  const [total, delta, rate] = [membersOf(row['total']), membersOf(row['delta']), membersOf(row['rate'])];
  // zeros are left out in JSON, and so is what has no difference
  return {
    total: measures.map(({name}) => countOf(total[name])),
    delta: measures.map(({name, op}) => (first || op === 'min' || op === 'max' ? undefined : countOf(delta[name] ?? 0))),
    rate: measures.map(({name, op}) =>
      interval > 0 && !first && (op === 'count' || op === 'sum') ? numberOf(rate[name] ?? 0) : undefined,
    ),
  };
}

function histOf(json: unknown, scaleOf: NonNullable<ViewShape['hist']>['scale'], first: boolean): Histogram {
  const {total, delta} = membersOf(json);
  const read = (buckets: unknown): Slots => {
    const slots = slotsOf(arrayOf(buckets).map(bucketOf), scaleOf);
    if (slots === undefined) throw new Unreadable('a bucket that the view does not have');
    return slots;
  };
  const slots = read(total);
  const recent = read(delta);
  const previous = recent.slots.length === 0 ? slots : subtracted(slots, recent);
  return histogram(slots, first ? undefined : previous.slots.length === 0 ? noSlots : previous, scaleOf);
}

function bucketOf(json: unknown): Pick<Bucket, 'low' | 'count'> {
  const [low, , count] = arrayOf(json);
  return {low: low === null ? null : countOf(low), count: numberOf(count)};
}

export function membersOf(json: unknown): Members {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Unreadable('no object');
  return json as Members;
}
function arrayOf(json: unknown): readonly unknown[] {
  if (!Array.isArray(json)) throw new Unreadable('no list');
  return json;
}
function numberOf(json: unknown): number {
  if (typeof json !== 'number' || !Number.isFinite(json)) throw new Unreadable('no number');
  return json;
}
function countOf(json: unknown): Count {
  if (typeof json === 'string' && /^-?\d{1,20}$/.test(json)) return narrowed(BigInt(json));
  return numberOf(json);
}
function stringOf(json: unknown): string {
  if (typeof json !== 'string') throw new Unreadable('no text');
  return safeString(json);
}
function timeOf(json: unknown): number {
  const time = Date.parse(stringOf(json));
  if (Number.isNaN(time)) throw new Unreadable('no time');
  return time;
}
function statusOf(json: unknown): Frame['status'] {
  const status = statuses.find((each) => each === json);
  if (status === undefined) throw new Unreadable('no status');
  return status;
}
