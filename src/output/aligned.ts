// Texts in columns, as plain lines: each as wide as its widest text, two blanks between. All text here is safe to print already.
import {crop, pad, widthOf} from '../view/fit.ts';

const between = '  ';

const widthsOf = (rows: readonly (readonly string[])[]): readonly number[] =>
  (rows[0] ?? []).map((_, i) => rows.reduce((most, row) => Math.max(most, widthOf(row[i] ?? '')), 0));

/** A line a row, the first one the headings. */
export function aligned(rows: readonly (readonly string[])[], alignOf: (column: number) => 'left' | 'right' = () => 'left'): string[] {
  const widths = widthsOf(rows);
  return rows.map((row) =>
    row
      .map((text, i) => pad(text, widths[i] ?? 0, alignOf(i)))
      .join(between)
      .trimEnd(),
  );
}

/** The rows with their widest column cut, so that lines are no longer than that; to a few characters at least. */
export function cutTo(columns: number, rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const widths = widthsOf(rows);
  const widest = widths.indexOf(Math.max(...widths));
  const room = columns - widths.reduce((sum, width, i) => sum + (i === widest ? 0 : width + between.length), 0);
  return rows.map((row) => row.map((text, i) => (i === widest ? crop(text, Math.max(10, room)) : text)));
}
