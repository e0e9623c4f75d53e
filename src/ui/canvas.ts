// A whole screen as lines of cells, and what has to be written to turn one into another.
import {bytesChanged, CellLine, type Cells, type Stroke, strokesOf} from './cells.ts';
import {scrollOf} from './scrolls.ts';
import {leastSaved, type Shift, shiftOf} from './shifts.ts';
import {written} from './strokes.ts';

export class Canvas {
  readonly lines: readonly CellLine[];
  readonly columns: number;

  constructor(rows: number, columns: number) {
    this.columns = columns;
    this.lines = Array.from({length: rows}, () => new CellLine(columns));
  }

  fits(rows: number, columns: number): boolean {
    return this.lines.length === rows && this.columns === columns;
  }
}

/** What turns the screen into the one wanted. `known` undefined, or of another size: what is on the screen is not known. */
export function changes(known: Canvas | undefined, wanted: Canvas, basic: boolean): string {
  const {columns} = wanted;
  const painted = known?.fits(wanted.lines.length, columns) ? known : undefined;
  const scroll = painted === undefined || basic ? undefined : scrollOf(painted.lines, wanted.lines);
  let output = painted === undefined ? '\u001B[m\u001B[H\u001B[2J' : (scroll?.output ?? '');
  const empty = new CellLine(columns);
  const strokes: Stroke[] = [];
  const shifts: Shift[] = [];
  const lines = new Map<number, Cells>();
  wanted.lines.forEach((after, y) => {
    const before = (scroll ?? painted)?.lines[y] ?? empty;
    if (before.text === undefined && after.text === undefined) {
      const bytes = bytesChanged(before, after);
      if (bytes === 0) return;
      const shift = basic || bytes < leastSaved ? undefined : shiftOf(before, after, y);
      if (shift !== undefined) shifts.push(shift);
      strokes.push(...strokesOf(shift?.line ?? before, after, y));
      lines.set(y, after);
    } else if (after.text === undefined) {
      output += `\u001B[${y + 1};1H\u001B[K`;
      strokes.push(...strokesOf(empty, after, y));
      lines.set(y, after);
    } else if (before.text !== after.text) {
      const {length, column} = sharedStart(before.text ?? '', after.text);
      output += `\u001B[${y + 1};${column + 1}H${after.text.slice(length)}\u001B[m\u001B[K`;
    }
  });
  const write = (all: readonly Stroke[]): string => written(all, lines, {columns, basic});
  const [removed, inserted] = [shifts.map(({remove}) => remove), shifts.flatMap(({insert}) => insert ?? [])];
  return output + write(removed) + write(inserted) + write(strokes);
}

/** How much of the line may stay: its length in the string and its columns, up to a place where no style is open. */
export function sharedStart(a: string, b: string): {readonly length: number; readonly column: number} {
  let [at, column, styled] = [0, 0, false];
  let safe = {length: 0, column: 0};
  while (at < a.length && at < b.length && a[at] === b[at]) {
    if (a[at] === '\u001B') {
      const end = a.indexOf('m', at);
      if (end < 0 || a.slice(at, end + 1) !== b.slice(at, end + 1)) break;
      styled = a.slice(at, end + 1) !== '\u001B[0m';
      at = end + 1;
    } else {
      const code = a.charCodeAt(at);
      if (code < 32 || code > 126) break; // its width is not known here, and a mark may follow
      at++;
      column++;
    }
    if (!styled) safe = {length: at, column};
  }
  // a mark behind the last shared character would belong to it
  return safe.length > 0 && b.charCodeAt(safe.length) > 126 ? {length: 0, column: 0} : safe;
}
