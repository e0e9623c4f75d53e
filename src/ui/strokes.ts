// In which order strokes are written: the fewest bytes. Pure.
import {anyStyle, type Cells, type Stroke} from './cells.ts';
import {type Moves, move, type Place} from './moves.ts';
import {showsOnBlank, styleChange} from './sgr.ts';

/**
 * Writes the strokes, from a place that is not known and no style; no style is in force afterwards.
 * @param lines what is in the rows afterwards
 */
export function written(strokes: readonly Stroke[], lines: ReadonlyMap<number, Cells>, moves: Moves): string {
  const least = (orders: readonly (readonly Stroke[])[]): readonly Stroke[] => {
    let [best = [], ...others] = orders;
    if (best.length < 2) return best;
    let length = inOrder(best, lines, moves).length;
    for (const order of others) {
      const its = inOrder(order, lines, moves).length;
      if (its < length) [best, length] = [order, its];
    }
    return best;
  };
  // one style after the other, each of them along the rows or down the columns: there a number below a number is one step away
  const styled = new Map<string, Stroke[]>();
  for (const stroke of strokes) {
    const same = styled.get(stroke.style);
    if (same === undefined) styled.set(stroke.style, [stroke]);
    else same.push(stroke);
  }
  const apart = [...styled.values()].flatMap((same) => {
    const inBands = bands(same).flatMap((band) => least([band, [...band].sort(byEnd)]));
    return same.length > many ? inBands : least([same, [...same].sort(byEnd), inBands]);
  });
  return inOrder(strokes.length > many ? apart : least([strokes, apart]), lines, moves);
}

/** Of so many strokes most are columns of a table, and down them is the shortest way: other ways are not tried. */
const many = 64;

function bands(strokes: readonly Stroke[]): readonly (readonly Stroke[])[] {
  const sorted = [...strokes].sort((a, b) => a.column - b.column);
  const of: Stroke[][] = [];
  let until = Number.NEGATIVE_INFINITY;
  for (const stroke of sorted) {
    if (stroke.column > until + 3) of.push([]);
    of.at(-1)?.push(stroke);
    until = Math.max(until, end(stroke));
  }
  return of.map((band) => band.sort((a, b) => a.row - b.row || a.column - b.column));
}

const end = ({column, width}: Stroke): number => column + width;
const byEnd = (a: Stroke, b: Stroke): number => end(a) - end(b) || a.row - b.row;

function inOrder(strokes: readonly Stroke[], lines: ReadonlyMap<number, Cells>, moves: Moves): string {
  let output = '';
  let style = '';
  let place: Place = {row: undefined, column: undefined};
  for (const stroke of strokes) {
    output += move(place, stroke.row, stroke.column, lines.get(stroke.row), style, moves);
    const wanted = stroke.style === anyStyle ? (showsOnBlank(style) ? '' : style) : stroke.style;
    output += styleChange(style, wanted) + stroke.text;
    style = wanted;
    place = {row: stroke.row, column: end(stroke) < moves.columns ? end(stroke) : undefined};
  }
  return output + styleChange(style, '');
}
