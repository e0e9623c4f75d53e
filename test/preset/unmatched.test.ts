// Which ends without a start are losses.
import assert from 'node:assert/strict';
import test from 'node:test';
import {parsePreset} from '../../src/preset/load.ts';
import {spanMatch} from '../../src/preset/program/fill.ts';
import {variantsOf} from '../../src/preset/variants.ts';

const of = (from: unknown, to: unknown): boolean | undefined => {
  const loaded = parsePreset(JSON.stringify({name: 'a', span: {from, to}, measure: 'count'}), 'a.json');
  assert.ok(loaded.ok);
  const [variant] = variantsOf(loaded.preset);
  return variant && spanMatch(variant).countUnmatched;
};
const at = (probe: string, where: string | readonly string[]) => ({probe: `rawtracepoint:${probe}`, where});

test('an end without a start is a loss, unless the start leaves out what that end does not', () => {
  const cases: readonly (readonly [from: unknown, to: unknown, loss: boolean])[] = [
    ['rawtracepoint:a', 'rawtracepoint:b', true],
    ['rawtracepoint:a', at('b', 'arg0 != 0'), true],
    [at('a', 'arg0 != 0'), 'rawtracepoint:b', false],
    [at('a', 'arg0 != 0'), at('b', 'arg0 != 1'), false],
    [at('a', 'arg0 != 0'), at('b', 'arg1 == 2 && arg0 != 0'), true],
    [at('a', '(arg0 & 32) == 0'), at('b', ['arg1 != 0', '(arg0 & 32) == 0']), true],
    [at('a', 'arg0 != 0'), [at('b', 'arg0 != 0'), 'rawtracepoint:c'], false],
  ];
  assert.deepEqual(
    cases.map(([from, to]) => of(from, to)),
    cases.map(([, , loss]) => loss),
  );
});
