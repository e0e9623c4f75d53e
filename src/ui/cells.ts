// Lines of the terminal as cells, and which runs of them have to be written to turn one line into another. Only what takes
// one column each is told apart: a line with anything wider, or with marks that combine, is left to whoever asks.

import {isNarrow as areNarrow} from '../view/fit.ts';
import {showsOnBlank} from './sgr.ts';

export interface Cells {
  readonly texts: readonly string[];
  /** The codes that are in force in each cell, as '1;36'; '' for none. A blank has those alone that show on it. */
  readonly styles: readonly string[];
}

/** Cells of one style, side by side, that are to be written. */
export interface Stroke {
  readonly row: number;
  readonly column: number;
  readonly style: string;
  /** What to write: text, or a sequence that erases. */
  readonly text: string;
  /** How far the cursor moves; erasing moves nothing. */
  readonly width: number;
}

const known = new Map<string, boolean>();
const isNarrow = (char: string): boolean => {
  const code = char.charCodeAt(0);
  if (code >= 0x20 && code <= 0x7e) return true;
  let is = known.get(char);
  if (is === undefined) known.set(char, (is = areNarrow(char)));
  return is;
};

/** Undefined where a character's width is not known to be one. */
export function cellsOf(line: string): Cells | undefined {
  const texts: string[] = [];
  const styles: string[] = [];
  let style = '';
  let blank = '';
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at);
    if (char !== '\u001B') {
      if (!isNarrow(char)) return undefined;
      texts.push(char);
      styles.push(char === ' ' ? blank : style);
      continue;
    }
    const end = line.indexOf('m', at);
    if (end < 0) return undefined;
    const codes = line.slice(at + 2, end);
    style = /^(0|22|23|24|27|39|49)?$/.test(codes) ? '' : style === '' ? codes : `${style};${codes}`;
    blank = showsOnBlank(style) ? style : '';
    at = end;
  }
  return {texts, styles};
}

/** Erasing takes a sequence, and so pays from some blanks on. */
const leastErased = 5;

/** The strokes that turn a line into another. */
export function strokesOf(before: Cells, after: Cells, row: number): readonly Stroke[] {
  const strokes: Stroke[] = [];
  const textAt = (i: number): string => after.texts[i] ?? ' ';
  const styleAt = (i: number): string => after.styles[i] ?? '';
  const blankAt = (i: number): boolean => textAt(i) === ' ' && styleAt(i) === '';
  const changed = (i: number): boolean => (before.texts[i] ?? ' ') !== textAt(i) || (before.styles[i] ?? '') !== styleAt(i);
  // from here on the line is empty: one sequence erases what was there
  let filled = after.texts.length;
  while (filled > 0 && blankAt(filled - 1)) filled--;
  let erased = Math.max(filled, before.texts.length);
  while (erased > filled && !changed(erased - 1)) erased--;
  const end = erased - filled >= leastErased ? filled : erased;
  for (let i = 0; i < end; ) {
    if (!changed(i)) {
      i++;
      continue;
    }
    let blanks = i;
    while (blanks < end && blankAt(blanks) && changed(blanks)) blanks++;
    if (blanks - i > leastErased) {
      strokes.push({row, column: i, style: '', text: `\u001B[${blanks - i}X`, width: 0});
      i = blanks;
      continue;
    }
    const stroke = strokeFrom(i);
    strokes.push(stroke);
    i = stroke.column + stroke.width;
  }
  if (end < erased) strokes.push({row, column: end, style: '', text: '\u001B[K', width: 0});
  return strokes;

  /** As far as one style goes: blanks go with any that does not show on them. */
  function strokeFrom(from: number): Stroke {
    let style: string | undefined;
    let [to, blanks] = [from, 0];
    for (; to < end && changed(to); to++) {
      const bare = blankAt(to);
      const its = styleAt(to);
      if (bare ? style !== undefined && showsOnBlank(style) : style === undefined ? to > from && showsOnBlank(its) : its !== style) break;
      if (!bare) style = its;
      blanks = bare ? blanks + 1 : 0;
      if (blanks > leastErased) {
        to += 1 - blanks;
        break;
      }
    }
    return {row, column: from, style: style ?? anyStyle, text: textsOf(from, to), width: to - from};
  }

  function textsOf(from: number, to: number): string {
    let text = '';
    for (let i = from; i < to; i++) text += textAt(i);
    return text;
  }
}

/** Of blanks alone, that take whatever style does not show on them. */
export const anyStyle = ' ';
