// When the refreshes of batch and record are due.
import assert from 'node:assert/strict';
import test from 'node:test';
import {dueAfter} from '../../src/commands/live/refreshes.ts';

const cases: readonly (readonly [what: string, now: number, due: number])[] = [
  ['at once', 5000, 6000],
  ['late by less than an interval: the next one is at its time', 5900, 6000],
  ['one that took longer than the interval is followed at once', 6400, 6000],
  ['stopped for an hour: the next one is at its time', 5000 + 3_600_400, 5000 + 3_601_000],
];
for (const [what, now, due] of cases)
  test(`refreshes that were slept through are not made up for: ${what}`, () => {
    assert.equal(dueAfter(5000, 1000, now), due);
  });
