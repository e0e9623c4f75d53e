// What a measurement is: figures taken in turn with the peers', their median and spread, and processes looked at from
// outside (CPU, memory, kernel run time of their BPF programs).
import {readdirSync, readFileSync} from 'node:fs';

export interface Figure {
  readonly median: number;
  /** Half of the range between the quartiles, as a share of the median. */
  readonly spread: number;
  readonly runs: number;
  /** It took longer, and was not waited for. */
  readonly atLeast?: true;
}

export function figureOf(values: readonly number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  const median = at(0.5);
  return {median, spread: median === 0 ? 0 : (at(0.75) - at(0.25)) / 2 / median, runs: sorted.length};
}

/** One row of the table: ours against each peer's, lower is better. */
export interface Result {
  readonly what: string;
  readonly unit: string;
  readonly ours: Figure;
  readonly peers: readonly {readonly name: string; readonly figure: Figure; readonly reach?: number}[];
  /** A bound that is no peer's. */
  readonly reach?: string;
  readonly note?: string;
}

/** Runs each contender in turn, `runs` times over, so that what the machine does meanwhile meets all of them alike. */
export async function inTurn(
  contenders: Readonly<Record<string, () => Promise<number> | number>>,
  runs: number,
): Promise<Readonly<Record<string, Figure>>> {
  const values = new Map<string, number[]>(Object.keys(contenders).map((name) => [name, []]));
  for (let run = 0; run < runs; run++) for (const [name, measure] of Object.entries(contenders)) values.get(name)?.push(await measure());
  return Object.fromEntries([...values].map(([name, all]) => [name, figureOf(all)]));
}

/** Nanoseconds of CPU by the scheduler's own account: finer than ticks; all threads. */
export function cpuNs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => {
    try {
      return sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    } catch {
      return sum;
    }
  }, 0);
}

export const residentMb = (pid: number): number => Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000;

/** Runs and ns of the BPF programs that a process holds, by its fdinfo. */
export function programRuns(pid: number): {readonly runs: number; readonly nanoseconds: number} {
  let [runs, nanoseconds] = [0, 0];
  for (const fd of readdirSync(`/proc/${pid}/fdinfo`)) {
    const text = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
    if (!/^prog_type:/m.test(text)) continue;
    runs += Number(/^run_cnt:\s*(\d+)/m.exec(text)?.[1] ?? 0);
    nanoseconds += Number(/^run_time_ns:\s*(\d+)/m.exec(text)?.[1] ?? 0);
  }
  return {runs, nanoseconds};
}
