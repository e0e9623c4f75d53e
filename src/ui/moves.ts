// How the cursor gets from one place to another with the fewest bytes. Tabs would be shorter still, but what they do is not
// ours to know: a tty may turn them into blanks (GNU screen's does), and the stops are the user's. Pure.
import type {Cells} from './cells.ts';
import {showsOnBlank, styleOf} from './sgr.ts';

/** What a terminal after the VT100 knows: a column, or a row, by its number. */
export interface Moves {
  readonly columns: number;
  readonly basic: boolean;
}

/** A column of undefined: behind the last one, where terminals differ in where they are. A row of undefined: nothing is known. */
export interface Place {
  readonly row: number | undefined;
  readonly column: number | undefined;
}

/** `line`: what is, or will be, in the row gone to; `style`: that which is in force. Cells on the way may be written again. */
export function move(from: Place, row: number, column: number, line: Cells | undefined, style: string, {basic}: Moves): string {
  if (from.row === row && from.column === column) return '';
  if (from.row === undefined) return absolute(row, column);
  const down = vertical(row - from.row);
  let across = from.column === undefined ? undefined : sideways(from.column, column, line, style);
  if (across === undefined || across.length > column || across.length > 3) {
    const anew = `\r${ahead(0, column, line, style)}`;
    if (across === undefined || anew.length < across.length) across = anew;
    if (!basic && across.length > 3) across = shorter(across, sequence(column + 1, 'G'));
  }
  return down.length + across.length < 4 ? down + across : shorter(down + across, absolute(row, column));
}

const absolute = (row: number, column: number): string =>
  row === 0 && column === 0 ? '\u001B[H' : `\u001B[${row === 0 ? '' : row + 1}${column === 0 ? '' : `;${column + 1}`}H`;
const shorter = (a: string, b: string): string => (b.length < a.length ? b : a);

/** A line feed's sisters go down without going back; the tty leaves them as they are. */
function vertical(by: number): string {
  if (by < 0) return by > -2 ? '\u001BM' : sequence(-by, 'A');
  return by < 4 ? '\v'.repeat(by) : sequence(by, 'B');
}

function sideways(from: number, to: number, line: Cells | undefined, style: string): string {
  if (to >= from) return ahead(from, to, line, style);
  return to > from - 4 ? '\b'.repeat(from - to) : sequence(from - to, 'D');
}

/** Over some cells, or by writing them again as they are. */
function ahead(from: number, to: number, line: Cells | undefined, style: string): string {
  if (from === to) return '';
  const over = sequence(to - from, 'C');
  if (line === undefined || to - from >= over.length) return over;
  let again = '';
  for (let i = from; i < to; i++) {
    const [code, its] = [line.codes[i] ?? 32, line.styles[i] ?? 0];
    const fits = code === 32 && its === 0 ? !showsOnBlank(style) : styleOf(its) === style;
    if (!fits || code > 126) return over;
    again += String.fromCharCode(code);
  }
  return again;
}

const sequences = new Map<string, string[]>();

/** A sequence with a number, of which 1 is left out. */
function sequence(by: number, letter: string): string {
  let known = sequences.get(letter);
  if (known === undefined) sequences.set(letter, (known = []));
  return (known[by] ??= `\u001B[${by === 1 ? '' : by}${letter}`);
}
