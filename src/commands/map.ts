// `tsbpftop map ID|NAME|PINNED-PATH`: a BPF map that is loaded on this machine as a view, decoded by its BTF.
import {safeString} from '../decode/safe-text.ts';
import {nearest, UserError} from '../errors.ts';
import {missingFor} from '../kernel/privilege.ts';
import {requirePrivilege} from '../kernel/privilege.ts';
import {loadBinding} from '../native/binding.ts';
import type {Addon, LoadedMap} from '../native/contract.ts';
import {presetOf} from '../preset/own/own.ts';
import type {Preset} from '../preset/preset.ts';
import type {Invocation} from './invocation.ts';
import {isNativeError} from './live/native-errors.ts';

/** libbpf's names of the kinds of maps whose entries can be read one by one. */
const readable: ReadonlySet<string> = new Set([
  ...['hash', 'array', 'percpu_hash', 'percpu_array', 'lru_hash', 'lru_percpu_hash'],
  ...['lpm_trie', 'array_of_maps', 'hash_of_maps', 'prog_array'],
]);
const kernelNameBytes = 15;
const mostListed = 20;

export async function mapCommand(invocation: Invocation): Promise<number> {
  const [word, ...others] = invocation.words;
  if (word === undefined || others.length > 0)
    throw new UserError('map wants one map', {
      hint: 'tsbpftop map ID, NAME or the path where it is pinned; bpftool map lists them',
      status: 2,
    });
  requirePrivilege();
  const made = mapView(loadBinding(invocation.temporary).addon, word);
  const view = {...invocation, words: [], made};
  return invocation.batch ? (await import('./batch.ts')).batchCommand(view) : (await import('./top.ts')).topCommand(view);
}

function mapView(addon: Addon, word: string): Preset {
  const loaded = describe(addon, word);
  const {id, typeName, keySize, valueSize} = loaded;
  if (!readable.has(typeName) || keySize === 0)
    throw new UserError(`map '${loaded.name}' (id ${id}) is of kind ${typeName}, which has no rows to show`);
  // views are kept by their names, and of some every object has a member
  const name = loaded.name === '' || loaded.name in {} ? `map-${id}` : safeString(loaded.name);
  const described = loaded.key === undefined && loaded.value === undefined ? ', without BTF: its bytes' : '';
  return presetOf(
    {
      name,
      title: `map ${name}: ${typeName}, id ${id}`,
      description: `entries of ${keySize} + ${valueSize} bytes${described}`,
    },
    `map id ${id}`,
    '{}',
    {kind: 'map', path: '', params: {}, attach: {}, maxEntries: 0, loaded},
  );
}

function describe(addon: Addon, word: string): LoadedMap {
  try {
    return addon.describeMap(idOf(addon, word));
  } catch (error) {
    if (!isNativeError(error)) throw error;
    if (/^\d+$/.test(word) && error.code === 'ENOENT') throw new UserError(`no map of id ${word}`, {hint: 'bpftool map lists them'});
    const why: Readonly<Record<string, string>> = {
      EMEDIUMTYPE: 'something else than a map is pinned there',
      ENOENT: 'no such file',
      EINVAL: 'it is no pinned map (they are in a BPF file system, as /sys/fs/bpf)',
      EPERM: 'the kernel does not permit it',
      EACCES: 'it is no pinned map (they are in a BPF file system, as /sys/fs/bpf), or permission is denied',
    };
    const missing = error.code === 'EPERM' ? missingFor('open map') : undefined;
    throw new UserError(`cannot open map '${word}': ${missing?.what ?? why[error.code] ?? error.message}`, {hint: missing?.hint ?? ''});
  }
}

/** @throws UserError where the name is nobody's, or several maps' */
function idOf(addon: Addon, word: string): number {
  if (/^\d{1,9}$/.test(word)) return Number(word);
  if (word.includes('/')) return addon.pinnedMap(word);
  const maps = addon.loadedMaps();
  const kernelName = Buffer.from(word).subarray(0, kernelNameBytes).toString();
  const found = maps.filter((map) => map.name === word || map.name === kernelName);
  const [only] = found;
  if (only === undefined) {
    const names = [...new Set(maps.map((map) => map.name).filter((name) => name !== ''))];
    const near = nearest(word, names);
    throw new UserError(`no map '${word}' is loaded`, {
      hint: near.length > 0 ? `nearest: ${near.join(', ')}` : `loaded: ${names.slice(0, mostListed).join(', ') || 'none with a name'}`,
    });
  }
  if (found.length > 1)
    throw new UserError(`${found.length} maps are named '${word}'`, {
      hint: found
        .slice(0, mostListed)
        .map(
          ({id, typeName, keySize, valueSize, maxEntries}) =>
            `tsbpftop map ${id}: ${typeName}, ${maxEntries} x (${keySize} + ${valueSize}) bytes`,
        )
        .join('\n'),
    });
  return only.id;
}
