// Where the fields of a key are. Plans the bytes that fill.ts makes the program write and decode/ reads back; measures.ts
// plans those of the value. Pure.
import {type FormatName, formats} from '../../decode/formats.ts';
import type {KeyColumn} from '../../decode/frame.ts';
import type {KeyField} from '../../decode/layout.ts';
import type {Expr} from '../expr.ts';
import {exprId, splitFrom} from '../expr-parts.ts';
import {comparedIn} from '../conditions.ts';
import {taskKey} from '../drill.ts';
import {WrongPreset} from '../fault.ts';
import {enumNames, formatOf, keyFieldOf, shapeOf, swapOf} from './key-format.ts';
import type {Machine} from '../machine.ts';
import type {Preset} from '../preset.ts';
import type {Point} from '../points/point.ts';
import {type Field, keySize, resolve} from '../resolve.ts';
import {unique} from '../column-names.ts';

export type Attempt = <T>(at: string, work: () => T) => T | undefined;

/** A value that a span's start saves. `word` counts from the first saved word. */
export interface Saved {
  readonly id: string;
  readonly at: string;
  readonly expr: Expr;
  readonly format: string | undefined;
  readonly field: Field;
  readonly word: number;
}

/** Of functions, by their points' numbers. */
type Names = Readonly<Record<string, string>>;

export interface KeyLayout {
  /** Bytes of the key in the map. */
  readonly size: number;
  /** Offset of each `by` field, in the order of the preset. */
  readonly offsets: readonly number[];
  /** Offset of each text that only `where` reads, by expression. */
  readonly scratch: ReadonlyMap<string, number>;
  readonly saved: readonly Saved[];
  readonly savedWords: number;
  /** Saved words that come back into the buffer, and where. */
  readonly restored: {readonly words: number; readonly offset: number};
  readonly columns: readonly KeyColumn[];
  /** Given the names of the functions at the span's start, and those at the end or of any other view. */
  fields(started: Names, funcs: Names): readonly KeyField[];
}

/** KEY_BYTES of probe.h, less the place of a comm that only a filter of the command line reads; SAVED_WORDS. */
const bufferBytes = 256 - 16;
const mostSavedWords = 24;

const stackOf = (format: FormatName | undefined): Pick<KeyColumn, 'stack'> =>
  format === 'kstack' || format === 'ustack' ? {stack: format} : {};

const fromOutside = (): WrongPreset =>
  new WrongPreset("'from' is the start of a span: here is none", 'use "span" in place of "attach", or leave out "from."');

export function keyLayout(
  preset: Preset,
  start: Point,
  end: Point,
  span: boolean,
  machine: Machine,
  attempt: Attempt,
): KeyLayout | undefined {
  const fields = preset.by.map((by) =>
    attempt(by.at, () => {
      if (by.from && !span) throw fromOutside();
      return readable(keyFieldOf(resolve(by.expr, by.from ? start : end, machine, span && !by.from), by.format, machine));
    }),
  );
  if (fields.some((field) => field === undefined)) return undefined;
  const all = fields as readonly Field[];

  const offsets = new Array<number>(all.length).fill(0);
  let size = 0;
  all.forEach((field, i) => {
    if (preset.by[i]?.from) return;
    offsets[i] = size;
    size += keySize(field);
  });
  const restoredOffset = size;
  const saved = new Map<string, Saved>();
  let words = 0;
  const save = (at: string, expr: Expr, format: string | undefined, field: Field): number => {
    const whole = field.kind === 'userAddress' || (field.kind === 'integer' && field.high !== undefined);
    const id = whole ? `${exprId(expr)} ${format}` : exprId(expr);
    const known = saved.get(id);
    if (known !== undefined) return known.word;
    saved.set(id, {id, at, expr, format, field, word: words});
    words += keySize(field) / 8;
    return words - keySize(field) / 8;
  };
  all.forEach((field, i) => {
    const by = preset.by[i];
    if (by?.from !== true) return;
    offsets[i] = restoredOffset + 8 * save(by.at, by.expr, by.format, field);
  });
  size += words * 8;
  const keyBytes = Math.max(size, 8); // a map has no empty key: without `by` it is one zero word

  const scratch = new Map<string, number>();
  const scratchText = (at: string, expr: Expr, compared = false): void => {
    const {from, expr: plain} = splitFrom(expr);
    attempt(at, () => {
      if (from && !span) throw fromOutside();
      const field = quoted(compared ? plain : undefined, () => resolve(plain, from ? start : end, machine, span && !from));
      if (from && (field.kind === 'integer' || field.kind === 'text' || field.kind === 'comm')) {
        const word = save(at, plain, undefined, field);
        if (field.kind !== 'integer') scratch.set(exprId(expr), restoredOffset + 8 * word);
      } else if (!from && (field.kind === 'text' || field.kind === 'comm')) scratch.set(exprId(expr), -1);
    });
  };
  for (const {at, value} of comparedIn(preset)) for (const side of [value.left, value.right]) scratchText(at, side, true);
  for (const each of [preset.until?.match.from, preset.until?.match.within])
    if (each !== undefined && splitFrom(each).from) scratchText('/until/match', each);
  for (const {at, value} of preset.measures) if (value.call.op !== 'count') scratchText(at, value.call.of);
  const restored =
    Math.max(
      keyBytes - restoredOffset,
      ...[...saved.values()].filter((each) => each.field.kind !== 'integer').map((each) => each.word * 8 + keySize(each.field)),
    ) / 8;

  // what is only compared has its place behind all of that
  let at = Math.max(keyBytes, restoredOffset + (words > 0 ? restored * 8 : 0));
  for (const [id, offset] of scratch) {
    if (offset >= 0) continue;
    scratch.set(id, at);
    at += scratchSize(id, preset, end, machine, span);
  }
  attempt('/by', () => {
    if (at > bufferBytes)
      throw new WrongPreset(
        `the key and the texts compared have ${at} bytes, and at most ${bufferBytes} are possible`,
        'shorten a text: str(E, N)',
      );
    if (words > mostSavedWords)
      throw new WrongPreset(
        `the fields of the start have ${words * 8} bytes, and at most ${mostSavedWords * 8} are possible`,
        'shorten a text: str(from.E, N)',
      );
  });

  const formatsOf = all.map((field, i) => attempt(preset.by[i]?.at ?? '', () => formatOf(preset, i, field)));
  const enums = all.map((field, i) => {
    const by = preset.by[i];
    return by === undefined ? undefined : attempt(by.at, () => enumNames(by, field, machine));
  });
  const names = unique(preset.by.map((by) => by.name));
  return {
    size: keyBytes,
    offsets,
    scratch,
    saved: [...saved.values()],
    savedWords: words,
    restored: {words: words === 0 ? 0 : restored, offset: restoredOffset},
    columns: preset.by.map((by, i) => ({
      name: names[i] ?? by.name,
      title: by.title,
      align: formats[formatsOf[i] ?? 'dec'].align,
      ...(taskKey(preset, by) === undefined ? {} : {task: true}),
      ...stackOf(formatsOf[i]),
    })),
    fields: (started, funcs) =>
      preset.by.map((by, i) => {
        const field = all[i] as Field;
        const name = formatsOf[i] ?? 'dec';
        return {
          name: names[i] ?? by.name,
          title: by.title,
          expression: by.text,
          format: {
            name,
            ...(by.map === undefined ? {} : {map: by.map}),
            ...(field.kind === 'func' ? named(by.from ? started : funcs, by.map) : {}),
            ...enums[i],
            ...(name === 'dev' && field.kind === 'integer' && field.place.user ? {user: true} : {}),
            ...swapOf(field),
          },
          offset: offsets[i] ?? 0,
          size: keySize(field),
          kind: shapeOf(field),
          signed: field.kind === 'integer' && field.signed,
        };
      }),
  };
}

function scratchSize(id: string, preset: Preset, end: Point, machine: Machine, span: boolean): number {
  for (const {value} of comparedIn(preset))
    for (const side of [value.left, value.right]) if (exprId(side) === id) return keySize(resolve(side, end, machine, span));
  return 0;
}

/** What is compared and has a name that there is not is perhaps meant as a text. */
function quoted(compared: Expr | undefined, work: () => Field): Field {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof WrongPreset) || compared?.kind !== 'name') throw error;
    throw new WrongPreset(error.message, `a text is written in quotes: '${compared.name}'; ${error.hint}`);
  }
}

function readable(field: Field): Field {
  if (field.kind === 'literal' || field.kind === 'bytes') throw new WrongPreset(`a field is expected, not the text '${field.value}'`);
  return field;
}

const named = (funcs: Names, map: Names | undefined) => ({
  names: Object.fromEntries(Object.entries(funcs).map(([number, func]) => [number, map?.[func] ?? func])),
  funcs,
});
