// What keys do while a view is being made, and what comes back from the source meanwhile.
import {advanced, type Builder, choicesOf, emptyBuilder, retreated, toggled, unfaulted} from '../builder.ts';
import type {Command} from '../hotkeys.ts';
import type {SourceEvent} from '../source.ts';
import {edited, stepOf} from './lists.ts';
import type {State} from './model.ts';
import {goTo, untailed, withNotice} from './navigate.ts';

/** Choices that a page key goes on by. */
const page = 10;

export function openBuilder(state: State): State {
  if (!state.canMake) return withNotice(state, 'a recording has no probes, of which a view could be made');
  const {picker: _, ...rest} = untailed(state);
  return {...rest, overlay: 'none', filtering: false, builder: emptyBuilder};
}

export function obeyInBuilder(state: State, builder: Builder, command: Command, key: string): State {
  const set = (next: Builder): State => ({...state, builder: next});
  const step = stepOf(command, page);
  if (step !== undefined) return set(moved(builder, step));
  // where several may be chosen, it takes one
  if (command === 'type' && key === 'space' && (builder.step === 'by' || builder.step === 'measure')) return set(toggled(builder));
  const text = edited(builder.query, command, key);
  if (text !== undefined) return set({...unfaulted(builder), query: text, selected: 0});
  switch (command) {
    case 'complete':
      return set(completed(builder));
    case 'next':
      return set(advanced(builder));
    case 'previous':
      return set(retreated(builder));
    case 'close':
      return builder.step === 'probe' ? closeBuilder(state) : set(retreated(builder));
    default:
      return state;
  }
}

function closeBuilder(state: State): State {
  const {builder: _, ...rest} = state;
  return rest;
}

export function moved(builder: Builder, by: number): Builder {
  return {...builder, selected: Math.max(0, Math.min(choicesOf(builder).length - 1, builder.selected + by))};
}

/** The selected one becomes what is typed, to be gone on from: a wildcard, another field. */
function completed(builder: Builder): Builder {
  const choice = choicesOf(builder)[builder.selected];
  if (choice === undefined) return builder;
  const query = builder.step === 'where' ? `${builder.query.replace(/[\w.]*$/, '')}${choice.text}` : choice.text;
  return {...unfaulted(builder), query, selected: 0};
}

export function receiveBuilt(state: State, event: Extract<SourceEvent, {type: 'found' | 'described' | 'made'}>): State {
  const {builder} = state;
  switch (event.type) {
    case 'found':
      if (builder?.step !== 'probe' || builder.query.trim() !== event.query) return state;
      return {...state, builder: {...builder, found: event.choices, foundFor: event.query}};
    case 'described':
      if (builder === undefined || builder.parts.probe !== event.probe) return state;
      if (event.fault !== undefined) return {...state, builder: {...builder, step: 'probe', query: event.probe, fault: event.fault}};
      return {...state, builder: {...builder, fields: event.fields, spans: event.spans}};
    case 'made': {
      if (event.fault !== undefined) return builder === undefined ? state : {...state, builder: {...builder, fault: event.fault}};
      const entries = [...state.entries, event.entry];
      const next = goTo({...closeBuilder(state), entries, catalog: [...state.catalog, event.entry]}, entries.length - 1);
      return event.notice === undefined ? next : withNotice(next, event.notice);
    }
  }
}
