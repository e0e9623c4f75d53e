import assert from 'node:assert/strict';
import test from 'node:test';
import {histogram} from '../../src/decode/buckets.ts';
import type {Frame, Row, ViewShape} from '../../src/decode/frame.ts';
import {mostBytes, mostMoments, Moment, momentFrom, remembered} from '../../src/view/history.ts';
import {countShape, frame, row} from '../support/frames.ts';

const scale = {kind: 'log2'} as const;
const histShape: ViewShape = {
  ...countShape,
  measures: [
    ...countShape.measures,
    {name: 'sum', title: 'SUM', op: 'sum', unit: 'ns'},
    {name: 'max', title: 'MAX', op: 'max', unit: 'ns'},
  ],
  hist: {unit: 'ns', scale},
};
const timed = (second: number, rows: readonly Row[]): Frame => frame(rows, {time: 1_000_000 + second * 1000, seq: second});

/** Rows as plain values, histograms read out. */
const plain = (rows: readonly Row[]): unknown =>
  rows.map(({id, key, total, delta, rate, hist}) => ({
    ...{id, key, total, delta, rate},
    ...(hist === undefined ? {} : {total: hist.total, recent: hist.delta, p99: hist.p99, max: hist.max, sums: total}),
  }));

test('a kept frame is the frame again, to the last digit', () => {
  const rows: readonly Row[] = [
    {
      ...row('wide', 1),
      total: [(1n << 60n) + 1n, 2.5, 7],
      delta: [3, 0, undefined],
      rate: [2.9997, 0, undefined],
      hist: histogram({slots: [3, 9, 65], counts: [5, 2 ** 40, 1]}, {slots: [3, 9], counts: [2, 2 ** 40]}, scale),
    },
    {
      ...row('idle', 1),
      total: [1, 1, 1],
      delta: [0, 0, undefined],
      rate: [0, 0, undefined],
      hist: histogram({slots: [2], counts: [1]}, {slots: [2], counts: [1]}, scale),
    },
  ];
  const kept = timed(1, rows);
  const again = new Moment(kept, undefined, histShape).frame();
  assert.deepEqual(plain(again.rows), plain(rows));
  assert.deepEqual({...again, rows: []}, {...kept, rows: []});
});

test('of a first frame nothing is known to have come', () => {
  const first = [{...row('a', 1), delta: [undefined], rate: [undefined], hist: histogram({slots: [4], counts: [9]}, undefined, scale)}];
  const moment = new Moment(timed(0, first), undefined, histShape);
  assert.deepEqual(moment.recent(undefined).slots, []);
  assert.deepEqual(moment.frame().rows[0]?.hist?.delta, []);
});

test('a row to which nothing came is the same object, in its place', () => {
  const [idle, busy] = [row('idle', 5), row('busy', 9, 1)];
  const before = timed(1, [idle, row('busy', 8, 1)]);
  const after = new Moment(timed(2, [busy, idle]), before, countShape).frame();
  assert.equal(after.rows[1], idle);
  assert.deepEqual(plain(after.rows.slice(0, 1)), plain([busy]));
});

test('ten thousand rows that all change take less than a hundred bytes each', () => {
  const rows = Array.from({length: 10_000}, (_, i) => row(`program-${i}`, i + 1, 1));
  assert.ok(new Moment(timed(1, rows), undefined, countShape).bytes < 1_000_000);
});

test('the last 120 are kept, fewer where they are large, and the newest always', () => {
  const all = Array.from({length: 130}, (_, i) => timed(i, [row('a', i)])).reduce(
    (history, each) => remembered(history, each, undefined, countShape),
    [] as readonly Moment[],
  );
  assert.equal(all.length, mostMoments);
  assert.equal(all.at(-1)?.seq, 129);
  const large = Array.from({length: 400_000}, (_, i) => row(String(i), i));
  let history: readonly Moment[] = [];
  for (let second = 0; second < 8; second++) history = remembered(history, timed(second, large), undefined, countShape);
  const bytes = history.reduce((sum, moment) => sum + moment.bytes, 0);
  assert.ok(bytes <= mostBytes && history.length >= 1 && history.length < 8, `${history.length} of ${bytes}`);
  assert.equal(history.at(-1)?.seq, 7);
});

test('gone through backwards, a frame takes its place in time, and the furthest goes', () => {
  let history: readonly Moment[] = [];
  for (let second = 200; second > 70; second--) history = remembered(history, timed(second, []), undefined, countShape);
  assert.deepEqual([history[0]?.seq, history.at(-1)?.seq, history.length], [71, 190, mostMoments]);
  assert.equal(remembered(history, timed(100, []), undefined, countShape), history, 'one that is there already is not taken twice');
});

const steps: readonly (readonly [time: number, by: number, seq: number])[] = [
  [3, -1, 2],
  [3, 1, 4],
  [1, -1, 1],
  [5, 1, 5],
  [3.5, -1, 2],
];
for (const [time, by, seq] of steps)
  test(`${by} from second ${time} is second ${seq}`, () => {
    const history = [1, 2, 3, 4, 5].map((second) => new Moment(timed(second, []), undefined, countShape));
    assert.equal(momentFrom(history, 1_000_000 + time * 1000, by)?.seq, seq);
  });
