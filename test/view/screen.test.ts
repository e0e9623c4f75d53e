import assert from 'node:assert/strict';
import test from 'node:test';
import {histogramLines} from '../../src/view/bars.ts';
import {cropPath, fit, widthOf} from '../../src/view/fit.ts';
import {timeText} from '../../src/view/units.ts';
import {screenOf} from '../../src/view/screen.ts';
import {initialState, reduce, type State} from '../../src/view/state.ts';
import {textOf} from '../../src/view/styles.ts';
import {boundText, grouped, rateText, si, valueText} from '../../src/view/units.ts';
import type {Histogram, Row, ViewShape} from '../../src/decode/frame.ts';
import {noLoss} from '../../src/decode/losses.ts';
import {countShape, frame, row} from '../support/frames.ts';

const scene = {host: 'host', clock: '12:00:01', usage: undefined, ascii: false};
const entries = ['openat', 'openat-files', 'syscalls', 'functions', 'read-latency', 'runq-latency', 'off-cpu'].map((name) => ({
  name,
  title: name,
  group: '',
  description: '',
}));

function shown(rows: readonly Row[], columns: number, lines: number, shape: ViewShape = countShape, current = 'openat'): State {
  const state = initialState(entries, current, 1, {columns, lines});
  const opened = reduce(state, {type: 'source', event: {type: 'opened', view: 'openat', shape, details: []}});
  return reduce(opened, {type: 'source', event: {type: 'frame', frame: frame(rows)}});
}
const linesOf = (state: State, ascii = false): readonly string[] => {
  const {head, body, foot} = screenOf(state, {...scene, ascii});
  return [...head, ...body, foot].map((line) => textOf(line).trimEnd());
};

test('a view at 80 columns is these lines', () => {
  const lines = linesOf(shown([row('node', 612_334, 8201), row('postgres', 81_020, 1022)], 80, 12));
  assert.deepEqual(lines.slice(0, 6), [
    ' 1 openat  2 openat-files  3 syscalls  4 functions  …     ▸ 1.0s  host  12:00:01',
    ' openat by comm   tracepoint:syscalls:sys_enter_openat     exact  2/10,240 keys',
    ' 9.2k events/s             █   probes 0.23 % CPU, 182 ns/event',
    ' COMM       RATE/s ▾      DELTA        TOTAL      %  SHARE         LAST MINUTE',
    '▌node        8,201        8,201      612,334   88.9  ██████████▋              █',
    ' postgres    1,022        1,022       81,020   11.1  █▎                       █',
  ]);
});

test('no line is ever wider than the terminal, whatever the size and the names', () => {
  const rows = [row('日本語のとても長い名前です', 5, 1), row('e\u0301'.repeat(40), 4, 1), row('x'.repeat(300), 3)];
  for (const columns of [40, 41, 57, 80, 109, 110, 133, 200])
    for (const lines of [8, 12, 24, 60]) {
      const {head, body, foot} = screenOf(shown(rows, columns, lines), scene);
      for (const line of [...head, ...body, foot]) assert.ok(widthOf(textOf(line)) <= columns, `${columns}x${lines}: ${textOf(line)}`);
      assert.ok(head.length + body.length + 1 <= lines, `${columns}x${lines}`);
    }
});

test('columns that do not fit go, the least important first, and the key never', () => {
  const heading = (columns: number): string => linesOf(shown([row('node', 1, 1)], columns, 12))[3] ?? '';
  assert.match(heading(80), /COMM +RATE\/s ▾ +DELTA +TOTAL +% +SHARE +LAST MINUTE/);
  assert.match(heading(70), /COMM +RATE\/s ▾ +DELTA +TOTAL +% +LAST MINUTE +›/);
  assert.match(heading(57), /COMM +RATE\/s ▾ +DELTA +TOTAL +% +›/);
  assert.match(heading(44), /COMM +RATE\/s ▾ +TOTAL( +%)? +›/);
});

test('a long key is read before numbers that say again what others say', () => {
  const path = '/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache';
  const [heading = '', first = ''] = linesOf(shown([row(path, 5, 1), row(`${path}/other`, 4, 1)], 80, 12)).slice(3);
  assert.match(heading, /RATE\/s ▾ +DELTA +TOTAL +%/);
  assert.doesNotMatch(heading, /SHARE|LAST/);
  assert.match(first, /^▌\/usr\/lib\/x8….*\/gconv-modules\.cache /);
});

test('a path is cut in the middle: its end says most', () => {
  assert.equal(cropPath('/usr/include/c++/12/bits/basic_string.h', 24), '/usr/inc…/basic_string.h');
  assert.equal(cropPath('../include/c++/12/bits/basic_string.h', 24), '../inclu…/basic_string.h');
  assert.equal(cropPath('kworker/0:1-events_freezable', 12), 'kworker/0:1…');
  assert.equal(cropPath('/short', 24), '/short');
});

test('the columns that do not fit come by scrolling, the first stays', () => {
  const scrolled = (keys: number): string => {
    let state = shown([row('node', 1, 1)], 44, 12);
    for (let i = 0; i < keys; i++) state = reduce(state, {type: 'command', command: 'scrollRight', key: ']'});
    return linesOf(state)[3] ?? '';
  };
  assert.match(scrolled(1), /^‹COMM +DELTA +TOTAL +% +›$/);
  assert.match(scrolled(4), /^‹COMM +SHARE +LAST MINUTE +›$/);
  assert.match(scrolled(50), /^‹COMM .*LAST MINUTE/, 'there is an end');
});

test('what the filter found is marked, and said with how many rows there are', () => {
  let state = shown([row('NodeJS', 5, 1), row('cat', 1, 1)], 80, 12);
  for (const key of ['/', 'n', 'o', 'd', 'e']) state = reduce(state, {type: 'command', command: key === '/' ? 'filter' : 'type', key});
  const {head, body, foot} = screenOf(state, scene);
  assert.equal(body.flat().find((segment) => segment.style === 'selectedMatch')?.text, 'Node');
  assert.match(textOf(head[1] ?? []), /\/node 1 of 2/);
  assert.match(textOf(foot), /^ \/node .*1 of 2 .*Enter keep .*Esc all rows/);
});

test('a row whose first events came just now is marked, also without colour', () => {
  const lines = linesOf(shown([row('old', 50, 9), row('new', 3, 3)], 80, 12));
  assert.ok(lines[5]?.startsWith('+new'), lines[5]);
});

test('the bar scrolls so that the current view is seen', () => {
  const state = initialState(entries, 'off-cpu', 1, {columns: 60, lines: 12});
  assert.match(linesOf(state)[0] ?? '', /^….*7 off-cpu/);
});

test('too small a terminal is told the size it needs', () => {
  assert.deepEqual(linesOf(shown([row('node', 1)], 39, 24))[0], 'tsbpftop needs 40x8, this is 39x24');
});

test('losses are named in the header', () => {
  const state = reduce(shown([], 100, 12), {
    type: 'source',
    event: {type: 'frame', frame: frame([], {status: 'partial', lost: {...noLoss, mapFull: 1200, fault: 2}})},
  });
  assert.match(linesOf(state)[1] ?? '', /⚠ partial: 1\.2k map full, 2 unreadable/);
  const at = (columns: number): string => linesOf(reduce(state, {type: 'resize', columns, lines: 12}))[1] ?? '';
  // the title gives way, what is wrong and how full the map is are whole
  assert.match(at(74), /^ openat by c… +⚠ partial: .* why +\d+\/10,240 keys$/);
  // then the keys, the counts; that it is partial is said in any case, of a view that one still knows
  assert.match(at(66), /^ openat by comm +⚠ partial: .* ! why$/);
  assert.match(at(40), /^ openat by comm +⚠ partial !$/);
});

test('a short probe is shown whole, of a long one no mere beginning', () => {
  const title = (columns: number, probes: readonly string[]): string => linesOf(shown([], columns, 12, {...countShape, probes}))[1] ?? '';
  assert.match(title(60, ['syscall:read']), / {3}syscall:read +exact/);
  assert.match(title(50, ['tracepoint:syscalls:sys_enter_openat']), /^ openat by comm +exact/);
});

test('what costs and since when is said whole or not at all', () => {
  const first = reduce(shown([], 120, 12), {type: 'source', event: {type: 'frame', frame: {...frame([]), seq: 0}}});
  const state = reduce(first, {type: 'source', event: {type: 'frame', frame: frame([row('node', 612_334, 8201)])}});
  const usage = {cpuPercent: 0.9, memoryBytes: 84e6, terminalBytesPerSecond: 1100};
  const at = (columns: number): string => {
    const {head} = screenOf(reduce(state, {type: 'resize', columns, lines: 12}), {...scene, usage});
    return textOf(head[2] ?? []).trimEnd();
  };
  const since = `since ${timeText(frame([]).time)}`;
  assert.ok(at(120).endsWith(`${since}   probes 0.23 % CPU, 182 ns/event   tsbpftop 0.9 % CPU, 84 MB, 1.1 kB/s`), at(120));
  assert.ok(at(80).endsWith(`${since}   probes 0.23 % CPU, 182 ns/event`), at(80));
  assert.ok(at(70).endsWith('▁   probes 0.23 % CPU, 182 ns/event'), at(70));
  assert.ok(at(40).endsWith('▁'), at(40));
});

test('what others count is called as they call it, and has no probes', () => {
  const shape: ViewShape = {
    ...countShape,
    probes: ['map 7'],
    others: true,
    measures: [{name: 'value', title: 'SLOTS', op: 'count', unit: 'count'}],
  };
  const state = shown([row('node', 50, 9)], 100, 24, shape);
  assert.match(linesOf(state)[2] ?? '', /^ 9 slots\/s .*read only: no probes/);
  const status = linesOf(reduce(state, {type: 'command', command: 'status', key: '!'})).join('\n');
  assert.match(status, /totals +as others count them/);
  assert.match(status, /probes +none of ours/);
  assert.doesNotMatch(status, /attached|reached the probes/);
});

test('of what is longer than its column the sign that there is more stands apart', () => {
  for (let columns = 44; columns < 120; columns++) {
    const heading = linesOf(shown([row('/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache', 5, 1)], columns, 12))[3] ?? '';
    assert.doesNotMatch(heading, /[^ ]›/, `${columns}: ${heading}`);
  }
});

test('without events the table says what it waits for, and of probes that run that nothing counts', () => {
  const probes = [...countShape.probes, ...countShape.probes];
  const state = initialState(entries, 'openat', 1, {columns: 80, lines: 12});
  const opened = reduce(state, {type: 'source', event: {type: 'opened', view: 'openat', shape: {...countShape, probes}, details: []}});
  const said = (events: number): string => {
    const empty = frame([]);
    return linesOf(reduce(opened, {type: 'source', event: {type: 'frame', frame: {...empty, cost: {...empty.cost, events}}}})).join('\n');
  };
  assert.match(said(0), /no events yet: waiting for tracepoint:syscalls:sys_enter_openat$/m);
  assert.match(said(3), /nothing yet: of what came at tracepoint:syscalls:sys_enter_openat, this view\n {2}counts none/);
});

test('a view that cannot run offers no keys of rows, and says where the others are', () => {
  const state = reduce(initialState(entries, 'openat', 1, {columns: 80, lines: 24}), {
    type: 'source',
    event: {type: 'failed', view: 'openat', message: 'it cannot', hint: 'try'},
  });
  const lines = linesOf(state);
  assert.ok(lines.includes('  p lists all views, and which of them run here'));
  assert.doesNotMatch(lines.at(-1) ?? '', /drill|filter|sort|row/);
  assert.match(lines.at(-1) ?? '', /view +p views +\? help +q quit/);
});

test('at any width the last line has help and quit, and each key whole', () => {
  for (let columns = 40; columns < 200; columns++) {
    const foot = linesOf(shown([row('node', 1, 1)], columns, 12)).at(-1) ?? '';
    assert.match(foot, /\? help .*q quit/, foot);
    assert.doesNotMatch(foot, /…/, foot);
    const paused = reduce(shown([row('node', 1, 1)], columns, 12), {type: 'command', command: 'pause', key: 'space'});
    assert.match(linesOf(paused).at(-1) ?? '', /^ space go on .*\? help .*q quit/);
  }
});

test('at 40x10 there are choices to be seen in the list of views', () => {
  const state = reduce(initialState(entries, 'openat', 1, {columns: 40, lines: 10}), {type: 'command', command: 'picker', key: 'p'});
  const text = linesOf(state).join('\n');
  for (const {name} of entries.slice(0, 4)) assert.match(text, new RegExp(` ${name}$`, 'm'));
  assert.match(text, /Enter open +Esc back/);
});

test('ascii has nothing beyond ASCII', () => {
  for (const line of linesOf(shown([row('node', 5, 1)], 80, 24), true).slice(1, -1)) assert.match(line, /^[\x20-\x7e]*$/);
});

test('a histogram with more buckets than lines has all values: those at the ends are together', () => {
  const total = Array.from({length: 30}, (_, i) => ({low: 2 ** i, high: 2 ** (i + 1), count: i === 12 ? 1000 : 1}));
  const [p50, last] = [total[12], total[29]];
  const hist: Histogram = {total, delta: [{low: 2 ** 29, high: 2 ** 30, count: 1}], p50, p90: p50, p99: last, max: last};
  for (const lines of [1, 2, 3, 9, 29, 30, 40]) {
    const bars = histogramLines(hist, {unit: 'none', scale: {kind: 'log2'}}, 70, lines, false).map(textOf);
    const counts = bars.map((line) => Number(/([\d,]+)$/.exec(line)?.[1]?.replace(',', '')));
    assert.equal(bars.length, Math.min(lines, 30));
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      1029,
    );
    assert.match(bars.at(-1) ?? '', /p99 .*\+1 /);
  }
});

test('the histogram shows its buckets, the percentiles in them, and the interval in front', () => {
  const hist: Histogram = {
    total: [
      {low: 1024, high: 2048, count: 10},
      {low: 8192, high: 16_384, count: 5},
    ],
    delta: [{low: 1024, high: 2048, count: 4}],
    p50: {low: 1024, high: 2048, count: 10},
    p90: {low: 8192, high: 16_384, count: 5},
    p99: {low: 8192, high: 16_384, count: 5},
    max: {low: 8192, high: 16_384, count: 5},
  };
  const shape: ViewShape = {...countShape, hist: {unit: 'ns', scale: {kind: 'log2'}}};
  const text = linesOf(shown([{...row('cat', 15, 4), hist}], 80, 24, shape)).join('\n');
  assert.match(text, /cat +█ interval {2}░ session/);
  assert.match(text, /1\.0µs … 2\.0µs p50 █+░+ +\+4 +10/);
  assert.match(text, /2\.0µs … 4\.1µs +0/, 'empty buckets between are shown');
  assert.match(text, /8\.2µs … 16µs p99 ░+ +5/);
});

test('texts are cut and filled by the columns they take', () => {
  assert.equal(fit('日本語', 5), '日本…');
  assert.equal(fit('日本語', 4), '日… ');
  assert.equal(fit('ab', 4, 'right'), '  ab');
  assert.equal(widthOf(fit('e\u0301e\u0301e\u0301', 2)), 2);
});

test('numbers are written for people', () => {
  assert.deepEqual(
    [grouped(612_334), grouped(1n << 60n), rateText(8201), rateText(97.26), rateText(0.5), rateText(0.04), rateText(123_456.7)],
    ['612,334', '1,152,921,504,606,846,976', '8,201', '97.3', '0.5', '0.04', '123,457'],
  );
  assert.deepEqual([si(12_431), si(999), si(0), si(1100, 'B/s')], ['12.4k', '999', '0', '1.1 kB/s']);
  assert.deepEqual(
    [valueText(1_500_000, 'ns'), valueText(4096, 'bytes'), valueText(999_999, 'ns'), valueText(12, 'none'), valueText(-250_000, 'none')],
    ['1.50 ms', '4.00 K', '1.00 ms', '12', '-250 k'],
  );
  assert.deepEqual([valueText(2n ** 64n - 1n, 'none'), valueText(2n ** 64n - 1n, 'bytes')], ['18.4 E', '16.0 E']);
  assert.deepEqual([boundText(1024, 'ns', '∞'), boundText(null, 'ns', '∞'), boundText(16_384, 'ns', '∞')], ['1.0µs', '∞', '16µs']);
});
