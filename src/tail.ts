// Reads the single events of a session that sends them, a few times a second: what came, and what found no room. Beside
// sampler.ts, which reads the counts of another session of the same view, exact meanwhile. Knows no terminal and no preset.
import {decodeEvents, keysOf, type TracedEvent} from './decode/events.ts';
import type {Lookups} from './decode/formats.ts';
import {lateWords} from './decode/late.ts';
import type {Lost} from './decode/frame.ts';
import type {EventLayout} from './decode/layout.ts';
import {LossReader, noLoss, skippedOf} from './decode/losses.ts';
import type {Session} from './native/contract.ts';
import type {Clock, Sampled} from './sampler.ts';

/** Milliseconds between two reads: the ring buffer holds what a busy probe sends meanwhile. */
export const tailPause = 50;

/** ns: as far apart the clocks are once one of them was set. What they drift by is less, and is left. */
const setApart = 50_000_000n;
const quick = 5_000_000n;

interface Tailed {
  /** In the order in which they happened. */
  readonly events: readonly TracedEvent[];
  /** Events that found no room, since the session began. */
  readonly unsent: number;
  /** Events that never were: ends without a start, runs that the kernel skipped, and so on. */
  readonly lost: Lost;
}

export class Tail {
  private readonly session: Session;
  private readonly layout: EventLayout;
  private readonly losses: Sampled['losses'];
  private readonly reader: LossReader | undefined;
  private readonly lookups: Lookups;
  private readonly clock: Clock;
  private readonly kernelTime: () => bigint;
  /** What the kernel's clock lacks to the time of day, in ns. */
  private epoch: bigint;

  /** @param kernelTime ns of the clock that events are stamped with */
  constructor(
    session: Session,
    layout: EventLayout,
    sampled: Pick<Sampled, 'losses' | 'maxStarts'>,
    lookups: Lookups,
    clock: Clock,
    kernelTime: () => bigint,
  ) {
    this.session = session;
    this.layout = layout;
    this.losses = sampled.losses;
    this.reader = LossReader.of(sampled);
    this.lookups = lookups;
    this.clock = clock;
    this.kernelTime = kernelTime;
    this.epoch = this.epochNow();
  }

  async read(): Promise<Tailed> {
    const bytes = await this.session.drain('events');
    const losses = await this.session.read('losses');
    const words = this.lookups.late && lateWords(this.layout, bytes.length / this.layout.size, keysOf(bytes, this.layout));
    if (words !== undefined) await this.lookups.late?.prepare(words);
    // each CPU sends for itself: what was sent first may have happened second
    const events = [...decodeEvents(bytes, this.layout, this.lookups)].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    this.follow();
    const view = new DataView(losses.values.buffer, losses.values.byteOffset, losses.values.byteLength);
    return {
      events: events.map((event) => ({...event, time: event.time + this.epoch})),
      lost: this.reader?.read(losses.values, skippedOf(this.session.programs())) ?? noLoss,
      unsent: this.losses === undefined ? 0 : Number(view.getBigUint64(this.losses.unsent, true)),
    };
  }

  private epochNow(): bigint {
    return BigInt(Math.round(this.clock.now() * 1e6)) - this.kernelTime();
  }

  /** The time of day may be set while events come: then they go on by the new one. Else none is a moment before one that came before it. */
  private follow(): void {
    const before = this.kernelTime();
    const epoch = this.epochNow();
    const apart = epoch > this.epoch ? epoch - this.epoch : this.epoch - epoch;
    // who was kept waiting between the two clocks has read neither right
    if (apart > setApart && this.kernelTime() - before < quick) this.epoch = epoch;
  }
}
