// Keys that come often have counters of each CPU's own, in front of the map: what is counted there and what is counted in the
// map are one number, in every refresh.
import assert from 'node:assert/strict';
import os from 'node:os';
import test from 'node:test';
import {type JsonLine, noPrivilege, Program} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const [hot, nested] = skip === undefined ? [workloads.c('hot'), workloads.c('nested')] : ['', ''];

async function lines(preset: Readonly<Record<string, unknown>>, command: readonly string[]): Promise<readonly JsonLine[]> {
  const name = String(preset['name']);
  const program = new Program(['--json', '-d', '0.1', '--comm', 'wl-hot', '--presets', workloads.preset(preset), name]);
  await program.until((each) => each.lines()[0]);
  const [first = '', ...rest] = command;
  await runToEnd(first, rest);
  await program.stop();
  return program.lines();
}

for (const map of ['hash', 'percpu'])
  test(`of more keys than there are slots, on every CPU at once, no event is lost or counted twice: ${map}`, {skip}, async () => {
    const [processes, keys, turns] = [os.cpus().length + 1, 700, 150];
    const read = await lines(
      {
        name: `keys-${map}`,
        attach: 'tracepoint:syscalls:sys_enter_lseek',
        by: ['args.offset'],
        measure: ['count', 'sum(args.offset)', ...(map === 'percpu' ? ['min(args.offset)', 'max(args.offset)'] : []), 'hist(args.offset)'],
        map,
      },
      [hot, 'wl-hot', String(processes), String(keys), String(turns)],
    );
    const last = read.at(-1);
    const times = processes * turns;
    assert.deepEqual(
      (last?.rows ?? []).map((row) => [row.key['offset'], row.total]).sort(([a], [b]) => Number(a) - Number(b)),
      Array.from({length: keys}, (_, key) => [key, {count: times, sum: key * times, ...(map === 'percpu' ? {min: key, max: key} : {})}]),
    );
    for (const {key, hist} of last?.rows ?? [])
      assert.deepEqual(
        hist?.total.map(([, , count]) => count),
        [times],
        `offset ${key['offset']} is in one bucket`,
      );
    assert.equal(last?.status, 'exact');
    const before = new Map<unknown, number>();
    for (const {rows} of read)
      for (const {key, total, delta} of rows) {
        const count = total['count'] ?? 0;
        const was = before.get(key['offset']) ?? 0;
        assert.ok(count >= was, 'a count never falls');
        assert.equal(delta['count'] ?? 0, count - was, 'what came is the difference');
        before.set(key['offset'], count);
      }
  });

test('programs that are preempted by one another on one CPU count every event', {skip}, async () => {
  const [processes, keys, turns] = [4, 3, 1500];
  const read = await lines({name: 'touched', attach: `uprobe:${hot}:touch`, by: ['arg0'], measure: ['count', 'sum(arg0)']}, [
    ...['taskset', '-c', '0', hot, 'wl-hot'],
    ...[processes, keys, turns].map(String),
  ]);
  const times = processes * turns;
  assert.deepEqual(
    (read.at(-1)?.rows ?? []).map((row) => [row.key['arg0'], row.total]).sort(([a], [b]) => Number(a) - Number(b)),
    Array.from({length: keys}, (_, key) => [key, {count: times, sum: key * times}]),
  );
});

test('a program that is interrupted by another of its view, for the same key, counts every event, and so does the other', {
  skip,
}, async () => {
  // a raw tracepoint's program may be interrupted by a tracepoint's; by function each has a key of its own, which is the oracle
  const probes = {attach: ['rawtracepoint:sys_enter', 'tracepoint:timer:hrtimer_expire_entry'], where: "comm == 'wl-nested'"};
  const measure = ['count', 'sum(3)', 'min(-7)', 'max(7)', 'hist(5)'];
  const views = [
    {name: 'one-key', ...probes, measure},
    {name: 'by-func', ...probes, by: ['func'], measure: 'count'},
  ].map((preset) => new Program(['--json', '-d', '60', '--presets', workloads.preset(preset), preset.name]));
  for (const view of views) await view.until((each) => each.lines()[0]);
  await runToEnd(nested, ['wl-nested', '400000']);
  for (const view of views) await view.stop();
  const [together, apart] = views.map((view) => view.lines().at(-1));
  const counts = new Map((apart?.rows ?? []).map(({key, total}) => [key['func'], total['count'] ?? 0]));
  const [calls, interrupts] = [counts.get('sys_enter') ?? 0, counts.get('hrtimer_expire_entry') ?? 0];
  assert.ok(calls >= 400_000 && interrupts > 200, `${calls} calls, ${interrupts} interrupts`);
  const all = calls + interrupts;
  assert.deepEqual(
    together?.rows.map(({total, hist}) => [total, hist?.total]),
    [[{count: all, sum: 3 * all, min: -7, max: 7}, [[4, 8, all]]]],
  );
});
