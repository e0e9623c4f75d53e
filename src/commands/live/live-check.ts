// Finds out, while views are chosen from the list, which of them this machine cannot run and why.
import type {Preset} from '../../preset/preset.ts';
import type {SourceEvent, ViewEntry} from '../../view/source.ts';
import {reasonOf, type Surroundings, whyNot} from './open-view.ts';

/** ms */
const pause = 5;

/** One preset at a time, keys in between. */
export function checkAll(
  catalog: readonly ViewEntry[],
  around: Surroundings,
  presetOf: (name: string) => Preset | undefined,
  emit: (event: SourceEvent) => void,
): void {
  const left = [...catalog];
  const next = (): void => {
    const entry = left.shift();
    const preset = entry === undefined ? undefined : presetOf(entry.name);
    if (entry === undefined || preset === undefined) return;
    const error = whyNot(preset, around);
    emit({type: 'checked', view: entry.name, unavailable: error === undefined ? entry.unavailable : reasonOf(error)});
    setTimeout(next, pause).unref();
  };
  setTimeout(next, pause).unref();
}
