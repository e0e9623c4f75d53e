import assert from 'node:assert/strict';
import test from 'node:test';
import {commandOf} from '../../src/view/hotkeys.ts';
import {pick} from '../../src/view/pick.ts';
import {screenOf, targetAt} from '../../src/view/screen.ts';
import type {ViewEntry} from '../../src/view/source.ts';
import {
  currentDrill,
  currentEntry,
  currentName,
  currentView,
  heldBack,
  initialState,
  modeOf,
  reduce,
  type State,
  trailOf,
} from '../../src/view/state.ts';
import {rowSpoken, spoken} from '../../src/view/spoken.ts';
import {textOf} from '../../src/view/styles.ts';
import {countShape, frame, row} from '../support/frames.ts';

const entry = (name: string, group: string, more: Partial<ViewEntry> = {}): ViewEntry => ({
  name,
  title: `${name} by comm`,
  group,
  description: `what ${name} says`,
  ...more,
});
const catalog = [
  entry('openat', 'files', {drill: {to: 'openat-files', column: 0}}),
  entry('openat-files', 'files'),
  entry('read-latency', 'files'),
  entry('malloc', 'memory', {warning: 'each call costs a microsecond', unavailable: 'needs -p PID'}),
];
const scene = {host: 'host', clock: '12:00:01', usage: undefined, ascii: false};
const shape = {...countShape, keys: countShape.keys.map((key) => ({...key, task: true}))};

function start(bar = catalog.slice(0, 2), all = catalog): State {
  let state = initialState(bar, 'openat', 1, {columns: 80, lines: 24}, all);
  state = reduce(state, {type: 'source', event: {type: 'opened', view: 'openat', shape, details: []}});
  return reduce(state, {type: 'source', event: {type: 'frame', frame: frame([row('node', 9, 2), row('cat', 5, 1)])}});
}
const press = (state: State, ...keys: string[]): State =>
  keys.reduce((all, key) => {
    const command = commandOf(key, modeOf(all));
    return command === undefined ? all : reduce(all, {type: 'command', command, key});
  }, state);
const text = (state: State): string => {
  const {head, body, foot} = screenOf(state, scene);
  return [...head, ...body, foot].map((line) => textOf(line).trimEnd()).join('\n');
};

test('Enter goes into the row where the preset leads, by the bytes of its key, and Backspace comes back to the row', () => {
  const inside = press(start(), 'down', 'enter');
  assert.equal(currentName(inside), 'openat-files > comm=cat');
  assert.deepEqual(currentDrill(inside), {from: 'openat', to: 'openat-files', row: 'cat', column: 0});
  assert.equal(currentEntry(inside)?.name, 'openat-files');
  assert.match(text(inside), /^ openat › comm=cat › openat-files {3}Bksp back$/m);
  const outside = press(inside, 'backspace');
  assert.equal(currentName(outside), 'openat');
  assert.equal(currentView(outside).rows[currentView(outside).selected]?.id, 'cat');
});

test('where no preset leads, a row that says its task is drilled into with a view of one’s choice, as deep as one likes', () => {
  let state = press(start(), 'enter');
  state = reduce(state, {type: 'source', event: {type: 'opened', view: currentName(state), shape, details: []}});
  state = reduce(state, {type: 'source', event: {type: 'frame', frame: frame([row('x', 1, 1)], {view: currentName(state)})}});
  state = press(state, 'enter');
  assert.match(text(state), /drill into comm=x with/);
  state = press(state, 'r', 'l', 'enter');
  assert.equal(currentName(state), 'read-latency > comm=node > comm=x');
  assert.match(text(state), /openat › comm=node › openat-files › comm=x › read-latency/);
  assert.equal(currentName(press(state, 'backspace', 'backspace', 'backspace')), 'openat');
});

test('a row without a task says that there is nothing to drill into, until the next key', () => {
  let state = initialState(catalog.slice(1, 2), 'openat-files', 1, {columns: 80, lines: 24}, catalog);
  state = reduce(state, {type: 'source', event: {type: 'opened', view: 'openat-files', shape: countShape, details: []}});
  state = reduce(state, {type: 'source', event: {type: 'frame', frame: frame([row('x', 1, 1)], {view: 'openat-files'})}});
  assert.match(text(press(state, 'enter')), /nothing to drill into/);
  assert.doesNotMatch(text(press(state, 'enter', 'down')), /nothing to drill into/);
});

test('each view of the bar keeps its own way down', () => {
  const state = press(start(), 'enter', 'right', 'left');
  assert.equal(trailOf(state).length, 1);
  assert.equal(currentName(press(start(), 'enter', 'right')), 'openat-files');
});

test('a row’s view that is over is forgotten, a view of the bar is not', () => {
  const inside = press(start(), 'enter');
  const opened = reduce(inside, {type: 'source', event: {type: 'opened', view: currentName(inside), shape, details: []}});
  const over = ['openat', currentName(inside)].reduce(
    (state, view) => reduce(state, {type: 'source', event: {type: 'closed', view}}),
    opened,
  );
  assert.deepEqual(Object.keys(over.views), ['openat']);
});

const searches: readonly (readonly [query: string, first: string])[] = [
  ['', 'openat'],
  ['rdlat', 'read-latency'],
  ['files', 'openat-files'],
  ['memory', 'malloc'],
  ['OPENAT', 'openat'],
];
for (const [query, first] of searches)
  test(`'${query}' finds ${first} first`, () => assert.equal(pick(catalog, query)[0]?.entry.name, first));

test('the list marks what matches, tells groups and costly views, and why a view cannot run here', () => {
  const open = press(start(), 'p');
  assert.match(text(open), /^▌ files +openat +what openat says/m);
  assert.match(text(open), /^ +memory +malloc +⚠ +✗ not here: needs -p PID/m);
  const typed = press(open, 'r', 'd', 'l', 'a', 't');
  const marks = screenOf(typed, scene)
    .body.flat()
    .filter((segment) => segment.style === 'selectedMatch');
  assert.equal(marks.map((segment) => segment.text).join(''), 'rdlat');
  const checked = reduce(open, {type: 'source', event: {type: 'checked', unavailable: {'read-latency': 'no such probe'}}});
  assert.match(text(checked), /read-latency +✗ not here: no such probe/);
  const narrowed = {'read-latency': "view 'read-latency': --comm does not apply"};
  assert.match(
    text(reduce(open, {type: 'source', event: {type: 'checked', unavailable: narrowed}})),
    /read-latency +✗ not here: --comm does not apply/,
  );
});

test('what cannot run here comes last, of its group or of what was found, and what was chosen stays chosen', () => {
  const checked = (state: State, view: string): State =>
    reduce(state, {type: 'source', event: {type: 'checked', unavailable: {[view]: 'kprobe:a, kprobe:b: no such function'}}});
  const names = (state: State): readonly string[] =>
    text(state)
      .split('\n')
      .flatMap((line) => /^[▌ ] {1,2}(?:files|memory)? +(openat-files|openat|read-latency|malloc) /.exec(line)?.[1] ?? []);
  const open = press(start(), 'p', 'down', 'down');
  assert.deepEqual(names(open), ['openat', 'openat-files', 'read-latency', 'malloc']);
  const moved = checked(checked(open, 'openat'), 'read-latency');
  assert.deepEqual(names(moved), ['openat-files', 'openat', 'read-latency', 'malloc']);
  assert.match(text(moved), /▌ +read-latency +✗ not here: no such function/, 'the cause, not the probes');
  assert.equal(currentName(press(moved, 'enter')), 'read-latency');
  assert.deepEqual(names(press(checked(press(start(), 'p'), 'openat'), 'o', 'p', 'e', 'n', 'a')), ['openat-files', 'openat']);
});

test('a view chosen from the list is shown, and joins the bar', () => {
  const state = press(start(), 'p', 'r', 'l', 'enter');
  assert.deepEqual([currentName(state), state.entries.length, state.picker], ['read-latency', 3, undefined]);
  assert.equal(press(state, 'p', 'o', 'p', 'e', 'n', 'a', 't', 'enter').current, 0);
  assert.equal(currentName(press(start(), 'p', 'r', 'escape')), 'openat');
});

test('a costly view asks before it is attached; no goes back to one that is not', () => {
  const costly = [...catalog.slice(0, 3), entry('malloc', 'memory', {warning: 'each call costs a microsecond'})];
  const asked = press(start(catalog.slice(0, 2), costly), 'p', 'm', 'a', 'l', 'l', 'o', 'c', 'enter');
  assert.equal(heldBack(asked), 'each call costs a microsecond');
  assert.match(text(asked), /malloc can slow this machine/);
  assert.equal(heldBack(press(asked, 'y')), undefined);
  assert.equal(heldBack(press(asked, 'y', 'left', 'right')), undefined, 'asked once');
  assert.equal(currentName(press(asked, 'n')), 'openat');
  assert.equal(currentName(press(asked, '2')), 'openat-files', 'other keys are as ever');
});

test('what is known not to run here is not asked about', () => {
  assert.equal(heldBack(press(start(), 'p', 'm', 'a', 'l', 'l', 'o', 'c', 'enter')), undefined);
});

test('who goes into a row of a costly view is asked again only about another cost', () => {
  const way = (warning: string): State => {
    const all = [
      entry('openat', 'files', {warning: 'each call', drill: {to: 'openat-files', column: 0}}),
      entry('openat-files', 'files', {warning}),
    ];
    return start(all.slice(0, 1), all);
  };
  assert.equal(heldBack(way('each call')), 'each call');
  assert.equal(heldBack(press(way('each call'), 'y', 'enter')), undefined);
  assert.equal(heldBack(press(way('each call twice'), 'y', 'enter')), 'each call twice');
});

test('who types a whole name gets that view, though it cannot run here', () => {
  const catalog = [entry('malloc', 'memory'), entry('malloc-now', 'memory', {unavailable: 'needs -p PID'})];
  const names = pick(catalog, 'malloc-now', (each) => each.unavailable === undefined).map((each) => each.entry.name);
  assert.equal(names[0], 'malloc-now');
});

test('a click finds the tab, the heading, the row and the line of the list that is drawn there', () => {
  const screen = screenOf(start(), scene);
  const at = (needle: string, line: number): number => textOf([...screen.head, ...screen.body][line] ?? []).indexOf(needle);
  assert.deepEqual(targetAt(screen, at('openat-files', 0), 0, 23), {kind: 'tab', index: 1});
  assert.deepEqual(targetAt(screen, at('TOTAL', 3), 3, 23), {kind: 'heading', sort: 'total', align: 'right'});
  assert.deepEqual(targetAt(screen, 0, 5, 23), {kind: 'row', index: 1});
  assert.equal(targetAt(screen, 3, 20, 23), undefined);
  assert.deepEqual(targetAt(screenOf(press(start(), 'p'), scene), 5, 6, 23), {kind: 'pick', index: 1});
});

test('! says what the numbers are worth', () => {
  assert.match(text(press(start(), '!')), /exact\n\n why +every event/);
  const reasons = ['7 events found no place in the map of 10 keys'];
  const partial = reduce(start(), {type: 'source', event: {type: 'frame', frame: frame([], {status: 'partial', reasons})}});
  assert.match(text(press(partial, '!')), /why +7 events found no place/);
  assert.match(text(partial), /partial ! why/);
  assert.doesNotMatch(text(press(partial, '!', '!')), /no place/);
});

test('a heading clicked sorts by it, clicked again the other way round; a row clicked twice is drilled into', () => {
  const total = {kind: 'heading', sort: 'total', align: 'right'} as const;
  const sorted = reduce(start(), {type: 'click', target: total, twice: false});
  assert.equal(currentView(sorted).sort, '-total');
  assert.equal(currentView(reduce(sorted, {type: 'click', target: total, twice: false})).sort, 'total');
  const chosen = reduce(start(), {type: 'click', target: {kind: 'row', index: 1}, twice: false});
  assert.equal(currentView(chosen).selected, 1);
  assert.equal(currentName(reduce(chosen, {type: 'click', target: {kind: 'row', index: 1}, twice: true})), 'openat-files > comm=cat');
  assert.equal(currentName(reduce(start(), {type: 'click', target: {kind: 'tab', index: 1}, twice: false})), 'openat-files');
  assert.equal(currentView(reduce(chosen, {type: 'wheel', by: -1})).selected, 0);
});

test('for a screen reader a key says what it changed, and a frame that only counts on says nothing', () => {
  const state = start();
  assert.deepEqual(spoken(undefined, state, scene), [
    'view openat: openat by comm',
    'exact',
    '2 rows, 3 events/s',
    'row 1 of 2: comm node, rate/s 2.0, delta 2, total 9, per cent 66.7',
  ]);
  const down = press(state, 'down');
  assert.deepEqual(spoken(state, down, scene), [rowSpoken(currentView(down))]);
  const later = reduce(down, {type: 'source', event: {type: 'frame', frame: frame([row('node', 19, 10), row('cat', 6, 1)])}});
  assert.deepEqual(spoken(down, later, scene), []);
  assert.deepEqual(spoken(later, press(later, 'p'), scene), ['1 of 4: openat: what openat says']);
  assert.deepEqual(spoken(later, press(later, 'space'), scene), ['paused']);
  assert.match(spoken(later, press(later, '?'), scene).join('\n'), /Enter Bksp: into the row/);
});

test('a click on a key of the last line is that key, wherever the line above ends', () => {
  const footOf = (state: State) => screenOf(state, scene);
  const at = (state: State, needle: string) => targetAt(footOf(state), textOf(footOf(state).foot).indexOf(needle), 23, 23);
  assert.deepEqual(at(start(), 'help'), {kind: 'key', command: 'help', key: '?'});
  assert.deepEqual(at(press(start(), 'p'), 'open'), {kind: 'key', command: 'choose', key: 'enter'});
  assert.deepEqual(at(press(start(), 'w'), 'CSV'), {kind: 'key', command: 'format', key: 'c'});
  assert.deepEqual(at(press(start(), '/'), 'keep'), {kind: 'key', command: 'keep', key: 'enter'});
});

test('a click on a tab leaves whatever lies upon the table', () => {
  for (const key of ['p', '?', '/', 'w', 'n']) {
    const opened = press({...start(), canMake: true}, key);
    const state = reduce(opened, {type: 'click', target: {kind: 'tab', index: 1}, twice: false});
    assert.deepEqual([currentName(state), modeOf(state)], ['openat-files', 'table'], key);
  }
});

test('what is pasted is text where text is typed, on one line and safe to show, and never keys', () => {
  const paste = (state: State, pasted: string): State => reduce(state, {type: 'paste', text: pasted});
  assert.equal(currentView(paste(press(start(), '/'), 'no\u001B[31m\nde\u202E q\n')).filter, 'no\\x1b[31m de\\u{202e} q');
  assert.equal(paste(press(start(), 'p'), 'space').picker?.query, 'space');
  const unmoved = paste(start(), 'jjjq\n');
  assert.equal(currentView(unmoved).selected, 0);
  assert.match(text(unmoved), /not taken for keys/);
});

test('a question that has nowhere to go back to leads to the list', () => {
  const costly = [entry('malloc', 'memory', {warning: 'each call costs a microsecond'})];
  const asked = initialState(costly, 'malloc', 1, {columns: 80, lines: 24}, catalog);
  assert.equal(modeOf(press(asked, 'n')), 'picker');
});

for (const [key, sort] of [
  ['T', '-total'],
  ['P', '-rate'],
  ['f6', '-delta'],
  ['I', 'rate'],
] as const)
  test(`${key}, as in top or htop, sorts by ${sort}`, () => assert.equal(currentView(press(start(), key)).sort, sort));

test('paused, or of a recording, the last line begins with what moves in time', () => {
  const foot = (state: State): string => textOf(screenOf(state, scene).foot);
  assert.match(foot(press(start(), 'space')), /^ space go on {2},\. step {2}←→ view/);
  assert.match(foot({...start(), replay: {speed: 1}}), /^ space pause {2},\. step {2}\+- speed/);
  assert.doesNotMatch(foot(start()), /step/);
});

test('a view of a recording is in it, and whether it would run here is not asked', () => {
  assert.match(text(press({...start(), replay: {speed: 1}}, 'p')), /is in this recording/);
  assert.match(text(press(start(), 'p')), /finding out whether it runs here/);
});

test('Esc goes back one step at a time: help, the filter, the drill', () => {
  let state = press(start(), 'enter');
  assert.equal(currentEntry(state)?.name, 'openat-files');
  const {name} = trailOf(state)[0] ?? {name: ''};
  state = reduce(state, {type: 'source', event: {type: 'opened', view: name, shape: {...shape, name}, details: []}});
  state = press(state, '/', 'x', 'enter', '?', 'escape');
  assert.deepEqual([state.overlay, currentView(state).filter, trailOf(state).length], ['none', 'x', 1]);
  state = press(state, 'escape');
  assert.deepEqual([currentView(state).filter, trailOf(state).length], ['', 1]);
  assert.equal(currentName(press(state, 'escape')), 'openat');
  assert.equal(currentName(press(state, 'escape', 'escape')), 'openat');
});

test('the list opens at the view that is shown, and Home and End reach its ends', () => {
  assert.equal(press(start(), 'right', 'p').picker?.selected, 1);
  assert.equal(press(start(), 'right', 'p', 'home').picker?.selected, 0);
  assert.equal(press(start(), 'p', 'end').picker?.selected, catalog.length - 1);
});
