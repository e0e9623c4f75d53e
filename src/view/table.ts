// The table of a view: which columns fit, how wide they are, and its lines. Pure.
import type {Row} from '../decode/frame.ts';
import {type Column, columnsOf} from './columns.ts';
import {fit, pad, widthOf} from './fit.ts';
import {minuteOf, sparkline} from './bars.ts';
import {topFor, type ViewState} from './state.ts';
import {type Line, seg, type Style} from './styles.ts';

const gap = 2;
const sparkCells = 12;
const sparkTitle = 'LAST MINUTE';
/** Texts of the key get no narrower than this before a number goes. */
const leastText = 14;

export interface Table {
  readonly heading: Line;
  readonly rows: readonly Line[];
  /** Index of the first row shown. */
  readonly top: number;
}

/** @param lines lines for rows, the heading not among them */
export function tableOf(view: ViewState, width: number, lines: number, ascii: boolean): Table {
  const {shape, rows, selected} = view;
  if (shape === undefined) return {heading: [], rows: [], top: 0};
  const top = topFor(view.top, selected, rows.length, lines);
  const visible = rows.slice(top, top + lines);
  const sum = view.shown?.sums.total ?? 0;
  const share = (row: Row): number => (sum === 0 ? 0 : Number(row.total[0] ?? 0) / sum);
  const all = columnsOf(shape);
  const texts = new Map(all.map((column) => [column, visible.map((row) => column.text(row, share(row)))]));
  const natural = (column: Column): number =>
    Math.max(widthOf(column.title) + (column.sort === '' ? 0 : 2), leastWidth(column), ...(texts.get(column) ?? []).map(widthOf));
  const {columns, widths, spark} = arrange(all, natural, width - 1);
  const sorted = view.sort.replace(/^-/, '');
  const arrow = view.sort.startsWith('-') ? (ascii ? 'v' : '▾') : ascii ? '^' : '▴';

  const heading: Line = [
    seg(' ', 'heading'),
    ...columns.flatMap((column, i) => {
      const title =
        column.sort === sorted ? (column.align === 'right' ? `${column.title} ${arrow}` : `${column.title} ${arrow}`) : column.title;
      return [
        seg(fit(title, widths[i] ?? 0, column.align), column.sort === sorted ? 'sorted' : 'heading'),
        seg(' '.repeat(gap), 'heading'),
      ];
    }),
    seg(spark ? pad(sparkTitle, sparkCells, 'left') : '', 'heading'),
    seg(' '.repeat(Math.max(0, width - 1 - used(widths, spark))), 'heading'),
  ];
  const now = view.shown?.time ?? 0;
  const lineOf = (row: Row, i: number): Line => {
    const chosen = top + i === selected;
    const cold = (row.delta[0] ?? 0) === 0;
    const style = (column: Column): Style =>
      chosen
        ? 'selected'
        : column.drop === 0
          ? cold
            ? 'dim'
            : 'plain'
          : column.sort === sorted && !cold
            ? 'value'
            : cold
              ? 'dim'
              : 'plain';
    return [
      seg(chosen ? (ascii ? '>' : '▌') : ' ', chosen ? 'accent' : 'plain'),
      ...columns.flatMap((column, c) => [
        seg(fit(texts.get(column)?.[i] ?? '', widths[c] ?? 0, column.align), style(column)),
        seg(' '.repeat(gap), chosen ? 'selected' : 'plain'),
      ]),
      ...(spark
        ? [
            seg(
              sparkline(
                minuteOf(view.past, now, sparkCells, (past) => past.counted.get(row.id) ?? 0),
                ascii,
              ),
              chosen ? 'selected' : 'accent',
            ),
          ]
        : []),
      seg(chosen ? ' '.repeat(Math.max(0, width - 1 - used(widths, spark))) : '', 'selected'),
    ];
  };
  return {heading, rows: visible.map(lineOf), top};
}

/** Numbers keep a width, so that columns do not jump from frame to frame. */
function leastWidth(column: Column): number {
  if (column.drop === 0) return 0;
  switch (column.sort) {
    case 'total':
      return 11;
    case 'rate':
    case 'delta':
      return 9;
    case '':
      return 5;
    default:
      return 8;
  }
}

const used = (widths: readonly number[], spark: boolean): number =>
  widths.reduce((sum, width) => sum + width + gap, 0) + (spark ? sparkCells : 0);

/** Drops the least important columns until the rest fits; texts get what is left over. */
function arrange(
  all: readonly Column[],
  natural: (column: Column) => number,
  width: number,
): {readonly columns: readonly Column[]; readonly widths: readonly number[]; readonly spark: boolean} {
  let columns = all;
  let spark = true;
  const needed = (): number =>
    columns.reduce(
      (sum, column) => sum + gap + (column.drop === 0 && column.align === 'left' ? Math.min(natural(column), leastText) : natural(column)),
      0,
    ) + (spark ? sparkCells : -gap);
  while (needed() > width) {
    const most = Math.max(...columns.map((column) => column.drop));
    if (spark) spark = false;
    else if (most === 0) break;
    else columns = columns.filter((column) => column !== columns.findLast((each) => each.drop === most));
  }
  let left = width - (columns.reduce((sum, column) => sum + gap + (isText(column) ? 0 : natural(column)), 0) + (spark ? sparkCells : -gap));
  const texts = columns.filter(isText);
  // narrow texts take what they need, and leave the rest to the wide ones
  const widths = new Map<Column, number>();
  for (const [i, column] of [...texts].sort((a, b) => natural(a) - natural(b)).entries()) {
    const given = Math.max(1, Math.min(natural(column), Math.floor(left / (texts.length - i))));
    widths.set(column, given);
    left -= given;
  }
  return {columns, widths: columns.map((column) => widths.get(column) ?? natural(column)), spark};
}

const isText = (column: Column): boolean => column.drop === 0 && column.align === 'left';
