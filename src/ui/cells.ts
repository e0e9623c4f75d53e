// A line of the terminal as cells, and which runs of them have to be written to turn one line into another. Only what takes
// one column each is told apart: a line with anything wider, or with marks that combine, is kept as text.

import {isNarrow as areNarrow} from '../view/fit.ts';
import type {Line, Segment} from '../view/styles.ts';
import {onBlank, showsOnBlank, styleNumber, styleOf} from './sgr.ts';
import {paint, type Theme} from './theme.ts';

/** Of each column the character and the number of its style (sgr.ts); a blank has a style where it shows on it. */
export interface Cells {
  readonly codes: Uint16Array;
  readonly styles: Uint16Array;
}

const blank = 32;
const [unknown, narrow, wide] = [0, 1, 2];
const widths = new Uint8Array(0x1_0000).fill(narrow, 0x20, 0x7f);
function isNarrow(code: number): boolean {
  if (widths[code] === unknown) widths[code] = areNarrow(String.fromCharCode(code)) ? narrow : wide;
  return widths[code] === narrow;
}

/** One line of a screen, made once and filled anew with each frame: what is painted every second leaves no garbage behind. */
export class CellLine implements Cells {
  readonly codes: Uint16Array;
  readonly styles: Uint16Array;
  /** The line with its sequences, where a character's width is not known to be one: its cells say nothing then. */
  text: string | undefined;

  constructor(columns: number) {
    this.codes = new Uint16Array(columns).fill(blank);
    this.styles = new Uint16Array(columns);
  }

  put(line: Line, theme: Theme): void {
    const {codes, styles} = this;
    let at = 0;
    // here and below: of every cell of the screen, at every refresh, so that no iterator is made
    for (let s = 0; s < line.length; s++) {
      const {text, style} = line[s] as Segment;
      const number = theme.numbers[style];
      const bare = onBlank(number);
      const length = Math.min(text.length, codes.length - at);
      for (let i = 0; i < length; i++, at++) {
        const code = text.charCodeAt(i);
        if (!isNarrow(code)) {
          this.text = paint(line, theme);
          return;
        }
        codes[at] = code;
        styles[at] = code === blank ? bare : number;
      }
    }
    this.end(at);
  }

  putText(line: string): void {
    let [at, number, bare] = [0, 0, 0];
    let style = '';
    for (let i = 0; i < line.length; i++) {
      const code = line.charCodeAt(i);
      const end = code === 0x1b ? line.indexOf('m', i) : 0;
      if (end > 0) {
        const change = line.slice(i + 2, end);
        style = /^(0|22|23|24|27|39|49)?$/.test(change) ? '' : style === '' ? change : `${style};${change}`;
        number = styleNumber(style);
        bare = onBlank(number);
        i = end;
        continue;
      }
      if (at >= this.codes.length || !isNarrow(code)) {
        this.text = line;
        return;
      }
      this.codes[at] = code;
      this.styles[at++] = code === blank ? bare : number;
    }
    this.end(at);
  }

  private end(at: number): void {
    this.text = undefined;
    this.codes.fill(blank, at);
    this.styles.fill(0, at);
  }
}

/** Bytes of the characters that differ; 0: the lines are the same. */
export function bytesChanged(before: Cells, after: Cells): number {
  const {codes, styles} = after;
  const [oldCodes, oldStyles] = [before.codes, before.styles];
  let bytes = 0;
  for (let i = 0; i < codes.length; i++) if (codes[i] !== oldCodes[i] || styles[i] !== oldStyles[i]) bytes += (codes[i] ?? 0) > 126 ? 3 : 1;
  return bytes;
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

/** Erasing takes a sequence, and so pays from some blanks on. */
const leastErased = 5;

/** The strokes that turn a line into another. */
export function strokesOf(before: Cells, after: Cells, row: number): readonly Stroke[] {
  const strokes: Stroke[] = [];
  const {codes, styles} = after;
  const oldCodes = before.codes;
  const oldStyles = before.styles;
  const blankAt = (i: number): boolean => codes[i] === blank && styles[i] === 0;
  const changed = (i: number): boolean => codes[i] !== oldCodes[i] || styles[i] !== oldStyles[i];
  // from here on the line is empty: one sequence erases what was there
  let filled = codes.length;
  while (filled > 0 && blankAt(filled - 1)) filled--;
  let erased = codes.length;
  while (erased > filled && !changed(erased - 1)) erased--;
  const end = erased - filled >= leastErased ? filled : erased;
  for (let i = 0; i < end; ) {
    if (codes[i] === oldCodes[i] && styles[i] === oldStyles[i]) {
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
    let to = from;
    let blanks = 0;
    for (; to < end && changed(to); to++) {
      const bare = blankAt(to);
      const its = styleOf(styles[to] ?? 0);
      if (bare ? style !== undefined && showsOnBlank(style) : style === undefined ? to > from && showsOnBlank(its) : its !== style) break;
      if (!bare) style = its;
      blanks = bare ? blanks + 1 : 0;
      if (blanks > leastErased) {
        to += 1 - blanks;
        break;
      }
    }
    return {row, column: from, style: style ?? anyStyle, text: String.fromCharCode(...codes.subarray(from, to)), width: to - from};
  }
}

/** Of blanks alone, that take whatever style does not show on them. */
export const anyStyle = ' ';
