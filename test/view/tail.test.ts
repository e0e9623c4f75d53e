import assert from 'node:assert/strict';
import test from 'node:test';
import {reduce, type State, initialState} from '../../src/view/state.ts';
import {textOf} from '../../src/view/styles.ts';
import {tailLines, tailed, type TailEvent, type TailState} from '../../src/view/tail.ts';
import {countShape, frame, row} from '../support/frames.ts';

const event = (n: number): TailEvent => ({
  time: `10:00:01.${String(n).padStart(6, '0')}`,
  comm: 'cat',
  pid: 10,
  tid: 11,
  values: [n * 1000],
});
const empty: TailState = {view: 'openat', row: 'cat', label: 'cat', columns: [], events: [], seen: 0, unsent: 0};
const columns = [{title: 'DURATION', unit: 'ns'}] as const;

test('the newest events stand at the bottom, as many as there is room for', () => {
  const tail = tailed(empty, [1, 2, 3, 4, 5].map(event), columns, 0);
  const lines = tailLines(tail, 80, 5, false).map(textOf);
  assert.match(lines[0] ?? '', /events of cat +5 seen/);
  assert.match(lines[1] ?? '', /TIME +COMM +PID +TID +DURATION/);
  assert.deepEqual(
    lines.slice(2).map((line) => /\d+\.\d+ µs/.exec(line)?.[0]),
    ['3.00 µs', '4.00 µs', '5.00 µs'],
  );
});

test('what came too fast is said, and what was seen is counted beyond what is kept', () => {
  let tail = empty;
  for (let i = 0; i < 10; i++)
    tail = tailed(
      tail,
      Array.from({length: 100}, (_, n) => event(n)),
      columns,
      i * 1000,
    );
  assert.equal(tail.events.length, 200);
  assert.match(textOf(tailLines(tail, 100, 8, false)[0] ?? []), /1,000 seen {2}⚠ 9,000 came too fast to be shown/);
});

test('where the screen is narrow the thread, then the process give way to what was measured', () => {
  const tail = tailed(empty, [event(1)], columns, 0);
  const heading = (width: number): string =>
    textOf(tailLines(tail, width, 5, false)[1] ?? [])
      .trim()
      .replace(/ +/g, ' ');
  assert.equal(heading(80), 'TIME COMM PID TID DURATION');
  assert.equal(heading(50), 'TIME COMM PID DURATION');
  assert.equal(heading(40), 'TIME COMM DURATION');
});

test('no line is wider than the screen', () => {
  const tail = tailed(
    {...empty, label: 'x'.repeat(300)},
    [event(1)],
    Array.from({length: 5}, () => columns[0]),
    12,
  );
  for (const width of [40, 80, 200])
    for (const line of tailLines(tail, width, 6, true)) assert.ok(textOf(line).length <= width, textOf(line));
});

const opened = (): State => {
  const begun = {
    ...initialState([{name: 'openat', title: '', group: '', description: ''}], 'openat', 1, {columns: 100, lines: 30}),
    canTail: true,
  };
  const attached = reduce(begun, {type: 'source', event: {type: 'opened', view: 'openat', shape: countShape, details: []}});
  return reduce(attached, {type: 'source', event: {type: 'frame', frame: frame([row('cat', 3), row('dog', 1)])}});
};
const press = (state: State, command: 'tail' | 'pane' | 'down' | 'picker'): State => reduce(state, {type: 'command', command, key: ''});

test('t shows the selected row’s events, and t, m and another view end them', () => {
  const shown = press(opened(), 'tail');
  assert.deepEqual([shown.tail?.row, shown.pane], ['cat', 'tail']);
  assert.equal(press(shown, 'down').tail?.row, 'cat', 'moving on does not');
  for (const command of ['tail', 'pane', 'picker'] as const) assert.equal(press(shown, command).tail, undefined, command);
});

test('events of a row that is no longer asked for are not taken for another’s', () => {
  const shown = press(opened(), 'tail');
  const late = {type: 'tail', view: 'openat', row: 'dog', columns, events: [event(1)], unsent: 0} as const;
  assert.equal(reduce(shown, {type: 'source', event: late}).tail?.seen, 0);
  assert.equal(reduce(shown, {type: 'source', event: {...late, row: 'cat'}}).tail?.seen, 1);
});

test('a recording has no single events, and says so', () => {
  const state = press({...opened(), canTail: false}, 'tail');
  assert.equal(state.tail, undefined);
  assert.match(state.views['openat']?.notice ?? '', /a recording has no single events/);
});
