// The machine's clocks, handed to whoever needs the time.
import {performance} from 'node:perf_hooks';
import type {Clock} from '../sampler.ts';

export const liveClock: Clock = {now: () => Date.now(), monotonic: () => performance.now()};
