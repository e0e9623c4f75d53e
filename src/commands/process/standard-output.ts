// Standard output of the commands that print until they are stopped: what stops them, and a write that waits for the reader.
import {once} from 'node:events';

/** Why it stops, where that is that what is watched has ended. */
export const atItsEnd = 'what is watched has ended';

/** Aborted by Ctrl-C, SIGTERM and SIGHUP, by EPIPE: the reader has gone; and when what is watched has ended. */
export function stopSignal(ended?: Promise<unknown>): AbortSignal {
  void ended?.then(() => stop.abort(atItsEnd));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  // it takes as long to be made as a view to be loaded, which is waited for when this runs
  setImmediate(() => {
    const {stdout} = process;
    stdout.on('error', () => stop.abort());
    if (!stdout.writable) stop.abort(); // written to, and lost, before
  });
  return stop.signal;
}

/** Waits where the reader is slower. */
export async function write(text: string, stop: AbortSignal): Promise<void> {
  if (!process.stdout.writable) return;
  if (!process.stdout.write(text)) await once(process.stdout, 'drain', {signal: stop}).catch(() => undefined);
}
