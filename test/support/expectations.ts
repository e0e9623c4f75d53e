// What rows of a view must add up to.
import assert from 'node:assert/strict';
import type {JsonRow} from './program.ts';

export type Key = Readonly<Record<string, string | number>>;
/** A view, a part of the row's key, and what its totals are: a number, or least and most. */
export type Expectation = readonly [view: string, key: Key, totals: Readonly<Record<string, number | readonly [number, number]>>];

export function check(act: string, [view, key, totals]: Expectation, rows: readonly JsonRow[]): void {
  const matching = rows.filter((row) => Object.entries(key).every(([name, value]) => row.key[name] === value));
  for (const [name, expected] of Object.entries(totals)) {
    const found = matching.reduce((sum, row) => sum + (row.total[name] ?? 0), 0);
    const [least, most] = typeof expected === 'number' ? [expected, expected] : expected;
    const where = `${view} ${JSON.stringify(key)} while '${act}': ${name} is ${found}, not ${String(expected)}; rows: ${JSON.stringify(rows.map((row) => [row.key, row.total]))}`;
    assert.ok(found >= least && found <= most, where);
  }
}
