// Lines of the terminal as cells, and the fewest bytes that turn one line into another. Only what takes one column each is
// told apart: a line with anything wider, or with marks that combine, is left to whoever asks.

import {isNarrow as areNarrow} from '../view/fit.ts';

export interface Cells {
  readonly texts: readonly string[];
  /** The sequences that are in force in each cell; '' for none. */
  readonly styles: readonly string[];
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
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at);
    if (char !== '\u001B') {
      if (!isNarrow(char)) return undefined;
      texts.push(char);
      styles.push(style);
      continue;
    }
    const end = line.indexOf('m', at);
    if (end < 0) return undefined;
    const sequence = line.slice(at, end + 1);
    style = /^\u001B\[(0|22|23|24|27|39|49)?m$/.test(sequence) ? '' : style + sequence;
    at = end;
  }
  return {texts, styles};
}

/** Cells left as they are, in the middle of those that change, are written again where moving over them costs more. */
const leastGap = 5;

/** What turns a line into another, and the style that is in force then. `style`: the one in force before. */
export function lineChanges(before: Cells, after: Cells, row: number, style: string): {readonly output: string; readonly style: string} {
  const cell = ({texts, styles}: Cells, i: number): string => `${styles[i] ?? ''}${texts[i] ?? ' '}`;
  const length = Math.max(before.texts.length, after.texts.length);
  // from here on the line is empty: one sequence erases what was there
  let filled = after.texts.length;
  while (filled > 0 && cell(after, filled - 1) === ' ') filled--;
  let output = '';
  let now = style;
  let at = -1; // where the cursor is, in this row
  const move = (to: number): void => {
    if (at === to) return;
    output += at < 0 ? `\u001B[${row + 1};${to + 1}H` : to - at === 1 ? '\u001B[C' : `\u001B[${to - at}C`;
    at = to;
  };
  const wear = (wanted: string): void => {
    if (wanted === now) return;
    output += now === '' ? wanted : wanted === '' ? '\u001B[0m' : `\u001B[0;${wanted.slice(2)}`;
    now = wanted;
  };
  const put = (i: number): void => {
    wear(after.styles[i] ?? '');
    output += after.texts[i] ?? ' ';
    at = i + 1;
  };
  for (let i = 0; i < Math.min(length, filled); i++) {
    if (cell(before, i) === cell(after, i)) continue;
    if (at >= 0 && i - at > 0 && i - at < leastGap && sameStyle(after, at, i, now)) for (let gap = at; gap < i; gap++) put(gap);
    else move(i);
    put(i);
  }
  let rest = filled;
  while (rest < before.texts.length && cell(before, rest) === ' ') rest++;
  if (rest < before.texts.length) {
    move(filled);
    wear('');
    output += '\u001B[K';
  }
  return {output, style: now};
}

function sameStyle({styles}: Cells, from: number, to: number, style: string): boolean {
  for (let i = from; i < to; i++) if ((styles[i] ?? '') !== style) return false;
  return true;
}
