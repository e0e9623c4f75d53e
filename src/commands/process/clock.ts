// The machine's clocks, handed to whoever needs the time.
import type {Clock} from '../../sampler.ts';

// not `performance`, which brings half a dozen modules of Node's with it
export const liveClock: Clock = {now: () => Date.now(), monotonic: () => Number(process.hrtime.bigint()) / 1e6};
