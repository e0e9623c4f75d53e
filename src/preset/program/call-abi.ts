// Whether the system call under way is one of a 32-bit program, whose numbers mean other calls. Pure over Machine.
import {PresetFault} from '../fault.ts';
import type {Architecture, Machine} from '../machine.ts';
import {member, type Place} from './places.ts';

/** A bit of struct thread_info: TS_COMPAT of x86, TIF_32BIT of arm64. */
const flags: Readonly<Record<Architecture, {readonly name: string; readonly bit: number}>> = {
  x64: {name: 'status', bit: 1},
  arm64: {name: 'flags', bit: 22},
};

/** 1: it is one. Undefined: without the kernel's types nothing is known. */
export function compatCall(machine: Machine): Place | undefined {
  const btf = machine.btf();
  const id = btf?.find('struct', 'task_struct') ?? 0;
  if (btf === undefined || id === 0) return undefined;
  const {name, bit} = flags[machine.architecture];
  const task: Place = {base: {source: 'SOURCE_TASK'}, hops: [], form: 'address', offset: 0, user: false, type: {kind: 'aggregate', id}};
  try {
    return {...member(btf, member(btf, task, 'thread_info'), name), bits: {shift: bit, width: 1}};
  } catch (error) {
    if (error instanceof PresetFault) return undefined;
    throw error;
  }
}
