// Broken recordings: each line is passed over or shown. None crashes, none takes long, and of none does a terminal get what it
// would obey, or a line wider than it is: on the screen, as text, CSV and JSON. The generator is seeded, so that a failure comes
// again: its message holds the line. TSBPFTOP_FUZZ=100000 makes so many of them.
import assert from 'node:assert/strict';
import test from 'node:test';
import {histogram} from '../../src/decode/buckets.ts';
import type {Frame, Row, Scale, ViewShape} from '../../src/decode/frame.ts';
import {framesCell} from '../../src/decode/stacks.ts';
import {csvHeader, csvRows} from '../../src/output/csv.ts';
import {guessedHeader} from '../../src/output/guessed.ts';
import {jsonLine} from '../../src/output/json.ts';
import {type Header, KeyCells, readFrame, readHeader, Unreadable} from '../../src/output/recorded.ts';
import {headerLine, recordedLine} from '../../src/output/recording.ts';
import {textTable} from '../../src/output/text.ts';
import {widthOf} from '../../src/view/fit.ts';
import {commandOf} from '../../src/view/hotkeys.ts';
import {screenOf} from '../../src/view/screen.ts';
import {initialState, modeOf, reduce, type State} from '../../src/view/state.ts';
import {textOf} from '../../src/view/styles.ts';
import {countShape, frame, origin} from '../support/frames.ts';
import {assertSafe} from '../support/safe.ts';
import {brokenJson, brokenText, pick, seeded} from '../support/seeded.ts';

const count = Number(process.env['TSBPFTOP_FUZZ'] ?? 1000);
const slowest = 2000; // ms for one, drawn: far beyond what any takes

const scales: readonly Scale[] = [
  {kind: 'log2'},
  {kind: 'linear', min: 0, max: 100, step: 10},
  {kind: 'powers', slots: 26, before: 0},
  {kind: 'steps', slots: 12, min: 0, step: 5},
];
const shapes: readonly ViewShape[] = [
  countShape,
  {...countShape, measures: []},
  {...countShape, keys: [...countShape.keys, {name: 'stack', title: 'STACK', align: 'left', stack: 'ustack'}]},
  ...scales.map(
    (scale): ViewShape => ({
      ...countShape,
      keys: [...countShape.keys, {name: 'size', title: 'SIZE', align: 'right'}],
      measures: [
        ...countShape.measures,
        {name: 'max', title: 'MAX', op: 'max', unit: 'ns'},
        {name: 'avg', title: 'AVG', op: 'avg', unit: 'bytes'},
      ],
      hist: {unit: 'ns', scale},
    }),
  ),
];

function frameOf(shape: ViewShape, seq: number): Frame {
  const rows = ['node', '日本 cat', 'x'].map(
    (name, i): Row => ({
      id: name,
      key: shape.keys.map(({align, stack}, column) =>
        stack !== undefined
          ? framesCell(['read', 'main'])
          : column > 0 && align === 'right'
            ? {text: '4.00 KiB', value: 4096 + i}
            : {text: name, value: name},
      ),
      total: shape.measures.map((_, m) => (m === 0 ? (1n << 60n) + BigInt(i) : 7 * i)),
      delta: shape.measures.map(({op}) => (op === 'max' ? undefined : i)),
      rate: shape.measures.map(({op}) => (op === 'count' ? i / 2 : undefined)),
      ...(shape.hist === undefined
        ? {}
        : {hist: histogram({slots: [0, 3, 11], counts: [1, 5, 2]}, {slots: [3], counts: [2]}, shape.hist.scale)}),
    }),
  );
  return frame(rows, {
    seq,
    interval: seq === 0 ? 0 : 0.499_75,
    status: 'partial',
    reasons: ['one end came without a start'],
    sums: {rows: 9, total: 1e6, delta: 4},
  });
}

const sizes = [
  {columns: 40, lines: 8},
  {columns: 80, lines: 24},
  {columns: 200, lines: 60},
] as const;

function assertShown(header: Header, frames: readonly Frame[], keys: readonly string[], size: (typeof sizes)[number]): void {
  const {shape, origin: from} = header;
  const view = shape.name;
  const entries = [{name: view, title: shape.title, group: '', description: shape.description}];
  let state: State = initialState(entries, view, from.interval, size);
  state = reduce(state, {type: 'source', event: {type: 'opened', view, shape, details: from.details}});
  for (const each of frames) state = reduce(state, {type: 'source', event: {type: 'frame', frame: each}});
  for (const key of ['', ...keys]) {
    const command = commandOf(key, modeOf(state));
    if (command !== undefined) state = reduce(state, {type: 'command', command, key});
    const {head, body, foot} = screenOf(state, {host: from.host, clock: '12:00:01', usage: undefined, ascii: false});
    for (const line of [...head, ...body, foot]) {
      const text = textOf(line);
      assert.ok(widthOf(text) <= size.columns, `${widthOf(text)} columns of ${size.columns}: ${text.slice(0, 300)}`);
      assertSafe(text, 'screen');
    }
    assert.ok(head.length + body.length + 1 <= size.lines, `${head.length} + ${body.length} + 1 lines of ${size.lines}`);
  }
}

const readable = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable || error instanceof SyntaxError) return undefined;
    throw error;
  }
};

test(`${count} broken recordings are passed over or shown, and nothing of them is obeyed`, () => {
  const random = seeded(20_261_125 + count);
  const seen = {header: 0, frame: 0, guessed: 0};
  for (let n = 0; n < count; n++) {
    const shape = pick(random, shapes);
    const lines = [headerLine(shape, origin), recordedLine(frameOf(shape, 0), shape), recordedLine(frameOf(shape, 1), shape)];
    for (let times = 1 + random(3); times > 0; times--) {
      const at = random(lines.length);
      const line = lines[at] ?? '';
      lines[at] = random(3) === 0 ? brokenText(random, line) : brokenJson(random, line);
    }
    const began = performance.now();
    try {
      const [first, ...rest] = lines.map((line): unknown => readable(() => JSON.parse(line)));
      const given = random(4) === 0 ? undefined : readable(() => readHeader(first));
      const header = given ?? readable(() => guessedHeader(rest[0]));
      if (header === undefined) continue;
      seen[given === undefined ? 'guessed' : 'header']++;
      const cells = new KeyCells();
      const frames = rest.map((json) => readable(() => readFrame(json, header.shape, cells))).filter((each) => each !== undefined);
      seen.frame += frames.length;
      for (const each of frames)
        assertSafe(
          [textTable(each, header.shape), csvHeader(header.shape), csvRows(each, header.shape), jsonLine(each, header.shape)].join('\n'),
          'batch',
        );
      const keys = Array.from({length: 4}, () => pick(random, ['s', 'r', 'm', 'M', 'a', 'e', ' ', 'j', '?', 'z', '+', '/', 'k', 'x']));
      assertShown(header, frames, keys, pick(random, sizes));
      const took = performance.now() - began;
      assert.ok(took < slowest, `${took} ms`);
    } catch (error) {
      const text = lines.map((line) => (line.length > 2000 ? `${line.slice(0, 1200)} … ${line.slice(-500)}` : line)).join('\n');
      throw new Error(`number ${n}: ${String((error as Error).stack)}\n${text}`, {cause: error});
    }
  }
  assert.ok(Math.min(...Object.values(seen)) > count / 20, `too few come so far: ${JSON.stringify(seen)}`);
});
