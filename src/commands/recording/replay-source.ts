// Feeds the screen from a recording: the refreshes of the view shown, at the pace at which they were taken, or faster. All
// views stand at the same moment. Needs no kernel.
import type {Frame} from '../../decode/frame.ts';
import {sortOr} from '../../decode/sort.ts';
import type {Header} from '../../output/recorded.ts';
import type {Drill, Player, Source, SourceEvent, ViewEntry} from '../../view/source.ts';
import type {RecordingFile} from './recording-file.ts';

/** What is given of the time before the first refresh shown: for sparklines and the heat map. */
const mostBefore = 119;
const mostBytesBefore = 8 * 2 ** 20;
/** Refreshes at one time, where they follow each other faster than they can be drawn. */
const mostAtOnce = 8;
const leastWait = 20; // ms
const longestWait = 2 ** 31 - 1; // of a timer: one that is longer ends at once
/** Unreadable lines that are passed over at one time. */
const mostTries = 1000;
/** Nothing was recorded for longer than this: it is not waited for. ms */
const longestGap = 60_000;

export class ReplaySource implements Source, Player {
  readonly views: readonly ViewEntry[];
  readonly player: Player = this;
  private readonly recording: RecordingFile;
  private readonly sort: string | undefined;
  private readonly listeners = new Set<(event: SourceEvent) => void>();
  private view = '';
  private refreshes: Uint32Array = new Uint32Array(0);
  /** Index in `refreshes` of the one shown. */
  private at = 0;
  /** Its time: where the next view begins. */
  private moment: number | undefined;
  private opened: Header | undefined;
  private playing = true;
  private speed = 1;
  private timer: NodeJS.Timeout | undefined;
  /** When the next refresh is to be shown, on the clock that only grows. */
  private due = 0;

  /** @param names views to show, all where there is none. @param sort for the views that have such a column */
  constructor(recording: RecordingFile, names: readonly string[], sort: string | undefined) {
    this.recording = recording;
    this.sort = sort;
    const all = recordedViews(recording);
    this.views = names.length === 0 ? all : names.flatMap((name) => all.filter((view) => view.name === name));
  }

  subscribe(listener: (event: SourceEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  open(name: string, drill?: Drill): void {
    if (this.view === name) return;
    if (drill !== undefined) {
      clearTimeout(this.timer);
      this.view = name;
      this.refreshes = new Uint32Array(0);
      const message = 'a recording has the rows that were recorded, and no others to drill into';
      return this.emit({type: 'failed', view: name, message, hint: 'Backspace goes back'});
    }
    const {moment} = this;
    this.view = name;
    this.refreshes = this.recording.refreshesOf(name);
    this.opened = undefined;
    const at = moment === undefined ? 0 : this.lastUntil(moment);
    this.begin(at);
    this.giveBefore(at);
    this.show(at, 1);
    this.schedule();
  }

  /** The recording's interval is what it is. */
  setInterval(): void {}
  /** Frames hold all rows that were recorded. */
  want(): void {}

  play(playing: boolean): void {
    const again = playing && !this.playing && this.ended;
    this.playing = playing;
    if (again) this.show(0, 1);
    this.schedule();
  }

  step(by: -1 | 1): void {
    const to = this.at + by;
    if (to < 0 || to >= this.refreshes.length) return;
    this.show(to, by);
    this.schedule();
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.schedule();
  }

  close(): void {
    clearTimeout(this.timer);
    this.listeners.clear();
  }

  private timeOf(at: number): number {
    return this.recording.timeOf(this.refreshes[at] ?? 0);
  }

  /** The last refresh that was there at the moment. */
  private lastUntil(moment: number): number {
    const later = this.refreshes.findIndex((refresh) => this.recording.timeOf(refresh) > moment);
    return Math.max(0, (later < 0 ? this.refreshes.length : later) - 1);
  }

  /** Where the file has another header for the view from here on, the view begins anew. */
  private begin(at: number): void {
    const header = this.recording.header(this.refreshes[at] ?? 0);
    if (header === this.opened) return;
    this.opened = header;
    const {shape} = header;
    const sort = sortOr(this.sort, shape);
    this.emit({type: 'opened', view: this.view, shape: {...shape, sort}, details: detailsOf(header)});
  }

  private giveBefore(at: number): void {
    let from = at;
    for (let bytes = 0; from > 0 && at - from < mostBefore; from--) {
      bytes += this.recording.bytesOf(this.refreshes[from - 1] ?? 0);
      if (bytes > mostBytesBefore || this.recording.header(this.refreshes[from - 1] ?? 0) !== this.opened) break;
    }
    const frames: Frame[] = [];
    for (const refresh of this.refreshes.subarray(from, at)) {
      const frame = this.recording.read(refresh);
      if (frame !== undefined) frames.push(frame);
    }
    if (frames.length > 0) this.emit({type: 'before', view: this.view, frames});
  }

  /** What cannot be read is passed over, in the direction in which the recording is gone through. */
  private show(at: number, by: -1 | 1): void {
    if (this.refreshes.length === 0) return;
    let to = at;
    let frame: Frame | undefined;
    for (let tried = 0; tried < mostTries && to >= 0 && to < this.refreshes.length; tried++, to += by) {
      frame = this.recording.read(this.refreshes[to] ?? 0);
      if (frame !== undefined) break;
    }
    this.at = Math.max(0, Math.min(this.refreshes.length - 1, to));
    this.moment = this.timeOf(this.at);
    if (frame !== undefined) this.begin(this.at);
    this.emit({type: 'position', position: {index: this.at, count: this.refreshes.length, time: this.timeOf(this.at)}});
    if (frame !== undefined) this.emit({type: 'frame', frame});
  }

  private get ended(): boolean {
    return this.at >= this.refreshes.length - 1;
  }

  /** The next refresh is due as long after this moment as it was recorded after the one shown. */
  private schedule(): void {
    this.due = performance.now() + this.waitFor(this.at + 1);
    this.wait();
  }

  private wait(): void {
    clearTimeout(this.timer);
    if (!this.playing || this.ended) return;
    this.timer = setTimeout(
      () => this.advance(performance.now()),
      Math.min(longestWait, Math.max(leastWait, this.due - performance.now())),
    );
  }

  private waitFor(at: number): number {
    if (at >= this.refreshes.length) return 0;
    const gap = this.timeOf(at) - this.timeOf(at - 1);
    const longest = Math.max(longestGap, 3000 * (this.opened?.origin.interval ?? 1));
    return (gap > longest || gap < 0 ? 1000 : gap) / this.speed;
  }

  private advance(now: number): void {
    for (let i = 0; i < mostAtOnce && !this.ended && this.due <= now; i++) {
      this.show(this.at + 1, 1);
      this.due += this.waitFor(this.at + 1);
    }
    // faster than they can be drawn: what is owed is let go
    this.due = Math.max(this.due, now);
    this.wait();
  }

  private emit(event: SourceEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}

export function recordedViews({headers}: RecordingFile): readonly ViewEntry[] {
  const views = new Map(headers.map(({shape}) => [shape.name, shape]));
  return [...views.values()].map(({name, title, description}) => ({name, title, group: '', description}));
}

function detailsOf({origin}: Header): readonly (readonly [string, string])[] {
  const {version, host, kernel, time, interval, preset, details} = origin;
  const made = [host === '' ? '' : `on ${host}`, kernel === '' ? '' : `Linux ${kernel}`, version === '' ? '' : `by tsbpftop ${version}`];
  const recorded = [new Date(time).toISOString(), ...made.filter((part) => part !== ''), `every ${interval} s`].join(', ');
  return [['recorded', recorded], ...details, ...(preset === '' ? [] : [['preset', preset.trimEnd()] as const])];
}
