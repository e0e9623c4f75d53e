// In which order strokes are written, and how the cursor gets from one to the next: the fewest bytes. Pure.
import {anyStyle, type Stroke} from './cells.ts';
import {showsOnBlank, styleChange} from './sgr.ts';

/** Writes the strokes, from a place that is not known and no style; no style is in force afterwards. */
export function written(strokes: readonly Stroke[], columns: number): string {
  // along the rows, or down the columns: there a number below a number is one step away, and of its style
  const [along, down] = [inOrder(strokes, columns), inOrder([...strokes].sort(byColumn), columns)];
  return down.length < along.length ? down : along;
}

const end = ({column, width}: Stroke): number => column + width;
const byColumn = (a: Stroke, b: Stroke): number => (a.style === b.style ? end(a) - end(b) || a.row - b.row : a.style < b.style ? -1 : 1);

function inOrder(strokes: readonly Stroke[], columns: number): string {
  let output = '';
  let style = '';
  let [row, column] = [-1, -1];
  for (const stroke of strokes) {
    output += move(row, column, stroke.row, stroke.column);
    const wanted = stroke.style === anyStyle ? (showsOnBlank(style) ? '' : style) : stroke.style;
    output += styleChange(style, wanted) + stroke.text;
    style = wanted;
    row = stroke.row;
    column = end(stroke);
    // behind the last column terminals differ in where they are
    if (column >= columns) column = -1;
  }
  return output + styleChange(style, '');
}

/** -1: not known. A line feed's sisters go down without going back; the tty leaves them as they are. */
function move(row: number, column: number, toRow: number, toColumn: number): string {
  if (row === toRow && column === toColumn) return '';
  const absolute =
    toRow === 0 && toColumn === 0 ? '\u001B[H' : `\u001B[${toRow === 0 ? '' : toRow + 1}${toColumn === 0 ? '' : `;${toColumn + 1}`}H`;
  if (row < 0) return absolute;
  const down = vertical(toRow - row);
  const fromStart = `\r${horizontal(toColumn)}`;
  const across = column < 0 ? fromStart : shorter(horizontal(toColumn - column), fromStart);
  return shorter(down + across, absolute);
}

const shorter = (a: string, b: string): string => (b.length < a.length ? b : a);

const vertical = (by: number): string => (by === 0 ? '' : by < 0 ? sequence(-by, 'A') : by < 4 ? '\v'.repeat(by) : sequence(by, 'B'));
const horizontal = (by: number): string => (by === 0 ? '' : by > 0 ? sequence(by, 'C') : by > -4 ? '\b'.repeat(-by) : sequence(-by, 'D'));
const sequence = (by: number, letter: string): string => `\u001B[${by === 1 ? '' : by}${letter}`;
