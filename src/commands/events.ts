// `tsbpftop --events`: the single events of views as NDJSON, a line each, until N were printed or it is stopped. What the ring
// buffer had no room for is counted and said.
import {setTimeout as delay} from 'node:timers/promises';
import {UserError} from '../errors.ts';
import {liveLookups} from '../kernel/lookups.ts';
import type {Lost} from '../decode/frame.ts';
import {isSameLoss, noLoss, reasonsOf} from '../decode/losses.ts';
import {eventLine, lostLine, unsentLine} from '../output/event-json.ts';
import {type Tail, tailPause} from '../tail.ts';
import {chosenViews} from './presets/chosen-views.ts';
import {liveClock} from './process/clock.ts';
import {dropPrivileges} from './process/drop-privileges.ts';
import {type Invocation, surroundings} from './invocation.ts';
import {tailOf} from './live/live-tail.ts';
import {openPrinted} from './live/open-printed.ts';
import type {OpenView} from './live/open-view.ts';
import {tell} from './process/safe-lines.ts';
import {commandOf, tellEnd} from './process/watched.ts';
import {atItsEnd, stopSignal, write} from './process/standard-output.ts';

interface Source {
  readonly view: OpenView;
  readonly tail: Tail;
  unsent: number;
  lost: Lost;
}

export async function eventsCommand(invocation: Invocation): Promise<number> {
  const presets = chosenViews(invocation);
  if (invocation.words.length === 0 && invocation.made === undefined)
    throw new UserError('--events wants views: of all together there are too many events', {hint: 'tsbpftop --events openat', status: 2});
  const started = await commandOf(invocation, false);
  const stop = stopSignal(started?.ended);
  const sources: Source[] = [];
  let status = 0;
  try {
    const around = surroundings(invocation, started);
    const lookups = liveLookups();
    for (const preset of presets) {
      const view = await openPrinted(preset, around, stop, 'all');
      sources.push({view, tail: tailOf(view, lookups, liveClock), unsent: 0, lost: noLoss});
    }
    dropPrivileges(sources.map(({view}) => view));
    started?.begin();
    await print(sources, invocation.count ?? Number.POSITIVE_INFINITY, stop);
    if (stop.reason === atItsEnd) status = await tellEnd(started);
    for (const {view, unsent, lost} of sources) {
      const faster = unsent > 0 ? [`${unsent} events came faster than they could be read, and are not printed`] : [];
      const reasons = [...faster, ...reasonsOf(lost, view.sampled.maxKeys)];
      if (reasons.length > 0) tell(`${view.preset.name}: partial: ${reasons.join('; ')}`);
    }
  } finally {
    await Promise.all(sources.map(({view}) => view.session.close()));
    await started?.close();
  }
  return status;
}

/** After a signal once more, when no probe fires any longer, so that no event that was sent is missing. */
async function print(sources: readonly Source[], count: number, stop: AbortSignal): Promise<void> {
  let left = count;
  for (let last = false; left > 0; ) {
    last = stop.aborted;
    if (last) await Promise.all(sources.map(({view}) => view.session.detach()));
    for (const source of sources) {
      const {shape, events: layout} = source.view.plan;
      const {events, unsent, lost} = await source.tail.read();
      const lines = events.slice(0, left).map((event) => eventLine(event, shape, layout.sent));
      left -= lines.length;
      if (unsent > source.unsent) lines.push(unsentLine(shape, unsent));
      source.unsent = unsent;
      if (!isSameLoss(lost, source.lost)) lines.push(lostLine(shape, lost));
      source.lost = lost;
      if (lines.length > 0) await write(`${lines.join('\n')}\n`, stop);
    }
    if (last) return;
    await delay(tailPause, undefined, {signal: stop}).catch(() => undefined);
  }
}
