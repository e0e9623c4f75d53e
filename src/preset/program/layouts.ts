// Where the fields of a key are. Plans the bytes that fill.ts makes the program write and decode/ reads back; measures.ts
// plans those of the value. Pure.
import {formats} from '../../decode/formats.ts';
import type {KeyColumn} from '../../decode/frame.ts';
import type {KeyField} from '../../decode/layout.ts';
import type {Expr} from '../expr.ts';
import {exprId, splitFrom} from '../expr-parts.ts';
import {comparedIn} from '../conditions.ts';
import {taskKey} from '../drill.ts';
import {type Attempt, WrongPreset} from '../fault.ts';
import {type Ends, fieldAt} from './ends.ts';
import {enumNames, formatOf, keyFieldOf, shapeOf, swapOf} from './key-format.ts';
import type {Machine} from '../machine.ts';
import type {Preset} from '../preset.ts';
import {type Field, isLate, keySize} from '../resolve.ts';
import {unique} from '../column-names.ts';

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
  /** What the start cannot read of its texts is read at the end. */
  readonly readAgain: boolean;
  /** Saved words that come back into the buffer, and where. */
  readonly restored: {readonly words: number; readonly offset: number};
  readonly columns: readonly KeyColumn[];
  /** Given the names of the functions at the span's start, and those at the end or of any other view. */
  fields(started: Names, funcs: Names): readonly KeyField[];
}

/** KEY_BYTES of probe.h, less the place of a comm that only a filter of the command line reads; SAVED_WORDS; STRINGS. */
const bufferBytes = 256 - 16;
const mostSavedWords = 24;
const mostTexts = 3;

export function keyLayout(preset: Preset, ends: Ends, attempt: Attempt): KeyLayout | undefined {
  const {machine} = ends;
  const fields = preset.by.map((by) => attempt(by.at, () => readable(keyFieldOf(fieldAt(ends, by.expr, by.from), by.format, machine))));
  if (fields.some((field) => field === undefined)) return undefined;
  const all = fields as readonly Field[];
  const places = placesOf(preset, all, ends, attempt);
  return {...places, ...shownAs(preset, all, places.offsets, machine, attempt)};
}

/** In the buffer: what the end reads, what comes back from the start, and behind the key the texts that are only compared. */
function placesOf(preset: Preset, all: readonly Field[], ends: Ends, attempt: Attempt): Omit<KeyLayout, 'columns' | 'fields'> {
  const offsets = new Array<number>(all.length).fill(0);
  let size = 0;
  all.forEach((field, i) => {
    if (preset.by[i]?.from) return;
    offsets[i] = size;
    size += keySize(field);
  });
  const restoredOffset = size;
  const saved = new SavedFields();
  all.forEach((field, i) => {
    const by = preset.by[i];
    if (by?.from === true) offsets[i] = restoredOffset + 8 * saved.save(by.at, by.expr, by.format, field);
  });
  size += saved.words * 8;
  const keyBytes = Math.max(size, 8); // a map has no empty key: without `by` it is one zero word

  const scratch = new Map<string, number>();
  /** Sizes of texts of the end, by their expressions. */
  const texts = new Map<string, number>();
  /** Of the start, those compared. */
  const tested = new Set<string>();
  const read = (at: string, expr: Expr, compared: boolean): void => {
    const {from, expr: plain} = splitFrom(expr);
    attempt(at, () => {
      const field = quoted(compared && !from ? plain : undefined, () => fieldAt(ends, plain, from));
      const isText = field.kind === 'text' || field.kind === 'comm';
      if (!from && isText) texts.set(exprId(expr), keySize(field));
      if (!from || !(isText || field.kind === 'integer')) return;
      const word = saved.save(at, plain, undefined, field);
      if (!isText) return;
      scratch.set(exprId(expr), restoredOffset + 8 * word);
      tested.add(exprId(plain));
    });
  };
  for (const {at, value} of comparedIn(preset)) for (const side of [value.left, value.right]) read(at, side, true);
  for (const each of [preset.until?.match.from, preset.until?.match.within])
    if (each !== undefined && splitFrom(each).from) read('/until/match', each, false);
  for (const {at, value} of preset.measures) if (value.call.op !== 'count') read(at, value.call.of, false);

  const restored = Math.max((keyBytes - restoredOffset) / 8, saved.textWords);
  let at = Math.max(keyBytes, restoredOffset + (saved.words > 0 ? restored * 8 : 0));
  for (const [id, bytes] of texts) {
    scratch.set(id, at);
    at += bytes;
  }
  attempt('/by', () => {
    if (at > bufferBytes)
      throw new WrongPreset(
        `the key and the texts compared have ${at} bytes, and at most ${bufferBytes} are possible`,
        'shorten a text: str(E, N)',
      );
    if (saved.words > mostSavedWords)
      throw new WrongPreset(
        `the fields of the start have ${saved.words * 8} bytes, and at most ${mostSavedWords * 8} are possible`,
        'shorten a text: str(from.E, N)',
      );
  });
  const own = all.flatMap((field, i) => {
    const by = preset.by[i];
    return by === undefined || by.from || !['text', 'address', 'stack'].includes(field.kind) ? [] : [exprId(by.expr)];
  });
  const late = saved.all.filter(({field}) => isLate(field)).map(({id}) => id);
  return {
    size: keyBytes,
    offsets,
    scratch,
    readAgain: ends.call && new Set([...texts.keys(), ...own]).size + new Set([...tested, ...late]).size <= mostTexts,
    saved: saved.all,
    savedWords: saved.words,
    restored: {words: saved.words === 0 ? 0 : restored, offset: restoredOffset},
  };
}

/** What a span's start saves: each expression once. */
class SavedFields {
  words = 0;
  private readonly byId = new Map<string, Saved>();

  /** @returns its word */
  save(at: string, expr: Expr, format: string | undefined, field: Field): number {
    // what a format makes more than one word of is another value than the number alone
    const whole = field.kind === 'userAddress' || (field.kind === 'integer' && field.high !== undefined);
    const id = whole ? `${exprId(expr)} ${format}` : exprId(expr);
    const known = this.byId.get(id);
    if (known !== undefined) return known.word;
    const word = this.words;
    this.byId.set(id, {id, at, expr, format, field, word});
    this.words += keySize(field) / 8;
    return word;
  }

  get all(): readonly Saved[] {
    return [...this.byId.values()];
  }

  /** So many words must come back for all that is read as bytes; integers are read where they are saved. */
  get textWords(): number {
    return Math.max(0, ...this.all.filter(({field}) => field.kind !== 'integer').map(({word, field}) => word + keySize(field) / 8));
  }
}

function shownAs(
  preset: Preset,
  all: readonly Field[],
  offsets: readonly number[],
  machine: Machine,
  attempt: Attempt,
): Pick<KeyLayout, 'columns' | 'fields'> {
  const names = unique(preset.by.map((by) => by.name));
  const shown = preset.by.map((by, i) => {
    const field = all[i] as Field;
    return {
      by,
      field,
      offset: offsets[i] ?? 0,
      name: names[i] ?? by.name,
      format: attempt(by.at, () => formatOf(preset, i, field)) ?? 'dec',
      enums: attempt(by.at, () => enumNames(by, field, machine)),
    };
  });
  return {
    columns: shown.map(({by, name, format}) => ({
      name,
      title: by.title,
      align: formats[format].align,
      ...(taskKey(preset, by) === undefined ? {} : {task: true}),
      ...(format === 'kstack' || format === 'ustack' ? {stack: format} : {}),
    })),
    fields: (started, funcs) =>
      shown.map(({by, field, offset, name, format, enums}) => ({
        name,
        title: by.title,
        expression: by.text,
        format: {
          name: format,
          ...(by.map === undefined ? {} : {map: by.map}),
          ...(field.kind === 'func' ? named(by.from ? started : funcs, by.map) : {}),
          ...enums,
          ...(format === 'dev' && field.kind === 'integer' && field.place.user ? {user: true} : {}),
          ...swapOf(field),
        },
        offset,
        size: keySize(field),
        kind: shapeOf(field),
        signed: field.kind === 'integer' && field.signed,
      })),
  };
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
