// A preset as the rest of the program sees it: parsed, with defaults filled in and every part knowing its place in the
// file. schema.ts says what a file may hold; load.ts makes this of it.
import type {FormatName} from '../decode/formats.ts';
import type {Unit} from '../decode/frame.ts';
import type {Condition, Expr, MeasureCall} from './expr.ts';
import type {Own} from './own/own.ts';

/** A part with the JSON pointer of where it stands. */
export interface Located<T> {
  readonly at: string;
  readonly value: T;
}

export interface ProbeSpec {
  readonly at: string;
  readonly probe: string;
  readonly where: readonly Condition[];
  readonly match?: PointMatch;
}

/** One probe, or the first of several that this machine can attach; an alternative may be several probes together. */
export interface ProbeChoice {
  readonly at: string;
  readonly alternatives: readonly (readonly ProbeSpec[])[];
}

/** What is read at one end of a pair; `within` as there. */
export interface PointMatch {
  readonly expr: Expr;
  readonly within?: Expr;
}

/** What is read at either end of a pair; `within`: the same at both, and part of the pair. */
export interface PairMatch {
  readonly from: Expr;
  readonly to: Expr;
  readonly within?: Expr;
}

export type Where =
  | {readonly kind: 'attach'; readonly probes: readonly ProbeChoice[]}
  /** Entry to return of the same call. */
  | {readonly kind: 'call'; readonly probes: readonly ProbeChoice[]}
  | {
      readonly kind: 'pair';
      readonly from: readonly ProbeChoice[];
      readonly to: readonly ProbeChoice[];
      readonly match: PairMatch;
    };

/** An event lasts from when it came to one of these with the same match value. */
export interface Until {
  readonly probes: readonly ProbeChoice[];
  readonly match: PairMatch;
}

export interface ByField {
  readonly at: string;
  readonly text: string;
  readonly expr: Expr;
  /** Read at the span's start. */
  readonly from: boolean;
  readonly name: string;
  readonly title: string;
  readonly format?: FormatName | `enum:${string}`;
  readonly map?: Readonly<Record<string, string>>;
}

export interface Measure {
  readonly call: MeasureCall;
  readonly text: string;
  /** Of its column, where the preset has one. */
  readonly title?: string;
}

export interface Preset {
  readonly name: string;
  readonly title: string;
  readonly group: string;
  readonly description: string;
  /** What else a search finds it by. */
  readonly words?: readonly string[];
  /** The file it was read from. */
  readonly file: string;
  /** The JSON as written. */
  readonly json: string;
  /** Of a view made on the command line: JSON pointer → the flag as it was given. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly probes: Where;
  /** Where none of `probes` can be attached. */
  readonly orSpan?: Where;
  /** A program of others in place of the bundled one; then nothing is attached, grouped and measured by the members around. */
  readonly own?: Own;
  readonly where: readonly Located<Condition>[];
  /** What is shown is what lasts now, and not what came. */
  readonly until?: Until;
  /** What the command line's filters are compared with, where that is not the current task. */
  readonly filter?: {readonly pid?: Expr; readonly comm?: Expr; readonly cgroup?: Expr};
  readonly by: readonly ByField[];
  readonly measures: readonly Located<Measure>[];
  readonly unit?: Unit;
  readonly sort: string;
  readonly drill?: {readonly to: string; readonly by: string};
  /** A view that answers a part of it, where this one cannot run. */
  readonly instead?: string;
  readonly maxKeys: number;
  readonly maxStacks: number;
  readonly map: 'hash' | 'percpu' | 'lru' | 'auto';
  readonly maxProbes: number;
  /** Runs with -p only: its probes are attached to that process alone. */
  readonly needsPid: boolean;
  /** How it can slow the machine. */
  readonly warning?: string;
  readonly allowGoUretprobe: boolean;
  readonly allowCppUretprobe: boolean;
}
