import xterm from '@xterm/headless';
import assert from 'node:assert/strict';
import test from 'node:test';
import {joinRows} from '../../src/ui/ink-output.ts';
import {type Input, keysOf} from '../../src/ui/keyboard.ts';
import {changes, sharedStart} from '../../src/ui/terminal.ts';

async function screenAfter(terminal: InstanceType<typeof xterm.Terminal>, text: string): Promise<readonly string[]> {
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  return Array.from({length: terminal.rows}, (_, y) => terminal.buffer.active.getLine(y)?.translateToString(true) ?? '');
}

test('whatever was painted, the changes make the screen the wanted one', async () => {
  const terminal = new xterm.Terminal({cols: 30, rows: 5, allowProposedApi: true});
  let seed = 3;
  const random = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
  const parts = ['abc', '\u001B[31mred\u001B[0m', '日本', 'e\u0301', ' ', '12', '\u001B[1;7mkey\u001B[0m', '▅▆'];
  let painted: readonly string[] | undefined;
  for (let i = 0; i < 400; i++) {
    const wanted = Array.from({length: random(6)}, () => Array.from({length: random(6)}, () => parts[random(parts.length)] ?? '').join(''));
    const plain = wanted.map((line) => line.replace(/\u001B\[[\d;]*m/g, '').trimEnd());
    const seen = await screenAfter(terminal, changes(painted, wanted, 5));
    assert.deepEqual(
      seen,
      Array.from({length: 5}, (_, y) => plain[y] ?? ''),
      `frame ${i}`,
    );
    painted = wanted;
  }
});

test('only the changed end of a line is written', () => {
  assert.deepEqual(sharedStart('node  1', 'node  2'), {length: 6, column: 6});
  assert.equal(changes(['node  1', 'same'], ['node  2', 'same'], 2), '\u001B[1;7H2\u001B[0m\u001B[K');
  assert.equal(changes(['same'], ['same'], 1), '');
});

test('a style that is open where lines differ is written again', () => {
  const {length, column} = sharedStart('\u001B[31mab\u001B[0m', '\u001B[31mac\u001B[0m');
  assert.deepEqual({length, column}, {length: 0, column: 0});
});

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

test('writes side by side are joined, and those that overlap are left to Ink', () => {
  const write = (x: number, y: number, text: string) => ({type: 'write', x, y, text, transformers: []});
  assert.deepEqual(joinRows({height: 2, operations: [write(0, 0, '\u001B[31mab\u001B[0m'), write(4, 0, 'cd'), write(1, 1, 'x')]}), {
    output: '\u001B[31mab\u001B[0m  cd\n x',
    height: 2,
  });
  assert.equal(joinRows({height: 1, operations: [write(0, 0, 'abc'), write(1, 0, 'd')]}), undefined);
  assert.equal(joinRows({height: 1, operations: [{...write(0, 0, ''), type: 'clip'}]}), undefined);
});
