// What is said of a view besides its rows: an edited preset that is wrong, in the header, while rows go on coming and keys go on
// working; how far the attaching is.
import assert from 'node:assert/strict';
import test from 'node:test';
import type {SourceEvent} from '../../src/view/source.ts';
import {screenOf} from '../../src/view/screen.ts';
import {currentView, initialState, reduce, type State} from '../../src/view/state.ts';
import {textOf} from '../../src/view/styles.ts';
import {countShape, frame, row} from '../support/frames.ts';

const entries = [{name: 'openat', title: 'openat', group: '', description: ''}];
const after = (...events: readonly SourceEvent[]): State =>
  events.reduce((state, event) => reduce(state, {type: 'source', event}), initialState(entries, 'openat', 1, {columns: 80, lines: 12}));
const screen = (state: State): string => {
  const {head, body} = screenOf(state, {host: 'host', clock: '12:00:01', usage: undefined, ascii: false});
  return [...head, ...body].map(textOf).join('\n');
};
const opened: SourceEvent = {type: 'opened', view: 'openat', shape: countShape, details: []};
const rows: SourceEvent = {type: 'frame', frame: frame([row('node', 10, 5)])};
const trouble = (message: string): SourceEvent => ({type: 'trouble', view: 'openat', message});

test('trouble stands in the header, beside rows that go on coming', () => {
  const text = screen(after(opened, trouble("mine.json:3: /by/0: unknown field 'com'"), rows));
  assert.match(text, /⚠ mine\.json:3: \/by\/0: unknown field 'com'/);
  assert.match(text, /▌node/);
});

test('where nothing was read, ! says why', () => {
  const failed = after({type: 'failed', view: 'openat', message: 'web1: no such host', hint: 'try another'});
  assert.match(
    screen(reduce(failed, {type: 'command', command: 'status', key: '!'})),
    /nothing was read yet\n +web1: no such host\n +try another/,
  );
});

test('it is gone when the preset is right again, or says what it did before', () => {
  assert.doesNotMatch(screen(after(opened, rows, trouble('wrong'), opened, rows)), /wrong/);
  assert.doesNotMatch(screen(after(opened, rows, trouble('wrong'), trouble(''))), /wrong/);
});

test('an order by a column that the edited preset has lost is the new view’s own', () => {
  const sorted = reduce(after(opened, rows), {type: 'command', command: 'reverse', key: 'r'});
  const again = reduce(sorted, {type: 'source', event: {...opened, shape: {...countShape, sort: '-total'}}});
  assert.equal(currentView(again).sort, currentView(sorted).sort, 'a column that is still there stays');
  const lost = reduce(
    {...sorted, views: {openat: {...currentView(sorted), sort: '-sum'}}},
    {type: 'source', event: {...opened, shape: {...countShape, sort: '-total'}}},
  );
  assert.equal(currentView(lost).sort, '-total');
});

test('while a view is attached for long it says how far it is, and no longer when it is opened anew', () => {
  assert.match(screen(after()), /attaching the probes …$/m);
  const attaching: SourceEvent = {type: 'attaching', view: 'openat', percent: 35};
  assert.match(screen(after(attaching)), /attaching the probes … 35 %/);
  assert.match(screen(after(attaching, opened)), /attaching the probes …$/m);
  assert.match(screen(after(attaching, opened, rows)), /▌node/);
});

test('that what is watched has ended stands in the last line, until the next key', () => {
  const foot = (state: State): string => textOf(screenOf(state, {host: 'host', clock: '12:00:01', usage: undefined, ascii: false}).foot);
  const told = after(opened, rows, {type: 'notice', message: 'the command ended with status 3\u001b[2J: what is shown stays'});
  assert.match(foot(told), /the command ended with status 3.*: what is shown stays/);
  assert.doesNotMatch(foot(told), /\u001b/);
  assert.doesNotMatch(foot(reduce(told, {type: 'command', command: 'reverse', key: 'r'})), /status 3/);
});
