// The full screen over any source of frames: this machine's probes, other machines, a recording.
import os from 'node:os';
import {UserError} from '../../errors.ts';
import type {Source} from '../../view/source.ts';
import type {Invocation} from '../invocation.ts';
import {saveScreen} from '../files/save-screen.ts';
import {requireScreen} from './terminal-kind.ts';
import {keepThreadsCalm} from './v8-flags.ts';

interface Shown {
  readonly source: Source;
  readonly firstView: string;
  /** It is being opened already. */
  readonly opened?: boolean;
  /** Seconds */
  readonly interval: number;
  /** As the header shows it. */
  readonly host: string;
}

/** @param batch what does without a terminal. @throws UserError where there is none, or none that can show a screen */
export function requireTerminal(invocation: Invocation, batch: string): void {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new UserError('the full screen needs a terminal', {hint: `without one: ${batch}`});
  requireScreen(invocation);
}

/** Until it is left. @returns the process's status: 0, or 128 and the signal that ended it */
export async function showScreen({source, firstView, opened = false, interval, host}: Shown, invocation: Invocation): Promise<number> {
  const {runScreen} = await import('../../ui/run-screen.ts');
  const end = await runScreen({
    source,
    initialView: firstView,
    opened,
    interval,
    host,
    colour: invocation.colour,
    ascii: invocation.ascii,
    basic: invocation.terminal.basic,
    mouse: invocation.mouse,
    spoken: invocation.spoken,
    maxBytes: invocation.maxBytes ?? Number.POSITIVE_INFINITY,
    save: (request) => saveScreen(request, invocation.owner),
    loaded: keepThreadsCalm,
    stdin: process.stdin,
    stdout: process.stdout,
  });
  return end.by === 'key' ? 0 : 128 + (os.constants.signals[end.signal] ?? 0);
}
