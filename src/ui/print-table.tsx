// A table printed once, for commands: ink-table rendered to text.
import {renderToString} from 'ink';
import {crop, widthOf} from '../view/fit.ts';
import {Table, type TableRow} from './table.tsx';

const padding = 2; // ink-table's, a column

/** @param columns width of the terminal, 0: no limit. The widest column is cut to fit. */
export function printTable(rows: readonly TableRow[], columns: number): void {
  const [first] = rows;
  if (first === undefined) return;
  const names = Object.keys(first);
  const widths = names.map((name) => Math.max(widthOf(name), ...rows.map((row) => widthOf(row[name] ?? ''))));
  const total = widths.reduce((sum, width) => sum + width + padding, 0);
  const widest = widths.indexOf(Math.max(...widths));
  const room = columns === 0 ? (widths[widest] ?? 0) : Math.max(10, (widths[widest] ?? 0) - Math.max(0, total - columns));
  const fitted = rows.map((row) =>
    Object.fromEntries(names.map((name, i) => [name, i === widest ? crop(row[name] ?? '', room) : (row[name] ?? '')])),
  );
  const text = renderToString(<Table rows={fitted} />, {columns: total + names.length});
  process.stdout.write(
    `${text
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '')
      .join('\n')}\n`,
  );
}
