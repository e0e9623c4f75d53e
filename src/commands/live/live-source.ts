// Feeds the screen from live views: opens a view's session when it is shown, samples it on a timer, and closes it some
// time after it was left, so that going back is instant and nothing unseen keeps costing.
import {UserError} from '../../errors.ts';
import {missingColumn} from '../process/printed.ts';
import {safeString} from '../../decode/safe-text.ts';
import type {Lookups} from '../../decode/formats.ts';
import type {Frame} from '../../decode/frame.ts';
import type {Wanted} from '../../decode/order.ts';
import {sortOr} from '../../decode/sort.ts';
import {type Loaded, loadPreset} from '../../preset/load.ts';
import type {Preset} from '../../preset/preset.ts';
import {sessionLookups} from '../../kernel/session-names.ts';
import {type Clock, Sampler} from '../../sampler.ts';
import type {Drill, Maker, Source, SourceEvent, ViewEntry} from '../../view/source.ts';
import {type Definition, Definitions} from './definitions.ts';
import {viewDetails} from './details.ts';
import {LiveMaker} from './live-maker.ts';
import {LiveTail} from './live-tail.ts';
import {type PresetChange, PresetWatch} from '../presets/preset-watch.ts';
import {viewEntry} from './view-entry.ts';
import {checkAll} from './live-check.ts';
import {faultsLine} from '../presets/find-presets.ts';
import {inexactLines} from './open-printed.ts';
import {MisfitError, type OpenView, openView, type Surroundings} from './open-view.ts';

/** ms after the first frame: it is drawn by then. */
const catalogAfter = 50;

/** Rows that a frame holds of a map with more: nobody scrolls further, and each costs at every refresh. */
const mostRows = 10_240;

interface Live {
  readonly opening: Promise<OpenView | undefined>;
  timer: NodeJS.Timeout | undefined;
  leaving: NodeJS.Timeout | undefined;
  closed: boolean;
  /** Gives up attaching it. */
  readonly giveUp: AbortController;
}

interface LiveOptions {
  /** Those in the bar. */
  readonly presets: readonly Preset[];
  /** Those that can be opened too. */
  readonly others: () => readonly Preset[];
  readonly around: Surroundings;
  readonly lookups: Lookups;
  readonly clock: Clock;
  /** s */
  readonly interval: number;
  /** --sort: for the views that have such a column */
  readonly sort: string | undefined;
  /** ms that a view stays attached after it was left; may be infinite */
  readonly linger: number;
  /** Writes a preset that was made on the screen. */
  readonly save: (preset: Preset) => string;
  /** Reads an edited preset again. */
  readonly load?: (file: string) => Loaded;
  /** Called when the first view is attached: what is to be watched may begin. */
  readonly attached?: (() => void) | undefined;
}

export class LiveSource implements Source {
  readonly views: readonly ViewEntry[];
  readonly maker: Maker;
  private readonly definitions: Definitions;
  private readonly around: Surroundings;
  private readonly lookups: Lookups;
  private readonly clock: Clock;
  private readonly listeners = new Set<(event: SourceEvent) => void>();
  private readonly live = new Map<string, Live>();
  private current: string | undefined;
  private interval: number;
  private readonly sort: string | undefined;
  private readonly linger: number;
  private readonly watch: PresetWatch;
  private edits: Promise<void> = Promise.resolve();
  private readonly samplers = new Map<string, Sampler>();
  private readonly wanted = new Map<string, Wanted>();
  private readonly last = new Map<string, Frame>();
  private tailing: LiveTail | undefined;
  private checking = false;
  /** A view may be opened before the screen is there. */
  private readonly unheard: SourceEvent[] = [];
  private catalogTold = false;
  private readonly attached: (() => void) | undefined;

  constructor({presets, others, around, lookups, clock, interval, sort, linger, save, load = loadPreset, attached}: LiveOptions) {
    this.attached = attached;
    this.definitions = new Definitions(presets, others, around.filters);
    this.views = presets.map((preset) => viewEntry(preset, around));
    this.around = around;
    this.lookups = lookups;
    this.clock = clock;
    this.interval = interval;
    this.sort = sort;
    this.linger = linger;
    const add = (preset: Preset): ViewEntry => {
      this.definitions.add(preset);
      return viewEntry(preset, around);
    };
    this.maker = new LiveMaker({around, taken: (name) => this.definitions.get(name) !== undefined, add, save}, (event) => this.emit(event));
    this.watch = new PresetWatch(load, (name, change) => {
      this.edits = this.edits.then(() => this.edited(name, change)); // one after the other: the last one stays
    });
  }

  subscribe(listener: (event: SourceEvent) => void): () => void {
    this.listeners.add(listener);
    for (const event of this.unheard.splice(0)) listener(event);
    return () => this.listeners.delete(listener);
  }

  open(name: string, drill?: Drill): void {
    if (this.current === name) return;
    const left = this.current === undefined ? undefined : this.live.get(this.current);
    const leftName = this.current;
    this.current = name;
    this.measure(left, false);
    if (left !== undefined && leftName !== undefined && Number.isFinite(this.linger))
      left.leaving = setTimeout(() => void this.close(leftName), this.linger);
    const known = this.live.get(name);
    if (known === undefined) this.start(name, drill);
    else clearTimeout(known.leaving);
    this.measure(known, true);
  }

  /** Run-time statistics cost every BPF program of the machine: they are on for the view that is shown. */
  private measure(live: Live | undefined, on: boolean): void {
    void live?.opening.then((view) => {
      if (!live.closed) view?.session.statistics(on && this.current !== undefined && this.live.get(this.current) === live);
    });
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

  tail(wanted: {readonly view: string; readonly row: string} | undefined): void {
    void this.tailing?.stop();
    this.tailing = undefined;
    const definition = this.definitions.get(wanted?.view);
    if (wanted === undefined || definition === undefined) return;
    const {preset, filters} = definition;
    this.tailing = new LiveTail({...wanted, preset, around: {...this.around, filters}}, this.lookups, this.clock, (event) =>
      this.emit(event),
    );
  }

  /** One line for each view whose numbers were not exact, as of its last frame. */
  summary(): readonly string[] {
    return inexactLines(this.last.values());
  }

  /** Said on the screen, whichever view is shown. */
  tell(message: string): void {
    this.emit({type: 'notice', message});
  }

  /** Detaches and frees everything. */
  async closeAll(): Promise<void> {
    this.watch.stop();
    await Promise.all([this.tailing?.stop(), ...[...this.live.keys()].map((name) => this.close(name))]);
  }

  private start(name: string, drill: Drill | undefined): void {
    const giveUp = new AbortController();
    const live: Live = {opening: this.attach(name, drill, giveUp.signal), timer: undefined, leaving: undefined, closed: false, giveUp};
    this.live.set(name, live);
    void live.opening.then((view) => {
      if (view !== undefined && !live.closed) this.begin(name, live, view);
    });
    const known = this.definitions.get(name)?.preset;
    if (drill === undefined && known !== undefined) this.watch.start(name, known);
  }

  private begin(name: string, live: Live, view: OpenView): void {
    const {shape} = view.plan;
    const sort = sortOr(this.sort, shape);
    const wanted = this.wanted.get(name) ?? {sort, filter: '', limit: mostRows};
    this.samplers.set(
      name,
      new Sampler(view.session, view.sampled, sessionLookups(this.lookups, view.session, view.addon), this.clock, wanted),
    );
    this.emit({type: 'opened', view: name, shape: {...shape, sort}, details: viewDetails(view)});
    void this.sample(name, live);
    this.attached?.();
  }

  /** What was edited takes over where it can be attached; else the view goes on as it was, and says why. */
  private async edited(name: string, change: PresetChange): Promise<void> {
    const before = this.definitions.get(name);
    if (change.kind === 'trouble' || before === undefined)
      return this.emit({type: 'trouble', view: name, message: change.kind === 'trouble' ? safeString(change.message) : ''});
    const definition: Definition = {...before, preset: {...change.preset, name}};
    const live = this.live.get(name);
    if (live === undefined) {
      this.definitions.set(name, definition);
      if (this.current === name) this.start(name, undefined); // it could not be opened as it was
      return;
    }
    try {
      const view = await openView(definition.preset, {...this.around, filters: definition.filters, signal: live.giveUp.signal});
      if (this.live.get(name) !== live) return void view.session.close(); // left, or edited again, in the meantime
      this.definitions.set(name, definition);
      const {leaving} = live;
      const next: Live = {opening: Promise.resolve(view), timer: undefined, leaving, closed: false, giveUp: new AbortController()};
      this.live.set(name, next);
      live.closed = true;
      clearTimeout(live.timer);
      this.begin(name, next, view);
      if (this.current === name) this.measure(next, true);
      await (await live.opening)?.session.close();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const {file} = definition.preset;
      const message = error instanceof MisfitError ? faultsLine(file, error.faults) : `${file}: ${error.message}`;
      this.emit({type: 'trouble', view: name, message: safeString(message)});
    }
  }

  private async attach(name: string, drill: Drill | undefined, signal: AbortSignal): Promise<OpenView | undefined> {
    try {
      const parent = await this.live.get(drill?.from ?? '')?.opening;
      const {preset, filters} = this.definitions.get(name) ?? this.definitions.drillInto(name, drill, parent);
      const tellAttaching = (percent: number): void => this.emit({type: 'attaching', view: name, percent});
      const view = await openView(preset, {...this.around, filters, signal, tellAttaching});
      // of several views those that have the column are sorted by it
      const missing = this.views.length === 1 && drill === undefined ? missingColumn(view.plan.shape, this.sort) : undefined;
      if (missing === undefined) return view;
      await view.session.close();
      throw missing;
    } catch (error) {
      if (signal.aborted) return undefined;
      this.live.delete(name); // coming back tries again
      if (!(error instanceof UserError)) throw error;
      this.emit({type: 'failed', view: name, message: error.message, hint: error.hint});
      return undefined;
    }
  }

  check(): void {
    if (this.checking) return;
    this.checking = true;
    checkAll(
      this.tellCatalog(),
      this.around,
      (name) => this.definitions.get(name)?.preset,
      (event) => this.emit(event),
    );
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
    live.giveUp.abort();
    clearTimeout(live.timer);
    clearTimeout(live.leaving);
    this.emit({type: 'closed', view: name});
    await (await live.opening)?.session.close();
  }

  /** All that can be opened: read when the screen shows something. */
  private tellCatalog(): readonly ViewEntry[] {
    this.catalogTold = true;
    const entries = [...this.views, ...this.definitions.others().map((preset) => viewEntry(preset, this.around))];
    this.emit({type: 'catalog', entries});
    return entries;
  }

  private emit(event: SourceEvent): void {
    if (this.listeners.size === 0) this.unheard.push(event);
    for (const listener of this.listeners) listener(event);
    if (this.catalogTold || (event.type !== 'frame' && event.type !== 'failed')) return;
    this.catalogTold = true;
    setTimeout(() => {
      if (this.views.length > 1) this.around.machine.preloadBtf(); // the next view is a key away
      this.tellCatalog();
    }, catalogAfter).unref();
  }
}
