import assert from 'node:assert/strict';
import test from 'node:test';
import {PresetFault} from '../../src/preset/fault.ts';
import {comparisonsOf} from '../../src/preset/conditions.ts';
import {ownFilters} from '../../src/preset/program/filters.ts';
import {parsePreset} from '../../src/preset/load.ts';
import type {Preset} from '../../src/preset/preset.ts';

function preset(filter: unknown): Preset {
  const loaded = parsePreset(
    JSON.stringify({name: 'a', attach: 'rawtracepoint:x', where: 'arg0 == 1', measure: 'count', ...(filter === undefined ? {} : {filter})}),
    'a.json',
  );
  assert.ok(loaded.ok);
  return loaded.preset;
}

test('without a filter of its own a view leaves the command line’s as they are', () => {
  const given = preset(undefined);
  assert.deepEqual(ownFilters(given, {pid: 7}), {preset: given, filters: {pid: 7}});
});

test('a view’s own filter turns the command line’s into comparisons, after its where', () => {
  const own = ownFilters(preset({pid: 'args.next.tgid', comm: 'args.next.comm'}), {pid: 7, comm: 'sh'});
  assert.deepEqual(own.filters, {});
  assert.deepEqual(
    own.preset.where
      .slice(1)
      .flatMap(({value}) => comparisonsOf(value))
      .map((value) => [value.left.kind, value.operator, value.right]),
    [
      ['member', '==', {kind: 'integer', value: 7n}],
      ['member', '==', {kind: 'bytes', value: 'sh'}],
    ],
  );
});

test('a filter that a view does not have is refused, with those it has', () => {
  assert.throws(
    () => ownFilters(preset({pid: 'args.pid'}), {cgroup: 3n}),
    (error) => error instanceof PresetFault && error.hint === 'it can be filtered by -p',
  );
  assert.throws(
    () => ownFilters(preset({}), {pid: 3}),
    (error) => error instanceof PresetFault && error.hint === 'its events belong to no task',
  );
});
