// The heat map: time across, a column a refresh; values upwards, a line a bucket; how many by shade, and by colour where
// there is one. Pure.
import {type Moment, bandOf} from './history.ts';
import {pad, widthOf} from './fit.ts';
import type {HistColumn} from '../decode/frame.ts';
import {type Line, seg, type Segment, type Style} from './styles.ts';
import {boundText, si, timeText} from './units.ts';

const shades = ['·', '░', '▒', '▓', '█'];
const asciiShades = ['.', ':', '+', '#', '@'];
const styles: readonly Style[] = ['heat1', 'heat2', 'heat3', 'heat4', 'heat5'];
/** Below the map: the time axis and the legend. */
const footLines = 2;
/** Lines of a bucket at most, where there are few of them. */
const thickest = 3;

/** @param id of the row, or undefined for all rows */
export function heatmapLines(
  moments: readonly Moment[],
  id: string | undefined,
  {unit, scale}: HistColumn,
  width: number,
  lines: number,
  ascii: boolean,
): readonly Line[] {
  const counted = moments.filter((moment) => moment.interval > 0);
  const values = counted.map((moment) => moment.recent(id));
  const slots = values.flatMap((each) => each.slots);
  const last = counted.at(-1);
  if (last === undefined) return [[seg(' the second refresh is the first column', 'dim')]];
  if (slots.length === 0)
    return [[seg(counted.length === 1 ? ' no values in the last refresh' : ` no values in the last ${counted.length} refreshes`, 'dim')]];
  const lowest = slots.reduce((least, slot) => Math.min(least, slot));
  const highest = slots.reduce((most, slot) => Math.max(most, slot));
  const room = Math.max(1, lines - footLines);
  const perLine = Math.ceil((highest - lowest + 1) / room);
  const bands = Array.from({length: Math.ceil((highest - lowest + 1) / perLine)}, (_, i) =>
    bandOf(scale, lowest + i * perLine, Math.min(highest, lowest + (i + 1) * perLine - 1)),
  );
  const labels = bands.map(({low}) => boundText(low, unit, '-∞'));
  const labelWidth = Math.max(...labels.map(widthOf));
  const cells = Math.max(1, width - labelWidth - 3);
  const perColumn = Math.ceil(counted.length / cells);

  // a refresh stays in its column when the next one comes, hence by its number
  const columns = new Map<number, number[]>();
  for (const [i, moment] of counted.entries()) {
    const column = perColumn === 1 ? i : Math.floor(moment.seq / perColumn);
    const sums = columns.get(column) ?? new Array<number>(bands.length).fill(0);
    columns.set(column, sums);
    values[i]?.slots.forEach((slot, s) => {
      const band = Math.floor((slot - lowest) / perLine);
      sums[band] = (sums[band] ?? 0) + (values[i]?.counts[s] ?? 0);
    });
  }
  const shown = [...columns.values()].slice(-cells);
  const most = shown.reduce((all, sums) => Math.max(all, ...sums), 0);
  const levels = levelsOf(most);
  const marks = ascii ? asciiShades : shades;
  const edge = ascii ? '|' : '│';
  const thickness = Math.max(1, Math.min(thickest, Math.floor(room / bands.length)));
  const body = bands.flatMap((_, band): Line[] => {
    const cellsOf = shown.map((sums) => levelOf(levels, sums[band] ?? 0));
    const drawn = [seg(edge, 'dim'), ...runs(cellsOf, marks)];
    // its lower end stands at its lowest line
    return Array.from({length: thickness}, (_, i) => [
      seg(` ${pad(i === 0 ? (labels[band] ?? '') : '', labelWidth, 'right')}`, 'dim'),
      ...drawn,
    ]);
  });
  const firstTime = counted[counted.length - Math.min(counted.length, shown.length * perColumn)]?.time ?? last.time;
  return [
    ...body.reverse(),
    timeAxis(firstTime, last.time, shown.length, labelWidth, ascii),
    legend(levels, marks, perColumn, labelWidth, width),
  ];
}

/** From how many values on a cell has each shade: equal steps of the logarithm, so that a single slow one is seen. */
export const levelsOf = (most: number): readonly number[] => shades.map((_, i) => Math.ceil(most ** (i / shades.length) - 1e-9));

/** 0: none. */
const levelOf = (levels: readonly number[], count: number): number => (count === 0 ? 0 : levels.findLastIndex((from) => count >= from) + 1);

/** Cells of one shade as one segment. */
function runs(cells: readonly number[], marks: readonly string[]): readonly Segment[] {
  const segments: Segment[] = [];
  for (let from = 0; from < cells.length; ) {
    const level = cells[from] ?? 0;
    let to = from;
    while (to < cells.length && cells[to] === level) to++;
    segments.push(level === 0 ? seg(' '.repeat(to - from)) : seg((marks[level - 1] ?? '').repeat(to - from), styles[level - 1] ?? 'plain'));
    from = to;
  }
  return segments;
}

function timeAxis(first: number, last: number, cells: number, labelWidth: number, ascii: boolean): Line {
  const clock = timeText(last);
  const ago = (time: number): string => `${ascii ? '-' : '−'}${spanText(last - time)}`;
  const corner = seg(`${' '.repeat(labelWidth + 1)}${ascii ? '+' : '└'}`, 'dim');
  if (cells < 12) return [corner, seg(clock, 'dim')];
  const left = ago(first);
  const middle = cells >= 40 ? ago((first + last) / 2) : '';
  const space = cells - widthOf(left) - widthOf(middle) - clock.length;
  if (space < 2) return [corner, seg(pad(clock, cells, 'right'), 'dim')];
  const before = middle === '' ? space : Math.max(1, Math.round(cells / 2 - widthOf(left) - widthOf(middle) / 2));
  return [corner, seg(`${left}${' '.repeat(before)}${middle}${' '.repeat(Math.max(0, space - before))}${clock}`, 'dim')];
}

/** 14 s, 1m 58s: how long ago. */
export function spanText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return whole < 3600 ? `${Math.floor(whole / 60)}m ${whole % 60}s` : `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`;
}

/** `· 1  ░ 4+`: where two shades begin at the same count, the darker one is the one that is drawn. */
function legend(levels: readonly number[], marks: readonly string[], perColumn: number, labelWidth: number, width: number): Line {
  const parts = levels.flatMap((from, i): Segment[] => {
    if (levels[i + 1] === from) return [];
    const next = levels[i + 1];
    return [seg(marks[i] ?? '', styles[i] ?? 'plain'), seg(` ${si(from)}${next === from + 1 ? '' : '+'}  `, 'dim')];
  });
  const text = perColumn === 1 ? 'values a refresh' : `values in ${perColumn} refreshes`;
  const used = parts.reduce((sum, part) => sum + widthOf(part.text), labelWidth + 2);
  return [seg(' '.repeat(labelWidth + 2)), ...parts, seg(used + text.length <= width ? text : '', 'dim')];
}
