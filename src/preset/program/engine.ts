// What the bundled program's object says of itself, by its BTF: the global that configures it, its map of losses, its structs.
import type {GlobalShape, MapShape, TypeShape} from '../../native/contract.ts';
import type {Machine} from '../machine.ts';

export const configOf = (machine: Machine): GlobalShape => named(machine.engine.globals, 'config', machine.enginePath);
export const lossesOf = (machine: Machine): MapShape => named(machine.engine.maps, 'losses', machine.enginePath);
/** Struct sent of probe.h. */
export const sentOf = (machine: Machine): GlobalShape => named(machine.engine.globals, 'sent_layout', machine.enginePath);

function named<T extends {readonly name: string}>(all: readonly T[], name: string, path: string): T {
  const found = all.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${path} has no '${name}'`);
  return found;
}

/** Bytes from the start of a struct to a member of it. */
export function memberOffset(path: string, type: TypeShape | undefined, name: string): number {
  const member = type?.kind === 'struct' ? type.members.find((each) => each.name === name) : undefined;
  if (member === undefined) throw new Error(`${path}: no member '${name}' in a struct of its own`);
  return member.bitOffset / 8;
}
