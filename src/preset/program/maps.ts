// The maps of a session: the one that counts, or the ring that single events go through, and those that spans and stacks need.
// Their names are those of the bundled program. Pure.
import {stackMaps} from '../../decode/stacks.ts';
import type {MapSpec} from '../../native/contract.ts';
import type {CountsMap} from './counts-map.ts';
import {lossesOf} from './engine.ts';
import {ringBytes} from './events.ts';
import {startEntries} from './fill.ts';
import type {KeyLayout} from './layouts.ts';
import type {Machine} from '../machine.ts';
import type {Preset} from '../preset.ts';
import type {Variant} from '../variants.ts';

/** @param counts undefined: single events are sent */
export function mapsOf(
  {by, maxStacks}: Preset,
  {kind}: Variant,
  {savedWords}: KeyLayout,
  counts: CountsMap | undefined,
  machine: Machine,
): MapSpec[] {
  const ofEachCpu = (name: string, valueSize: number, maxEntries = 1): MapSpec => ({
    name,
    type: 'percpu_array',
    keySize: 4,
    valueSize,
    maxEntries,
  });
  const maps: MapSpec[] = [
    counts?.map ?? {name: 'events', type: 'ringbuf', keySize: 0, valueSize: 0, maxEntries: ringBytes},
    ofEachCpu('losses', lossesOf(machine).valueSize),
  ];
  if (counts?.hot !== undefined) maps.push(ofEachCpu('hot', counts.hot.bytes * counts.hot.slots, counts.hot.parts));
  if (kind !== 'attach')
    maps.push({name: 'starts', type: 'lru_hash', keySize: 8, valueSize: 8 + 8 * savedWords, maxEntries: startEntries(machine)});
  if (kind === 'call') maps.push({name: 'armed', type: 'array', keySize: 4, valueSize: 8, maxEntries: 1});
  if (by.some(({expr}) => expr.kind === 'name' && (expr.name === 'kstack' || expr.name === 'ustack')))
    stackMaps.forEach((name, i) =>
      maps.push({
        name,
        type: 'stack_trace',
        keySize: 4,
        valueSize: 8 * machine.stackDepth,
        maxEntries: Math.ceil(maxStacks / 2 ** i),
      }),
    );
  return maps;
}
