// `tsbpftop -b` and `--json`: every refresh of every view on stdout, no terminal needed. Loads neither Ink nor React.
import {once} from 'node:events';
import {UserError} from '../errors.ts';
import type {Frame, ViewShape} from '../decode/frame.ts';
import {sortNames, sortRows} from '../decode/sort.ts';
import {csvHeader, csvRows} from '../output/csv.ts';
import {jsonLine} from '../output/json.ts';
import {headerLine, recordedLine} from '../output/recording.ts';
import {textTable} from '../output/text.ts';
import {chosenViews} from './chosen-views.ts';
import {type Invocation, surroundings} from './invocation.ts';
import {type OpenView, openView} from './open-view.ts';
import {originOf} from './origin.ts';
import {refreshes} from './refreshes.ts';
import {tell} from './safe-lines.ts';

export async function batchCommand(invocation: Invocation): Promise<number> {
  const presets = chosenViews(invocation);
  const chosen = invocation.words.length === 0 && invocation.probes.length === 0 ? presets.slice(0, 1) : presets;
  if (invocation.csv && (invocation.json || chosen.length > 1))
    throw new UserError(invocation.json ? '--csv and --json: choose one' : `--csv is one table, and ${chosen.length} views are named`, {
      hint: invocation.json ? '' : 'name one view, or use --json',
      status: 2,
    });
  const around = surroundings(invocation);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  process.stdout.on('error', () => stop.abort()); // EPIPE: the reader has gone

  const views: OpenView[] = [];
  try {
    for (const preset of chosen) {
      if (preset.warning !== undefined) tell(`${preset.name}: ${preset.warning}`);
      views.push(await openView(preset, {...around, signal: stop.signal}));
    }
    for (const {plan} of views) requireColumn(plan.shape, invocation.sort);
    if (invocation.json && invocation.header)
      for (const view of views) await write(`${headerLine(view.plan.shape, originOf(view, invocation))}\n`, stop.signal);
    const last = await refreshes(views, invocation, stop.signal, (frame, shape) => write(printed(frame, shape, invocation), stop.signal));
    for (const frame of last) if (frame.status !== 'exact') tell(`${frame.view}: ${frame.status}: ${frame.reasons.join('; ')}`);
  } finally {
    await Promise.all(views.map(({session}) => session.close()));
  }
  return 0;
}

/** A frame as it was asked for: text, JSON or CSV, in the order and of the length asked for. */
export function printed(frame: Frame, shape: ViewShape, {json, header, csv, sort, top}: Invocation): string {
  const rows = sortRows(frame.rows, shape, sort ?? shape.sort).slice(0, top ?? frame.rows.length);
  if (csv) return `${frame.seq === 0 ? csvHeader(shape) : ''}${csvRows({...frame, rows}, shape)}`;
  if (json && header) return `${recordedLine({...frame, rows}, shape)}\n`;
  return json ? `${jsonLine({...frame, rows}, shape)}\n` : `${textTable({...frame, rows}, shape)}\n`;
}

function requireColumn(shape: ViewShape, sort: string | undefined): void {
  const names = sortNames(shape);
  if (sort !== undefined && !names.includes(sort.replace(/^-/, '')))
    throw new UserError(`view '${shape.name}' has no column '${sort}' to sort by`, {hint: `it has ${names.join(', ')}`, status: 2});
}

/** Waits where the reader is slower. */
export async function write(text: string, stop: AbortSignal): Promise<void> {
  if (!process.stdout.writable) return;
  if (!process.stdout.write(text)) await once(process.stdout, 'drain', {signal: stop}).catch(() => undefined);
}
