// Call chains as those who draw flame graphs read them (flamegraph.pl, inferno, speedscope): a line a stack, its functions from the
// outermost in, joined by ';', and how much. The user's part comes before the kernel's, which is marked as perf's scripts do it.
import type {Cell, Frame, Row, ViewShape} from '../decode/frame.ts';

/** In all since the view was opened: the sum where it has one, as of time waited or bytes asked for, else events. */
export function foldedLines(frame: Frame, shape: ViewShape): string {
  const sum = shape.measures.findIndex(({op}) => op === 'sum');
  const totals = new Map<string, bigint>();
  for (const row of frame.rows) {
    const chain = chainOf(row, shape);
    totals.set(chain, (totals.get(chain) ?? 0n) + BigInt(row.total[Math.max(sum, 0)] ?? 0));
  }
  return [...totals].map(([chain, total]) => `${chain} ${total}\n`).join('');
}

function chainOf({key}: Row, {keys}: ViewShape): string {
  const cells = (stack: 'kstack' | 'ustack' | undefined): readonly Cell[] => key.filter((_, i) => keys[i]?.stack === stack);
  const outermostFirst = (cell: Cell): readonly string[] => [...(cell.frames ?? [cell.text])].reverse();
  return [
    ...cells(undefined).map(({text}) => text),
    ...cells('ustack').flatMap(outermostFirst),
    ...cells('kstack').flatMap((cell) => outermostFirst(cell).map((frame) => `${frame}_[k]`)),
  ]
    .map((frame) => frame.replaceAll(';', ':'))
    .join(';');
}
