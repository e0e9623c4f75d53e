// What the header of a recording says of where it comes from.
import os from 'node:os';
import {safeString} from '../../decode/safe-text.ts';
import type {headerLine} from '../../output/recording.ts';
import {liveClock} from '../process/clock.ts';
import {viewDetails} from '../live/details.ts';
import type {Invocation} from '../invocation.ts';
import type {OpenView} from '../live/open-view.ts';

export const originOf = (view: OpenView, {interval, version}: Invocation): Parameters<typeof headerLine>[1] => ({
  version,
  host: safeString(os.hostname()),
  kernel: os.release(),
  time: liveClock.now(),
  interval,
  preset: view.preset.json,
  details: viewDetails(view).filter(([name]) => name !== 'preset'),
});
