// A refresh as text, JSON or CSV, as it was asked for; and what cannot be printed so.
import type {Frame, ViewShape} from '../../decode/frame.ts';
import {hasStacks} from '../../decode/stacks.ts';
import {sortNames, sortRows} from '../../decode/sort.ts';
import {UserError} from '../../errors.ts';
import {csvHeader, csvRows} from '../../output/csv.ts';
import {jsonLine} from '../../output/json.ts';
import {recordedLine} from '../../output/recording.ts';
import {textTable} from '../../output/text.ts';
import type {Invocation} from '../invocation.ts';

/** In the order and of the length asked for. */
export function printed(frame: Frame, shape: ViewShape, {json, header, csv, sort, top}: Invocation): string {
  const rows = sortRows(frame.rows, shape, sort ?? shape.sort).slice(0, top ?? frame.rows.length);
  if (csv) return `${frame.seq === 0 ? csvHeader(shape) : ''}${csvRows({...frame, rows}, shape)}`;
  if (json && header) return `${recordedLine({...frame, rows}, shape)}\n`;
  return json ? `${jsonLine({...frame, rows}, shape)}\n` : `${textTable({...frame, rows}, shape)}\n`;
}

/** @throws UserError where it is to be sorted by what the view has not */
export function requireColumn(shape: ViewShape, sort: string | undefined): void {
  const missing = missingColumn(shape, sort);
  if (missing !== undefined) throw missing;
}

export function missingColumn(shape: ViewShape, sort: string | undefined): UserError | undefined {
  const names = sortNames(shape);
  if (sort === undefined || names.includes(sort.replace(/^-/, ''))) return undefined;
  const message = `view '${shape.name}' has no column '${sort.replace(/^-/, '')}' to sort by`;
  return new UserError(message, {hint: `it has ${names.join(', ')}`, status: 2});
}

/** @throws UserError where there is no call chain to be folded */
export function requireStacks(shapes: readonly ViewShape[]): void {
  const [other] = shapes.filter((shape) => !hasStacks(shape));
  if (other !== undefined)
    throw new UserError(`--folded prints call chains, and view '${other.name}' has none`, {
      hint: "cpu-user-stacks, off-cpu and their like have them, or '--by comm,ustack'",
      status: 2,
    });
}

/** CSV has one header, for one table. @throws UserError */
export function requireOneTable({csv}: Invocation, views: number): void {
  if (csv && views > 1)
    throw new UserError(`--csv is one table, and there are ${views} views`, {hint: 'name one of them, or use --json', status: 2});
}
