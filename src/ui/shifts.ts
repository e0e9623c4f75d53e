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

/** A deletion and an insertion, and how the cursor gets to both. */
const leastSaved = 14;

export function shiftOf(before: Cells, after: Cells, row: number): Shift | undefined {
  const length = Math.max(before.texts.length, after.texts.length);
  const same = (i: number, j: number): boolean =>
    (after.texts[i] ?? ' ') === (before.texts[j] ?? ' ') && (after.styles[i] ?? '') === (before.styles[j] ?? '');
  let best = {from: 0, to: 0, saved: leastSaved - 1};
  let run = {from: -1, to: 0, saved: 0};
  for (let i = 0; i < length; i++) {
    if (!same(i, i + 1)) run = {from: -1, to: 0, saved: 0};
    else if (!same(i, i)) {
      run = {from: run.from < 0 ? i : run.from, to: i + 1, saved: run.saved + ((after.texts[i] ?? ' ') > '~' ? 3 : 1)};
      if (run.saved > best.saved) best = run;
    }
  }
  const {from, to} = best;
  if (to === 0) return undefined;
  const texts = [...before.texts];
  const styles = [...before.styles];
  texts.splice(from, 1);
  styles.splice(from, 1);
  const remove = {row, column: from, style: '', text: '\u001B[P', width: 0};
  // what stands behind goes with it, and has to come back
  const alone = texts.slice(to).every((text, i) => text === ' ' && styles[to + i] === '');
  if (alone) return {line: {texts, styles}, remove, insert: undefined};
  texts.splice(to, 0, ' ');
  styles.splice(to, 0, '');
  return {line: {texts, styles}, remove, insert: {row, column: to, style: '', text: '\u001B[@', width: 0}};
}
