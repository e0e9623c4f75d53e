// What feeds the screen. commands/top implements it over sessions and samplers; a test, or a replay, over anything.
import type {Frame, ViewShape} from '../decode/frame.ts';

export interface ViewEntry {
  readonly name: string;
  readonly title: string;
  readonly group: string;
  readonly description: string;
  /** How it can slow the machine: asked about before it is opened. */
  readonly warning?: string;
  /** Why this machine cannot run it, if that is known beforehand. */
  readonly unavailable?: string;
}

export type SourceEvent =
  /** The view's probes are attached. `details`: label and text of what `e` shows (preset file, probes, programs, maps). */
  | {readonly type: 'opened'; readonly view: string; readonly shape: ViewShape; readonly details: readonly (readonly [string, string])[]}
  | {readonly type: 'frame'; readonly frame: Frame}
  /** The view could not be opened, or broke; other views go on. */
  | {readonly type: 'failed'; readonly view: string; readonly message: string; readonly hint: string};

export interface Source {
  readonly views: readonly ViewEntry[];
  /** Shows a view: 'opened' (or 'failed') and frames follow. Those left behind linger, then are closed. */
  open(view: string): void;
  setInterval(seconds: number): void;
  /** The order in which the view's rows are shown, and the text that they have: of a map that is too large to be shown whole, frames hold the first ones. */
  want(view: string, sort: string, filter: string): void;
  /** Returns the unsubscribe. */
  subscribe(listener: (event: SourceEvent) => void): () => void;
}

/** tsbpftop's own use of the machine since the last refresh. */
export interface Usage {
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  readonly terminalBytesPerSecond: number;
}
