// The header of a recording that has none: plain output of --json. What its first line does not say is left open.
import {type KeyColumn, type MeasureColumn, operations, type Unit, units, type ViewShape} from '../decode/frame.ts';
import {safeString} from '../decode/safe-text.ts';
import {type Header, isInherited, membersOf, Unreadable} from './recorded.ts';

const mostColumns = 64;

/** Undefined while there is no row to tell the columns by. */
export function guessedHeader(line: unknown): Header | undefined {
  const {view, time, rows} = membersOf(line);
  if (typeof view !== 'string' || typeof time !== 'string' || !Array.isArray(rows)) throw new Unreadable('no refresh');
  if (isInherited(view)) throw new Unreadable('no name of a view');
  const [first] = rows as readonly unknown[];
  if (first === undefined) return undefined;
  const row = membersOf(first);
  const key = membersOf(row['key'] ?? {});
  const total = membersOf(row['total'] ?? {count: 0});
  if (Object.keys(key).length > mostColumns || Object.keys(total).length > mostColumns) throw new Unreadable('too many columns');
  const hist = row['hist'] === undefined ? undefined : log2Unit(membersOf(row['hist']));
  const shape: ViewShape = {
    name: safeString(view),
    title: safeString(view),
    description: '',
    keys: Object.entries(key).map(([name, value]): KeyColumn => {
      const safe = safeString(name);
      return {name: safe, title: safe.toUpperCase(), align: typeof value === 'number' ? 'right' : 'left'};
    }),
    measures: Object.keys(total).map((name): MeasureColumn => {
      const safe = safeString(name);
      const op = operations.find((each) => each === name) ?? 'max';
      return {name: safe, title: safe.toUpperCase(), op, unit: op === 'count' ? 'count' : (hist ?? 'none')};
    }),
    ...(hist === undefined ? {} : {hist: {unit: hist, scale: {kind: 'log2'} as const}}),
    sort: '-rate',
    probes: [],
  };
  const origin = {version: '', host: '', kernel: '', time: Date.parse(time), interval: 1, preset: '', details: []};
  return {shape, origin};
}

/** Of a linear scale the ends are not in a line: its buckets are left out. */
function log2Unit({unit, total}: Readonly<Record<string, unknown>>): Unit | undefined {
  if (!Array.isArray(total)) return undefined;
  const numbers = total.map((bucket: unknown): readonly (number | null)[] => {
    if (!Array.isArray(bucket)) throw new Unreadable('no bucket');
    return bucket.slice(0, 2).map((bound: unknown) => {
      if (bound !== null && typeof bound !== 'number' && typeof bound !== 'string') throw new Unreadable('no bound');
      return bound === null ? null : Number(bound);
    });
  });
  const doubles = numbers.every(([low, high]) => low === null || low === 0 || high === null || high === 2 * (low ?? 0));
  return doubles ? (units.find((each) => each === unit) ?? 'none') : undefined;
}
