// A Frame: everything one refresh of one view knows, immutable. Screens and outputs are functions of it.
// Owns: the shapes, and the words in them. records.ts makes the rows, sampler.ts the frames.

/** A counter's value: a number while it is exact as one, a bigint past 2^53. */
export type Count = number | bigint;

/** One key column. */
export interface KeyColumn {
  /** Name in JSON: the expression's last word or the title in lower case. */
  readonly name: string;
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Says which task it is: every view can be drilled into by it. */
  readonly task?: boolean;
  /** Its cells have frames: a stack of the kernel or of the user. */
  readonly stack?: 'kstack' | 'ustack';
}

/** One number that a row counts. The bundled program's first is `count`; a map of others may have none at all. */
export interface MeasureColumn {
  /** Name in JSON: count, sum, min, max, avg. */
  readonly name: string;
  readonly title: string;
  readonly op: Operation;
  readonly unit: Unit;
  /** A sum of ns that is shown, and sorted, as what came since the frame before: the share of one CPU. */
  readonly shown?: 'cpu';
}

export const operations = ['count', 'sum', 'min', 'max', 'avg'] as const;
export type Operation = (typeof operations)[number];

export const units = ['ns', 'us', 'ms', 'bytes', 'count', 'none'] as const;
export type Unit = (typeof units)[number];

/** How a histogram's slots map to values; see buckets.ts. */
export type Scale =
  /** As probe.bpf.c counts. */
  | {readonly kind: 'log2'}
  /** As others count: so many slots in all, and before that of [1,2) none (the first is [0,2)), [0,1), or that and all below. */
  | {readonly kind: 'powers'; readonly slots: number; readonly before: 0 | 1 | 2}
  /** The first slot is all below min. */
  | {readonly kind: 'linear'; readonly min: number; readonly max: number; readonly step: number}
  /** The first slot begins at min, the last has no end. */
  | {readonly kind: 'steps'; readonly slots: number; readonly min: number; readonly step: number};

export interface HistColumn {
  readonly unit: Unit;
  readonly scale: Scale;
}

/** A decoded key value. `text` is safe to print; `value` is what JSON and sorting use. */
export interface Cell {
  readonly text: string;
  readonly value: string | number | bigint;
  /** Of a stack: its functions, leaf first. `text` is the same on one line. */
  readonly frames?: readonly string[];
  /** Its name is not known so far: it is looked up again. */
  readonly unnamed?: true;
}

/** Half-open [low, high) and how many values fell in it. Infinite ends are null. */
export interface Bucket {
  readonly low: Count | null;
  readonly high: Count | null;
  readonly count: number;
}

export interface Histogram {
  /** Since the session began; only buckets with a count, in ascending order. */
  readonly total: readonly Bucket[];
  /** Since the frame before. */
  readonly delta: readonly Bucket[];
  readonly p50: Bucket | undefined;
  readonly p90: Bucket | undefined;
  readonly p99: Bucket | undefined;
  /** Highest bucket with a count. */
  readonly max: Bucket | undefined;
}

/** May be made of packed numbers when it is looked at (row-numbers.ts): what makes another row of it names the members. */
export interface Row {
  /** The key's raw bytes as a string: identity across frames. */
  readonly id: string;
  readonly key: readonly Cell[];
  /** One entry a MeasureColumn. `delta` and `rate` are undefined for min and max (they have no difference). */
  readonly total: readonly Count[];
  readonly delta: readonly (Count | undefined)[];
  readonly rate: readonly (number | undefined)[];
  /** Present when the view has a histogram. */
  readonly hist?: Histogram;
}

/** From best to worst. */
export const statuses = ['exact', 'approximate', 'partial'] as const;
export type Status = (typeof statuses)[number];

export interface Lost {
  /** Events that found no place in a full map. */
  readonly mapFull: number;
  /** Span ends without a start: their spans are not counted. */
  readonly unmatched: number;
  /** Returns or runs that the kernel skipped. */
  readonly missed: number;
  /** Strings that could not be read. */
  readonly fault: number;
  /** Stacks that found no place of their own; their events are counted as <stack lost>. */
  readonly stacks: number;
  /** No loss: ends of spans that began before the probes were there. Every one that began later is counted. */
  readonly earlier: number;
}

export interface Frame {
  readonly view: string;
  /** Counts from 0 within a session of the view. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Seconds since the frame before, measured; 0 for the first. */
  readonly interval: number;
  readonly status: Status;
  /** Why the status is not exact, one sentence each. */
  readonly reasons: readonly string[];
  /** max 0: nothing bounds it. */
  readonly keys: {readonly used: number; readonly max: number};
  readonly lost: Lost;
  /** Of the probes themselves, since the frame before; from the kernel's run-time statistics. */
  readonly cost: {readonly nsPerEvent: number; readonly events: number; readonly cpuPercent: number};
  /** Of all rows that were asked for, also those that are too many to be in `rows`: how many, their counts, and what came since. */
  readonly sums: {readonly rows: number; readonly total: number; readonly delta: number};
  /** The map has more rows than `rows`: these are the first ones of the order asked for. */
  readonly cut: boolean;
  readonly rows: readonly Row[];
  /** Of a view of several hosts: how each of them is. */
  readonly hosts?: readonly HostState[];
}

export interface HostState {
  readonly host: string;
  readonly state: 'connecting' | 'live' | 'stale';
  /** Milliseconds since the epoch, of the clock here. */
  readonly since: number;
  /** Of its newest refresh: its own clock, and its own seconds. */
  readonly time?: number;
  readonly interval?: number;
  /** Why it is not heard, and what to try. */
  readonly error?: string;
  readonly hint?: string;
}

/** What stays the same in all frames of a view. */
export interface ViewShape {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly keys: readonly KeyColumn[];
  readonly measures: readonly MeasureColumn[];
  readonly hist?: HistColumn;
  /** Default order: a column's name (key name, rate, delta, total, p50 ...), with '-' in front for descending. */
  readonly sort: string;
  /** Attach points in words, as the header shows them: 'tracepoint:syscalls:sys_enter_openat'. */
  readonly probes: readonly string[];
  /** Rows are of what lasts now, and their numbers fall as well as they rise. The second measure is the age of the oldest. */
  readonly lasting?: true;
  /** What others count is read: no probe here is ours, and nobody knows since when it counts. */
  readonly others?: true;
}
