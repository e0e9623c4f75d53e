// Feeds the screen from several hosts: opens a view on each of them when it is shown, and lets go some time after it was
// left. Enter goes from a sum into its hosts, and from a row into its host.
import {sortOr} from '../../decode/sort.ts';
import type {Drill, Source, SourceEvent, ViewEntry} from '../../view/source.ts';
import {HostsView, type Lens, withHost} from './hosts-view.ts';
import type {Reach} from './ssh-command.ts';

export interface HostsPlan {
  readonly hosts: readonly string[];
  readonly reach: Reach;
  /** Arguments of the tsbpftop there, of one view. */
  readonly argumentsOf: (view: string) => readonly string[];
  readonly interval: number;
  /** Rows of a key added up over the hosts. */
  readonly sum: boolean;
}

interface Open {
  readonly view: HostsView;
  leaving: NodeJS.Timeout | undefined;
}

export class HostsSource implements Source {
  readonly views: readonly ViewEntry[];
  private readonly plan: HostsPlan;
  private readonly sort: string | undefined;
  private readonly linger: number;
  private readonly listeners = new Set<(event: SourceEvent) => void>();
  private readonly open_ = new Map<string, Open>();
  private readonly lenses = new Map<string, {readonly base: string; readonly lens: Lens}>();
  private readonly told = new Set<string>();
  private current: string | undefined;

  constructor(views: readonly ViewEntry[], plan: HostsPlan, sort: string | undefined, linger: number) {
    this.views = views.map(({drill: _, ...view}) => ({...view, drill: {to: view.name, column: 0}}));
    this.plan = plan;
    this.sort = sort;
    this.linger = linger;
    for (const {name} of views) this.lenses.set(name, {base: name, lens: {view: name, byHost: !plan.sum}});
  }

  subscribe(listener: (event: SourceEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  open(name: string, drill?: Drill): void {
    if (this.current === name) return;
    const left = this.lenses.get(this.current ?? '')?.base;
    this.current = name;
    if (drill !== undefined && !this.lenses.has(name)) {
      const from = this.lenses.get(drill.from)?.lens;
      const host = from?.byHost === true ? Number(drill.row.split(' ')[0]) : undefined;
      const lens = host === undefined ? {view: name, byHost: true, key: drill.row} : {...from, view: name, byHost: true, host};
      this.lenses.set(name, {base: drill.to, lens});
    }
    const base = this.lenses.get(name)?.base;
    if (left !== undefined && left !== base) this.leave(left);
    if (base === undefined) return;
    const known = this.open_.get(base);
    clearTimeout(known?.leaving);
    if (known === undefined) {
      const {hosts, reach, argumentsOf, interval} = this.plan;
      this.open_.set(base, {
        view: new HostsView(hosts, reach, argumentsOf(base), interval, () => this.refreshed(base)),
        leaving: undefined,
      });
    } else this.refreshed(base);
  }

  /** Each host has the interval with which it was asked. */
  setInterval(): void {}
  /** Frames hold all rows. */
  want(): void {}

  close(): void {
    for (const {view, leaving} of this.open_.values()) {
      clearTimeout(leaving);
      view.close();
    }
    this.open_.clear();
    this.listeners.clear();
  }

  /** Of the views that are open: which hosts are not heard. */
  summary(): readonly string[] {
    return [...this.open_].flatMap(([name, {view}]) => (view.trouble === '' ? [] : [`${name}: ${view.trouble}`]));
  }

  private leave(base: string): void {
    const open = this.open_.get(base);
    if (open === undefined || !Number.isFinite(this.linger)) return;
    open.leaving = setTimeout(() => {
      open.view.close();
      this.open_.delete(base);
      for (const [name, lens] of this.lenses) if (lens.base === base && this.told.delete(name)) this.emit({type: 'closed', view: name});
    }, this.linger);
  }

  private refreshed(base: string): void {
    const name = this.current ?? '';
    const {view} = this.open_.get(base) ?? {};
    const seen = this.lenses.get(name);
    if (view === undefined || seen?.base !== base) return;
    const {shape, trouble, briefTrouble} = view;
    if (shape === undefined) {
      if (trouble !== '') this.emit({type: 'failed', view: name, message: trouble, hint: 'it is tried again'});
      return;
    }
    if (!this.told.has(name)) {
      this.told.add(name);
      const whole = seen.lens.byHost ? withHost(shape) : shape;
      const sort = sortOr(this.sort, whole);
      this.emit({type: 'opened', view: name, shape: {...whole, sort}, details: this.details(view)});
    }
    this.emit({type: 'trouble', view: name, message: briefTrouble});
    const frame = view.frame(seen.lens);
    if (frame !== undefined) this.emit({type: 'frame', frame});
  }

  private details(view: HostsView): readonly (readonly [string, string])[] {
    return view.states.map(({host, state, since}) => ['host', `${host}: ${state} since ${new Date(since).toISOString()}`] as const);
  }

  private emit(event: SourceEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}
