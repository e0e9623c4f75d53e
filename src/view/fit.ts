// Text in columns of a terminal: widths, cutting, padding. Wide and combining characters count as the terminal counts
// them. All text here is safe to print already.
import stringWidth from 'string-width';
import {once} from '../decode/once.ts';

/** One column a character: what is printable in ASCII and Latin-1, arrows, lines, blocks, and what else our screens draw with. */
const narrow = /^[ -~\u00A1-\u00AC\u00AE-\u00FF\u2010-\u2027\u2039\u203A\u2190-\u21FF\u2212\u221E\u23CE\u2500-\u25FC\u2713\u2717]*$/;
export const isNarrow = (text: string): boolean => narrow.test(text);

/** Columns that a text takes. */
export const widthOf = (text: string): number => (isNarrow(text) ? text.length : stringWidth(text));

/** It takes 10 ms to make, and most texts are cut without. */
const segmenter = once(() => new Intl.Segmenter(undefined, {granularity: 'grapheme'}));

/** The text in exactly `width` columns: cut with an ellipsis, or filled with spaces. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  return pad(crop(text, width), width, align);
}

export function crop(text: string, width: number): string {
  if (width <= 0) return '';
  if (isNarrow(text)) return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
  if (stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const {segment} of segmenter().segment(text)) {
    const next = stringWidth(segment);
    if (used + next > width - 1) break;
    kept += segment;
    used += next;
  }
  return `${kept}…`;
}

/** Of a path the end says most: what is left out is between. */
export function cropPath(text: string, width: number): string {
  if (!/^\.{0,2}\//.test(text) || !isNarrow(text) || text.length <= width || width < 8) return crop(text, width);
  const front = Math.floor(width / 3);
  return `${text.slice(0, front)}…${text.slice(text.length - (width - front - 1))}`;
}

export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + space : space + text;
}
