import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {histogram} from '../../src/decode/buckets.ts';
import type {Frame, ViewShape} from '../../src/decode/frame.ts';
import {framesCell} from '../../src/decode/stacks.ts';
import {jsonLine} from '../../src/output/json.ts';
import {guessedHeader} from '../../src/output/guessed.ts';
import {KeyCells, readFrame, readHeader, Unreadable} from '../../src/output/recorded.ts';
import {headerLine, recordedLine} from '../../src/output/recording.ts';
import {countShape, frame, origin, row} from '../support/frames.ts';

const shape: ViewShape = {
  ...countShape,
  keys: [...countShape.keys, {name: 'size', title: 'SIZE', align: 'right'}, {name: 'stack', title: 'STACK', align: 'left'}],
  measures: [
    ...countShape.measures,
    {name: 'max', title: 'MAX', op: 'max', unit: 'ns'},
    {name: 'avg', title: 'AVG', op: 'avg', unit: 'ns'},
  ],
  hist: {unit: 'ns', scale: {kind: 'linear', min: 0, max: 100, step: 10}},
};
const full: Frame = frame(
  [
    {
      id: 'anything',
      key: [{text: 'node', value: 'node'}, {text: '4.00 KiB', value: 4096}, framesCell(['read', 'main'])],
      total: [(1n << 60n) + 1n, 7, 2.5],
      delta: [(1n << 59n) + 1n, undefined, 1.25],
      rate: [6.003, undefined, undefined],
      hist: histogram({slots: [0, 3, 11], counts: [1, 5, 2]}, {slots: [3], counts: [2]}, {kind: 'linear', min: 0, max: 100, step: 10}),
    },
    {
      id: 'other',
      key: [{text: 'node', value: 'node'}, {text: '18446744073709551615', value: (1n << 64n) - 1n}, framesCell([])],
      total: [4, 7, 2],
      delta: [0, undefined, 0],
      rate: [0, undefined, undefined],
      hist: histogram({slots: [1], counts: [4]}, {slots: [1], counts: [4]}, {kind: 'linear', min: 0, max: 100, step: 10}),
    },
  ],
  {interval: 0.499_751_25, status: 'partial', reasons: ['one end came without a start'], lost: {...frame([]).lost, unmatched: 1}},
);
const read = (line: string, of = shape): Frame => readFrame(JSON.parse(line), of, new KeyCells());
/** Identity apart, and with histograms read out. */
const plain = ({rows, ...head}: Frame): unknown => ({
  ...head,
  rows: rows.map(({id: _, hist, ...rest}) => ({...rest, buckets: [hist?.total, hist?.delta, hist?.p50, hist?.p99, hist?.max]})),
});

test('a header tells the shape, the origin and the preset again', () => {
  assert.deepEqual(readHeader(JSON.parse(headerLine(shape, origin))), {shape, origin});
});

test('a header of a view of somebody else’s map is read again: its kinds of histogram, no number, a share of a CPU', () => {
  const shapes: readonly ViewShape[] = [
    {...shape, hist: {unit: 'us', scale: {kind: 'powers', slots: 26, before: 1}}},
    {...shape, hist: {unit: 'none', scale: {kind: 'steps', slots: 12, min: -5, step: 5}}},
    {...countShape, measures: []},
    {...countShape, measures: [...countShape.measures, {name: 'cpu', title: '% CPU', op: 'sum', unit: 'ns', shown: 'cpu'}]},
  ];
  for (const each of shapes) assert.deepEqual(readHeader(JSON.parse(headerLine(each, origin))).shape, each);
});

test('a refresh read again is the refresh that was written', () => {
  const summed = {...full, sums: {rows: 2, total: Number((1n << 60n) + 5n), delta: 2 ** 59}};
  assert.deepEqual(plain(read(recordedLine(summed, shape))), plain(summed));
});

test('in JSON totals and what came to them are numbers, and texts past 2^53', () => {
  const [wide, small] = JSON.parse(jsonLine(full, shape)).rows;
  assert.deepEqual([wide.total.count, wide.delta.count, wide.rate.count], ['1152921504606846977', '576460752303423489', 6.003]);
  assert.deepEqual([small.total.count, wide.total.avg, wide.delta.avg], [4, 2.5, 1.25]);
});

test('docs/recording.md tells every member of a line and of a row', () => {
  const page = readFileSync(new URL('../../docs/recording.md', import.meta.url), 'utf8');
  const line = JSON.parse(jsonLine(full, shape));
  const members = [line, line.keys, line.lost, line.cost, line.rows[0], line.rows[0].hist].flatMap((each) => Object.keys(each));
  assert.deepEqual(
    members.filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
});

test('sums of a map that was cut to its first rows are kept', () => {
  const cut = {...full, sums: {rows: 1_000_000, total: 5e9, delta: 77}};
  assert.deepEqual(read(recordedLine(cut, shape)).sums, cut.sums);
});

test('its JSON is the JSON of the refresh, and the recorded line begins with it', () => {
  const line = recordedLine(full, shape);
  assert.equal(jsonLine(read(line), shape), jsonLine(full, shape));
  assert.ok(line.startsWith(jsonLine(full, shape).slice(0, -1)));
});

test('of line 0 nothing is known to have come', () => {
  const first = frame([{...row('a', 5), delta: [undefined], rate: [undefined]}], {seq: 0, interval: 0});
  const again = read(recordedLine(first, countShape), countShape);
  assert.deepEqual([again.rows[0]?.delta, again.rows[0]?.rate], [[undefined], [undefined]]);
});

test('two keys that look the same stay two rows', () => {
  const [one, two] = read(recordedLine(frame([row('a', 1), {...row('a', 2), id: 'b'}]), countShape), countShape).rows;
  assert.notEqual(one?.id, two?.id);
});

test('the same key is the same object in every refresh', () => {
  const cells = new KeyCells();
  const line: unknown = JSON.parse(recordedLine(full, shape));
  assert.equal(readFrame(line, shape, cells).rows[0]?.key, readFrame(line, shape, cells).rows[0]?.key);
});

test('texts that a terminal would obey are made safe: of keys, of the shape, of details', () => {
  const evil = '\u001B]0;owned\u0007\u202E';
  const safe = '\\x1b]0;owned\\x07\\u{202e}';
  const line = recordedLine(frame([row('a', 1)], {status: 'partial', reasons: ['because']}), countShape);
  const broken = read(
    line.replace('"comm":"a"', `"comm":${JSON.stringify(evil)}`).replace('because', JSON.stringify(evil).slice(1, -1)),
    countShape,
  );
  assert.deepEqual([broken.rows[0]?.key[0]?.text, broken.rows[0]?.key[0]?.value, broken.reasons], [safe, safe, [safe]]);
  const header = readHeader(
    JSON.parse(headerLine({...countShape, title: evil, probes: [evil]}, {...origin, host: evil, details: [[evil, `${evil}\n${evil}`]]})),
  );
  assert.deepEqual([header.shape.title, header.shape.probes, header.origin.host], [safe, [safe], safe]);
  assert.deepEqual(header.origin.details, [[safe, `${safe}\n${safe}`]]);
});

const good = JSON.parse(recordedLine(full, shape)) as Readonly<Record<string, unknown>>;
const faults: readonly (readonly [fault: string, line: unknown])[] = [
  ['no object', 7],
  ['another version', {...good, v: 2}],
  ['no rows', {...good, rows: undefined}],
  ['a row that is a text', {...good, rows: ['x']}],
  ['a count that is a text', {...good, rows: [{key: {}, total: {count: 'many'}, delta: {}, rate: {}}]}],
  [
    'a bucket that the scale does not have',
    {...good, rows: [{key: {}, total: {count: 1, max: 1, avg: 1}, delta: {}, rate: {}, hist: {total: [[5, 6, 1]], delta: []}}]},
  ],
  ['a status that is none', {...good, status: 'fine'}],
  ['a time that is none', {...good, time: 'yesterday'}],
];
for (const [fault, line] of faults)
  test(`a line with ${fault} is unreadable`, () => assert.throws(() => readFrame(line, shape, new KeyCells()), Unreadable));

const header = JSON.parse(headerLine(shape, origin)) as {readonly shape: object};
const badHeaders: readonly (readonly [fault: string, line: unknown])[] = [
  ['no shape', {...header, shape: undefined}],
  ['a name that every object has a member of', {...header, view: 'constructor'}],
  ['an unknown measure', {...header, shape: {...header.shape, measures: [{name: 'a', title: 'A', op: 'guess', unit: 'ns'}]}}],
  ['a million buckets', {...header, shape: {...header.shape, hist: {unit: 'ns', scale: {kind: 'linear', min: 0, max: 1e9, step: 1}}}}],
];
for (const [fault, line] of badHeaders)
  test(`a header with ${fault} is unreadable`, () => assert.throws(() => readHeader(line), Unreadable));

test('without a header, the first line with a row says what the columns are', () => {
  const guessed = guessedHeader(JSON.parse(jsonLine(frame([row('node', 5, 2)]), countShape)));
  assert.deepEqual(guessed?.shape.keys, [{name: 'comm', title: 'COMM', align: 'left'}]);
  assert.deepEqual(guessed?.shape.measures, countShape.measures);
  assert.equal(guessedHeader(JSON.parse(jsonLine(frame([]), countShape))), undefined);
  assert.equal(guessedHeader(JSON.parse(jsonLine(full, shape)))?.shape.hist, undefined, 'a linear scale cannot be told');
});
