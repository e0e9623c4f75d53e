// The two text formats, number by number and name by name.
import assert from 'node:assert/strict';
import test from 'node:test';
import {canonical, formatOf, labelNames, labelText, metricText, scaled, wordOf} from '../../src/output/metric-text.ts';
import {ViewMetrics} from '../../src/output/view-metrics.ts';
import {histogram} from '../../src/decode/buckets.ts';
import {countShape, frame, row} from '../support/frames.ts';

test('a counter is written to its last digit, in base units', () => {
  for (const [count, digits, text] of [
    [0, 9, '0'],
    [1, 9, '0.000000001'],
    [1_234_567_890, 9, '1.23456789'],
    [2n ** 63n, 9, '9223372036.854775808'],
    [-1500, 3, '-1.5'],
    [2n ** 60n, 0, '1152921504606846976'],
  ] as const)
    assert.equal(scaled(count, digits), text);
});

test("a bucket's end has one spelling", () => {
  for (const [value, text] of [
    [0, '0.0'],
    [-1, '-1.0'],
    [1023, '1023.0'],
    [0.000_001_023, '1.023e-06'],
    [0.000_1, '0.0001'],
    [1.5, '1.5'],
    [1e21, '1e+21'],
  ] as const)
    assert.equal(canonical(value), text);
});

test('a client gets what it prefers', () => {
  for (const [accept, format] of [
    ['', 'classic'],
    ['*/*', 'classic'],
    ['text/plain', 'classic'],
    ['application/openmetrics-text', 'openmetrics'],
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'openmetrics',
    ],
    ['text/plain, application/openmetrics-text; version=1.0.0; q=0.5', 'classic'],
    ['application/openmetrics-text; version=2.0.0', 'classic'],
    ['application/openmetrics-text; q=0', 'classic'],
  ] as const)
    assert.equal(formatOf(accept), format, accept);
});

test('names are words, labels are their own, values cannot leave their quotes', () => {
  assert.deepEqual(['read-latency', 'a.b', '9', '', 'Ü x'].map(wordOf), ['read_latency', 'a_b', 'x_9', 'x', 'x']);
  assert.deepEqual(labelNames(['comm', 'COMM', 'le', '__name__'], ['le']), ['comm', 'comm_2', 'le_2', 'name']);
  assert.equal(labelText([['comm', 'a"} 1\n\\\u001b\u202e']]), String.raw`comm="a\"} 1\\n\\\\x1b\\u{202e}"`);
});

const histShape = {
  ...countShape,
  name: 'read-latency',
  hist: {unit: 'ns', scale: {kind: 'log2'}},
  measures: [...countShape.measures, {name: 'sum', title: 'SUM', op: 'sum', unit: 'ns'}],
} as const;

test('a histogram has cumulative buckets with the values that are in them, a sum and a count', () => {
  const slots = {slots: [1, 12, 13], counts: [1, 7, 2]}; // 0, [1024, 2048), [2048, 4096) ns
  const rows = [
    {...row('cat', 10), total: [10, 14_000], delta: [undefined, undefined], hist: histogram(slots, undefined, histShape.hist.scale)},
  ];
  const text = metricText(new ViewMetrics(histShape, 5, {measure: 1, added: true}).families(frame(rows), 0), 'openmetrics');
  assert.match(text, /^# TYPE tsbpftop_read_latency_duration_seconds histogram\n# UNIT tsbpftop_read_latency_duration_seconds seconds$/m);
  for (const line of [
    'tsbpftop_read_latency_events_total{comm="cat"} 10',
    'tsbpftop_read_latency_duration_seconds_bucket{comm="cat",le="1.023e-06"} 1',
    'tsbpftop_read_latency_duration_seconds_bucket{comm="cat",le="2.047e-06"} 8',
    'tsbpftop_read_latency_duration_seconds_bucket{comm="cat",le="4.095e-06"} 10',
    'tsbpftop_read_latency_duration_seconds_bucket{comm="cat",le="+Inf"} 10',
    'tsbpftop_read_latency_duration_seconds_count{comm="cat"} 10',
    'tsbpftop_read_latency_duration_seconds_sum{comm="cat"} 0.000014',
  ])
    assert.ok(text.split('\n').includes(line), line);
  assert.doesNotMatch(text, /read_latency_seconds_total/);
});

test('without a sum there is no count, as OpenMetrics demands', () => {
  const rows = [
    {
      ...row('cat', 1),
      total: [1, 5],
      delta: [undefined, undefined],
      hist: histogram({slots: [12], counts: [1]}, undefined, histShape.hist.scale),
    },
  ];
  const text = metricText(new ViewMetrics(histShape, 5).families(frame(rows), 0), 'openmetrics');
  assert.match(text, /le="\+Inf"} 1$/m);
  assert.doesNotMatch(text, /_duration_seconds_(count|sum)/);
});

test('the old format names a counter by its samples, and has no units and no end', () => {
  const [family] = new ViewMetrics(countShape, 5).families(frame([row('cat', 3)]), 0);
  const text = metricText(family === undefined ? [] : [family], 'classic');
  assert.equal(text.split('\n')[0], '# TYPE tsbpftop_openat_events_total counter');
  assert.doesNotMatch(text, /# (UNIT|EOF)/);
});
