// Checks of fentry and fexit, on kernels that have trampolines for functions and on those that have none.
import assert from 'node:assert/strict';
import {openView, type Surroundings} from '../../../src/commands/live/open-view.ts';
import type {Bench} from './bench.ts';
import type {Check} from './checks.ts';

export const hasTrampolines = ({around}: Bench): boolean => around.machine.whyNot('fentry') === undefined;

/** Where the kernel has none, fentry is refused with that reason before it is asked; asked all the same, it refuses too. */
export const byTrampoline =
  (run: Check['run']): Check['run'] =>
  async (bench) => {
    if (hasTrampolines(bench)) return run(bench);
    const {machine} = bench.around;
    const reason = machine.whyNot('fentry');
    const text = {attach: 'fentry:vfs_read'};
    assert.equal(await bench.refusal(text), `view 'check': fentry cannot work here: ${reason}`);
    const unknowing = Object.create(machine, {whyNot: {value: () => undefined}}) as Surroundings['machine'];
    await assert.rejects(openView(bench.preset(text), {...bench.around, machine: unknowing}), /cannot attach/);
    return `refused: ${reason}`;
  };
