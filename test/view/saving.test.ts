import assert from 'node:assert/strict';
import test from 'node:test';
import {commandOf} from '../../src/view/hotkeys.ts';
import {defaultPath, savingLine} from '../../src/view/saving.ts';
import {currentView, initialState, modeOf, reduce, type State} from '../../src/view/state.ts';
import {textOf} from '../../src/view/styles.ts';
import {countShape, frame, row} from '../support/frames.ts';

const entries = [{name: 'openat', title: 'openat', group: '', description: ''}];
const opened = reduce(initialState(entries, 'openat', 1, {columns: 80, lines: 24}), {
  type: 'source',
  event: {type: 'opened', view: 'openat', shape: countShape, details: []},
});
const shown = reduce(opened, {type: 'source', event: {type: 'frame', frame: frame([row('node', 1)])}});
const press = (state: State, ...keys: string[]): State =>
  keys.reduce((all, key) => {
    const command = commandOf(key, modeOf(all));
    return command === undefined ? all : reduce(all, {type: 'command', command, key});
  }, state);

test('w asks for a format, then for a path that names view and moment', () => {
  const asked = press(shown, 'w');
  assert.equal(textOf(savingLine({stage: 'format'}, 80)).trim(), 'write the screen as  t text  c CSV  j JSON  s SVG  Esc back');
  assert.equal(modeOf(asked), 'format');
  const {saving} = press(asked, 's');
  assert.equal(saving?.stage === 'path' ? saving.path : '', defaultPath('openat', frame([]).time, 'svg'));
});

test('letters are of the path while it is typed, also those that are keys elsewhere', () => {
  const {saving} = press(shown, 'w', 't', 'ctrl-u', 'q', '/', 'w', 'space', 'x', 'backspace', '1');
  assert.equal(saving?.stage === 'path' ? saving.path : '', 'q/w 1');
});

test('what is no format is no key, and Esc is one step back', () => {
  assert.equal(press(shown, 'w', 'x').saving?.stage, 'format');
  assert.equal(press(shown, 'w', 'escape').saving, undefined);
  assert.equal(press(shown, 'w', 'c', 'escape').saving?.stage, 'format');
  assert.equal(press(shown, 'w', 'c', 'escape', 'escape').saving, undefined);
});

test('a failure is said until the next key, and the path stays', () => {
  const failed = reduce(press(shown, 'w', 'c'), {type: 'saved', outcome: {fault: "cannot write 'x': it exists"}});
  assert.match(failed.saving === undefined ? '' : textOf(savingLine(failed.saving, 80)), /cannot write 'x': it exists/);
  const typed = press(failed, '1').saving;
  assert.ok(typed?.stage === 'path' && typed.fault === undefined && typed.path.endsWith('.csv1'));
});

test('what was written is said once', () => {
  const done = reduce(press(shown, 'w', 'c'), {type: 'saved', outcome: {path: '/tmp/x.csv'}});
  assert.deepEqual([done.saving, currentView(done).notice], [undefined, 'wrote /tmp/x.csv']);
});

test('a view’s name makes no path of its own', () => {
  assert.match(defaultPath('../a b=c/d', 0, 'text'), /^tsbpftop-\.\.-a-b-c-d-\d{8}-\d{6}\.txt$/);
});

test('of a long path the end is seen', () => {
  const line = textOf(savingLine({stage: 'path', format: 'text', path: `/${'long/'.repeat(40)}end.txt`}, 60));
  assert.ok(line.includes('end.txt') && line.length <= 62, line);
});
