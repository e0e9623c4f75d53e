// Every key, in every state that other keys lead to: no exception, no line wider or screen higher than the terminal.
import assert from 'node:assert/strict';
import test from 'node:test';
import {histogram, readSlots} from '../../src/decode/buckets.ts';
import type {Row, ViewShape} from '../../src/decode/frame.ts';
import {widthOf} from '../../src/view/fit.ts';
import {commandOf, hotkeys} from '../../src/view/hotkeys.ts';
import {screenOf} from '../../src/view/screen.ts';
import {currentName, initialState, modeOf, reduce, type State} from '../../src/view/state.ts';
import {textOf} from '../../src/view/styles.ts';
import {countShape, frame, row} from '../support/frames.ts';

const log2 = {kind: 'log2'} as const;
const slots = (n: number): ReturnType<typeof readSlots> => {
  const words = new BigUint64Array(66).map((_, i) => (i > 5 && i < 12 ? BigInt(n * i) : 0n));
  return readSlots(new DataView(words.buffer), 0, 66);
};
const shapes: readonly ViewShape[] = [
  {...countShape, name: 'counts', keys: [{name: 'comm', title: 'COMM', align: 'left', task: true}]},
  {...countShape, name: 'hists', hist: {unit: 'ns', scale: log2}},
  {
    ...countShape,
    name: 'wide',
    keys: ['comm', 'path', 'error'].map((name) => ({name, title: name.toUpperCase(), align: 'left'})),
    measures: [...countShape.measures, {name: 'sum', title: 'SUM', op: 'sum', unit: 'bytes'}],
  },
];
const names = ['node', '日本語のとても長い名前です', 'e\u0301'.repeat(40), 'x'.repeat(300), 'ü b', 'postgres'];
const rowsOf = (shape: ViewShape, tick: number): readonly Row[] =>
  names.slice(0, 1 + (tick % names.length)).map((name, i) => {
    const plain = row(name, 100 * tick + i, tick % (i + 2));
    return {
      ...plain,
      key: shape.keys.map(() => ({text: name, value: name})),
      total: shape.measures.map(() => 100 * tick + i),
      ...(shape.hist === undefined ? {} : {hist: histogram(slots(tick + 1), slots(tick), log2)}),
    };
  });
const entries = [
  ...shapes.map(({name}) => ({
    name,
    title: name,
    group: 'g',
    description: 'd',
    ...(name === 'counts' ? {drill: {to: 'hists', column: 0}} : {}),
  })),
  {name: 'costly', title: 'costly', group: 'h', description: 'd', warning: 'w '.repeat(90)},
];
const keys = [...new Set(hotkeys.flatMap((hotkey) => hotkey.keys)), 'x', 'é', '日'];

function tick(state: State, n: number): State {
  const name = currentName(state);
  const shape = shapes.find((each) => name.startsWith(each.name)) ?? (shapes[0] as ViewShape);
  let next = state;
  if (state.views[name]?.shape === undefined)
    next = reduce(next, {type: 'source', event: {type: 'opened', view: name, shape: {...shape, name}, details: [['a', 'b']]}});
  if (n % 7 === 6) return reduce(next, {type: 'source', event: {type: 'failed', view: name, message: 'm '.repeat(80), hint: 'h'}});
  const time = Date.UTC(2026, 0, 1) + n * 1300;
  return reduce(next, {type: 'source', event: {type: 'frame', frame: frame(rowsOf(shape, n), {view: name, time, seq: n})}});
}

for (const [columns, lines] of [
  [40, 8],
  [80, 24],
  [133, 30],
  [200, 60],
] as const)
  test(`thousands of keys at ${columns}x${lines}`, () => {
    let seed = columns;
    const random = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    let state = initialState(entries, 'counts', 1, {columns, lines});
    const pressed: string[] = [];
    for (let n = 0; n < 1500; n++) {
      const key = keys[random(keys.length)] ?? '';
      pressed.push(key);
      const command = commandOf(key, modeOf(state));
      if (command !== undefined) state = reduce(state, {type: 'command', command, key});
      if (n % 3 === 0) state = tick(state, n);
      const {head, body, foot} = screenOf(state, {host: 'host', clock: '12:00:01', usage: undefined, ascii: n % 2 === 0});
      const said = `${pressed.slice(-12).join(' ')}`;
      for (const line of [...head, ...body, foot]) assert.ok(widthOf(textOf(line)) <= columns, `${said}: ${textOf(line)}`);
      assert.ok(head.length + body.length + 1 <= lines, `${said}: ${head.length} + ${body.length} + 1 lines`);
    }
  });
