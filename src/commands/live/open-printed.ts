// Opens a view for a command that prints: what the view warns of, and how far attaching is, goes to stderr. And what is said there of
// refreshes that were not exact.
import type {Frame} from '../../decode/frame.ts';
import type {Preset} from '../../preset/preset.ts';
import {tell} from '../process/safe-lines.ts';
import {type OpenView, openView, type Surroundings} from './open-view.ts';

/** ms between two lines about one that takes long. */
const betweenLines = 10_000;

/** @param send single events in place of counts. @throws UserError */
export function openPrinted(preset: Preset, around: Surroundings, signal: AbortSignal, send?: 'all'): Promise<OpenView> {
  const {name, warning} = preset;
  if (warning !== undefined) tell(`${name}: ${warning}`);
  let next = 0;
  const tellAttaching = (percent: number): void => {
    if (performance.now() < next) return;
    next = performance.now() + betweenLines;
    tell(`${name}: attaching its probes: ${percent} %; Ctrl-C gives up`);
  };
  return openView(preset, {...around, signal, tellAttaching}, send);
}

/** A line for each that was not; of the last refreshes of views. */
export const inexactLines = (last: Iterable<Frame>): readonly string[] =>
  [...last].flatMap(({view, status, reasons}) => (status === 'exact' ? [] : [`${view}: ${status}: ${reasons.join('; ')}`]));
