// Single events on the real screen: those of the selected row, as they happen, while the table goes on counting exactly.
import assert from 'node:assert/strict';
import test from 'node:test';
import {noPrivilege} from '../support/program.ts';
import {openTerm} from '../support/term.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();

test('t shows the row’s events and the counts stay exact; t again is the table alone', {skip}, async () => {
  const calls = workloads.c('calls');
  const file = workloads.preset({
    name: 'tailing',
    attach: `uprobe:${calls}:work_*`,
    by: ['func'],
    measure: ['count', 'max(i64(arg0))'],
    unit: 'count',
    sort: 'func',
  });
  const term = openTerm(['-d', '0.2', '--presets', file, 'tailing'], {columns: 100, lines: 30});
  await term.until('no events yet');
  await runToEnd(calls, ['wl-tail', '50']);
  await term.until(/work_b .*\b25\b/);
  await term.press('jt').until('events of work_b');
  // what is attached when the pane opens is seen when something comes: events of before are not shown
  while (!/events of work_b +[1-9]\d* seen/.test(term.text())) await runToEnd(calls, ['wl-tail', '20']);
  await term.until(/wl-tail +\d+ +\d+ +19\b/);
  assert.doesNotMatch(term.text(), /wl-tail +\d+ +\d+ +18\b/, 'an even number is of work_a');
  assert.match(term.text(), /exact/);
  await term.press('t').until((each) => !each.text().includes('events of work_b'));
  await term.quit();
});
