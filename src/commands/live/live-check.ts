// Finds out, while views are chosen from the list, which of them this machine cannot run and why.
import type {Preset} from '../../preset/preset.ts';
import type {SourceEvent, ViewEntry} from '../../view/source.ts';
import {reasonOf, type Surroundings, whyNot} from './open-view.ts';

/** ms of work, after which it is told what was found and keys have their turn: each telling lays the list out anew. */
const slice = 10;

/** As many presets at a time as a slice has time for, keys in between. */
export function checkAll(
  catalog: readonly ViewEntry[],
  around: Surroundings,
  presetOf: (name: string) => Preset | undefined,
  emit: (event: SourceEvent) => void,
): void {
  const left = [...catalog];
  const next = (): void => {
    const found: Record<string, string> = {};
    const end = performance.now() + slice;
    do {
      const entry = left.shift();
      const preset = entry === undefined ? undefined : presetOf(entry.name);
      if (entry === undefined || preset === undefined) continue;
      const error = whyNot(preset, around);
      found[entry.name] = error === undefined ? (entry.unavailable ?? '') : reasonOf(error);
    } while (left.length > 0 && performance.now() < end);
    emit({type: 'checked', unavailable: found});
    if (left.length > 0) soon();
  };
  const soon = (): void => void setTimeout(next, 1).unref();
  soon();
}
