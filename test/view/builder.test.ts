import assert from 'node:assert/strict';
import test from 'node:test';
import {commandOf} from '../../src/view/hotkeys.ts';
import {widthOf} from '../../src/view/fit.ts';
import {screenOf} from '../../src/view/screen.ts';
import type {SourceEvent} from '../../src/view/source.ts';
import {currentName, initialState, modeOf, reduce, type State} from '../../src/view/state.ts';
import {textOf} from '../../src/view/styles.ts';

const begun = (): State => ({
  ...initialState([{name: 'openat', title: '', group: '', description: ''}], 'openat', 1, {columns: 100, lines: 30}),
  canMake: true,
});
/** Keys as they are typed: words letter by letter, others by name. */
const type = (state: State, ...keys: readonly string[]): State =>
  keys.reduce((at, key) => {
    const command = commandOf(key, modeOf(at));
    return command === undefined ? at : reduce(at, {type: 'command', command, key});
  }, state);
const letters = (text: string): readonly string[] => [...text].map((letter) => (letter === ' ' ? 'space' : letter));
const source = (state: State, event: SourceEvent): State => reduce(state, {type: 'source', event});
const screen = (state: State): readonly string[] =>
  screenOf(state, {host: 'h', clock: '', usage: undefined, ascii: false}).body.map(textOf);

const found = {type: 'found', query: 'read', choices: [{text: 'syscall:read', says: 'fd, buf, count'}]} as const;
const described = {
  type: 'described',
  probe: 'syscall:read',
  fields: [
    {text: 'args.count', says: 'size_t', number: true},
    {text: 'comm', says: 'name of the task'},
  ],
  spans: true,
} as const;
const atBy = (): State => source(type(source(type(begun(), 'n', ...letters('read')), found), 'enter'), described);

test('what is found for the text that is typed is shown, and for another text it is not', () => {
  const typed = type(begun(), 'n', ...letters('read'));
  assert.match(screen(typed).join('\n'), /searching …/);
  assert.match(screen(source(typed, found)).join('\n'), /▌ syscall:read +fd, buf, count/);
  assert.doesNotMatch(screen(source(type(typed, 'x'), found)).join('\n'), /▌ syscall:read/);
});

test('Space takes fields and measures, Enter goes on, and the parts are what was taken', () => {
  const measures = type(atBy(), 'space', 'down', 'space', 'enter', 'enter');
  assert.equal(measures.builder?.step, 'measure');
  assert.deepEqual(
    screen(measures)
      .flatMap((line) => /\[ \] (\S+)/.exec(line)?.[1] ?? [])
      .slice(0, 3),
    ['count', 'hist(duration)', 'sum(duration)'],
  );
  const named = type(measures, 'down', 'space', 'enter', ...letters('my-view'), 'enter');
  assert.deepEqual(named.builder?.parts, {
    probe: 'syscall:read',
    by: ['args.count', 'comm'],
    where: '',
    measure: ['hist(duration)'],
    name: 'my-view',
  });
});

test('what is typed and is no field of the list is taken as it is', () => {
  const state = type(atBy(), ...letters('str(arg1)'), 'space', 'enter');
  assert.deepEqual(state.builder?.parts.by, ['str(arg1)']);
  assert.deepEqual(type(atBy(), ...letters('curtask.nsproxy'), 'enter').builder?.parts.by, ['curtask.nsproxy']);
});

test('a probe may be typed whole; Tab types the selected one, to be made a wildcard', () => {
  const typed = type(begun(), 'n', ...letters('uprobe:libc:malloc'));
  assert.equal(type(typed, 'enter').builder?.parts.probe, 'uprobe:libc:malloc');
  const completed = type(source(type(begun(), 'n', ...letters('read')), found), 'tab', '*', 'enter');
  assert.equal(completed.builder?.parts.probe, 'syscall:read*');
});

test('S-Tab goes back with what was typed, another probe begins anew, Esc goes back and then leaves', () => {
  const back = type(atBy(), 'space', 'backtab');
  assert.deepEqual([back.builder?.step, back.builder?.query], ['probe', 'syscall:read']);
  const other = type(back, 'ctrl-u', ...letters('syscall:write'), 'enter');
  assert.deepEqual([other.builder?.parts.by, other.builder?.fields], [[], undefined]);
  assert.equal(type(other, 'escape').builder?.step, 'probe');
  assert.equal(type(other, 'escape', 'escape').builder, undefined);
});

test('a fault is told where it was made, and the next letter takes it away', () => {
  const refused = source(type(begun(), 'n', ...letters('kprobe:nobody'), 'enter'), {
    type: 'described',
    probe: 'kprobe:nobody',
    fault: 'no such function',
  });
  assert.equal(refused.builder?.step, 'probe');
  assert.match(screen(refused).join('\n'), /no such function/);
  assert.doesNotMatch(screen(type(refused, 'x')).join('\n'), /no such function/);
  const unmade = source(atBy(), {type: 'made', fault: 'the kernel refused it'});
  assert.match(screen(unmade).join('\n'), /the kernel refused it/);
});

test('a view that was made is opened, and is in the bar and the list', () => {
  const made = source(atBy(), {type: 'made', entry: {name: 'mine', title: '', group: '', description: ''}, notice: 'saved'});
  assert.equal(currentName(made), 'mine');
  assert.equal(made.builder, undefined);
  assert.ok(made.catalog.some(({name}) => name === 'mine'));
  assert.equal(made.views['mine']?.notice, 'saved');
});

test('a recording cannot make views, and says so', () => {
  const state = type({...begun(), canMake: false}, 'n');
  assert.equal(state.builder, undefined);
  assert.match(state.views['openat']?.notice ?? '', /a recording has no probes/);
});

test('no line is wider than the screen at any step', () => {
  for (const columns of [40, 80, 200]) {
    let state: State = {...atBy(), columns};
    for (let i = 0; i < 4; i++) {
      for (const line of screen(state)) assert.ok(widthOf(line) <= columns, line);
      state = type(state, 'enter');
    }
  }
});

test('the mouse chooses and ticks in a view that is made, and the rows behind it stay', () => {
  const at = atBy();
  const pick = (state: State, index: number, twice: boolean): State => reduce(state, {type: 'click', target: {kind: 'pick', index}, twice});
  assert.equal(pick(at, 1, false).builder?.selected, 1);
  assert.deepEqual(pick(at, 1, true).builder?.parts.by, ['comm']);
  assert.equal(reduce(at, {type: 'wheel', by: 1}).builder?.selected, 1);
});
