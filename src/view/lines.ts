// Lines made of segments: cut to a width, broken at words. Pure.
import {crop, fit, widthOf} from './fit.ts';
import {type Line, seg, type Segment, type Style} from './styles.ts';

export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? crop(word, width) : `${line} ${word}`;
  }
  return [...lines, line];
}

export function cropLine(line: Line, width: number): Line {
  let whole = 0;
  for (let i = 0; i < line.length; i++) whole += widthOf(line[i]?.text ?? '');
  if (whole <= width) return line;
  let left = width;
  const kept: Segment[] = [];
  for (const segment of line) {
    const size = widthOf(segment.text);
    if (size <= left) kept.push(segment);
    else if (left > 0) kept.push({...segment, text: segment.text.trim() === '' ? ' '.repeat(left) : fit(segment.text, left)});
    left -= Math.min(size, left);
    if (left === 0) break;
  }
  return kept;
}

/** Paragraphs of one style, indented by two. */
export const paragraphs = (text: string, style: Style, columns: number): readonly Line[] =>
  text
    .split('\n')
    .flatMap((line) => wrapped(line, columns - 4))
    .map((line) => [seg(`  ${line}`, style)]);
