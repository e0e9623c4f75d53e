// Feeds the screen from live views: opens a view's session when it is shown, samples it on a timer, and closes it some
// time after it was left, so that going back is instant and nothing unseen keeps costing.
import {UserError} from '../errors.ts';
import type {Lookups} from '../decode/formats.ts';
import type {Frame} from '../decode/frame.ts';
import type {Wanted} from '../decode/order.ts';
import {sortNames} from '../decode/sort.ts';
import type {Preset} from '../preset/preset.ts';
import {sessionLookups} from '../kernel/session-names.ts';
import {type Clock, Sampler} from '../sampler.ts';
import type {Source, SourceEvent, ViewEntry} from '../view/source.ts';
import {viewDetails} from './details.ts';
import {lacksPid, type OpenView, openView, type Surroundings} from './open-view.ts';

/** Rows that a frame holds of a map with more: nobody scrolls further, and each costs at every refresh. */
const mostRows = 10_240;

interface Live {
  readonly opening: Promise<OpenView | undefined>;
  timer: NodeJS.Timeout | undefined;
  leaving: NodeJS.Timeout | undefined;
  closed: boolean;
}

export class LiveSource implements Source {
  readonly views: readonly ViewEntry[];
  private readonly presets: ReadonlyMap<string, Preset>;
  private readonly around: Surroundings;
  private readonly lookups: Lookups;
  private readonly clock: Clock;
  private readonly listeners = new Set<(event: SourceEvent) => void>();
  private readonly live = new Map<string, Live>();
  private current: string | undefined;
  private interval: number;
  /** --sort: for the views that have such a column */
  private readonly sort: string | undefined;
  /** ms that a view stays attached after it was left; may be infinite */
  private readonly linger: number;

  constructor(
    presets: readonly Preset[],
    around: Surroundings,
    lookups: Lookups,
    clock: Clock,
    interval: number,
    sort: string | undefined,
    linger: number,
  ) {
    this.presets = new Map(presets.map((preset) => [preset.name, preset]));
    this.views = presets.map((preset) => viewEntry(preset, around));
    this.around = around;
    this.lookups = lookups;
    this.clock = clock;
    this.interval = interval;
    this.sort = sort;
    this.linger = linger;
  }

  subscribe(listener: (event: SourceEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  open(name: string): void {
    if (this.current === name) return;
    const left = this.current === undefined ? undefined : this.live.get(this.current);
    const leftName = this.current;
    this.current = name;
    if (left !== undefined && leftName !== undefined && Number.isFinite(this.linger))
      left.leaving = setTimeout(() => void this.close(leftName), this.linger);
    const known = this.live.get(name);
    if (known === undefined) this.start(name);
    else clearTimeout(known.leaving);
  }

  setInterval(seconds: number): void {
    this.interval = seconds;
    for (const [name, live] of this.live) {
      if (live.timer === undefined) continue;
      clearTimeout(live.timer);
      void live.opening.then((view) => view !== undefined && this.sampleSoon(name, live));
    }
  }

  want(name: string, sort: string, filter: string): void {
    this.wanted.set(name, {sort, filter, limit: mostRows});
    this.samplers.get(name)?.want({sort, filter, limit: mostRows});
  }

  /** One line for each view whose numbers were not exact, as of its last frame. */
  summary(): readonly string[] {
    return [...this.last.values()].flatMap(({view, status, reasons}) =>
      status === 'exact' ? [] : [`${view}: ${status}: ${reasons.join('; ')}`],
    );
  }

  /** Detaches and frees everything. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.live.keys()].map((name) => this.close(name)));
  }

  private readonly samplers = new Map<string, Sampler>();
  private readonly wanted = new Map<string, Wanted>();
  private readonly last = new Map<string, Frame>();

  private start(name: string): void {
    const preset = this.presets.get(name);
    if (preset === undefined) return;
    const live: Live = {opening: this.attach(preset), timer: undefined, leaving: undefined, closed: false};
    this.live.set(name, live);
    void live.opening.then((view) => {
      if (view === undefined || live.closed) return;
      const {shape} = view.plan;
      const sort = this.sort !== undefined && sortNames(shape).includes(this.sort.replace(/^-/, '')) ? this.sort : shape.sort;
      const wanted = this.wanted.get(name) ?? {sort, filter: '', limit: mostRows};
      this.samplers.set(
        name,
        new Sampler(view.session, view.sampled, sessionLookups(this.lookups, view.session, view.addon), this.clock, wanted),
      );
      this.emit({type: 'opened', view: name, shape: {...shape, sort}, details: viewDetails(view)});
      void this.sample(name, live);
    });
  }

  private async attach(preset: Preset): Promise<OpenView | undefined> {
    try {
      return await openView(preset, this.around);
    } catch (error) {
      this.live.delete(preset.name); // coming back tries again
      if (!(error instanceof UserError)) throw error;
      this.emit({type: 'failed', view: preset.name, message: error.message, hint: error.hint});
      return undefined;
    }
  }

  private async sample(name: string, live: Live): Promise<void> {
    const sampler = this.samplers.get(name);
    if (live.closed || sampler === undefined) return;
    const begun = this.clock.monotonic();
    try {
      const frame = await sampler.sample();
      if (live.closed) return;
      this.last.set(name, frame);
      this.emit({type: 'frame', frame});
    } catch (error) {
      if (live.closed) return;
      this.emit({type: 'failed', view: name, message: `cannot read view '${name}': ${(error as Error).message}`, hint: ''});
      return void this.close(name);
    }
    this.sampleSoon(name, live, this.clock.monotonic() - begun);
  }

  /** The next sample, one interval after the last began; where reading takes long, at most half of the time is spent on it. */
  private sampleSoon(name: string, live: Live, taken = 0): void {
    clearTimeout(live.timer);
    const wait = Math.max(10, this.interval * 1000 - taken, taken);
    if (!live.closed) live.timer = setTimeout(() => void this.sample(name, live), wait);
  }

  private async close(name: string): Promise<void> {
    const live = this.live.get(name);
    if (live === undefined) return;
    this.live.delete(name);
    this.samplers.delete(name);
    live.closed = true;
    clearTimeout(live.timer);
    clearTimeout(live.leaving);
    await (await live.opening)?.session.close();
  }

  private emit(event: SourceEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}

function viewEntry(preset: Preset, {filters}: Surroundings): ViewEntry {
  const {name, title, group, description, warning} = preset;
  return {
    name,
    title,
    group,
    description,
    ...(warning === undefined ? {} : {warning}),
    ...(lacksPid(preset, filters) ? {unavailable: 'needs -p PID'} : {}),
  };
}
