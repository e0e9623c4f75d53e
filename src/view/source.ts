// What feeds the screen. commands/top implements it over sessions and samplers; a test, or a replay, over anything.
import type {Frame, ViewShape} from '../decode/frame.ts';
import type {Choice, Parts} from './builder.ts';
import type {TailColumn, TailEvent} from './tail.ts';

export interface ViewEntry {
  readonly name: string;
  readonly title: string;
  readonly group: string;
  readonly description: string;
  /** What else a search finds it by. */
  readonly words?: readonly string[];
  /** How it can slow the machine: asked about before it is opened. */
  readonly warning?: string;
  /** Why this machine cannot run it, if that is known beforehand. */
  readonly unavailable?: string;
  /** Where Enter leads from a row, and by which key column. */
  readonly drill?: {readonly to: string; readonly column: number};
}

/** A row drilled into: the view named `to`, for this key alone. */
export interface Drill {
  /** The view that has the row; may be drilled itself. */
  readonly from: string;
  readonly to: string;
  /** The row's key, raw, and which column of it. */
  readonly row: string;
  readonly column: number;
}

export type SourceEvent =
  /** The view's probes are attached. `details`: label and text of what `e` shows (preset file, probes, programs, maps). */
  | {readonly type: 'opened'; readonly view: string; readonly shape: ViewShape; readonly details: readonly (readonly [string, string])[]}
  | {readonly type: 'frame'; readonly frame: Frame}
  /** Refreshes before the one that follows, oldest first: a recording has them at once. */
  | {readonly type: 'before'; readonly view: string; readonly frames: readonly Frame[]}
  /** Where in a recording the frame is that was given last. */
  | {readonly type: 'position'; readonly position: Position}
  /** Answers check(): whether this machine can run it. */
  /** By the names of views why they cannot run here; '' where nothing speaks against it. */
  | {readonly type: 'checked'; readonly unavailable: Readonly<Record<string, string>>}
  /** What has come of the row that is tailed; `unsent` in all. */
  | {
      readonly type: 'tail';
      readonly view: string;
      readonly row: string;
      readonly columns: readonly TailColumn[];
      readonly events: readonly TailEvent[];
      readonly unsent: number;
      readonly failure?: string;
    }
  /** Answers maker.find(), maker.describe(), maker.make(). */
  | {readonly type: 'found'; readonly query: string; readonly choices: readonly Choice[]}
  | {
      readonly type: 'described';
      readonly probe: string;
      readonly fields: readonly Choice[];
      readonly spans: boolean;
      readonly fault?: undefined;
    }
  | {readonly type: 'described'; readonly probe: string; readonly fault: string}
  | {readonly type: 'made'; readonly entry: ViewEntry; readonly notice?: string; readonly fault?: undefined}
  | {readonly type: 'made'; readonly fault: string}
  /** All that can be opened. */
  | {readonly type: 'catalog'; readonly entries: readonly ViewEntry[]}
  /** Its probes are being attached, which takes long. */
  | {readonly type: 'attaching'; readonly view: string; readonly percent: number}
  /** Its session is over; what is opened under this name next is another one. */
  | {readonly type: 'closed'; readonly view: string}
  /** The view goes on, and there is something to say of it: its preset was edited and is wrong. '': no longer. */
  | {readonly type: 'trouble'; readonly view: string; readonly message: string}
  /** Of no view: what is watched has ended. Until the next key. */
  | {readonly type: 'notice'; readonly message: string}
  /** The view could not be opened, or broke; other views go on. */
  | {readonly type: 'failed'; readonly view: string; readonly message: string; readonly hint: string};

export interface Source {
  /** Those in the bar. */
  readonly views: readonly ViewEntry[];
  /** Finds out, without holding up anything, which of them this machine can run. */
  check?(): void;
  /**
   * Shows a view: 'opened' (or 'failed') and frames follow. Those left behind linger, then are closed.
   * `drill`: the view is of that row; `view` is then its own name, which frames have.
   */
  open(view: string, drill?: Drill): void;
  setInterval(seconds: number): void;
  /** The order in which the view's rows are shown, and the text that they have: of a map that is too large to be shown whole, frames hold the first ones. */
  want(view: string, sort: string, filter: string): void;
  /** The single events of a row, as they happen; of none: no longer. A source that has no single events has no such method. */
  tail?(row: {readonly view: string; readonly row: string} | undefined): void;
  /** Makes views of probes; a source without it has none. */
  readonly maker?: Maker;
  /** Returns the unsubscribe. */
  subscribe(listener: (event: SourceEvent) => void): () => void;
  /** Of a recording: what feeds the screen can be stopped, gone through and sped up. */
  readonly player?: Player;
}

export interface Player {
  play(playing: boolean): void;
  /** Shows the refresh that many before or after. */
  step(by: -1 | 1): void;
  /** 2: twice as fast as it was. */
  setSpeed(speed: number): void;
}

/** Of the refresh shown among those of its view, from 0. */
export interface Position {
  readonly index: number;
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

export interface Maker {
  find(query: string): void;
  describe(probe: string): void;
  make(parts: Parts): void;
}

/** tsbpftop's own use of the machine since the last refresh. */
export interface Usage {
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  readonly terminalBytesPerSecond: number;
}
