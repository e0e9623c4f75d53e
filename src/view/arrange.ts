// Which columns fit the width, and how wide each is. Pure.
import type {Column} from './columns.ts';

export const gap = 2;
/** Texts of the key get no narrower than this before a number goes, */
const leastText = 14;
/** and than this before a column goes that only says in another way what others say. */
const goodText = 32;
const anotherWay = 4;

export interface Arrangement {
  readonly columns: readonly Column[];
  readonly widths: readonly number[];
  /** Columns that are not on the screen. */
  readonly hidden: number;
}

/** @param across columns scrolled over; 0: all that fit, the least important dropped first, `kept` never */
export function arrange(
  all: readonly Column[],
  natural: (column: Column) => number,
  width: number,
  across: number,
  kept?: Column,
): Arrangement {
  const least = (column: Column): number => (isText(column) ? Math.min(natural(column), leastText) : natural(column));
  const good = (column: Column): number => (isText(column) ? Math.min(natural(column), goodText) : natural(column));
  const columns =
    across === 0
      ? mostImportant(mostImportant(all, good, width, anotherWay, kept), least, width, 1, kept)
      : scrolled(all, least, width, across);
  let left = width - columns.reduce((sum, column) => sum + gap + (isText(column) ? 0 : natural(column)), -gap);
  const texts = columns.filter(isText);
  // narrow texts take what they need, and leave the rest to the wide ones
  const widths = new Map<Column, number>();
  for (const [i, column] of [...texts].sort((a, b) => natural(a) - natural(b)).entries()) {
    const given = Math.max(1, Math.min(natural(column), Math.floor(left / (texts.length - i))));
    widths.set(column, given);
    left -= given;
  }
  return {columns, widths: columns.map((column) => widths.get(column) ?? natural(column)), hidden: all.length - columns.length};
}

const isText = (column: Column): boolean => column.drop === 0 && column.align === 'left';
const needed = (columns: readonly Column[], least: (column: Column) => number): number =>
  columns.reduce((sum, column) => sum + gap + least(column), -gap);

/** Those that fit; columns of a number below `from` stay in any case. */
function mostImportant(
  all: readonly Column[],
  least: (column: Column) => number,
  width: number,
  from: number,
  kept: Column | undefined,
): readonly Column[] {
  let columns = all;
  const dropped = (column: Column): number => (column === kept ? 0 : column.drop);
  while (needed(columns, least) > width) {
    const most = Math.max(...columns.map(dropped));
    if (most < from) break;
    const gone = columns.findLast((each) => dropped(each) === most);
    columns = columns.filter((column) => column !== gone);
  }
  return columns;
}

/** The first column stays; of the others as many as fit, from the one scrolled to. */
function scrolled(all: readonly Column[], least: (column: Column) => number, width: number, across: number): readonly Column[] {
  const [first, ...rest] = all;
  if (first === undefined) return [];
  const columns = [first];
  for (const column of rest.slice(Math.min(across, rest.length - 1))) {
    if (columns.length > 1 && needed([...columns, column], least) > width) break;
    columns.push(column);
  }
  return columns;
}
