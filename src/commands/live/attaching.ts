// The time in which a view is attached: how far it is, which is told when it takes long; an end that is asked for, and one that comes
// by itself. A thousand probes are attached in a second where the kernel takes them together, and in minutes one by one.
import {UserError} from '../../errors.ts';

/** @param percent of the work that loading and attaching is */
export type Tell = (percent: number) => void;

interface Bounds {
  readonly signal?: AbortSignal | undefined;
  readonly tell?: Tell | undefined;
  /** ms */
  readonly most: number;
  /** Of a session that is being opened already. */
  readonly control?: Uint32Array;
}

/** ms after which it is told, and again. */
const soon = 2000;
const again = 1000;
const minute = 60_000;

/** A minute for each thousand probes that a preset allows. */
export const mostTime = (maxProbes: number): number => minute * Math.max(1, Math.ceil(maxProbes / 1000));

/** What `openSession` takes: [0] set: give up; [1] how much is done, [2] of how much. */
export class Attaching {
  readonly control: Uint32Array;
  /** It took too long. */
  late = false;
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly signal: AbortSignal | undefined;
  private readonly most: number;

  constructor({signal, tell, most, control = new Uint32Array(3)}: Bounds) {
    this.control = control;
    this.signal = signal;
    this.most = most;
    if (signal?.aborted === true) this.giveUp();
    signal?.addEventListener('abort', this.giveUp, {once: true});
    this.timers.push(setTimeout(() => this.end(), most));
    if (tell !== undefined)
      this.timers.push(
        setTimeout(() => {
          tell(this.percent);
          this.timers.push(setInterval(() => tell(this.percent), again));
        }, soon),
      );
  }

  get percent(): number {
    const [, done = 0, all = 0] = this.control;
    return all === 0 ? 0 : Math.floor((100 * done) / all);
  }

  /** Why it was given up, where that was for its time. */
  tooLong(view: string, probes: number): UserError {
    return new UserError(`view '${view}': ${probes} probes take too long: ${this.percent} % was done after ${this.most / 1000} s`, {
      hint: 'a narrower wildcard, fentry where the kernel has it, or a larger "maxProbes": there is a minute for each thousand',
    });
  }

  over(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.signal?.removeEventListener('abort', this.giveUp);
  }

  private end(): void {
    this.late = true;
    this.giveUp();
  }

  private readonly giveUp = (): void => void (this.control[0] = 1);
}
