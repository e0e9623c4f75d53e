// Reads the single events of a session that sends them, a few times a second: what came, and what found no room. Beside
// sampler.ts, which reads the counts of another session of the same view, exact meanwhile. Knows no terminal and no preset.
import {decodeEvents, keysOf, type TracedEvent} from './decode/events.ts';
import type {Lookups} from './decode/formats.ts';
import {lateWords} from './decode/late.ts';
import type {EventLayout} from './decode/layout.ts';
import type {Session} from './native/contract.ts';
import type {Clock, Sampled} from './sampler.ts';

/** Milliseconds between two reads: the ring buffer holds what a busy probe sends meanwhile. */
export const tailPause = 50;

export interface Tailed {
  /** In the order in which they happened. */
  readonly events: readonly TracedEvent[];
  /** Events that found no room, since the session began. */
  readonly unsent: number;
}

export class Tail {
  private readonly session: Session;
  private readonly layout: EventLayout;
  private readonly losses: Sampled['losses'];
  private readonly lookups: Lookups;
  /** What CLOCK_MONOTONIC lacks to the time of day, in ns. */
  private readonly epoch: bigint;

  /** @param monotonic ns of CLOCK_MONOTONIC at the moment that `clock.now()` gives */
  constructor(session: Session, layout: EventLayout, losses: Sampled['losses'], lookups: Lookups, clock: Clock, monotonic: bigint) {
    this.session = session;
    this.layout = layout;
    this.losses = losses;
    this.lookups = lookups;
    this.epoch = BigInt(Math.round(clock.now() * 1e6)) - monotonic;
  }

  async read(): Promise<Tailed> {
    const bytes = await this.session.drain('events');
    const losses = await this.session.read('losses');
    const words = this.lookups.late && lateWords(this.layout, bytes.length / this.layout.size, keysOf(bytes, this.layout));
    if (words !== undefined) await this.lookups.late?.prepare(words);
    // each CPU sends for itself: what was sent first may have happened second
    const events = [...decodeEvents(bytes, this.layout, this.lookups)].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    const view = new DataView(losses.values.buffer, losses.values.byteOffset, losses.values.byteLength);
    return {
      events: events.map((event) => ({...event, time: event.time + this.epoch})),
      unsent: this.losses === undefined ? 0 : Number(view.getBigUint64(this.losses.unsent, true)),
    };
  }
}
