// Keys that come often have counters of each CPU's own, in front of the map: what is counted there and what is counted in the
// map are one number, in every refresh.
import assert from 'node:assert/strict';
import os from 'node:os';
import test from 'node:test';
import {type JsonLine, noPrivilege, Program} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const hot = skip === undefined ? workloads.c('hot') : '';

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
