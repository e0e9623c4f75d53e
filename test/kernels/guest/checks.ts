// THE table of checks that run inside each kernel.
import {functionChecks} from './checks-functions.ts';
import type {Bench} from './bench.ts';
import type {Phase} from './protocol.ts';

export interface Check {
  readonly rule: string;
  readonly phases: readonly Phase[];
  /** Gives what the table says of it; nothing: 'exact'. */
  readonly run: (bench: Bench) => Promise<string | undefined | void>;
}

export const checks: readonly Check[] = [...functionChecks];
