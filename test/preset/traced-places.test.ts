// Of functions that share a name, which ones the kernel traces: by their neighbours in ftrace's list.
import assert from 'node:assert/strict';
import test from 'node:test';
import {tracedOf} from '../../src/kernel/functions.ts';

const symbols: Readonly<Record<string, readonly bigint[]>> = {
  first: [10n],
  twin: [20n, 40n, 60n],
  second: [30n],
  third: [50n],
  hidden: [0n, 0n],
};
const places = (name: string) => (symbols[name] ?? []).map((address) => ({address}));

for (const [what, name, listing, expected] of [
  ['all are listed', 'twin', ['first', 'twin', 'second', 'twin', 'third', 'twin'], [20n, 40n, 60n]],
  ['the one in between', 'twin', ['first', 'second', 'twin', 'third'], [40n]],
  ['the first and the last', 'twin', ['twin', 'second', 'third', 'twin'], [20n, 60n]],
  ['beside one of a shared name', 'twin', ['first', 'hidden', 'twin', 'second'], [20n]],
  ['a list that is in another order', 'twin', ['third', 'twin', 'first'], [20n, 40n, 60n]],
  ['none is listed', 'twin', ['first'], [20n, 40n, 60n]],
  ['addresses are hidden', 'hidden', ['first', 'hidden', 'second'], [0n, 0n]],
] as const)
  test(`of three functions of one name those that are traced: ${what}`, () =>
    assert.deepEqual(
      tracedOf(
        places(name),
        listing.flatMap((each, i) => (each === name ? [i] : [])),
        listing,
        places,
      ).map(({address}) => address),
      expected,
    ));
