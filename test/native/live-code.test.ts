// Of a bundled program the kernel is given what can run: as much as it finds out by itself, of every bundled view.
import assert from 'node:assert/strict';
import test from 'node:test';
import {LiveMachine} from '../../src/kernel/machine.ts';
import {loadBinding} from '../../src/native/binding.ts';
import {bundledPresetFiles} from '../../src/native/bundled.ts';
import type {SessionSpec} from '../../src/native/contract.ts';
import {loadPreset} from '../../src/preset/load.ts';
import {PlanFaults} from '../../src/preset/fault.ts';
import {type Plan, planOf} from '../../src/preset/plan.ts';
import {variantsOf} from '../../src/preset/variants.ts';
import {noPrivilege} from '../support/program.ts';

const {addon, objectPath} = loadBinding();
const machine = new LiveMachine(addon, objectPath, '/usr/bin');

/** Of the first alternative of each view that can be planned here; of every third one, single events. */
function plans(): readonly Plan[] {
  return (bundledPresetFiles()?.files ?? []).flatMap((file, i) => {
    const loaded = loadPreset(file);
    if (!loaded.ok || loaded.preset.own !== undefined) return [];
    for (const variant of variantsOf(loaded.preset)) {
      try {
        const filters = loaded.preset.needsPid ? {pid: process.pid} : {};
        return [planOf(loaded.preset, variant, machine, filters, i % 3 === 0 ? 'all' : undefined)];
      } catch (error) {
        if (!(error instanceof PlanFaults)) throw error;
      }
    }
    return [];
  });
}

/** Of each program, once the kernel has left out what cannot run. */
async function instructions(spec: SessionSpec, cut: SessionSpec['cut']): Promise<readonly number[] | string> {
  const programs = spec.programs.map((program) => ({...program, attach: []}));
  try {
    const session = await addon.openSession({...spec, programs, ...(cut === undefined ? {} : {cut})});
    const found = session.programs().map((program) => program.instructions);
    await session.close();
    return found;
  } catch (error) {
    return (error as Error).message; // a kernel without such programs
  }
}

test('what is cut of a program is what the kernel would cut, and no more but jumps that are never taken', {
  skip: noPrivilege(),
}, async () => {
  let loaded = 0;
  let fewer = 0;
  for (const {session, shape} of plans()) {
    const [by, unreached, all] = [
      await instructions(session, 'nothing'),
      await instructions(session, 'unreached'),
      await instructions(session, undefined),
    ];
    assert.deepEqual(unreached, by, shape.name);
    if (typeof by === 'string' || typeof all === 'string') continue;
    loaded++;
    if (all.every((count, i) => count < (by[i] ?? 0))) fewer++; // it was loaded as it was cut
    for (const [i, count] of all.entries())
      assert.ok(count <= (by[i] ?? 0) && count > 0.8 * (by[i] ?? 0), `${shape.name}: ${count} of ${by[i]}`);
  }
  assert.ok(loaded > 10 && fewer > 0.9 * loaded, `${fewer} of ${loaded} views`);
});
