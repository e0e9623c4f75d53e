// The map in which a view counts, and what stands in front of it: which type, and how large. Pure.
import type {MapSpec} from '../../native/contract.ts';
import type {Value} from './encode.ts';
import {type Attempt, PresetFault, WrongPreset} from '../fault.ts';
import type {Machine} from '../machine.ts';
import type {MeasureLayout} from './measures.ts';
import type {Preset} from '../preset.ts';

/** Slots of each CPU for keys that come often, as native/bpf/hot.h has them. */
interface Hot {
  /** In each of so many parts. */
  readonly slots: number;
  readonly parts: number;
  /** Of a slot, and where in it the key is. */
  readonly bytes: number;
  readonly keyOffset: number;
}

export interface CountsMap {
  readonly map: MapSpec;
  readonly hot?: Hot;
}

const mostMapBytes = 1 << 30; // maps are allocated whole, so that an event never finds no memory
const percpuBytes = 32 << 20; // beyond, per-CPU copies cost more memory than contention costs time
const partBytes = 16 << 10; // the kernel has 32 kB at most for an element of each CPU
const mostParts = 8; // of each CPU, in which its own caches have to find room as well
const hotBytes = 1 << 20; // of all CPUs: what is read at each refresh
const hotHead = 16; // struct hot of probe.h
const hotCount = 32;

export function countsMap(
  preset: Preset,
  {valueSize, maxWords}: Pick<MeasureLayout, 'valueSize' | 'maxWords'>,
  keySize: number,
  machine: Machine,
  attempt: Attempt,
): CountsMap {
  const extremes = maxWords.length > 0; // each CPU keeps its own: of all CPUs none would be sure to get its own in
  const small = valueSize <= 64 && preset.maxKeys * machine.possibleCpus * valueSize <= percpuBytes;
  const percpu = preset.map === 'percpu' || extremes || (preset.map === 'auto' && small && machine.possibleCpus > 4);
  attempt('/map', () => {
    if (preset.map === 'hash' && extremes)
      throw new WrongPreset('min and max cannot be exact in a map of type hash', 'use "map": "percpu", or leave it out');
  });
  attempt('/maxKeys', () => requireRoom(preset.maxKeys, keySize + valueSize * (percpu ? machine.possibleCpus : 1)));
  const type = preset.map === 'lru' ? (extremes ? 'lru_percpu_hash' : 'lru_hash') : percpu ? 'percpu_hash' : 'hash';
  // an LRU map forgets keys, and a slot would keep half of one
  const hot = preset.map === 'lru' ? undefined : hotSlots(keySize, valueSize, machine.possibleCpus);
  return {
    map: {
      name: 'counts',
      type,
      keySize,
      valueSize,
      maxEntries: preset.maxKeys,
      ...(extremes ? {maxWords} : {}),
      ...(hot === undefined ? {} : {hot: {map: 'hot', slots: hot.slots, parts: hot.parts, least: hotCount}}),
    },
    ...(hot === undefined ? {} : {hot}),
  };
}

export function requireRoom(maxKeys: number, bytesEach: number): void {
  const bytes = maxKeys * bytesEach;
  if (bytes > mostMapBytes)
    throw new PresetFault(
      `${maxKeys} keys would take ${(bytes / 2 ** 30).toFixed(1)} GiB of the kernel's memory, and at most 1 GiB is taken`,
      'a smaller "maxKeys", or shorter texts',
    );
}

function hotSlots(keySize: number, valueSize: number, cpus: number): Hot | undefined {
  const keyOffset = hotHead + valueSize;
  const bytes = keyOffset + keySize;
  const slots = 2 ** Math.floor(Math.log2(partBytes / bytes));
  const parts = 2 ** Math.floor(Math.log2(Math.min(mostParts, Math.max(1, hotBytes / partBytes / cpus))));
  return slots < 4 ? undefined : {slots, parts, bytes, keyOffset};
}

/** Members of the configuration of a program that counts. */
export const counting = (keySize: number, hot: Hot | undefined): Readonly<Record<string, Value>> =>
  hot === undefined
    ? {key_words: keySize / 8}
    : {
        key_words: keySize / 8,
        hot_bytes: hot.bytes,
        hot_mask: hot.slots - 1,
        hot_parts: hot.parts - 1,
        hot_key: hot.keyOffset,
        hot_count: hotCount,
      };
