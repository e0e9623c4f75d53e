// What Ink lays out, and what is put into it: a refresh changes no layout, so that Ink has nothing to do with it.
import assert from 'node:assert/strict';
import {EventEmitter} from 'node:events';
import test from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {createElement} from 'react';
import {laidLines} from '../../src/ui/areas.ts';
import {Store} from '../../src/ui/store.ts';
import {themeOf} from '../../src/ui/theme.ts';
import type {Source} from '../../src/view/source.ts';
import {initialState} from '../../src/view/state.ts';
import {countShape, frame, row} from '../support/frames.ts';
import {inkForAll} from '../support/ink.ts';

const ink = await inkForAll();
const {App} = await import('../../src/ui/app.tsx');

const areas = {head: ['one', 'two', 'three'], body: ['first', 'second'], foot: ['keys']};

test('a refresh lays out nothing; help is laid out between header and footer, and another size anew', async () => {
  const laid: string[] = [];
  const stdout = Object.assign(new EventEmitter(), {columns: 60, rows: 10, isTTY: true, write: (text: string) => laid.push(text)});
  const opened: string[] = [];
  const source: Source = {
    views: [{name: 'openat', title: 'openat by comm', group: 'FILES', description: ''}],
    open: (view) => opened.push(view),
    setInterval() {},
    want() {},
    subscribe: () => () => {},
  };
  const store = new Store(initialState(source.views, 'openat', 1, {columns: 60, lines: 10}));
  const app = ink.render(createElement(App, {store, source, theme: themeOf(false), spoken: false}), {
    stdout: stdout as unknown as NodeJS.WriteStream,
    debug: true,
    patchConsole: false,
    exitOnCtrlC: false,
  });
  const lines = (): readonly string[] =>
    laidLines(laid.at(-1) ?? '').map((line) => (typeof line === 'string' ? line : (areas[line.area][line.index] ?? '')));
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await turn();
  };
  await settled();
  assert.deepEqual(opened, ['openat']);
  assert.deepEqual(lines(), ['one', 'two', 'three', 'first', 'second', '', '', '', '', 'keys']);
  store.dispatch({type: 'source', event: {type: 'opened', view: 'openat', shape: countShape, details: []}});
  await settled();
  const before = laid.length;
  for (let seq = 1; seq < 4; seq++) store.dispatch({type: 'source', event: {type: 'frame', frame: frame([row('node', seq, 1)], {seq})}});
  store.dispatch({type: 'command', command: 'down', key: 'j'});
  await settled();
  assert.equal(laid.length, before);
  assert.equal(store.state.views['openat']?.rows[0]?.total[0], 3);
  store.dispatch({type: 'command', command: 'help', key: '?'});
  await settled();
  assert.deepEqual(lines().slice(0, 3), areas.head);
  assert.match(lines().slice(3, 9).join('\n'), /tsbpftop: keys[\s\S]*KEY +DOES/);
  assert.equal(lines().at(-1), 'keys');
  store.dispatch({type: 'command', command: 'help', key: '?'});
  store.dispatch({type: 'resize', columns: 60, lines: 8});
  await settled();
  assert.deepEqual(lines(), ['one', 'two', 'three', 'first', 'second', '', '', 'keys']);
  app.unmount();
});
