// The refreshes of several open views on one timer: what batch and record do. Line 0 at once, then one an interval; after
// a signal one more, read when no probe fires any longer, so that no counted event is missing.
import {setTimeout as delay} from 'node:timers/promises';
import type {Frame, ViewShape} from '../../decode/frame.ts';
import {liveLookups} from '../../kernel/lookups.ts';
import {sessionLookups} from '../../kernel/session-names.ts';
import {Sampler} from '../../sampler.ts';
import {liveClock} from '../process/clock.ts';
import type {OpenView} from './open-view.ts';
import {keepHeapSmall} from '../process/v8-flags.ts';

interface Pace {
  /** Column, and rows at most: without them, the view's own order and all rows. */
  readonly sort: string | undefined;
  readonly top: number | undefined;
  /** Seconds */
  readonly interval: number;
  /** The last refresh's number; without one it goes on until it is stopped. */
  readonly count: number | undefined;
  /** Begins what is watched: when line 0 is there, so that all of it has come since. */
  readonly begin?: (() => void) | undefined;
}

/** Gives each frame to `take`, in the order of the views; returns the last of each view. */
export async function refreshes(
  views: readonly OpenView[],
  {interval, count, sort, top, begin}: Pace,
  stop: AbortSignal,
  take: (frame: Frame, shape: ViewShape) => Promise<void> | void,
): Promise<readonly Frame[]> {
  const lookups = liveLookups();
  const samplers = views.map(({session, sampled, plan, addon}) => {
    const wanted = {sort: sort ?? plan.shape.sort, limit: top ?? Number.POSITIVE_INFINITY, filter: ''};
    return new Sampler(session, sampled, sessionLookups(lookups, session, addon), liveClock, wanted);
  });
  const refresh = async (): Promise<readonly Frame[]> => {
    const frames: Frame[] = [];
    for (const [i, sampler] of samplers.entries()) {
      const frame = await sampler.sample();
      frames.push(frame);
      const shape = views[i]?.plan.shape;
      if (shape !== undefined) await take(frame, shape);
    }
    return frames;
  };
  let frames = await refresh();
  begin?.();
  let due = liveClock.monotonic();
  keepHeapSmall();
  let detached = false;
  for (let seq = 1; !detached && seq <= (count ?? Number.POSITIVE_INFINITY); seq++) {
    const now = liveClock.monotonic();
    due = dueAfter(due, interval * 1000, now);
    await delay(Math.max(0, due - now), undefined, {signal: stop}).catch(() => undefined);
    // also where the signal came during a refresh: what it had read before is not the end
    if (stop.aborted) {
      await Promise.all(views.map(({session}) => session.detach()));
      detached = true;
    }
    frames = await refresh();
  }
  return frames;
}

/** When the refresh is due that follows one which was due at `before`, in ms: at once where that is over, and at its next time where the
 * ones between were slept through, as while the program was stopped. */
export function dueAfter(before: number, interval: number, now: number): number {
  const next = before + interval;
  return now - next < interval ? next : next + interval * Math.ceil((now - next) / interval);
}
