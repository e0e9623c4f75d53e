// The kernel's run-time statistics slow every BPF program of the machine down: they are on while a view is shown, and off
// while it only lingers.
import assert from 'node:assert/strict';
import test from 'node:test';
import {loadBinding} from '../../src/native/binding.ts';
import {LiveMachine} from '../../src/kernel/machine.ts';
import {openView} from '../../src/commands/live/open-view.ts';
import {loadPreset} from '../../src/preset/load.ts';
import {noPrivilege} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();

test('while statistics are off, events are counted and their time is not', {skip}, async (context) => {
  const calls = workloads.c('calls');
  const {addon, objectPath} = loadBinding();
  const machine = new LiveMachine(addon, objectPath, process.env['PATH'] ?? '');
  const loaded = loadPreset(workloads.preset({name: 'calls', attach: `uprobe:${calls}:work_a`, measure: 'count'}));
  assert.ok(loaded.ok);
  const {session} = await openView(loaded.preset, {addon, machine, filters: {}});
  context.after(() => session.close());
  const runs = (): number => session.programs().reduce((sum, program) => sum + program.runs, 0);
  const counted = async (): Promise<number> => {
    const {values} = await session.read('counts');
    return values.length === 0 ? 0 : Number(new DataView(values.buffer, values.byteOffset).getBigUint64(0, true));
  };
  await runToEnd(calls, ['wl-stats', '100']);
  assert.deepEqual([await counted(), runs()], [100, 100]);
  session.statistics(false);
  await runToEnd(calls, ['wl-stats', '100']);
  // another session on this machine may have them on
  const others = runs() - 100;
  assert.equal(await counted(), 200);
  if (others !== 0) context.diagnostic('the statistics are on for another program: that ours are off cannot be seen');
  session.statistics(true);
  await runToEnd(calls, ['wl-stats', '100']);
  assert.deepEqual([await counted(), runs()], [300, 200 + others]);
  await session.close();
  session.statistics(true);
});
