// Returns that are not seen are counted: recursion, a function left by longjmp, ends that a filter keeps out. What was made equals
// what was measured plus what was said to be lost.
import assert from 'node:assert/strict';
import test from 'node:test';
import {measured, noPrivilege} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const recursion = skip === undefined ? workloads.c('recursion') : '';
const calls = skip === undefined ? workloads.c('calls') : '';
const counted = (preset: Readonly<Record<string, unknown>>, work: () => Promise<void>, ...args: readonly string[]) =>
  measured([...args, '--presets', workloads.preset(preset), String(preset['name'])], work);
const total = (line: Awaited<ReturnType<typeof measured>>): number => line.rows.reduce((sum, row) => sum + (row.total['count'] ?? 0), 0);

test('of a function that calls itself the innermost call is measured, and each outer one is said to be lost', {skip}, async () => {
  const line = await counted({name: 'deep', span: `uprobe:${recursion}:work_deep`, measure: 'hist(duration)'}, () =>
    runToEnd(recursion, ['wl-deep', '100', '5']),
  );
  assert.equal(total(line), 100);
  assert.equal((line.lost['missed'] ?? 0) + (line.lost['unmatched'] ?? 0), 400, 'each outer call is one loss');
  assert.equal(line.status, 'partial');
});

test('a call that is left without a return is missed when the thread calls it again', {skip}, async () => {
  const line = await counted({name: 'left', span: `uprobe:${recursion}:work_left`, measure: 'hist(duration)'}, () =>
    runToEnd(recursion, ['wl-left', '100', '1']),
  );
  // of the last one nobody knows yet whether it will return
  assert.deepEqual([total(line), line.lost['missed'], line.lost['unmatched']], [0, 49, 0]);
});

test('a call that returns is missed by nobody, however the ends are filtered', {skip}, async () => {
  const cases: readonly (readonly [where: Readonly<Record<string, unknown>>, args: readonly string[], count: number])[] = [
    [{}, [], 300],
    [{where: 'retval == 1000000'}, [], 0],
    [{where: "func == 'work_b'"}, [], 100],
    [{}, ['--comm', 'somebody-else'], 0],
    [{}, ['--comm', 'wl-whole'], 300],
    [{where: "comm == 'wl-whole' && i32(retval) < 0"}, [], 100],
  ];
  for (const [where, args, count] of cases) {
    const line = await counted(
      {name: 'whole', span: `uprobe:${calls}:work_*`, ...where, measure: 'hist(duration)'},
      () => runToEnd(calls, ['wl-whole', '200']),
      ...args,
    );
    assert.deepEqual(
      [total(line), line.lost['missed'], line.lost['unmatched'], line.status],
      [count, 0, 0, 'exact'],
      JSON.stringify([where, args]),
    );
  }
});

test('system calls that never return are left out of a span of all', {skip}, async () => {
  const line = await counted(
    {
      name: 'all-calls',
      span: ['syscall:*ose', 'syscall:exit*', 'syscall:rt_sig*'],
      by: ['func'],
      measure: 'hist(duration)',
      maxProbes: 2000,
    },
    () => runToEnd(calls, ['wl-calls', '500']),
    '--comm',
    'wl-calls',
  );
  assert.equal(line.rows.find(({key}) => key['func'] === 'close')?.total['count'], 500);
  assert.equal(line.lost['missed'], 0);
});

test('others whom a comparison with comm keeps out have no calls that are missed', {skip}, async () => {
  const line = await counted({name: 'others', span: `uprobe:${calls}:work_*`, where: "comm == 'somebody-else'", measure: 'count'}, () =>
    runToEnd(calls, ['wl-others', '200']),
  );
  assert.deepEqual([total(line), line.lost['missed'], line.status], [0, 0, 'exact']);
});
