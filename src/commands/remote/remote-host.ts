// One view on one host: `tsbpftop --json` over ssh, read line by line, started again when it ends. What comes from there is
// believed as little as a recording.
import {type ChildProcess, spawn} from 'node:child_process';
import {StringDecoder} from 'node:string_decoder';
import type {Frame, ViewShape} from '../../decode/frame.ts';
import {safeString} from '../../decode/safe-text.ts';
import {guessedHeader} from '../../output/guessed.ts';
import {KeyCells, membersOf, readFrame, readHeader, Unreadable} from '../../output/recorded.ts';
import {endOf, type Reach, sshArguments} from './ssh-command.ts';

interface RemoteEvents {
  /** A connection's first refresh comes with it. */
  readonly opened: (shape: ViewShape) => void;
  readonly frame: (frame: Frame, shape: ViewShape) => void;
  /** It is not heard any longer, for now. */
  readonly fell: () => void;
  /** The connection is over; another one is tried. */
  readonly ended: () => void;
}

const firstWait = 1000; // ms
const longestWait = 30_000;
const longestLine = 64 * 2 ** 20;
const mostStderr = 4096;
/** What a login says before the program does: lines that are no JSON. */
const mostNoise = 200;
const sameVersion = 'the same version of tsbpftop on both sides';

export class RemoteHost {
  readonly name: string;
  /** Since when it is as it is, ms since the epoch. */
  since = Date.now();
  /** Why it is not heard. */
  failure: {readonly message: string; readonly hint: string} | undefined;
  private readonly reach: Reach;
  private readonly args: readonly string[];
  private readonly events: RemoteEvents;
  private child: ChildProcess | undefined;
  /** Ends the connection that there is. */
  private refuse: (why: string, hint?: string) => void = () => undefined;
  private noise = 0;
  private timer: NodeJS.Timeout | undefined;
  private silence: NodeJS.Timeout | undefined;
  private readonly patience: number;
  private wait = firstWait;
  private heard = false;
  private closed = false;
  private shape: ViewShape | undefined;
  private cells = new KeyCells();

  /** @param interval seconds between its refreshes */
  constructor(name: string, reach: Reach, args: readonly string[], interval: number, events: RemoteEvents) {
    this.name = name;
    this.reach = reach;
    this.args = args;
    this.events = events;
    this.patience = 2000 + 2500 * interval;
    this.start();
  }

  get live(): boolean {
    return this.heard;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    this.child?.kill('SIGTERM');
  }

  /** What comes from it cannot be shown with what comes from the others. */
  reject(why: string): void {
    this.refuse(why);
  }

  private start(): void {
    const [command = 'ssh', ...args] = sshArguments(this.reach, this.name, this.args);
    const child = spawn(command, args, {stdio: ['ignore', 'pipe', 'pipe']});
    this.child = child;
    this.shape = undefined;
    this.cells = new KeyCells();
    let stderr = '';
    let rest = '';
    let refused: {readonly message: string; readonly hint: string} | undefined;
    this.noise = 0;
    const text = new StringDecoder('utf8');
    this.refuse = (message, hint = sameVersion) => {
      refused ??= {message, hint};
      child.kill('SIGTERM');
    };
    child.stderr.on('data', (data: Buffer) => (stderr = (stderr + data.toString()).slice(-mostStderr)));
    child.stdout.on('data', (data: Buffer) => {
      if (refused !== undefined || this.closed) return;
      const lines = (rest + text.write(data)).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > longestLine) return this.refuse('a line came that has no end');
      for (const line of lines) if (refused === undefined) this.take(line);
    });
    let over = false;
    const end = (status: number | null, error?: Error): void => {
      if (over) return;
      over = true;
      const safe = stderr.split(/\r?\n/).map(safeString).join('\n');
      const why =
        error === undefined
          ? endOf(status, safe, this.reach.remoteCommand)
          : {message: `cannot run '${command}': ${error.message}`, hint: '--ssh'};
      this.ended(refused ?? why);
    };
    child.on('error', (error) => end(null, error));
    child.on('close', (status) => end(status));
  }

  private take(line: string): void {
    // a login that greets is none of our business
    if (this.shape === undefined && !line.startsWith('{') && this.noise++ < mostNoise) return;
    try {
      const json: unknown = JSON.parse(line);
      const members = membersOf(json);
      if (members['v'] !== 1)
        return this.refuse(`its tsbpftop speaks version ${String(members['v']).slice(0, 20)} of --json, and this one 1`);
      if (members['recording'] === 'header') {
        this.shape = headerOf(json);
        return;
      }
      this.shape ??= guessedHeader(json)?.shape;
      if (this.shape === undefined) return; // no row yet to tell the columns by
      const frame = readFrame(json, this.shape, this.cells);
      if (!this.heard) {
        this.since = Date.now();
        this.events.opened(this.shape);
      }
      this.heard = true;
      this.failure = undefined;
      this.wait = firstWait;
      clearTimeout(this.silence);
      this.silence = setTimeout(
        () => this.fell({message: 'it has gone silent', hint: 'the connection is kept for a while: it may come back'}),
        this.patience,
      );
      this.events.frame(frame, this.shape);
    } catch (error) {
      if (!(error instanceof Unreadable) && !(error instanceof SyntaxError)) throw error;
      this.refuse(`what came from it is no line of --json: ${safeString(line.slice(0, 60))}`);
    }
  }

  /** It may come back on the same connection. */
  private fell(failure: NonNullable<RemoteHost['failure']>): void {
    if (this.heard || this.failure === undefined) this.since = Date.now();
    this.heard = false;
    this.failure = failure;
    this.events.fell();
  }

  private ended(failure: NonNullable<RemoteHost['failure']>): void {
    clearTimeout(this.silence);
    if (this.closed) return;
    this.fell(failure);
    this.events.ended();
    this.timer = setTimeout(() => this.start(), this.wait);
    this.wait = Math.min(longestWait, 2 * this.wait);
  }
}

/** Of a view whose columns a recording cannot hold, they are guessed. */
function headerOf(json: unknown): ViewShape | undefined {
  try {
    return readHeader(json).shape;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
