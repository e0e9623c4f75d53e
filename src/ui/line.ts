// The line to the terminal. Where nobody reads at its other end, as behind a network that has gone silent, a write holds up
// neither keys nor collecting: what does not fit waits here, and its owner sends nothing more meanwhile.
import {writeSync} from 'node:fs';
import type {WriteStream} from 'node:tty';

const firstWait = 10; // ms
const longestWait = 200;
/** ms without a byte taken, after which what is left is given up. */
const patience = 1000;

export class Line {
  private readonly tty: WriteStream;
  private readonly drained: () => void;
  /** Writes return at once; else they are the stream's, which waits. */
  private readonly free: boolean;
  private rest = Buffer.alloc(0);
  private wait = firstWait;
  private timer: NodeJS.Timeout | undefined;
  private held = false;

  /** @param drained all was taken, where it was not at once */
  constructor(tty: WriteStream, drained: () => void) {
    this.tty = tty;
    this.drained = drained;
    // libuv opens a terminal anew, so that this is of no concern to the shell; where it may not, it keeps the number it had
    const {_handle: handle} = tty;
    this.free = handle !== undefined && handle.fd !== tty.fd && handle.setBlocking(false) === 0;
    if (!this.free)
      tty.on('drain', () => {
        this.held = false;
        drained();
      });
  }

  /** Something is waiting. */
  get blocked(): boolean {
    return this.held || this.rest.length > 0;
  }

  /** Bytes that are waiting, as far as they are here. */
  get waiting(): number {
    return this.rest.length;
  }

  send(text: string): void {
    if (!this.free) {
      this.held = !this.tty.write(text);
      return;
    }
    const waited = this.rest.length > 0;
    this.rest = Buffer.concat([this.rest, Buffer.from(text)]);
    if (!waited) this.write();
  }

  /** The last there is to say, after what is waiting: returns when it was taken, or when nobody takes it. @throws EIO when the terminal is gone */
  finish(text: string): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.free) {
      writeSync(1, text);
      return;
    }
    this.rest = Buffer.concat([this.rest, Buffer.from(text)]);
    const asleep = new Int32Array(new SharedArrayBuffer(4));
    for (let idle = 0; this.rest.length > 0 && idle < patience; ) {
      if (this.take()) idle = 0;
      else {
        Atomics.wait(asleep, 0, 0, firstWait);
        idle += firstWait;
      }
    }
    this.rest = Buffer.alloc(0);
  }

  private write(): void {
    try {
      this.wait = this.take() ? firstWait : Math.min(longestWait, 2 * this.wait);
    } catch (error) {
      this.rest = Buffer.alloc(0);
      this.tty.emit('error', error);
      return;
    }
    if (this.rest.length === 0) return;
    this.timer = setTimeout(() => {
      this.write();
      if (this.rest.length === 0) this.drained();
    }, this.wait).unref();
  }

  /** Whether a byte of what is waiting was taken. */
  private take(): boolean {
    try {
      const taken = writeSync(this.tty.fd, this.rest);
      this.rest = this.rest.subarray(taken);
      return taken > 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
      throw error;
    }
  }
}

declare module 'node:tty' {
  interface WriteStream {
    /** Node's own, undocumented. */
    readonly fd: number;
    readonly _handle?: {readonly fd: number; setBlocking(blocking: boolean): number};
  }
}
