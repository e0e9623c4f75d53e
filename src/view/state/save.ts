// What the keys do while a format and a path are asked for.
import type {Command} from '../hotkeys.ts';
import {defaultPath, saveFormats, type Saving} from '../saving.ts';
import {edited} from './lists.ts';
import {currentName, currentView, type State} from './model.ts';
import {withNotice} from './navigate.ts';

export const askToSave = (state: State): State => ({...state, overlay: 'none', saving: {stage: 'format'}});

export function obeyWhileSaving(state: State, saving: Saving, command: Command, key: string): State {
  const left = ({saving: _, ...rest}: State): State => rest;
  if (command === 'close') return saving.stage === 'path' ? askToSave(state) : left(state);
  if (saving.stage === 'format') {
    const format = saveFormats.find((each) => each.key === key)?.format;
    if (command !== 'format' || format === undefined) return state;
    const path = defaultPath(currentName(state), currentView(state).shown?.time ?? 0, format);
    return {...state, saving: {stage: 'path', format, path}};
  }
  const {fault: _, ...asked} = saving;
  const path = edited(asked.path, command, key);
  return path === undefined ? state : {...state, saving: {...asked, path}};
}

/** What came of it: the path that was written, or why it was not. */
export function saved(state: State, outcome: {readonly path: string} | {readonly fault: string}): State {
  const {saving, ...rest} = state;
  if ('path' in outcome) return withNotice(rest, `wrote ${outcome.path}`);
  return saving?.stage === 'path' ? {...state, saving: {...saving, fault: outcome.fault}} : state;
}
