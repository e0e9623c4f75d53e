// Polls one session and makes Frames of what it reads. Knows no terminal and no preset; the clock is handed in.
// A sample is one read of the maps; samples never overlap, however long a read takes.
import type {Frame, Status} from './decode/frame.ts';
import type {Lookups} from './decode/formats.ts';
import {lateWords} from './decode/late.ts';
import type {RecordLayout} from './decode/layout.ts';
import {type LossOffsets, LossReader, noLoss, reasonsOf, skippedOf, SumWatch, sumPassed} from './decode/losses.ts';
import {queryOf, sumsOf, type Wanted} from './decode/order.ts';
import {filtered, Merger} from './decode/merge.ts';
import {RecordTable} from './decode/records.ts';
import type {ProgramRun, Sample, Session} from './native/contract.ts';

/** What a sampler has to know of a plan. */
export interface Sampled {
  readonly view: string;
  readonly layout: RecordLayout;
  readonly maxKeys: number;
  /** Why no frame of this view is exact; empty when it may be. */
  readonly approximations: readonly string[];
  /** Why a full map has lost something, where nobody counts what. */
  readonly whenFull?: string;
  /** undefined where a program of others keeps none. */
  readonly losses?: LossOffsets;
  /** Entries of the map of starts; 0 where no span is measured. */
  readonly maxStarts?: number;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that only ever grow. */
  monotonic(): number;
}

const everything: Wanted = {sort: '-total', limit: Number.POSITIVE_INFINITY, filter: ''};

export class Sampler {
  private readonly session: Session;
  private readonly sampled: Sampled;
  private readonly lookups: Lookups;
  private readonly clock: Clock;
  private readonly table: RecordTable;
  private readonly merger: Merger | undefined;
  private readonly losses: LossReader | undefined;
  private readonly sums: SumWatch | undefined;
  private seq = 0;
  private lastAt: number | undefined;
  private lastRuns = {runs: 0, nanoseconds: 0};
  private lastSum: {readonly filter: string; readonly total: number} | undefined;
  private underWay: Promise<Frame> | undefined;
  private wanted: Wanted;

  constructor(session: Session, sampled: Sampled, lookups: Lookups, clock: Clock, wanted: Wanted = everything) {
    this.wanted = wanted;
    this.session = session;
    this.sampled = sampled;
    this.lookups = lookups;
    this.clock = clock;
    this.table = new RecordTable(sampled.layout, lookups);
    this.merger = Merger.of(sampled.layout, lookups);
    const sums = sumsOf(sampled.layout);
    if (sampled.losses !== undefined && sums.length > 0 && sampled.layout.lasting !== true) this.sums = new SumWatch(sampled.losses, sums);
    this.losses = LossReader.of(sampled);
    if (sampled.layout.key.some(({format}) => format.name === 'container' || format.name === 'cgroup')) lookups.learnCgroups?.();
  }

  /** What frames hold from the next one on. */
  want(wanted: Wanted): void {
    this.wanted = wanted;
  }

  /** The next frame. While one is being read, a second call gets that one. */
  sample(): Promise<Frame> {
    this.underWay ??= this.read().finally(() => {
      this.underWay = undefined;
    });
    return this.underWay;
  }

  private async read(): Promise<Frame> {
    const query = queryOf(this.sampled.layout, this.merger === undefined ? this.wanted : everything);
    // losses first: an event lost during the read is then told by the next frame, never by none
    const read = await this.session.sample('counts', query, this.losses === undefined ? undefined : 'losses');
    const losses = read.first;
    const at = this.clock.monotonic();
    const interval = this.lastAt === undefined ? 0 : (at - this.lastAt) / 1000;
    const first = this.lastAt === undefined;
    this.lastAt = at;
    const programs = this.session.programs();
    const skipped = skippedOf(programs);
    const lost = (losses && this.losses?.read(losses, skipped)) ?? {...noLoss, missed: skipped};
    const words = this.lookups.late && lateWords(this.sampled.layout, read.serials.length, read.keys);
    if (words !== undefined) await this.lookups.late?.prepare(words);
    const {sums, rows} = this.rows(read, interval);
    const passed = this.sums === undefined ? (read.wrapped ?? 0) > 0 : losses !== undefined && this.sums.see(losses, read);
    const reasons = [
      ...reasonsOf(lost, this.sampled.maxKeys, this.sampled.layout.lasting),
      ...(passed || this.merger?.passed === true ? [sumPassed] : []),
      ...(this.sampled.whenFull !== undefined && this.sampled.maxKeys > 0 && read.count >= this.sampled.maxKeys
        ? [this.sampled.whenFull]
        : []),
      ...(read.complete ? [] : ['the map changed faster than it could be read: rows may be missing']),
    ];
    const status: Status = reasons.length > 0 ? 'partial' : this.sampled.approximations.length > 0 ? 'approximate' : 'exact';
    return {
      view: this.sampled.view,
      seq: this.seq++,
      time: this.clock.now(),
      interval,
      status,
      reasons: [...reasons, ...this.sampled.approximations],
      keys: {used: read.count, max: this.sampled.maxKeys},
      lost,
      cost: this.cost(programs, interval, first),
      sums: {...sums, delta: this.change(sums, first)},
      // of what lasts, many in the map are one row
      cut: this.merger === undefined && (this.sampled.layout.lasting ? read.matching : read.count) > read.serials.length,
      rows,
    };
  }

  private rows(read: Sample, interval: number): Pick<Frame, 'sums' | 'rows'> {
    const sample = this.merger?.merge(read) ?? read;
    const all = this.table.update(sample, interval);
    const {filter} = this.wanted;
    if (this.merger === undefined || filter === '')
      return {sums: {rows: sample.matching, total: sample.total, delta: sample.delta}, rows: all};
    const {rows, total, delta} = filtered(all, filter);
    return {sums: {rows: rows.length, total, delta}, rows};
  }

  /** Of what lasts, rows that are gone took theirs with them; another filter is about other rows. */
  private change({total, delta}: Frame['sums'], first: boolean): number {
    if (this.sampled.layout.lasting !== true) return first ? 0 : delta;
    const {filter} = this.wanted;
    const change = this.lastSum?.filter === filter ? total - this.lastSum.total : 0;
    this.lastSum = {filter, total};
    return change;
  }

  private cost(programs: readonly ProgramRun[], interval: number, first: boolean): Frame['cost'] {
    const runs = programs.reduce((sum, program) => sum + program.runs, 0);
    const nanoseconds = programs.reduce((sum, program) => sum + program.nanoseconds, 0);
    const [events, spent] = [runs - this.lastRuns.runs, nanoseconds - this.lastRuns.nanoseconds];
    this.lastRuns = {runs, nanoseconds};
    if (first) return {nsPerEvent: 0, events: 0, cpuPercent: 0};
    return {
      nsPerEvent: events > 0 ? Math.round(spent / events) : 0,
      events,
      cpuPercent: interval > 0 ? Math.round((spent / (interval * 1e9)) * 1e4) / 100 : 0,
    };
  }
}
