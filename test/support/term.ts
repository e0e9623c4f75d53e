// A real pty with a real terminal emulator behind it: drives the screen, and looks at it.
import pty from '@lydell/node-pty';
import xterm from '@xterm/headless';
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {after} from 'node:test';
import {cli, root} from './program.ts';

export interface TermOptions {
  readonly columns?: number;
  readonly lines?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** In place of the program: what runs it, ssh or tmux. */
  readonly command?: readonly string[];
  /** The line to the terminal is as slow as this; without it, as fast as can be. */
  readonly baud?: number;
  /** What the line has still to carry is taken all the same, so that the program never waits. */
  readonly far?: boolean;
}

/** What a program wrote last may be read after its end is known, ms. */
const lastWords = 1000;

/** A terminal that is closed when the test, or the tests of the file, have ended. */
export function openTerm(args: readonly string[], options?: TermOptions): Term {
  const term = new Term(args, options);
  after(() => term.kill());
  return term;
}

export class Term {
  readonly screen: InstanceType<typeof xterm.Terminal>;
  readonly pty: pty.IPty;
  readonly ended: Promise<{readonly status: number; readonly signal: number | undefined}>;
  bytes = 0;
  /** When it ended. */
  private over: number | undefined;
  private changed: (() => void) | undefined;

  /** Starts the program in a shell that says how it ended and what the tty's modes are then. */
  constructor(
    args: readonly string[],
    {columns = 100, lines = 30, env = {}, command = [process.execPath, cli], baud, far = false}: TermOptions = {},
  ) {
    this.screen = new xterm.Terminal({cols: columns, rows: lines, allowProposedApi: true});
    const inherited = {...process.env, NODE_OPTIONS: '', TERM: 'xterm-256color', ...env} as Record<string, string>;
    const [file = '', ...before] = command;
    this.pty = pty.spawn(file, [...before, ...args], {
      cols: columns,
      rows: lines,
      cwd: root,
      env: inherited,
      name: inherited['TERM'] ?? 'xterm-256color',
    });
    this.ended = new Promise((resolve) =>
      this.pty.onExit(({exitCode, signal}) => {
        this.over = Date.now();
        resolve({status: exitCode, signal});
      }),
    );
    const show = (data: string | Uint8Array): void => this.screen.write(data, () => this.changed?.());
    const slow = baud === undefined ? show : slowly(this.pty, baud / 10, far, show);
    this.pty.onData((data) => {
      this.bytes += Buffer.byteLength(data);
      slow(data);
    });
    this.screen.onData((data) => this.pty.write(data));
  }

  text(): string {
    const {active} = this.screen.buffer;
    return Array.from({length: this.screen.rows}, (_, y) => active.getLine(active.viewportY + y)?.translateToString(true) ?? '').join('\n');
  }

  get alternate(): boolean {
    return this.screen.buffer.active.type === 'alternate';
  }

  /** Waits until a whole frame shows it. */
  async until(wanted: string | RegExp | ((term: Term) => boolean)): Promise<this> {
    const deadline = Date.now() + 30_000;
    const seen = (): boolean =>
      typeof wanted === 'function' ? wanted(this) : typeof wanted === 'string' ? this.text().includes(wanted) : wanted.test(this.text());
    while (this.screen.modes.synchronizedOutputMode || !seen()) {
      if (Date.now() > deadline || (this.over !== undefined && Date.now() > this.over + lastWords && !seen()))
        throw new Error(`never on the screen: ${String(wanted)}\n${this.text()}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 50);
        this.changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this;
  }

  press(keys: string): this {
    this.pty.write(keys);
    return this;
  }

  resize(columns: number, lines: number): this {
    this.screen.resize(columns, lines);
    this.pty.resize(columns, lines);
    return this;
  }

  /** The terminal's modes as stty gives them: whether echo and line editing are on. */
  cooked(): boolean {
    const {ptsName} = this.pty as unknown as {readonly ptsName?: string; readonly _pty?: string};
    const name = ptsName ?? (this.pty as unknown as {readonly _pty: string})._pty;
    return / echo\b/.test(execFileSync('stty', ['-F', name, '-a'], {encoding: 'utf8'}).replace(/\n/g, ' '));
  }

  /** By its key, as a user does it: it ends well. */
  async quit(): Promise<void> {
    this.press('q');
    assert.equal((await this.ended).status, 0);
  }

  kill(): void {
    if (!this.over) this.pty.kill('SIGKILL');
  }
}

/** Hands data on at so many bytes a second, and, unless it comes from far, takes no more from the pty meanwhile. */
function slowly(line: pty.IPty, bytesPerSecond: number, far: boolean, show: (data: Uint8Array) => void): (data: string) => void {
  let waiting = Buffer.alloc(0);
  const step = Math.ceil(bytesPerSecond / 20);
  setInterval(() => {
    if (waiting.length === 0) return;
    show(waiting.subarray(0, step));
    waiting = waiting.subarray(step);
    if (waiting.length === 0) line.resume();
  }, 50).unref();
  return (data) => {
    if (!far) line.pause();
    waiting = Buffer.concat([waiting, Buffer.from(data)]);
  };
}
