// The terminal: alternate screen, one write a frame with only what changed, and everything as it was found afterwards.
// Ink lays the screen out and writes it here whole, as to a stdout of its own; what its areas hold is given by show().
import {EventEmitter} from 'node:events';
import type {WriteStream} from 'node:tty';
import type {Screen} from '../view/screen.ts';
import type {Line as Segments} from '../view/styles.ts';
import {type LaidLine, laidLines, plainLayout} from './areas.ts';
import {asciiOf} from './ascii.ts';
import {Canvas, changes} from './canvas.ts';
import {Line} from './line.ts';
import {Pace, question} from './pace.ts';
import type {Theme} from './theme.ts';

const enterScreen = '\u001B[?1049h\u001B[?25l\u001B[?7l\u001B[H\u001B[2J';
const leaveScreen = '\u001B[?2026l\u001B[0m\u001B[?7h\u001B[?25h\u001B[?1049l';
/** Of a VT100, which has one screen, and shows its cursor. */
const enterBasic = '\u001B[?7l\u001B[H\u001B[2J';
const leaveBasic = '\u001B[0m\u001B[?7h';
/** Buttons and wheel, with numbers in decimal. */
const mouseOn = '\u001B[?1000h\u001B[?1006h';
/** What is pasted comes between marks, so that it is not taken for keys. */
const pasteOn = '\u001B[?2004h';
const pasteOff = '\u001B[?2004l';
const mouseOff = '\u001B[?1006l\u001B[?1000l';
/** Terminals that know it show a frame at once; others ignore it. What is shorter than this arrives in one piece anyway. */
const leastFrame = 1024;
const beginFrame = '\u001B[?2026h';
const endFrame = '\u001B[?2026l';
/** Bytes of lines that wait where nobody reads them; more are not said. */
const mostSpoken = 65_536;

interface TerminalOptions {
  readonly maxBytes: number;
  readonly mouse: boolean;
  readonly basic: boolean;
  readonly ascii: boolean;
  readonly theme: Theme;
}

export class Terminal extends EventEmitter {
  readonly isTTY = true;
  readonly writable = true;
  columns: number;
  rows: number;
  /** Written so far. */
  bytes = 0;
  /** The alternate screen is ours. */
  entered = false;
  private readonly tty: WriteStream;
  private readonly maxBytes: number;
  private readonly mouse: boolean;
  /** One screen, and no mode of later terminals. */
  private readonly basic: boolean;
  private readonly ascii: boolean;
  private readonly theme: Theme;
  /** undefined: Ink has laid out nothing yet. */
  private laid: readonly LaidLine[] | undefined;
  /** undefined: what is on the screen is not known. */
  private painted: Canvas | undefined;
  private wanted = new Canvas(0, 0);
  /** The one of two that is not wanted: filled with the next frame while the other one is on the screen. */
  private spare = new Canvas(0, 0);
  private readonly line: Line;
  private readonly pace = new Pace();
  private settling: (() => void) | undefined;
  /** To the bytes a second that are allowed. */
  private owed: {readonly at: number; readonly bytes: number} = {at: 0, bytes: 0};
  private later: NodeJS.Timeout | undefined;

  /** maxBytes: at most so many a second; mouse: clicks and the wheel come as keys do. */
  constructor(tty: WriteStream, {maxBytes, mouse, basic, ascii, theme}: TerminalOptions) {
    super();
    this.tty = tty;
    this.maxBytes = maxBytes;
    this.mouse = mouse;
    this.basic = basic;
    this.ascii = ascii;
    this.theme = theme;
    // a serial line, and a pty that nobody gave a size, say 0x0
    this.columns = tty.columns || 80;
    this.rows = tty.rows || 24;
    tty.on('resize', () => this.measure());
    this.line = new Line(tty, () => this.paint());
  }

  measure(): void {
    this.tty._refreshSize?.();
    const [columns, rows] = [this.tty.columns || 80, this.tty.rows || 24];
    // a frame that was laid out for another size is not painted any more: what a terminal cuts off of it is not known here
    if (columns !== this.columns || rows !== this.rows) this.wanted = new Canvas(rows, columns);
    [this.columns, this.rows] = [columns, rows];
    this.painted = undefined;
    // not 'resize': at that, Ink would write the frame of before once more
    this.emit('measured');
  }

  enter(): void {
    this.entered = true;
    this.painted = undefined;
    this.settling = undefined;
    this.pace.forget();
    // asked before there is anything to show: the way there and back alone
    if (!this.basic) this.pace.ask(performance.now());
    this.send(`${this.basic ? enterBasic : enterScreen + pasteOn + question}${this.mouse ? mouseOn : ''}`);
  }

  /** The terminal has come to where it was asked. */
  answered(): void {
    const asks = this.pace.answered(performance.now());
    this.settling?.();
    if (this.settling !== undefined) return;
    if (asks) this.send(question);
    this.paint();
  }

  /** Somebody has typed. */
  heard(): void {
    this.pace.heard(performance.now());
  }

  /** What was asked is not waited for any more. */
  hurry(): void {
    this.pace.forget();
    this.settling?.();
  }

  /** Paints nothing any more; no answer comes after it that a shell would take for typing, as far as it comes within so many ms. */
  async settled(patience: number): Promise<void> {
    const ended = new Promise<void>((resolve) => (this.settling = resolve));
    if (!this.entered || !this.pace.waiting(performance.now())) return;
    const timer = setTimeout(() => this.settling?.(), patience);
    await ended;
    clearTimeout(timer);
  }

  /** A line of its own, where nothing is drawn. */
  say(line: string): void {
    if (this.line.waiting < mostSpoken) this.send(`${this.ascii ? asciiOf(line) : line}\r\n`);
  }

  /** Synchronous, since the process may be about to end; where nobody reads, after a second. @throws EIO when the terminal is gone */
  leave(): void {
    if (!this.entered) return;
    this.entered = false;
    clearTimeout(this.later);
    // where there is one screen only, or a multiplexer keeps to one, the shell goes on below what was shown
    const below = `\u001B[0m\u001B[${this.rows};1H\u001B[K`;
    this.line.finish(`${this.mouse ? mouseOff : ''}${below}${this.basic ? leaveBasic : pasteOff + leaveScreen}`);
  }

  repaint(): void {
    this.painted = undefined;
    this.paint();
  }

  /** Called by Ink with a whole frame: it is 'laid' out. */
  write = (frame: string, done?: () => void): boolean => {
    if (frame.includes('\n') || frame.length > 1) {
      this.laid = laidLines(frame).slice(0, this.rows);
      this.emit('laid');
    }
    done?.();
    return true;
  };

  /** Paints the layout with this in its areas. */
  show(screen: Screen): void {
    const areas = {head: screen.head, body: screen.body, foot: [screen.foot]};
    const layout = this.laid ?? plainLayout(screen, this.rows);
    if (this.wanted === this.painted) [this.wanted, this.spare] = [this.spare, this.wanted];
    if (!this.wanted.fits(this.rows, this.columns)) this.wanted = new Canvas(this.rows, this.columns);
    this.wanted.lines.forEach((line, y) => {
      const laid = layout[y] ?? '';
      if (typeof laid === 'string') line.putText(this.ascii ? asciiOf(laid) : laid);
      else line.put(this.safe(areas[laid.area][laid.index] ?? []), this.theme);
    });
    this.paint();
  }

  private safe(line: Segments): Segments {
    return this.ascii ? line.map((segment) => ({...segment, text: asciiOf(segment.text)})) : line;
  }

  private paint(): void {
    // a slow line gets the newest frame when it can take one, not all that were missed
    const now = performance.now();
    if (!this.entered || this.settling !== undefined || this.line.blocked || this.pace.behind(now)) return;
    // a frame that is larger than a second's share is paid for by the time after it
    const owed = Math.max(0, this.owed.bytes - (this.maxBytes * (now - this.owed.at)) / 1000);
    if (owed > this.maxBytes / 10) {
      this.later ??= setTimeout(
        () => {
          this.later = undefined;
          this.paint();
        },
        ((owed - this.maxBytes / 10) * 1000) / this.maxBytes + 1,
      ).unref();
      return;
    }
    const output = changes(this.painted, this.wanted, this.basic);
    this.painted = this.wanted;
    if (output === '') return;
    const bytes = Buffer.byteLength(output);
    if (Number.isFinite(this.maxBytes)) this.owed = {at: now, bytes: owed + bytes + 16};
    if (this.basic) {
      this.send(withoutErase(output));
      return;
    }
    const asks = this.pace.sends(bytes, now);
    this.send(`${bytes < leastFrame ? output : beginFrame + output + endFrame}${asks ? question : ''}`);
  }

  private send(text: string): void {
    this.bytes += Buffer.byteLength(text);
    this.line.send(text);
  }
}

declare module 'node:tty' {
  interface WriteStream {
    /** Node's own, undocumented: reads the size anew, as after SIGCONT. */
    _refreshSize?(): void;
  }
}

/** A VT100 cannot erase a number of characters: blanks do it, between a saved cursor and its return. */
// eslint-disable-next-line no-control-regex
const withoutErase = (output: string): string =>
  output.replace(/\u001B\[(\d*)X/g, (_, count: string) => `\u001B7${' '.repeat(Number(count) || 1)}\u001B8`);
