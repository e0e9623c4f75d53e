import assert from 'node:assert/strict';
import test from 'node:test';
import type {ViewShape} from '../../src/decode/frame.ts';
import {csvHeader, csvRows} from '../../src/output/csv.ts';
import {countShape, frame, row} from '../support/frames.ts';

test('a row is a record of raw values under the names of the JSON', () => {
  assert.equal(csvHeader(countShape), 'time,view,seq,interval,status,comm,count,count_delta,count_rate\r\n');
  assert.equal(
    csvRows(frame([row('node', 612_334, 8201)]), countShape),
    '2026-11-23T10:00:01.000Z,openat,1,1.000,exact,node,612334,8201,8201\r\n',
  );
});

test('no two columns have one name: a key that is called as another column is told apart', () => {
  const [first] = countShape.keys;
  assert.ok(first !== undefined);
  const keys = ['count', 'time', 'ret'].map((name) => ({...first, name}));
  assert.equal(csvHeader({...countShape, keys}), 'time,view,seq,interval,status,key_count,key_time,ret,count,count_delta,count_rate\r\n');
});

const texts: readonly (readonly [name: string, field: string])[] = [
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  [' padded ', '" padded "'],
  // what a sheet would compute is a text there, with the one sign more that is to be taken away again
  ['=1+1', "'=1+1"],
  ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['+1-1', "'+1-1"],
  ['-bash', "'-bash"],
  [' =1', "' =1"],
  ['＝1', "'＝1"],
  ["'=1", "''=1"],
  ['-12', '-12'],
  ['-9223372036854775808', '-9223372036854775808'],
];
for (const [name, field] of texts)
  test(`the text '${name}' is the field ${field}`, () => {
    assert.ok(csvRows(frame([row(name, 1)]), countShape).includes(`,exact,${field},1,`));
  });

test('percentiles are two fields, their bounds; an infinite end and no value are empty', () => {
  const shape: ViewShape = {...countShape, hist: {unit: 'ns', scale: {kind: 'log2'}}};
  const [low, high] = [
    {low: 1, high: 2, count: 1},
    {low: 4, high: null, count: 1},
  ];
  const hist = {total: [low, high], delta: [], p50: low, p90: high, p99: undefined, max: high};
  assert.match(csvHeader(shape), /count_rate,p50_low,p50_high,p90_low,p90_high,p99_low,p99_high,max_low,max_high\r\n$/);
  assert.match(csvRows(frame([{...row('cat', 2), hist}]), shape), /,1,2,4,,,,4,\r\n$/);
});

test('counts past 2^53 keep every digit; a value without a difference has no fields for one', () => {
  const shape: ViewShape = {
    ...countShape,
    measures: [...countShape.measures, {name: 'max', title: 'MAX', op: 'max', unit: 'ns'}],
  };
  assert.match(csvHeader(shape), /count,count_delta,count_rate,max\r\n$/);
  const wide = {...row('cat', 1), total: [(1n << 60n) + 1n, 7], delta: [undefined, undefined], rate: [undefined, undefined]};
  assert.match(csvRows(frame([wide]), shape), /,cat,1152921504606846977,,,7\r\n$/);
});
