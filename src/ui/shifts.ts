// What moved one cell to the left within its line, as sparklines and heat maps do: deleting a cell there, and inserting one
// behind, moves it for a few bytes. Pure.
import type {Cells, Stroke} from './cells.ts';

export interface Shift {
  /** The line as it is once the cells are deleted and inserted. */
  readonly line: Cells;
  readonly remove: Stroke;
  /** Not needed where nothing stands behind. */
  readonly insert: Stroke | undefined;
}

/** Bytes of a deletion and an insertion, and of how the cursor gets to both. */
export const leastSaved = 14;

export function shiftOf(before: Cells, after: Cells, row: number): Shift | undefined {
  const {codes, styles} = after;
  const [oldCodes, oldStyles] = [before.codes, before.styles];
  const {length} = codes;
  let best = {from: 0, to: 0, saved: leastSaved - 1};
  let [from, saved] = [-1, 0];
  for (let i = 0; i < length; i++) {
    const [code, style] = [codes[i] ?? 0, styles[i] ?? 0];
    if (i + 1 < length ? code !== oldCodes[i + 1] || style !== oldStyles[i + 1] : code !== 32 || style !== 0) {
      [from, saved] = [-1, 0];
    } else if (code !== oldCodes[i] || style !== oldStyles[i]) {
      if (from < 0) from = i;
      saved += code > 126 ? 3 : 1;
      if (saved > best.saved) best = {from, to: i + 1, saved};
    }
  }
  const {to} = best;
  if (to === 0) return undefined;
  const line = {codes: before.codes.slice(), styles: before.styles.slice()};
  const remove = {row, column: best.from, style: '', text: '\u001B[P', width: 0};
  // what stands behind goes with it, and has to come back
  const alone = line.codes.subarray(to + 1).every((code, i) => code === 32 && line.styles[to + 1 + i] === 0);
  const last = alone ? length - 1 : to;
  for (const cells of [line.codes, line.styles]) cells.copyWithin(best.from, best.from + 1, last + 1);
  line.codes[last] = 32;
  line.styles[last] = 0;
  return {line, remove, insert: alone ? undefined : {row, column: to, style: '', text: '\u001B[@', width: 0}};
}
