// What the screen's bar and list say of a preset before it is opened.
import type {Preset} from '../../preset/preset.ts';
import type {ViewEntry} from '../../view/source.ts';
import {lacksPid, type Surroundings} from './open-view.ts';

export function viewEntry(preset: Preset, around: Surroundings): ViewEntry {
  const {name, title, group, description, words, warning} = preset;
  return {
    name,
    title,
    group,
    description,
    ...(words === undefined ? {} : {words}),
    ...(warning === undefined ? {} : {warning}),
    ...drillEntry(preset),
    ...(lacksPid(preset, around) ? {unavailable: 'needs -p PID'} : {}),
  };
}

/** `drill.by` names a column, or spells its expression. */
function drillEntry({by, drill}: Preset): Pick<ViewEntry, 'drill'> {
  const column = by.findIndex((each) => each.name === drill?.by || each.text === drill?.by);
  return drill === undefined || column < 0 ? {} : {drill: {to: drill.to, column}};
}
