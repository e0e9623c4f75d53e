// Drill-down on the real kernel: the view of a row counts that row's events, all of them and no others, whatever its
// bytes are. Two views run at once, so that one is the other's oracle.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import test, {after} from 'node:test';
import {liveClock} from '../../src/commands/process/clock.ts';
import {LiveSource} from '../../src/commands/live/live-source.ts';
import {loadBinding} from '../../src/native/binding.ts';
import {LiveMachine} from '../../src/kernel/machine.ts';
import {liveLookups} from '../../src/kernel/lookups.ts';
import {loadPreset} from '../../src/preset/load.ts';
import type {Frame, Row} from '../../src/decode/frame.ts';
import type {SourceEvent} from '../../src/view/source.ts';
import {noPrivilege} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const calls = skip === undefined ? workloads.c('calls') : '';
const sources: LiveSource[] = [];
after(() => Promise.all(sources.map((source) => source.closeAll())));

class Views {
  readonly source: LiveSource;
  private readonly events: SourceEvent[] = [];
  private changed: (() => void) | undefined;

  constructor(presets: readonly Readonly<Record<string, unknown>>[]) {
    const {addon, objectPath} = loadBinding();
    const machine = new LiveMachine(addon, objectPath, process.env['PATH'] ?? '');
    const files = presets.map((preset) => {
      const loaded = loadPreset(workloads.preset(preset));
      assert.ok(loaded.ok, JSON.stringify(loaded));
      return loaded.preset;
    });
    this.source = new LiveSource({
      presets: files,
      others: () => [],
      around: {addon, machine, filters: {}},
      lookups: liveLookups(),
      clock: liveClock,
      interval: 0.1,
      sort: undefined,
      linger: 60_000,
      save: () => '',
    });
    this.source.subscribe((event) => {
      this.events.push(event);
      this.changed?.();
    });
    sources.push(this.source);
  }

  /** The newest frame of a view for which it holds. */
  async frame(view: string, holds: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      for (const event of this.events.splice(0)) {
        if (event.type === 'failed') throw new Error(`${event.view}: ${event.message}; ${event.hint}`);
        if (event.type === 'frame' && event.frame.view === view && holds(event.frame)) return event.frame;
      }
      await new Promise<void>((resolve) => (this.changed = resolve));
    }
  }

  async row(view: string, wanted: (row: Row) => boolean): Promise<Row> {
    return (await this.frame(view, (frame) => frame.rows.some(wanted))).rows.find(wanted) as Row;
  }
}

const total = (frame: Frame): number => frame.rows.reduce((sum, row) => sum + Number(row.total[0]), 0);
const openat = {attach: 'tracepoint:syscalls:sys_enter_openat', measure: 'count'};

test('a row of a name is drilled into by that name alone, two levels deep', {skip}, async () => {
  const views = new Views([
    {...openat, name: 'by-comm', by: ['comm'], drill: {to: 'by-pid', by: 'comm'}},
    {...openat, name: 'by-pid', by: ['pid', 'comm']},
    {name: 'reads', attach: 'tracepoint:syscalls:sys_enter_read', measure: 'count', by: ['comm', 'pid']},
  ]);
  views.source.open('by-comm');
  await views.frame('by-comm', () => true);
  await runToEnd(calls, ['wl-drill*', '10']);
  const row = await views.row('by-comm', (each) => each.key[0]?.text === 'wl-drill*');
  views.source.open('names', {from: 'by-comm', to: 'by-pid', row: row.id, column: 0});
  await views.frame('names', () => true);
  // a name of which the row's is the beginning, were its last character a wildcard
  await runToEnd(calls, ['wl-drill-more', '70']);
  await runToEnd(calls, ['wl-drill*', '300']);
  const names = await views.frame('names', (frame) => total(frame) >= 300);
  assert.deepEqual(
    names.rows.map((each) => [each.key[1]?.text, each.total[0]]),
    [['wl-drill*', 300]],
  );
  // deeper: the same process alone, seen by another view
  const child = spawn('sh', ['-c', `read go; exec ${calls} wl-drill* 500`], {stdio: ['pipe', 'ignore', 'ignore']});
  const pid = await views.row('names', () => true);
  views.source.open('process', {from: 'names', to: 'reads', row: keyOf(child.pid ?? 0, pid.id), column: 0});
  await views.frame('process', () => true);
  await runToEnd(calls, ['wl-drill*', '40']);
  child.stdin.end('go\n');
  await once(child, 'exit');
  const reads = await views.frame('process', (frame) => total(frame) >= 500);
  assert.ok(reads.rows.every((each) => each.key[1]?.text === String(child.pid)));
  // read(2) of the program itself, and what its loader reads under the name of the program file is of another comm
  assert.equal(reads.rows.find((each) => each.key[0]?.text === 'wl-drill*')?.total[0], 500);
});

/** The key of a row with another pid in its first eight bytes. */
const keyOf = (pid: number, id: string): string =>
  String.fromCharCode(pid & 255, (pid >> 8) & 255, (pid >> 16) & 255, (pid >> 24) & 255, 0, 0, 0, 0) + id.slice(8);

test('bytes that are no text and no number one could write decide all the same', {skip}, async () => {
  const hostile = workloads.c('hostile');
  const views = new Views([
    {...openat, name: 'files', by: ['comm', {field: 'args.filename', title: 'PATH'}]},
    {...openat, name: 'short', by: [{field: 'str(args.filename, 15)', title: 'PATH'}]},
  ]);
  views.source.open('files');
  await views.frame('files', () => true);
  await runToEnd(hostile, []);
  const row = await views.row('files', (each) => each.key[0]?.text.includes('evil') ?? false);
  views.source.open('comm', {from: 'files', to: 'files', row: row.id, column: 0});
  await views.frame('comm', () => true);
  await runToEnd(hostile, []);
  await runToEnd(calls, ['evil', '20']);
  assert.equal(total(await views.frame('comm', (frame) => total(frame) >= 20)), 20);
  // by the path, in a view whose field for it is shorter
  views.source.open('path', {from: 'files', to: 'short', row: row.id, column: 1});
  await views.frame('path', () => true);
  await runToEnd(hostile, []);
  await runToEnd(calls, ['other', '30']);
  await views.frame('path', (frame) => total(frame) >= 20);
  assert.equal(total(await views.frame('path', () => true)), 20);
});

test('functions, signed arguments and values of a span’s start are drilled into', {skip}, async () => {
  const views = new Views([
    {name: 'functions', attach: `uprobe:${calls}:work_*`, by: ['func'], measure: 'count'},
    {name: 'arguments', attach: `uprobe:${calls}:work_*`, by: ['func', {field: 'i32(arg0)', title: 'N'}], measure: 'count'},
    {name: 'returns', span: `uprobe:${calls}:work_*`, by: ['func', {field: 'i64(retval)', title: 'R'}], measure: 'count'},
    {name: 'starts', span: `uprobe:${calls}:work_*`, by: [{field: 'i32(from.arg0)', title: 'N'}, 'func'], measure: 'count'},
  ]);
  const opened = async (name: string, ...drill: readonly [from: string, to: string, row: Row, column: number] | []): Promise<void> => {
    const [from, to, row, column] = drill;
    views.source.open(name, from === undefined ? undefined : {from, to: to ?? '', row: row?.id ?? '', column: column ?? 0});
    await views.frame(name, () => true);
  };
  await opened('functions');
  await runToEnd(calls, ['wl-func', '10']);
  const func = await views.row('functions', (row) => row.key[0]?.text === 'work_b');
  await opened('func', 'functions', 'arguments', func, 0);
  await runToEnd(calls, ['wl-func', '10']);
  const five = await views.frame('func', (frame) => total(frame) >= 5);
  assert.deepEqual([...new Set(five.rows.map((row) => row.key[0]?.text))], ['work_b']);
  assert.equal(total(five), 5);

  await opened('returns');
  await runToEnd(calls, ['wl-func', '10']);
  const minus = await views.row('returns', (row) => row.key[1]?.value === -7);
  await opened('minus', 'returns', 'returns', minus, 1);
  await runToEnd(calls, ['wl-func', '10']);
  assert.equal(total(await views.frame('minus', (frame) => total(frame) >= 1)), 1);

  await opened('starts');
  await runToEnd(calls, ['wl-func', '10']);
  const three = await views.row('starts', (row) => row.key[0]?.value === 3);
  await opened('three', 'starts', 'starts', three, 0);
  await runToEnd(calls, ['wl-func', '10']);
  const both = await views.frame('three', (frame) => total(frame) >= 2);
  assert.deepEqual(both.rows.map((row) => [row.key[0]?.value, row.key[1]?.text]).sort(), [
    [3, 'work_a'],
    [3, 'work_b'],
  ]);
});

test('a row whose text could not be read says why there is nothing to compare with', {skip}, async () => {
  const views = new Views([
    {name: 'faults', attach: `uprobe:${calls}:work_b`, by: [{field: 'str(arg0)', title: 'TEXT'}], measure: 'count'},
  ]);
  views.source.open('faults');
  await views.frame('faults', () => true);
  await runToEnd(calls, ['wl-fault', '10']);
  const row = await views.row('faults', (each) => each.key[0]?.text === '<fault>');
  views.source.open('fault', {from: 'faults', to: 'faults', row: row.id, column: 0});
  await assert.rejects(
    views.frame('fault', () => true),
    /could not be read/,
  );
});
