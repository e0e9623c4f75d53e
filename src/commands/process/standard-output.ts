// Standard output of the commands that print until they are stopped: what stops them, and a write that waits for the reader.
import {once} from 'node:events';
import {closeSync, constants, fstatSync, openSync, type Stats, writeSync} from 'node:fs';

/** Why it stops, where that is that what is watched has ended. */
export const atItsEnd = 'what is watched has ended';

/** ms that the stream is left for later: the first line goes without it. */
const later = 100;

/**
 * Aborted by Ctrl-C, SIGTERM and SIGHUP, by EPIPE: the reader has gone; and when what is watched has ended.
 * @param first what is printed first goes by firstOutput
 */
export function stopSignal(ended?: Promise<unknown>, first = false): AbortSignal {
  void ended?.then(() => stop.abort(atItsEnd));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  const listen = (): void => {
    const {stdout} = process;
    stdout.on('error', () => stop.abort());
    if (!stdout.writable) stop.abort(); // written to, and lost, before
  };
  if (first) setTimeout(listen, later).unref();
  else setImmediate(listen);
  return stop.signal;
}

/** Waits where the reader is slower. */
export async function write(text: string | Uint8Array, stop: AbortSignal): Promise<void> {
  if (text.length === 0 || !process.stdout.writable) return;
  if (!process.stdout.write(text)) await once(process.stdout, 'drain', {signal: stop}).catch(() => undefined);
}

/** Only a file or a pipe can be written to without Node's stream. */
export function isDirect(): boolean {
  const kind = kindOfOutput();
  return kind?.isFile() === true || kind?.isFIFO() === true;
}

/**
 * What is printed first goes without Node's stream, which takes 2 ms to be made: to a file, or to a pipe, which is opened anew so that it is
 * not waited for. Gives what is left for the stream, which waits, or says what is wrong; of all that comes later, everything.
 */
export function firstOutput(): (text: string) => Uint8Array {
  let fd = openOutput(); // before the right to it is given up
  return (text) => {
    const bytes = Buffer.from(text);
    if (fd === undefined) return bytes;
    let done = 0;
    try {
      while (done < bytes.length) done += writeSync(fd, bytes, done);
    } catch {
      // no room, or no reader
    }
    if (fd !== 1) closeSync(fd);
    fd = undefined;
    return bytes.subarray(done);
  };
}

function openOutput(): number | undefined {
  if (!isDirect()) return undefined;
  if (kindOfOutput()?.isFile() === true) return 1;
  try {
    return openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined; // it has no reader, or is another user's
  }
}

function kindOfOutput(): Stats | undefined {
  try {
    return fstatSync(1);
  } catch {
    return undefined; // it is closed
  }
}
