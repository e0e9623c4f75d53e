// What is written to turn a frame into the next: whatever both are, the terminal then shows the second one, cell for cell.
import assert from 'node:assert/strict';
import test from 'node:test';
import {anew, cellsShown, changes, emulator, shownAfter, tableFrames} from '../support/emulator.ts';
import {seeded} from '../support/seeded.ts';

for (const basic of [false, true])
  for (const wraps of [false, true])
    test(`a table turns into the next one cell for cell, up to the last column, ${basic ? 'with what a VT100 knows, ' : ''}where lines ${wraps ? 'wrap' : 'do not wrap'}`, async () => {
      const [columns, lines] = [48, 7];
      const [changed, fresh] = [emulator(columns, lines), emulator(columns, lines)];
      for (const each of [changed, fresh]) await shownAfter(each, wraps ? '' : '\u001B[?7l');
      const frames = tableFrames(columns, lines, seeded(wraps ? 5 : 11));
      let painted: readonly string[] | undefined;
      for (let i = 0; i < 300; i++) {
        const wanted: readonly string[] = frames.next().value;
        await shownAfter(changed, changes(painted, wanted, lines, columns, basic));
        await shownAfter(fresh, anew(wanted));
        assert.deepEqual(cellsShown(changed), cellsShown(fresh), `frame ${i}`);
        painted = wanted;
      }
    });

test('marks that go to the left are moved, not written, and what stands behind them stays', () => {
  const line = (marks: string, end: string): string => `node 12 \u001B[36m${marks}\u001B[0m${end}`;
  const marks = '▁▂▃▅▇▆▅▃▂▁▂▄▆█▇▅▃▂';
  const after = (from: number): string => marks.slice(from, from + 12);
  for (const [end, most] of [
    ['', 24],
    [' | p50', 30],
  ] as const) {
    const before = Array.from({length: 10}, (_, y) => line(after(y % 5), end));
    const wanted = Array.from({length: 10}, (_, y) => line(after((y % 5) + 1), end));
    assert.ok(Buffer.byteLength(changes(before, wanted, 10, 80)) < 10 * most);
    // a VT100 has no such sequence
    assert.ok(Buffer.byteLength(changes(before, wanted, 10, 80, true)) > 10 * 30);
    assert.doesNotMatch(changes(before, wanted, 10, 80, true), /\[[P@]/);
  }
});

for (const by of [1, -1, 3, -5])
  test(`lines that go ${by > 0 ? 'up' : 'down'} by ${Math.abs(by)} are moved, whatever stands above and below, and a VT100 gets them anew`, async () => {
    const [columns, lines] = [80, 24];
    const random = seeded(9);
    const rows = Array.from(
      {length: 60},
      (_, i) => `${i === 20 ? '日本' : ''}/usr/lib/${random(10_000)}/${'x'.repeat(random(30))} \u001B[36m${random(99_999)}\u001B[0m`,
    );
    const frame = (top: number, selected: number): readonly string[] => [
      'head 12:00:01',
      '\u001B[30;42mPATH\u001B[0m',
      ...rows.slice(top, top + lines - 4).map((row, i) => (i === selected ? `\u001B[30;46m> ${i}\u001B[0m` : row)),
      '',
      'foot',
    ];
    for (const basic of [false, true]) {
      const [changed, fresh] = [emulator(columns, lines), emulator(columns, lines)];
      const [before, after] = [frame(10, by > 0 ? 19 : 0), frame(10 + by, by > 0 ? 19 : 0)];
      await shownAfter(changed, anew(before));
      const written = changes(before, after, lines, columns, basic);
      await shownAfter(changed, written);
      await shownAfter(fresh, anew(after));
      assert.deepEqual(cellsShown(changed), cellsShown(fresh));
      const alone = Buffer.byteLength(changes(undefined, after, lines, columns));
      assert.equal(written.length < (alone * (Math.abs(by) + 3)) / 20, !basic, `${written.length} bytes of ${alone}`);
    }
  });

test('nothing is written that the tty turns into something else, and no tab: it may be blanks, and its stops are the user’s', () => {
  const frames = tableFrames(60, 9, seeded(23));
  let painted: readonly string[] | undefined;
  for (let i = 0; i < 100; i++) {
    const wanted: readonly string[] = frames.next().value;
    assert.doesNotMatch(changes(painted, wanted, 9, 60), /[\t\n]/);
    painted = wanted;
  }
});
