import assert from 'node:assert/strict';
import test from 'node:test';
import {histogram, type Slots} from '../../src/decode/buckets.ts';
import type {Scale, ViewShape} from '../../src/decode/frame.ts';
import {heatmapLines, levelsOf, spanText} from '../../src/view/heatmap.ts';
import {Moment} from '../../src/view/history.ts';
import {textOf} from '../../src/view/styles.ts';
import {countShape, frame, row} from '../support/frames.ts';

const shapeOf = (scale: Scale): ViewShape => ({...countShape, hist: {unit: 'ns', scale}});
const log2 = shapeOf({kind: 'log2'});
const linear = shapeOf({kind: 'linear', min: 0, max: 100, step: 10});
const nothing: Slots = {slots: [], counts: []};

/** A refresh a second; in each, of each row, how many values came into which slot. */
const moments = (shape: ViewShape, seconds: readonly Readonly<Record<string, Readonly<Record<number, number>>>>[]): readonly Moment[] =>
  seconds.map((rows, seq) => {
    const all = Object.entries(rows).map(([name, slots]) => {
      const now = {slots: Object.keys(slots).map(Number), counts: Object.values(slots)};
      return {...row(name, 1, 1), hist: histogram(now, nothing, shape.hist?.scale ?? {kind: 'log2'})};
    });
    return new Moment(frame(all, {time: Date.UTC(2026, 0, 1) + seq * 1000, seq}), undefined, shape);
  });

function mapOf(
  shape: ViewShape,
  seconds: Parameters<typeof moments>[1],
  id: string | undefined,
  {width = 40, lines = 6, ascii = false} = {},
): readonly string[] {
  if (shape.hist === undefined) throw new Error('no histogram');
  return heatmapLines(moments(shape, seconds), id, shape.hist, width, lines, ascii).map((line) => textOf(line).trimEnd());
}

const seconds = [{cat: {12: 1, 15: 1}, dog: {12: 99}}, {cat: {12: 1}}, {dog: {13: 10}}, {cat: {14: 81}}];

test('a column is a refresh, a line a bucket, the greatest above; a shade says how many', () => {
  const lines = mapOf(log2, seconds, 'cat');
  assert.deepEqual(lines.slice(0, 4), [' 8.2µs│·', ' 4.1µs│   █', ' 2.0µs│', ' 1.0µs│··']);
});

test('over all rows the counts are summed', () => {
  assert.deepEqual(mapOf(log2, seconds, undefined).slice(0, 4), [' 8.2µs│·', ' 4.1µs│   █', ' 2.0µs│  ▒', ' 1.0µs│█·']);
});

test('linear buckets have their own bounds', () => {
  assert.deepEqual(mapOf(linear, [{cat: {0: 1, 3: 1}}], 'cat').slice(0, 4), [' 20ns│█', ' 10ns│', '  0ns│', '   -∞│█']);
});

test('without room for a line each, buckets are drawn together, and none is left out', () => {
  const lines = mapOf(log2, [{cat: {4: 1, 20: 1}}], 'cat', {lines: 5});
  assert.equal(lines.length, 5);
  assert.equal(
    lines
      .slice(0, 3)
      .join('')
      .match(/[·░▒▓█]/g)?.length,
    2,
  );
});

test('with more room than buckets, a bucket has several lines', () => {
  assert.deepEqual(mapOf(log2, [{cat: {12: 1}}], 'cat', {lines: 9}).slice(0, 3), ['      │█', '      │█', ' 1.0µs│█']);
});

test('more refreshes than columns are drawn together, and the legend says how many', () => {
  const lines = mapOf(log2, new Array(90).fill({cat: {12: 1}}), 'cat', {width: 60});
  assert.match(lines[0] ?? '', /│█{45}$/);
  assert.match(lines.at(-1) ?? '', /values in 2 refreshes$/);
});

test('the time axis says how long ago it begins and when it ends, the legend from how many on a shade is', () => {
  const lines = mapOf(log2, [...new Array(30).fill({}), {cat: {12: 1000}}, {cat: {12: 1}}], 'cat', {width: 60, lines: 4});
  const end = new Date(Date.UTC(2026, 0, 1) + 31_000).toTimeString().slice(0, 8);
  assert.match(lines.at(-2) ?? '', new RegExp(`└−31 s +${end}$`));
  assert.match(lines.at(-1) ?? '', /· 1\+ {2}░ 4\+ {2}▒ 16\+ {2}▓ 64\+ {2}█ 252\+ {2}values a refresh/);
});

test('ascii has nothing beyond ASCII', () => {
  for (const line of mapOf(log2, seconds, undefined, {ascii: true})) assert.match(line.replaceAll('µ', 'u'), /^[\x20-\x7e]*$/);
});

test('without values it says so', () => {
  assert.deepEqual(mapOf(log2, [{}, {}], undefined), [' no values in the last 2 refreshes']);
});

const scales: readonly (readonly [most: number, levels: readonly number[]])[] = [
  [1, [1, 1, 1, 1, 1]],
  [3, [1, 2, 2, 2, 3]],
  [1_000_000, [1, 16, 252, 3982, 63_096]],
];
for (const [most, levels] of scales)
  test(`up to ${most}, shades begin at ${levels.join(', ')}`, () => assert.deepEqual(levelsOf(most), levels));

const spans: readonly (readonly [ms: number, text: string])[] = [
  [1400, '1.4 s'],
  [14_000, '14 s'],
  [118_000, '1m 58s'],
  [7_260_000, '2h 1m'],
];
for (const [ms, text] of spans) test(`${ms} ms ago is ${text}`, () => assert.equal(spanText(ms), text));
