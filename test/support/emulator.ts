// A terminal emulator without a pty, and random frames to put on it: each made from the one before as screens change.
import xterm from '@xterm/headless';
import {Canvas, changes as changesOf} from '../../src/ui/canvas.ts';

export type Emulator = InstanceType<typeof xterm.Terminal>;

export const emulator = (columns: number, lines: number): Emulator =>
  new xterm.Terminal({cols: columns, rows: lines, allowProposedApi: true});

export const shownAfter = (terminal: Emulator, text: string): Promise<void> => new Promise((resolve) => terminal.write(text, resolve));

/** What the cells show: characters with colours and attributes. */
export function cellsShown(terminal: Emulator): readonly string[] {
  return Array.from({length: terminal.rows}, (_, y) => {
    const line = terminal.buffer.active.getLine(y);
    return Array.from({length: terminal.cols}, (__, x) => {
      const cell = line?.getCell(x);
      // of a blank, only its background is seen
      const front = cell?.getChars().trim() === '' && cell.isInverse() === 0 ? '' : `${cell?.isBold()}${cell?.getFgColor()}`;
      const look = cell === undefined ? '' : `${front}${cell.isInverse()}${cell.getBgColor()}`;
      return `${cell?.getChars() || ' '}/${look}`;
    }).join(' ');
  });
}

/** The frame as if it were the first, each line at its place. */
export const anew = (frame: readonly string[]): string =>
  `\u001B[0m\u001B[H\u001B[2J${frame.map((line, y) => `\u001B[${y + 1};1H${line}`).join('')}`;

/** What the terminal's writer writes to turn lines into others. */
export function changes(
  painted: readonly string[] | undefined,
  wanted: readonly string[],
  rows: number,
  columns: number,
  basic = false,
): string {
  const canvas = (lines: readonly string[]): Canvas => {
    const made = new Canvas(rows, columns);
    made.lines.forEach((line, y) => line.putText(lines[y] ?? ''));
    return made;
  };
  return changesOf(painted === undefined ? undefined : canvas(painted), canvas(wanted), basic);
}

interface Painted {
  readonly text: string;
  readonly style: string;
}

/** Frames of a table: names, numbers, bars, and lines of marks that go to the left. Each is given `columns` wide. */
export function* tableFrames(columns: number, lines: number, random: (below: number) => number): Generator<readonly string[]> {
  const styles = ['', '1', '36', '90', '30;46', '1;7', '30;42', '4'];
  const marks = [...'▁▂▃▄▅▆▇█'];
  const any = <T>(all: readonly T[]): T => all[random(all.length)] as T;
  const textOf = (length: number): string => Array.from({length}, () => any([...'0123456789, abcé…'])).join('');
  const cellsOf = (length: number): Painted[] => {
    const cells: Painted[] = [];
    while (cells.length < length) {
      const style = any(styles);
      const kind = random(4);
      const text =
        kind === 0 ? ' '.repeat(1 + random(12)) : kind === 1 ? Array.from({length: 12}, () => any(marks)).join('') : textOf(1 + random(9));
      cells.push(...[...text].map((each) => ({text: each, style})));
    }
    return cells.slice(0, length);
  };
  let frame = Array.from({length: lines}, () => cellsOf(columns));
  for (;;) {
    yield frame.map((cells) => {
      let [line, style] = ['', ''];
      for (const cell of cells) {
        if (cell.style !== style) line += `${style === '' ? '' : '\u001B[0m'}${cell.style === '' ? '' : `\u001B[${cell.style}m`}`;
        style = cell.style;
        line += cell.text;
      }
      return style === '' ? line.trimEnd() : `${line}\u001B[0m`;
    });
    const [from, length] = [random(columns), 1 + random(columns)];
    const act = random(6);
    frame = frame.map((cells, y) => {
      if (act === 0) return random(3) === 0 ? cellsOf(columns) : cells;
      // the same place in each line, as a column of a table
      if (act <= 2)
        return random(3) === 0
          ? cells
          : cells
              .toSpliced(from, 1 + random(3), ...cellsOf(1 + random(3)))
              .slice(0, columns)
              .concat(cellsOf(columns))
              .slice(0, columns);
      if (act <= 4) return shifted(cells, from, Math.min(columns, from + length), {text: any(marks), style: cells[from]?.style ?? ''});
      return frame[(y + 1) % lines] ?? cells;
    });
  }
}

/** What lies between goes one to the left, and a cell comes in behind. */
const shifted = (cells: readonly Painted[], from: number, to: number, behind: Painted): Painted[] => [
  ...cells.slice(0, from),
  ...cells.slice(from + 1, to),
  behind,
  ...cells.slice(to),
];
