// How an end that is the return of a system call knows a new thread's return from the call that made it, which is no end. Pure.
import type {Architecture} from '../machine.ts';
import type {Point} from '../points/point.ts';
import type {Value} from './encode.ts';

/** Calls that make a thread, by number, and the bytes of struct pt_regs that tell of the call: the same in all kernels. */
const calls: Readonly<Record<Architecture, Readonly<Record<string, Value>>>> = {
  // clone, fork, vfork, clone3; orig_ax; cs
  x64: {makers: [56, 57, 58, 435], number_offset: 120, mode_offset: 136, mode: 0x10},
  // clone, clone3; syscallno; pstate
  arm64: {makers: [220, 435, 435, 435], number_offset: 280, mode_offset: 264, mode: 0},
};

/** Members of the configuration. */
export function returnsOf({site}: Point, architecture: Architecture): Readonly<Record<string, Value>> {
  if (site.kind === 'raw_tracepoint' && site.name === 'sys_exit') return {returns: 'RETURNS_REGISTERS', ...calls[architecture]};
  if (site.kind === 'tracepoint' && site.category === 'syscalls' && site.name.startsWith('sys_exit_'))
    return {returns: 'RETURNS_RECORD', ...calls[architecture]};
  return {};
}
