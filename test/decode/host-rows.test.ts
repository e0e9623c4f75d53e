// Counts over connections that end: nothing falls, nothing is told twice.
import assert from 'node:assert/strict';
import test from 'node:test';
import {HostRows, rowOf} from '../../src/decode/host-rows.ts';
import type {Frame, ViewShape} from '../../src/decode/frame.ts';
import {countShape, frame, row} from '../support/frames.ts';

const shape: ViewShape = {
  ...countShape,
  measures: [
    ...countShape.measures,
    {name: 'max', title: 'MAX', op: 'max', unit: 'ns'},
    {name: 'avg', title: 'AVG', op: 'avg', unit: 'ns'},
  ],
};
const of = (count: number, max: number, avg: number): Frame => frame([{...row('cat', count), total: [count, max, avg]}]);
const told = (rows: HostRows, first = false) => {
  const all = rows.tell(shape);
  const [{id = '', key = []} = {}] = all;
  const {total, delta, rate} = rowOf(all, id, key, shape, first);
  return {total, delta: delta[0], rate: rate[0]};
};

test('a connection that begins anew adds to what was counted before', () => {
  const rows = new HostRows(0);
  rows.frame(of(10, 7, 2), shape);
  assert.deepEqual(told(rows, true), {total: [10, 7, 2], delta: undefined, rate: undefined});
  rows.frame(of(30, 9, 2), shape);
  assert.deepEqual(told(rows), {total: [30, 9, 2], delta: 20, rate: 20});
  rows.end(shape);
  assert.deepEqual(told(rows), {total: [30, 9, 2], delta: 0, rate: 0});
  rows.frame({...of(0, 0, 0), interval: 0, rows: []}, shape);
  assert.deepEqual(told(rows), {total: [30, 9, 2], delta: 0, rate: 0});
  rows.frame(of(10, 8, 6), shape);
  assert.deepEqual(told(rows), {total: [40, 9, 3], delta: 10, rate: 10});
});

test('what was counted and not yet told when the connection ended is told', () => {
  const rows = new HostRows(0);
  rows.frame(of(10, 1, 1), shape);
  told(rows, true);
  rows.frame(of(25, 1, 1), shape);
  rows.end(shape);
  assert.deepEqual(told(rows).delta, 15);
});

test('two refreshes between two tellings are told at once, over the seconds of both', () => {
  const rows = new HostRows(0);
  rows.frame(of(10, 1, 1), shape);
  told(rows, true);
  rows.frame(of(20, 1, 1), shape);
  rows.frame(of(40, 1, 1), shape);
  assert.deepEqual(told(rows), {total: [40, 1, 1], delta: 30, rate: 15});
});

test('losses of all connections are added up', () => {
  const rows = new HostRows(0);
  rows.frame({...of(1, 1, 1), lost: {mapFull: 3, unmatched: 0, earlier: 0, missed: 0, fault: 0, stacks: 0}}, shape);
  rows.end(shape);
  rows.frame({...of(1, 1, 1), lost: {mapFull: 2, unmatched: 1, earlier: 0, missed: 0, fault: 0, stacks: 0}}, shape);
  assert.deepEqual(rows.lost, {mapFull: 5, unmatched: 1, earlier: 0, missed: 0, fault: 0, stacks: 0});
});
