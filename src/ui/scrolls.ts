// Lines that moved up or down as a block, as when a table is scrolled: deleting lines there, and inserting as many at the block's other
// end, moves it for a few bytes. Pure.
import {bytesChanged, CellLine} from './cells.ts';

interface Scroll {
  readonly output: string;
  /** The screen once that is written. */
  readonly lines: readonly CellLine[];
}

/** Of lines that scroll one sees it by some; by so many lines at most. */
const farthest = 8;
const samples = [2, 3, 4, 5, 6].map((eighths) => eighths / 8);
/** Bytes that the sequences take, and the lines that they leave blank. */
const leastSaved = 200;

export function scrollOf(before: readonly CellLine[], after: readonly CellLine[]): Scroll | undefined {
  const by = distance(before, after);
  if (by === 0) return undefined;
  const {from, to, saved} = block(before, after, by);
  if (saved < leastSaved) return undefined;
  const count = Math.abs(by);
  // up: those that are scrolled out go, and as many come behind the block; down: the other way round
  const [gone, come] = by > 0 ? [from, to + 1] : [to + 1 - count, from - count];
  const lines = [...before];
  const empty = new CellLine(before[0]?.codes.length ?? 0);
  lines.splice(gone, count);
  lines.splice(come, 0, ...Array.from({length: count}, () => empty));
  return {output: `\u001B[${gone + 1}H\u001B[${count}M\u001B[${come + 1}H\u001B[${count}L`, lines};
}

/** By how many lines what is seen in the middle went up; negative: down; 0: it did not. */
function distance(before: readonly CellLine[], after: readonly CellLine[]): number {
  const changed: number[] = [];
  for (const share of samples) {
    const y = Math.floor(share * after.length);
    if (!same(before[y], after[y])) changed.push(y);
  }
  if (changed.length < 3) return 0;
  for (let by = 1; by <= farthest; by++)
    for (const way of [by, -by]) {
      let matching = 0;
      for (const y of changed) if (same(before[y + way], after[y])) matching++;
      if (matching >= changed.length - 1) return way;
    }
  return 0;
}

function same(a: CellLine | undefined, b: CellLine | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (a.text !== undefined || b.text !== undefined) return a.text === b.text;
  for (let i = 0; i < a.codes.length; i++) if (a.codes[i] !== b.codes[i] || a.styles[i] !== b.styles[i]) return false;
  return true;
}

/** The lines that are to be moved: those with which most bytes are saved. */
function block(before: readonly CellLine[], after: readonly CellLine[], by: number): {from: number; to: number; saved: number} {
  const cost = (a: CellLine, b: CellLine): number =>
    a.text !== undefined || b.text !== undefined ? (a.text === b.text ? 0 : a.codes.length) : bytesChanged(a, b);
  let best = {from: 0, to: 0, saved: 0};
  let [from, saved] = [0, 0];
  for (let y = Math.max(0, -by); y < Math.min(after.length, after.length - by); y++) {
    if (saved <= 0) [from, saved] = [y, 0];
    saved += cost(before[y] as CellLine, after[y] as CellLine) - cost(before[y + by] as CellLine, after[y] as CellLine);
    if (saved > best.saved) best = {from, to: y, saved};
  }
  return best;
}
