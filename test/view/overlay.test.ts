// Help and detail: every key is there once, and what is longer than the screen is scrolled.
import assert from 'node:assert/strict';
import test from 'node:test';
import {helpKeys} from '../../src/view/hotkeys.ts';
import {lastOverlayTop, overlayRoom, overlayRows} from '../../src/view/overlay.ts';
import {initialState, reduce, type State} from '../../src/view/state.ts';
import {countShape} from '../support/frames.ts';

const entry = {name: 'openat', title: 't', group: 'g', description: 'd'};
const press = (state: State, ...commands: readonly Parameters<typeof reduce>[1][]): State => commands.reduce(reduce, state);
const command = (name: 'help' | 'detail' | 'up' | 'down' | 'last' | 'pageDown') => ({type: 'command', command: name, key: ''}) as const;
const at = (columns: number, lines: number): State => initialState([entry], 'openat', 1, {columns, lines});

for (const columns of [40, 80, 124, 200])
  test(`at ${columns} columns the help has every key once`, () => {
    const items = overlayRows(press(at(columns, 24), command('help')))
      .flat()
      .map(({item}) => item.trim());
    for (const {shown} of helpKeys) assert.equal(items.filter((item) => item === shown).length, 1, shown);
  });

test('at 80x24 the whole help is seen, and no text of it is cut', () => {
  const opened = press(at(80, 24), command('help'));
  assert.equal(lastOverlayTop(opened), 0);
  for (const {text} of overlayRows(opened).flat()) assert.doesNotMatch(text, /…/, text);
});

test('the keys of rows scroll what lies upon the table, to its end and no further', () => {
  const opened = press(at(60, 24), command('help'));
  const last = overlayRows(opened)[0]?.length ?? 0;
  assert.equal(lastOverlayTop(opened), last - overlayRoom(opened));
  assert.equal(press(opened, command('down'), command('down'), command('up')).overlayTop, 1);
  assert.equal(press(opened, command('last'), command('pageDown')).overlayTop, lastOverlayTop(opened));
  assert.equal(press(opened, command('up')).overlayTop, 0);
  // opened anew it begins at its beginning
  assert.equal(press(opened, command('last'), command('help'), command('help')).overlayTop, 0);
});

test('a long line of the detail is broken, with its indent', () => {
  const opened = press(
    at(60, 24),
    {type: 'source', event: {type: 'opened', view: 'openat', shape: countShape, details: [['preset', `{\n  ${'word '.repeat(20)}\n}`]]}},
    command('detail'),
  );
  const texts = overlayRows(opened)[0]?.map(({text}) => text) ?? [];
  assert.equal(texts[0], '{');
  assert.match(texts[1] ?? '', /^ {2}word/);
  assert.match(texts[2] ?? '', /^ {4}word/);
  assert.ok(
    texts.every((text) => text.length <= 46),
    texts.join('\n'),
  );
});

test('the detail leaves out what there is none of', () => {
  const details = [
    ['programs', ''],
    ['maps', 'counts'],
  ] as const;
  const opened = press(
    at(60, 24),
    {type: 'source', event: {type: 'opened', view: 'openat', shape: countShape, details}},
    command('detail'),
  );
  assert.deepEqual(overlayRows(opened)[0], [{item: 'maps', text: 'counts'}]);
});
