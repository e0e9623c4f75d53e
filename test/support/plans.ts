// Plans without privilege: the bundled program's real layout and the kernel's real types, on tracepoints and functions that
// are written here, so that every machine plans the same.
import assert from 'node:assert/strict';
import {loadBinding} from '../../src/native/binding.ts';
import {LiveMachine} from '../../src/kernel/machine.ts';
import {PlanFaults, PresetFault} from '../../src/preset/fault.ts';
import type {Ability, Machine, TracepointField} from '../../src/preset/machine.ts';
import {type Plan, planOf} from '../../src/preset/plan.ts';
import {parsePreset} from '../../src/preset/load.ts';
import type {Preset} from '../../src/preset/preset.ts';
import {variantsOf} from '../../src/preset/variants.ts';

const names = ['read', 'write', 'openat', 'close', 'dup', 'dup2', 'futex', 'execve', 'kill', 'fsync', 'fdatasync'];
const field = (name: string, type: string, offset: number, size: number): TracepointField => ({
  name,
  type,
  offset,
  size,
  signed: false,
  array: false,
});
const fields = [
  field('__syscall_nr', 'int', 8, 4),
  field('ret', 'long', 16, 8),
  field('fd', 'unsigned int', 24, 8),
  field('fildes', 'unsigned int', 32, 8),
  field('filename', 'const char *', 40, 8),
  field('name', '__data_loc char[]', 48, 4),
];

function literalMachine(): Machine {
  const {addon, objectPath} = loadBinding();
  const live = new LiveMachine(addon, objectPath, '');
  const categories: Readonly<Record<string, readonly string[]>> = {
    syscalls: names.flatMap((name) => [`sys_enter_${name}`, `sys_exit_${name}`]),
    sched: ['sched_switch', 'sched_wakeup', 'sched_wakeup_new'],
    raw_syscalls: ['sys_enter', 'sys_exit'],
  };
  return {
    architecture: 'x64',
    self: 4711,
    possibleCpus: 4,
    stackDepth: 127,
    taskComm: 1752,
    abilities: new Set(['cookie', 'uprobeMulti', 'kprobeMulti'] as const),
    engine: live.engine,
    enginePath: live.enginePath,
    exchangePath: live.exchangePath,
    tracepointCategories: () => Object.keys(categories),
    tracepointNames: (category) => (Object.hasOwn(categories, category) ? (categories[category] ?? []) : []),
    hasTracepoint: (category, name) => Object.hasOwn(categories, category) && categories[category]?.includes(name) === true,
    tracepointFormat: () => fields,
    whyNot: () => undefined,
    kernelFunctions: () => ['vfs_read', 'vfs_write', 'vfs_open', 'tcp_connect'],
    functionPlaces: () => [],
    kprobeBlacklist: () => new Set(),
    findFile: () => undefined,
    elf: (path) => {
      throw new PresetFault(`cannot read '${path}'`);
    },
    demangle: (names) => names,
    usdt: (path) => {
      throw new PresetFault(`cannot read '${path}'`);
    },
    btf: () => live.btf(),
  };
}

let machine: Machine | undefined;

/** How many of the preset's first variants can be planned; the others have faults that say why. */
export function planned(preset: Preset): number {
  machine ??= literalMachine();
  let plans = 0;
  for (const variant of variantsOf(preset).slice(0, 3)) {
    try {
      planOf(preset, variant, machine, {});
      plans++;
    } catch (error) {
      if (!(error instanceof PlanFaults)) throw error;
      assert.ok(error.faults.length > 0 && error.faults.every(({message}) => message !== '' && message.length < 4000));
    }
  }
  return plans;
}

/** The plan of a preset's first variant where the kernel has these abilities. */
export function literalPlan(
  preset: Readonly<Record<string, unknown>>,
  abilities: ReadonlySet<Ability>,
  other: Partial<Machine> = {},
): Plan {
  const loaded = parsePreset(JSON.stringify(preset), 'preset.json');
  assert.ok(loaded.ok, 'the preset is one');
  const [variant] = variantsOf(loaded.preset);
  assert.ok(variant !== undefined);
  machine ??= literalMachine();
  return planOf(loaded.preset, variant, {...machine, abilities, ...other}, {});
}
