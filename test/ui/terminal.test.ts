import assert from 'node:assert/strict';
import test from 'node:test';
import {joinRows} from '../../src/ui/ink-output.ts';
import {type Input, keyReader, keysOf} from '../../src/ui/keyboard.ts';
import {styleChange} from '../../src/ui/sgr.ts';
import {sharedStart} from '../../src/ui/canvas.ts';
import {anew, cellsShown, changes, emulator, shownAfter} from '../support/emulator.ts';
import {seeded} from '../support/seeded.ts';

test('whatever was painted, the changes make the screen the wanted one, colours included', async () => {
  const [changed, fresh] = [emulator(30, 5), emulator(30, 5)];
  const random = seeded(3);
  const parts = [
    'abc',
    '\u001B[31mred\u001B[0m',
    '日本',
    'e\u0301',
    ' ',
    '12',
    '\u001B[1;7mkey\u001B[0m',
    '▅▆',
    '\u001B[30;46m  \u001B[0m',
    'µ…',
    '\u001B[90mdim\u001B[0m',
    '\u001B[1;36mb\u001B[0m',
    '\u001B[30;42m head\u001B[0m',
  ];
  const plain = parts.filter((part) => !/日|\u0301/.test(part));
  let painted: readonly string[] | undefined;
  for (let i = 0; i < 600; i++) {
    const from = i % 2 === 0 ? parts : plain;
    const wanted = Array.from({length: random(6)}, () => Array.from({length: random(8)}, () => from[random(from.length)] ?? '').join(''));
    await shownAfter(changed, changes(painted, wanted, 5, 30));
    await shownAfter(fresh, anew(wanted));
    assert.deepEqual(cellsShown(changed), cellsShown(fresh), `frame ${i}`);
    painted = wanted;
  }
});

test('of a table with numbers that change, hardly more is written than the cells that change', () => {
  const line = (n: number): string =>
    `\u001B[1m node        \u001B[0m ${String(8200 + n).padStart(9)}  ${String(612_334 + 7 * n).padStart(11)}  ▂▃▅▇▇▆▅▃▂▂▁▁ steady`;
  const before = Array.from({length: 50}, (_, y) => line(y));
  const after = before.map((each, y) => (y % 3 === 0 ? line(y + 1) : each));
  const cells = after.reduce((sum, each, y) => sum + [...each].filter((char, x) => char !== before[y]?.[x]).length, 0);
  const strokes = Math.ceil(after.length / 3) * 2;
  // down by three lines, and back over the digits
  assert.ok(
    changes(before, after, 50, 80).length <= cells + strokes * 6,
    `${changes(before, after, 50, 80).length} bytes for ${cells} cells`,
  );
});

test('only the changed end of a line is written', () => {
  assert.deepEqual(sharedStart('node  1', 'node  2'), {length: 6, column: 6});
  assert.equal(changes(['node  1', 'same'], ['node  2', 'same'], 2, 80), '\u001B[;7H2');
  assert.equal(changes(['same'], ['same'], 1, 80), '');
});

test('a style that is open where lines differ is written again', () => {
  const {length, column} = sharedStart('\u001B[31mab\u001B[0m', '\u001B[31mac\u001B[0m');
  assert.deepEqual({length, column}, {length: 0, column: 0});
});

for (const [from, to, sequence] of [
  ['', '1', '\u001B[1m'],
  ['1', '', '\u001B[m'],
  ['36', '33', '\u001B[33m'],
  ['30;46', '30;42', '\u001B[42m'],
  ['1', '36', '\u001B[;36m'],
  // bright is bold on the Linux console
  ['90', '30;42', '\u001B[;30;42m'],
  ['90', '91', '\u001B[91m'],
] as const)
  test(`from style '${from}' to '${to}'`, () => assert.equal(styleChange(from, to), sequence));

const keys: readonly (readonly [string, readonly Input[]])[] = [
  ['jj', ['j', 'j']],
  ['\u001B[A\u001B[B', ['up', 'down']],
  ['\u001BOC', ['right']],
  ['\u001B', ['escape']],
  ['\u001B[5~q', ['pageup', 'q']],
  ['\u001B[1;5A', []],
  ['\u0003\u001A', ['ctrl-c', 'ctrl-z']],
  ['\t\u001B[Z\r ', ['tab', 'backtab', 'enter', 'space']],
  ['日', ['日']],
  ['\u001B[<0;3;5M\u001B[<0;3;5m', [{kind: 'press', column: 2, line: 4}]],
  ['\u001B[<65;1;1Mj\u001B[<64;300;90M', [{kind: 'wheelDown', column: 0, line: 0}, 'j', {kind: 'wheelUp', column: 299, line: 89}]],
  ['\u001B[<2;3;5M\u001B[<32;3;5M', []],
];
for (const [input, names] of keys)
  test(`${JSON.stringify(input)} is ${names.map((name) => JSON.stringify(name)).join(' ') || 'passed over'}`, () =>
    assert.deepEqual(keysOf(input), names));

test('what is pasted comes as one, however many pieces it has; an end that was lost ends with Ctrl-C', () => {
  const read = keyReader();
  assert.deepEqual(['a\u001B[200~jq\n', '/x\u001B[20', '1~b', '\u001B', '\u001B[<65;1', ';1Mc', '\u001B[200~zz', 'y\u0003q'].map(read), [
    ['a'],
    [],
    [{kind: 'paste', text: 'jq\n/x'}, 'b'],
    ['escape'],
    [],
    [{kind: 'wheelDown', column: 0, line: 0}, 'c'],
    [],
    ['ctrl-c', 'q'],
  ]);
});

test('writes side by side are joined, and those that overlap are left to Ink', () => {
  const write = (x: number, y: number, text: string) => ({type: 'write', x, y, text, transformers: []});
  assert.deepEqual(joinRows({height: 2, operations: [write(0, 0, '\u001B[31mab\u001B[0m'), write(4, 0, 'cd'), write(1, 1, 'x')]}), {
    output: '\u001B[31mab\u001B[0m  cd\n x',
    height: 2,
  });
  assert.equal(joinRows({height: 1, operations: [write(0, 0, 'abc'), write(1, 0, 'd')]}), undefined);
  assert.equal(joinRows({height: 1, operations: [{...write(0, 0, ''), type: 'clip'}]}), undefined);
});
