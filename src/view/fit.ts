// Text in columns of a terminal: widths, cutting, padding. Wide and combining characters count as the terminal counts
// them. All text here is safe to print already.
import stringWidth from 'string-width';

const ascii = /^[\x20-\x7e]*$/;

/** Columns that a text takes. */
export const widthOf = (text: string): number => (ascii.test(text) ? text.length : stringWidth(text));

const segmenter = new Intl.Segmenter(undefined, {granularity: 'grapheme'});

/** The text in exactly `width` columns: cut with an ellipsis, or filled with spaces. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  return pad(crop(text, width), width, align);
}

export function crop(text: string, width: number): string {
  if (width <= 0) return '';
  if (ascii.test(text)) return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
  if (stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const {segment} of segmenter.segment(text)) {
    const next = stringWidth(segment);
    if (used + next > width - 1) break;
    kept += segment;
    used += next;
  }
  return `${kept}…`;
}

export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + space : space + text;
}
