import assert from 'node:assert/strict';
import test from 'node:test';
import {commandOf, footerKeys, hotkeys} from '../../src/view/hotkeys.ts';
import {type Action, currentView, initialState, modeOf, reduce, type State} from '../../src/view/state.ts';
import {topFor} from '../../src/view/state/select.ts';
import {countShape, frame, row} from '../support/frames.ts';

const entries = ['openat', 'syscalls', 'reads'].map((name) => ({name, title: name, group: 'g', description: ''}));
const start = (): State => initialState(entries, 'openat', 1, {columns: 80, lines: 24});
const opened: Action = {type: 'source', event: {type: 'opened', view: 'openat', shape: countShape, details: []}};
const framed = (...names: string[]): Action => ({
  type: 'source',
  event: {type: 'frame', frame: frame(names.map((name, i) => row(name, 100 - i, 10 - i)))},
});
const press = (state: State, ...keys: string[]): State =>
  keys.reduce((all, key) => {
    const command = commandOf(key, modeOf(all));
    assert.ok(command !== undefined, key);
    return reduce(all, {type: 'command', command, key});
  }, state);
const names = (state: State): readonly string[] => currentView(state).rows.map((each) => each.id);

test('views go round in both directions, and by number', () => {
  assert.equal(press(start(), 'right').current, 1);
  assert.equal(press(start(), 'left').current, 2);
  assert.equal(press(start(), '3').current, 2);
  assert.equal(press(start(), '9').current, 0, 'there is no ninth');
});

test('rows are sorted as the view says, then by the column chosen, and reversed', () => {
  const state = [opened, framed('b', 'a', 'c')].reduce(reduce, start());
  assert.deepEqual(names(state), ['b', 'a', 'c']);
  assert.deepEqual(names(press(state, 'r')), ['c', 'a', 'b']);
  assert.deepEqual(names(press(state, 'S')), ['a', 'b', 'c'], 'a text column is sorted from A on');
});

test('the selection stays within the rows', () => {
  const state = [opened, framed('a', 'b', 'c')].reduce(reduce, start());
  assert.equal(currentView(press(state, 'up')).selected, 0);
  assert.equal(currentView(press(state, 'end')).selected, 2);
  assert.equal(currentView(press(state, 'pagedown', 'down')).selected, 2);
  assert.equal(currentView(reduce(press(state, 'end'), framed('a'))).selected, 0, 'also when rows go');
});

test('a followed row stays selected wherever it moves', () => {
  const state = press([opened, framed('a', 'b', 'c')].reduce(reduce, start()), 'down', 'f');
  const later = reduce(state, framed('b', 'c', 'a'));
  assert.equal(names(later)[currentView(later).selected], 'b');
  assert.equal(currentView(reduce(press(state, 'f'), framed('b', 'c', 'a'))).selected, 1, 'no longer followed');
});

test('paused, the screen keeps its frame while frames come, and then shows the newest', () => {
  const paused = reduce(press([opened, framed('a')].reduce(reduce, start()), 'space'), framed('z'));
  assert.deepEqual(names(paused), ['a']);
  assert.deepEqual(names(press(paused, 'space')), ['z']);
});

const at = (second: number, ...each: string[]): Action => ({
  type: 'source',
  event: {
    type: 'frame',
    frame: frame(
      each.map((name, i) => row(name, 100 - i, 10 - i)),
      {seq: second, time: 1_000_000 + second * 1000},
    ),
  },
});

test('stepping back shows the refreshes before, each with its own rows, and forth again', () => {
  const state = [opened, at(1, 'a'), at(2, 'b'), at(3, 'c')].reduce(reduce, start());
  const back = press(state, ',', ',');
  assert.deepEqual([names(back), back.paused], [['a'], true]);
  assert.deepEqual(names(press(back, ',')), ['a'], 'there is nothing before the first');
  assert.deepEqual(names(press(back, '.')), ['b']);
  assert.deepEqual(names(press(reduce(back, at(4, 'd')), '.', '.', '.', '.')), ['d'], 'what came meanwhile can be stepped to');
  assert.deepEqual(names(press(reduce(back, at(4, 'd')), 'space')), ['d']);
});

test('a row that is looked at stays the selected one while stepping', () => {
  const state = press([opened, at(1, 'b', 'a'), at(2, 'a', 'b')].reduce(reduce, start()), 'down');
  assert.equal(names(state)[currentView(state).selected], 'b');
  const back = press(state, ',');
  assert.equal(names(back)[currentView(back).selected], 'b');
  assert.equal(currentView(back).followed, undefined);
});

test('the minute of a moment is the one before it', () => {
  const frames = Array.from({length: 90}, (_, i) => at(i * 2, i < 45 ? 'early' : 'late'));
  const state = [opened, ...frames].reduce(reduce, start());
  const counted = (now: State): readonly string[] =>
    ['early', 'late'].filter((name) => currentView(now).past.some((cell) => cell.counted(row(name, 1).id) > 0));
  assert.deepEqual(counted(state), ['late']);
  const back = press(state, ...new Array(80).fill(','));
  assert.deepEqual(counted(back), ['early']);
  assert.deepEqual(currentView(press(back, 'space')).past, currentView(state).past);
});

test('a view that is opened while the screen is paused shows its first refresh', () => {
  const state = press([opened].reduce(reduce, start()), 'space');
  assert.deepEqual(names(reduce(state, at(1, 'a'))), ['a']);
});

test('a view that fails shows why, and recovers when it is opened again', () => {
  const failed = reduce(start(), {type: 'source', event: {type: 'failed', view: 'openat', message: 'no', hint: ''}});
  assert.equal(currentView(failed).failure?.message, 'no');
  assert.equal(currentView(reduce(failed, opened)).failure, undefined);
});

test('the interval goes through its steps and ends at both ends', () => {
  assert.equal(press(start(), '+').interval, 2);
  assert.equal(press(start(), '-', '-', '-', '-', '-', '-').interval, 0.1);
});

test('letters after / narrow the rows, Enter keeps them so, Esc shows all again', () => {
  const state = [opened, framed('Bash', 'cat', 'bat')].reduce(reduce, start());
  const typed = press(state, '/', 'b', 'a');
  assert.deepEqual(names(typed), ['Bash', 'bat']);
  assert.deepEqual(names(press(typed, 't')), ['bat']);
  assert.deepEqual(names(press(typed, 't', 'backspace')), ['Bash', 'bat']);
  assert.deepEqual(names(press(typed, 'escape')), ['Bash', 'cat', 'bat']);
  const kept = press(typed, 'enter', 'down');
  assert.deepEqual(names(reduce(kept, framed('Bash', 'cat', 'bat', 'abba'))), ['Bash', 'bat', 'abba'], 'of every later frame');
  const all = press(kept, 'escape');
  assert.equal(names(all)[currentView(all).selected], 'bat', 'the row that was found stays the selected one');
});

test('while a filter is typed, keys are letters', () => {
  const state = press([opened, framed('q')].reduce(reduce, start()), '/', 's', 'space', '2');
  assert.deepEqual([currentView(state).filter, currentView(state).sort, state.current], ['s 2', '-rate', 0]);
  assert.equal(commandOf('ctrl-c', 'text'), 'quit');
});

test('a goes through rate, delta and total, and sorts by them', () => {
  const state = press([opened, framed('a', 'b')].reduce(reduce, start()), 'a', 'a');
  assert.deepEqual([currentView(state).amount, currentView(state).sort], ['total', '-total']);
  assert.equal(currentView(press(state, 'r')).amount, 'total');
});

test('totals count from a new baseline on, and from the beginning again; rates and new rows are as they were', () => {
  const at = (time: number, ...rows: readonly (readonly [string, number, number])[]): Action => ({
    type: 'source',
    event: {
      type: 'frame',
      frame: frame(
        rows.map(([name, total, delta]) => row(name, total, delta)),
        {time},
      ),
    },
  });
  const based = press([opened, at(1000, ['a', 100, 1], ['b', 50, 0])].reduce(reduce, start()), 'z');
  const totals = (state: State): readonly unknown[] => currentView(state).rows.map((each) => [each.id, each.total[0], each.rate[0]]);
  assert.deepEqual(totals(based), [
    ['a', 0, 1],
    ['b', 0, 0],
  ]);
  const later = reduce(based, at(2000, ['a', 107, 7], ['b', 50, 0], ['c', 3, 3]));
  assert.deepEqual(totals(later), [
    ['a', 7, 7],
    ['c', 3, 3],
    ['b', 0, 0],
  ]);
  assert.equal(currentView(press(later, 'z')).baseline?.time, 2000);
  assert.equal(currentView(press(later, 'z', 'z')).rows[0]?.total[0], 107, 'twice: from the beginning');
  assert.equal(currentView(reduce(later, opened)).baseline, undefined, 'a new session has none');
});

test('moving the selection makes no row anew', () => {
  const state = [opened, framed('a', 'b', 'c')].reduce(reduce, start());
  const moved = press(state, 'down', 'end', 'pageup', ']', '[');
  assert.equal(currentView(moved).rows, currentView(state).rows);
  assert.equal(currentView(moved).sorted, currentView(state).sorted);
});

test('help and detail open and close', () => {
  assert.equal(press(start(), '?').overlay, 'help');
  assert.equal(press(start(), '?', '?').overlay, 'none');
  assert.equal(press(start(), 'e', 'escape').overlay, 'none');
});

test('the rows shown move no more than it takes', () => {
  assert.equal(topFor(0, 5, 100, 10), 0);
  assert.equal(topFor(0, 10, 100, 10), 1);
  assert.equal(topFor(50, 55, 100, 10), 50);
  assert.equal(topFor(50, 49, 100, 10), 49);
  assert.equal(topFor(95, 99, 100, 10), 90);
});

test('no key has two meanings, and each says what it does', () => {
  const keys = hotkeys.flatMap((hotkey) => (hotkey.modes ?? ['table']).flatMap((mode) => hotkey.keys.map((key) => `${mode} ${key}`)));
  assert.equal(new Set(keys).size, keys.length);
  for (const hotkey of hotkeys) assert.ok(hotkey.says.length > 3);
  assert.deepEqual(
    footerKeys.slice(0, 8).map(({word}) => word),
    ['view', 'row', 'drill', 'filter', 'views', 'sort', 'help', 'quit'],
  );
});
