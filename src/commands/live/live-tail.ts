// The single events of one row, for the screen: a session of its own that sends them, read a few times a second. One at a
// time; the view's own session goes on counting.
import {UserError} from '../../errors.ts';
import type {Lookups} from '../../decode/formats.ts';
import {sessionLookups} from '../../kernel/session-names.ts';
import type {Clock} from '../../sampler.ts';
import {Tail, tailPause} from '../../tail.ts';
import type {SourceEvent} from '../../view/source.ts';
import type {TailEvent} from '../../view/tail.ts';
import {timeText} from '../../view/units.ts';
import type {Preset} from '../../preset/preset.ts';
import {type OpenView, openView, type Surroundings} from './open-view.ts';

type Emit = (event: SourceEvent) => void;

interface TailedRow {
  readonly view: string;
  /** Its key, raw. */
  readonly row: string;
  readonly preset: Preset;
  readonly around: Surroundings;
}

export class LiveTail {
  private readonly lookups: Lookups;
  private readonly clock: Clock;
  private readonly emit: Emit;
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly opening: Promise<OpenView | undefined>;

  constructor(wanted: TailedRow, lookups: Lookups, clock: Clock, emit: Emit) {
    this.lookups = lookups;
    this.clock = clock;
    this.emit = emit;
    this.opening = this.attach(wanted);
    void this.opening.then((view) => view !== undefined && this.begin(wanted, view));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await (await this.opening)?.session.close();
  }

  private async attach({view, row, preset, around}: TailedRow): Promise<OpenView | undefined> {
    try {
      return await openView(
        preset,
        around,
        Uint8Array.from(row, (character) => character.charCodeAt(0)),
      );
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.emit({type: 'tail', view, row, columns: [], events: [], unsent: 0, failure: error.message});
      return undefined;
    }
  }

  private begin({view, row}: TailedRow, opened: OpenView): void {
    const {plan} = opened;
    const tail = tailOf(opened, this.lookups, this.clock);
    const columns = plan.events.sent.map(({title, unit}) => ({title, unit}));
    let known = -1;
    const read = async (): Promise<void> => {
      if (this.stopped) return;
      try {
        const {events, unsent} = await tail.read();
        if (this.stopped) return;
        if (events.length > 0 || unsent !== known) this.emit({type: 'tail', view, row, columns, events: events.map(shown), unsent});
        known = unsent;
      } catch (error) {
        if (this.stopped) return;
        this.emit({type: 'tail', view, row, columns, events: [], unsent: Math.max(0, known), failure: (error as Error).message});
        return;
      }
      this.timer = setTimeout(() => void read(), tailPause * 2);
    };
    void read();
  }
}

/** Reads the events of an open view. */
export const tailOf = ({session, plan, sampled, addon}: OpenView, lookups: Lookups, clock: Clock): Tail =>
  new Tail(session, plan.events, sampled, sessionLookups(lookups, session, addon), clock, () => addon.kernelTime());

function shown({time, comm, pid, tid, values}: {readonly time: bigint} & Omit<TailEvent, 'time'>): TailEvent {
  const seconds = timeText(Number(time / 1_000_000n));
  return {time: `${seconds}.${String((time / 1000n) % 1_000_000n).padStart(6, '0')}`, comm, pid, tid, values};
}
