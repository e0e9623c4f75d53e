// What full-screen programs write to their terminal: bytes, and the cells that look different afterwards; and what ncurses would
// have written to paint the same screens.
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {constants, createDeflate} from 'node:zlib';
import {compiled, folder, Screen} from './contenders.ts';

export interface Traffic {
  readonly refreshes: number;
  readonly seconds: number;
  readonly bytes: number;
  /** Cells that show another character or colour than before. */
  readonly cells: number;
  /** Bytes as `ssh -C` carries them: packed, each refresh sent at once. */
  readonly packed: number;
  /** The screen before, and after each refresh. */
  readonly screens: readonly Int32Array[];
}

/** Words of a cell: the character's number, its colour and its ground's (-1: the terminal's own), attributes. As curses.c has it. */
const words = 4;

function screenOf({terminal}: Screen): Int32Array {
  const {active} = terminal.buffer;
  const {rows, cols} = terminal;
  const cells = new Int32Array(rows * cols * words);
  for (let y = 0; y < rows; y++) {
    const line = active.getLine(active.viewportY + y);
    for (let x = 0; x < cols; x++) {
      const cell = line?.getCell(x);
      if (cell === undefined) continue;
      const code = cell.getChars().codePointAt(0) ?? 32;
      const ground = cell.isBgDefault() ? -1 : cell.getBgColor();
      const onBlank = (cell.isInverse() === 0 ? 0 : 2) + (cell.isUnderline() === 0 ? 0 : 4);
      // of a blank, its own colour is not seen
      const seen = code !== 32 || onBlank > 0;
      const front = seen && !cell.isFgDefault() ? cell.getFgColor() : -1;
      cells.set([code, front, ground, onBlank + (seen && cell.isBold() !== 0 ? 1 : 0)], (y * cols + x) * words);
    }
  }
  return cells;
}

function cellsChanged(before: Int32Array, after: Int32Array): number {
  let changed = 0;
  for (let i = 0; i < after.length; i += words) if ([0, 1, 2, 3].some((word) => before[i + word] !== after[i + word])) changed++;
  return changed;
}

/** ms without a byte after which a refresh is complete. */
const quiet = 120;

/** What a program writes for so many seconds. */
export async function trafficOf(screen: Screen, seconds: number): Promise<Traffic> {
  const screens = [screenOf(screen)];
  const [begun, bytes] = [performance.now(), screen.bytes];
  let [cells, settled, packed] = [0, bytes, 0];
  const packer = createDeflate({level: 6}).on('data', (data: Buffer) => {
    packed += data.length;
  });
  const listening = screen.pty.onData((data) => packer.write(data));
  while (performance.now() - begun < seconds * 1000) {
    const seen = screen.bytes;
    await delay(quiet);
    if (screen.bytes !== seen || seen === settled) continue;
    settled = seen;
    await new Promise<void>((resolve) => packer.flush(constants.Z_PARTIAL_FLUSH, resolve));
    const now = screenOf(screen);
    cells += cellsChanged(screens.at(-1) ?? now, now);
    screens.push(now);
  }
  listening.dispose();
  return {refreshes: screens.length - 1, seconds: (performance.now() - begun) / 1000, bytes: settled - bytes, cells, packed, screens};
}

/** The bytes with which ncurses turns each of the screens into the next. */
export async function ncursesBytes(screens: readonly Int32Array[], columns: number, lines: number): Promise<number> {
  const file = path.join(folder, 'screens');
  writeFileSync(file, Buffer.concat(screens.map(({buffer}) => Buffer.from(buffer))));
  const program = compiled('curses', '-lncursesw', '-ltinfo');
  const screen = new Screen(program, [file, String(lines), String(columns)], columns, lines);
  const marks: number[] = [];
  let written = 0;
  screen.pty.onData((data) => {
    for (const part of data.split('\x07').slice(0, -1)) marks.push((written += Buffer.byteLength(part)));
    written += Buffer.byteLength(data.slice(data.lastIndexOf('\x07') + 1));
  });
  while (marks.length < 2) await delay(20);
  await screen.stop();
  return (marks[1] ?? 0) - (marks[0] ?? 0);
}
