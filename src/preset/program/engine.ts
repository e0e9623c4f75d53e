// What the bundled program's object says of itself, by its BTF: the global that configures it, the size of its map of losses.
import type {Machine} from '../machine.ts';

export function configOf(machine: Machine) {
  const config = machine.engine.globals.find((global) => global.name === 'config');
  if (config === undefined) throw new Error(`${machine.enginePath} has no global 'config'`);
  return config;
}

export function lossBytes(machine: Machine): number {
  const losses = machine.engine.maps.find((map) => map.name === 'losses');
  if (losses === undefined) throw new Error(`${machine.enginePath} has no map 'losses'`);
  return losses.valueSize;
}
