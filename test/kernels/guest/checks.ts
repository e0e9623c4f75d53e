// THE table of checks that run inside each kernel.
import type {Bench} from './bench.ts';
import {eventChecks} from './checks-events.ts';
import {functionChecks, speedChecks} from './checks-functions.ts';
import {hardwareChecks} from './checks-hardware.ts';
import {memoryChecks} from './checks-memory.ts';
import {moduleChecks} from './checks-modules.ts';
import {presetChecks} from './checks-presets.ts';
import {privilegeChecks} from './checks-privileges.ts';
import {viewChecks} from './checks-views.ts';
import type {Phase} from './protocol.ts';

export interface Check {
  readonly rule: string;
  readonly phases: readonly Phase[];
  /** A text that it gives is what the table says; else 'exact'. */
  readonly run: (bench: Bench) => Promise<unknown>;
}

export const checks: readonly Check[] = [
  ...eventChecks,
  ...hardwareChecks,
  ...functionChecks,
  ...moduleChecks,
  ...privilegeChecks,
  ...speedChecks,
  ...presetChecks,
  ...viewChecks,
  ...memoryChecks,
];
