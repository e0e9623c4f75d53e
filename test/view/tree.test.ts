import assert from 'node:assert/strict';
import test from 'node:test';
import type {Row, ViewShape} from '../../src/decode/frame.ts';
import {screenOf} from '../../src/view/screen.ts';
import {initialState, reduce, type State, treeShown} from '../../src/view/state.ts';
import {textOf} from '../../src/view/styles.ts';
import {type TreeNode, treeOf, treeTable} from '../../src/view/tree.ts';
import {countShape, frame} from '../support/frames.ts';

const shape: ViewShape = {
  ...countShape,
  keys: [
    {name: 'comm', title: 'COMM', align: 'left'},
    {name: 'kstack', title: 'KSTACK', align: 'left', stack: 'kstack'},
    {name: 'ustack', title: 'USTACK', align: 'left', stack: 'ustack'},
  ],
  sort: '-total',
};
/** Stacks are given leaf first, as the kernel gives them. */
const sampled = (comm: string, kernel: readonly string[], user: readonly string[], total: number): Row => {
  const cell = (frames: readonly string[]) => ({text: frames.join(' ← '), value: frames.join(' ← '), frames});
  return {
    id: `${comm}${kernel}${user}`,
    key: [{text: comm, value: comm}, cell(kernel), cell(user)],
    total: [total],
    delta: [total],
    rate: [total],
  };
};
const rows = [
  sampled('cat', ['read', 'syscall'], ['libc_read', 'main', '_start'], 60),
  sampled('cat', ['write', 'syscall'], ['libc_write', 'main', '_start'], 30),
  sampled('cat', ['[no stack]'], ['main', '_start'], 8),
  sampled('dog', ['read', 'syscall'], ['bark'], 2),
];
const opened = (columns = 100, lines = 24): State => {
  const begun = initialState([{name: 'openat', title: '', group: '', description: ''}], 'openat', 1, {columns, lines});
  const attached = reduce(begun, {type: 'source', event: {type: 'opened', view: 'openat', shape, details: []}});
  return reduce(attached, {type: 'source', event: {type: 'frame', frame: frame(rows)}});
};
const press = (state: State, ...commands: readonly ('down' | 'drill' | 'pane' | 'tail' | 'last')[]): State =>
  commands.reduce((at, command) => reduce(at, {type: 'command', command, key: ''}), state);
const viewOf = (state: State) => state.views['openat'] ?? assert.fail();
const drawn = (state: State, width = 100): readonly string[] => treeTable(viewOf(state), width, 20, false).map(textOf);
const plain = (node: TreeNode): unknown => [node.names.join('>'), node.value, node.self, ...node.children.map(plain)];

test('callers stand above what they called, the user’s below the kernel’s, each with its sum and its own', () => {
  assert.deepEqual(treeOf(viewOf(opened())).map(plain), [
    ['cat', 98, 0, ['_start>main', 98, 8, ['libc_read>syscall>read', 60, 60], ['libc_write>syscall>write', 30, 30]]],
    ['dog', 2, 0, ['bark>syscall>read', 2, 2]],
  ]);
});

test('shares are of all events; what has a small one is closed at first', () => {
  const lines = drawn(opened());
  assert.match(lines[1] ?? '', /▌ +98\.0 +98\.0 +▾ cat/);
  assert.match(lines[2] ?? '', /98\.0 .* 8\.0 +▾ _start › main/);
  assert.match(lines[3] ?? '', /60\.0 .* 60\.0 +libc_read › syscall › read/);
  assert.match(lines[5] ?? '', /2\.0 +2\.0 +▸ dog/);
  assert.equal(lines.length, 6);
});

test('Enter opens and closes the selected node, and the next frame leaves it so', () => {
  const closed = press(opened(), 'drill');
  assert.deepEqual(
    drawn(closed)
      .slice(1)
      .map((line) => /[▸▾] \w+/.exec(line)?.[0]),
    ['▸ cat', '▸ dog'],
  );
  const next = reduce(closed, {type: 'source', event: {type: 'frame', frame: frame(rows, {seq: 2})}});
  assert.equal(drawn(next).length, 3);
  assert.equal(drawn(press(next, 'last', 'drill')).length, 4);
});

test('m goes from the tree to the rows and back; what another view has beside its table does not matter', () => {
  const of = (given: State, shape: ViewShape): State =>
    reduce(given, {type: 'source', event: {type: 'opened', view: 'openat', shape, details: []}});
  const asRows = press(opened(), 'pane');
  assert.deepEqual([treeShown(asRows), treeShown(press(asRows, 'pane'))], [false, true]);
  const latency = of(opened(), {...countShape, hist: {unit: 'ns', scale: {kind: 'log2'}}});
  assert.deepEqual([press(latency, 'pane').pane, press(latency, 'pane', 'pane', 'pane').pane], ['heatmap', 'histogram']);
  assert.ok(treeShown(of(press(latency, 'pane'), viewOf(opened()).shape ?? countShape)));
  // where there is nothing to show, it is said, and offered nowhere
  const counts = of(opened(), countShape);
  assert.match(viewOf(press(counts, 'pane')).notice ?? '', /neither a histogram nor stacks/);
  const words = (state: State): string =>
    textOf(screenOf({...state, columns: 200}, {host: '', clock: '', usage: undefined, ascii: false}).foot);
  assert.doesNotMatch(words(counts), / m /);
  assert.match(words(latency), / m heat map /);
  assert.match(words(opened()), / m rows /);
});

test('what is asked of a row is not asked of the tree', () => {
  const state = press(opened(), 'tail');
  assert.match(viewOf(state).notice ?? '', /m shows the rows/);
});

test('chains to which nothing came in the interval leave no empty screen', () => {
  const idle = rows.map((row) => ({...row, delta: [0], rate: [0]}));
  const state = reduce(opened(), {type: 'source', event: {type: 'frame', frame: {...frame(idle), seq: 2}}});
  assert.match(drawn(state).join('\n'), /nothing came in this interval: a shows what came in all, m the rows/);
});

test('a long chain keeps its ends, and no line is wider than the screen', () => {
  const deep = sampled(
    'cat',
    Array.from({length: 40}, (_, i) => `function_number_${i}`),
    [],
    5,
  );
  const state = reduce(opened(), {type: 'source', event: {type: 'frame', frame: frame([deep], {seq: 2})}});
  const line = drawn(state, 120)[2] ?? '';
  assert.match(line, /function_number_39 › …\d+ more › .*function_number_0 *$/);
  for (const width of [40, 80, 200])
    for (const each of drawn(state, width)) assert.ok(textOf([{text: each, style: 'plain'}]).length <= width, each);
});
