// The table of a view as lines: heading, the rows that are seen, and the marks on them. Pure; what it costs depends on
// the lines of the screen, not on the number of rows.
import type {Row} from '../decode/frame.ts';
import {arrange, type Arrangement, gap} from './arrange.ts';
import {bar, sparkline} from './bars.ts';
import {type Column, columnsOf} from './columns.ts';
import {crop, cropPath, fit, pad, widthOf} from './fit.ts';
import type {ViewState} from './state.ts';
import {minuteOf, pastCells} from './state/past.ts';
import {topFor} from './state/select.ts';
import {type Line, seg, type Segment, type Style} from './styles.ts';

const barCells = 10;
const mostBarCells = 40;
const taken = (widths: readonly number[]): number => widths.reduce((sum, each) => sum + each + gap, -gap);

interface Table {
  readonly heading: Line;
  readonly rows: readonly Line[];
  /** Index of the first row shown. */
  readonly top: number;
}

/** @param lines lines for rows, the heading not among them */
export function tableOf(view: ViewState, width: number, lines: number, ascii: boolean): Table {
  const {shape, rows, selected, sums, amount} = view;
  if (shape === undefined) return {heading: [], rows: [], top: 0};
  const top = topFor(view.top, selected, rows.length, lines);
  const visible = rows.slice(top, top + lines);
  const share = (row: Row): number => (sums[amount] === 0 ? 0 : Number(row[amount][0] ?? 0) / sums[amount]);
  const all = withPictures(columnsOf(shape), view, ascii);
  const texts = new Map(all.map((column) => [column, visible.map((row) => column.text(row, share(row)))]));
  const sorted = view.sort.replace(/^-/, '');
  const naturals = new Map(all.map((column) => [column, naturalWidth(column, texts.get(column) ?? [])])); // asked for many times
  const natural = (column: Column): number => naturals.get(column) ?? 0;
  // what the rows are sorted by is seen
  const kept = all.find((column) => column.sort === sorted);
  const fitted = (room: number): Arrangement => arrangedWide(arrange(all, natural, room, view.across, kept), room);
  const whole = fitted(width - 2);
  // the sign that there is more stands apart from the last heading
  const apart = whole.hidden > 0 && taken(whole.widths) > width - 3 ? fitted(width - 3) : whole;
  const {columns, widths, hidden} = view.across > 0 && apart.hidden > whole.hidden ? whole : apart;
  const rest = Math.max(0, width - 1 - taken(widths));

  /** Where there is room, the bars of the shares get it. */
  function arrangedWide(arranged: Arrangement, width: number): Arrangement {
    const at = arranged.columns.findIndex((column) => column.title === barTitle);
    const room = Math.min(mostBarCells - barCells, width - taken(arranged.widths));
    const column = arranged.columns[at];
    if (column === undefined || room <= 0) return arranged;
    texts.set(
      column,
      visible.map((row) => bar(share(row), barCells + room, ascii)),
    );
    return {...arranged, widths: arranged.widths.map((each, i) => (i === at ? barCells + room : each))};
  }

  const lineOf = (row: Row, i: number): Line => {
    const chosen = top + i === selected;
    const cold = shape.lasting !== true && (row.delta[0] ?? 0) === 0;
    const hot = !cold && shape.lasting !== true && isHot(view, row);
    const target = {kind: 'row', index: top + i} as const;
    const line: Segment[] = [{...gutter(row, chosen, ascii), target}];
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c] as Column;
      const width = widths[c] ?? 0;
      const whole = texts.get(column)?.[i] ?? '';
      const text = pad(column.drop === 0 ? cropPath(whole, width) : crop(whole, width), width, column.align);
      const marked = hot && column.sort === amount;
      const style = chosen ? 'selected' : cold ? 'dim' : marked ? 'hot' : styleOf(column, amount);
      const behind = c === columns.length - 1 ? '' : marked ? (ascii ? '^ ' : '↑ ') : ' '.repeat(gap);
      if (column.drop === 0 && view.filter !== '') {
        for (const segment of matched(text, view.filter, style, chosen)) line.push({...segment, target});
        line.push({text: behind, style, target});
      } else line.push({text: text + behind, style, target});
    }
    if (chosen) line.push({text: ' '.repeat(rest), style: 'selected', target});
    return line;
  };
  return {heading: headingOf(view, columns, widths, rest, hidden, ascii), rows: visible.map(lineOf), top};
}

function naturalWidth(column: Column, texts: readonly string[]): number {
  let most = Math.max(widthOf(column.title) + (column.sort === '' ? 0 : 2), leastWidth(column));
  for (let i = 0; i < texts.length; i++) most = Math.max(most, widthOf(texts[i] ?? ''));
  return most;
}

const styleOf = (column: Column, amount: string): Style =>
  column.title === sparkTitle || column.title === barTitle ? 'accent' : column.sort === amount ? 'value' : 'plain';

const sparkTitle = 'LAST MINUTE';
const barTitle = 'SHARE';

/** The share of each row as a bar behind its per cent, and its last minute at the end. */
function withPictures(columns: readonly Column[], view: ViewState, ascii: boolean): readonly Column[] {
  const now = view.shown?.time ?? 0;
  const lasting = view.shape?.lasting === true;
  const minute = (row: Row): string =>
    sparkline(
      minuteOf(view.past, now, (cell) => (lasting ? cell.level(row.id) : cell.counted(row.id) / cell.seconds)),
      ascii,
    );
  return columns
    .flatMap((column): readonly Column[] =>
      column.title === '%'
        ? [column, {sort: '', title: barTitle, align: 'left', drop: 6, text: (_, share) => bar(share, barCells, ascii)}]
        : [column],
    )
    .concat({sort: '', title: sparkTitle, align: 'left', drop: 5, text: minute});
}

function headingOf(
  view: ViewState,
  columns: readonly Column[],
  widths: readonly number[],
  rest: number,
  hidden: number,
  ascii: boolean,
): Line {
  const sorted = view.sort.replace(/^-/, '');
  const arrow = view.sort.startsWith('-') ? (ascii ? 'v' : '▾') : ascii ? '^' : '▴';
  const [before, after] = ascii ? ['<', '>'] : ['‹', '›'];
  return [
    seg(view.across > 0 ? before : ' ', 'heading'),
    ...columns.flatMap((column, i): Segment[] => {
      const isSorted = column.sort === sorted && sorted !== '';
      const title = fit(isSorted ? `${column.title} ${arrow}` : column.title, widths[i] ?? 0, column.align);
      return [
        {
          ...seg(title, isSorted ? 'sorted' : 'heading'),
          ...(column.sort === '' ? {} : {target: {kind: 'heading', sort: column.sort, align: column.align} as const}),
        },
        seg(i === columns.length - 1 ? '' : ' '.repeat(gap), 'heading'),
      ];
    }),
    seg(rest > 0 ? ' '.repeat(rest - 1) + (hidden > 0 ? after : ' ') : '', 'heading'),
  ];
}

/** The selected row's mark; else '+' on a row whose first events came in this interval. */
function gutter(row: Row, chosen: boolean, ascii: boolean): Segment {
  if (chosen) return seg(ascii ? '>' : '▌', 'accent');
  const delta = row.delta[0] ?? 0;
  return delta > 0 && row.total[0] === delta ? seg('+', 'good') : seg(' ');
}

/** At least twice what the row counted in the minute before, and enough to matter. */
function isHot(view: ViewState, row: Row): boolean {
  const rate = row.rate[0] ?? 0;
  if (rate < 1 || rate < view.sums.rate / 100) return false;
  const {past} = view;
  if (past.length < 3) return false;
  let seconds = 0;
  let counted = 0;
  for (let i = 0; i < past.length - 1; i++) {
    seconds += past[i]?.seconds ?? 0;
    counted += past[i]?.counted(row.id) ?? 0;
  }
  return counted > 0 && rate >= (2 * counted) / seconds;
}

const isMark = (text: string, at: number): boolean => /^[\p{M}\p{Emoji_Modifier}]/u.test(text.slice(at, at + 2));

/** The text with what the filter found in it. */
function matched(text: string, filter: string, style: Style, chosen: boolean): Segment[] {
  const lower = text.toLowerCase();
  // of a few letters the small one is longer
  let at = filter === '' || lower.length !== text.length ? -1 : lower.indexOf(filter.toLowerCase());
  if (at < 0) return [seg(text, style)];
  let end = at + filter.length;
  // a letter and its marks are in one style: a terminal might give a mark a cell of its own
  while (at > 0 && isMark(text, at)) at--;
  while (isMark(text, end)) end++;
  return [seg(text.slice(0, at), style), seg(text.slice(at, end), chosen ? 'selectedMatch' : 'match'), seg(text.slice(end), style)];
}

/** Numbers keep a width, so that columns do not jump from frame to frame. */
function leastWidth(column: Column): number {
  if (column.drop === 0) return 0;
  switch (column.title) {
    case barTitle:
      return barCells;
    case sparkTitle:
      return pastCells;
    case '%':
      return 5;
  }
  switch (column.sort) {
    case 'total':
      return 11;
    case 'rate':
    case 'delta':
      return 9;
    default:
      return 8;
  }
}
