// Single events: each one is sent, in order, with what it measured; or it is counted as not sent. On the real kernel.
import assert from 'node:assert/strict';
import test from 'node:test';
import {openView} from '../../src/commands/live/open-view.ts';
import {liveLookups} from '../../src/kernel/lookups.ts';
import {LiveMachine} from '../../src/kernel/machine.ts';
import {loadBinding} from '../../src/native/binding.ts';
import {parsePreset} from '../../src/preset/load.ts';
import {Sampler} from '../../src/sampler.ts';
import {Tail} from '../../src/tail.ts';
import {noPrivilege, Program, tsbpftop} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const calls = skip === undefined ? workloads.c('calls') : '';
const {addon, objectPath} = loadBinding();
const clock = {now: () => Date.now(), monotonic: () => performance.now()};

async function opened(preset: Readonly<Record<string, unknown>>, send?: 'all' | Uint8Array) {
  const loaded = parsePreset(JSON.stringify(preset), 'test.json');
  assert.ok(loaded.ok);
  const machine = new LiveMachine(addon, objectPath, '/usr/bin');
  const view = await openView(loaded.preset, {addon, machine, filters: {}}, send);
  return {...view, tail: new Tail(view.session, view.plan.events, view.sampled, liveLookups(), clock, () => addon.kernelTime())};
}

test('every event is sent, in order, with its task, its key and what it measured', {skip}, async () => {
  const begun = Date.now();
  const {session, tail, plan} = await opened(
    {
      name: 'each',
      attach: `uprobe:${calls}:work_*`,
      by: ['func', 'comm'],
      measure: ['sum(i32(arg0))', 'hist(i32(arg0))', 'max(i64(arg0))'],
    },
    'all',
  );
  await runToEnd(calls, ['wl-events', '300']);
  const {events, unsent} = await tail.read();
  assert.equal(unsent, 0);
  assert.deepEqual(
    plan.events.sent.map(({name, signed}) => [name, signed]),
    [
      ['arg0', true],
      ['arg02', true],
    ],
  );
  const of = (func: string) => events.filter(({key}) => key[0]?.text === func);
  assert.deepEqual(
    of('work_a').map(({values}) => values[0]),
    Array.from({length: 300}, (_, i) => i),
  );
  assert.deepEqual(
    of('work_b').map(({values}) => values[0]),
    Array.from({length: 150}, (_, i) => 2 * i + 1),
  );
  assert.ok(events.every(({comm, pid, tid, key}) => comm === 'wl-events' && pid === tid && key[1]?.text === 'wl-events'));
  for (const {time} of events)
    assert.ok(Number(time / 1_000_000n) >= begun - 1 && Number(time / 1_000_000n) <= Date.now() + 1, 'the time of day');
  await session.close();
});

test('one row’s events are sent alone, and the counts stay exact meanwhile', {skip}, async () => {
  const preset = {name: 'row', attach: `uprobe:${calls}:work_*`, by: ['func', {field: 'i64(arg0)', title: 'N'}], measure: 'count'};
  const counting = await opened(preset);
  const sampler = new Sampler(counting.session, counting.sampled, liveLookups(), clock);
  await runToEnd(calls, ['wl-row', '20']);
  const row = (await sampler.sample()).rows.find(({key}) => key[0]?.text === 'work_b' && key[1]?.value === 7);
  assert.ok(row !== undefined);
  const sending = await opened(
    preset,
    Uint8Array.from(row.id, (character) => character.charCodeAt(0)),
  );
  for (let i = 0; i < 5; i++) await runToEnd(calls, ['wl-row', '20']);
  const {events} = await sending.tail.read();
  assert.deepEqual(
    events.map(({key}) => key.map(({text}) => text)),
    Array.from({length: 5}, () => ['work_b', '7']),
  );
  const frame = await sampler.sample();
  assert.deepEqual([frame.status, frame.sums.total], ['exact', 6 * 30]);
  await Promise.all([counting.session.close(), sending.session.close()]);
});

test('what finds no room is counted: sent and unsent make all', {skip}, async () => {
  const {session, tail} = await opened({name: 'many', attach: `uprobe:${calls}:work_a`, by: ['comm'], measure: 'count'}, 'all');
  await runToEnd(calls, ['wl-many', '30000']); // of 112 bytes, in 1 MiB
  const {events, unsent} = await tail.read();
  assert.ok(unsent > 0);
  assert.equal(events.length + unsent, 30_000);
  await session.close();
});

test('a span’s events have its duration and what its start saved', {skip}, async () => {
  const {session, tail} = await opened(
    {name: 'spans', span: `uprobe:${calls}:work_*`, by: ['func', {field: 'str(from.arg1)', title: 'TEXT'}], measure: 'hist(duration)'},
    'all',
  );
  await runToEnd(calls, ['wl-spans', '10']);
  const {events} = await tail.read();
  assert.deepEqual(events.map(({key}) => key[1]?.text).sort(), [...Array(10).fill('even and odd'), ...Array(5).fill('odd')]);
  for (const {values} of events) assert.ok(Number(values[0]) > 0 && Number(values[0]) < 1e9);
  await session.close();
});

test('--events prints a line an event as it happens, N of them, and says what it left out', {skip}, async () => {
  const file = workloads.preset({name: 'lines', attach: `uprobe:${calls}:work_a`, by: ['comm'], measure: 'sum(i32(arg0))', unit: 'bytes'});
  const program = new Program(['--events', '-n', '25', '--presets', file, 'lines']);
  const deadline = Date.now() + 20_000;
  while (program.child.exitCode === null && Date.now() < deadline) await runToEnd(calls, ['wl-lines', '10']);
  const {status, stdout} = await program.ended;
  assert.equal(status, 0);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(lines.length, 25);
  for (const {v, event, comm, key, value, time} of lines) {
    assert.deepEqual([v, event, comm, key], [1, 'lines', 'wl-lines', {comm: 'wl-lines'}]);
    assert.ok(value.arg0 >= 0 && value.arg0 < 10);
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  }
});

test('--events without a view says what it wants', async () => {
  const {status, stderr} = await tsbpftop(['--events']);
  assert.equal(status, 2);
  assert.match(stderr, /--events wants views.*\nhint: tsbpftop --events openat/);
});
