// What comes from a view: it is attached, a frame is read, it failed, it is over.
import {safeLines} from '../../decode/safe-text.ts';
import type {SourceEvent} from '../source.ts';
import {picked} from '../pick.ts';
import {tailed} from '../tail.ts';
import {frameArrived, framesBefore, positioned, viewOpened} from './arrive.ts';
import {receiveBuilt} from './build.ts';
import {withNotice} from './navigate.ts';
import {emptyView, type State, withView} from './model.ts';

/**
 * Words about what went wrong, which quote what others wrote: names in a preset, an object, a program. Rows, columns and details
 * are safe from where they are read.
 */
function safelySaid(event: SourceEvent): SourceEvent {
  switch (event.type) {
    case 'failed':
      return {...event, message: safeLines(event.message), hint: safeLines(event.hint)};
    case 'trouble':
    case 'notice':
      return {...event, message: safeLines(event.message)};
    case 'checked':
      return {...event, unavailable: Object.fromEntries(Object.entries(event.unavailable).map(([view, why]) => [view, safeLines(why)]))};
    case 'tail':
      return event.failure === undefined ? event : {...event, failure: safeLines(event.failure)};
    case 'described':
    case 'made':
      return event.fault === undefined ? event : {...event, fault: safeLines(event.fault)};
    default:
      return event;
  }
}

export function receive(state: State, given: SourceEvent): State {
  const event = safelySaid(given);
  switch (event.type) {
    case 'opened':
      return viewOpened(state, event.view, event.shape, event.details);
    case 'catalog': {
      const names = new Set(event.entries.map(({name}) => name));
      return choiceKept(state, {...state, catalog: [...event.entries, ...state.catalog.filter(({name}) => !names.has(name))]});
    }
    case 'checked':
      return choiceKept(state, {...state, checked: {...state.checked, ...event.unavailable}});
    case 'tail': {
      const {tail} = state;
      if (tail === undefined || tail.view !== event.view || tail.row !== event.row) return state;
      const {failure} = event;
      return {...state, tail: {...tailed(tail, event.events, event.columns, event.unsent), ...(failure === undefined ? {} : {failure})}};
    }
    case 'found':
    case 'described':
    case 'made':
      return receiveBuilt(state, event);
    case 'attaching':
      return withView(state, event.view, {...(state.views[event.view] ?? emptyView), attaching: event.percent});
    case 'closed':
      return state.catalog.some((entry) => entry.name === event.view) ? state : withoutView(state, event.view);
    case 'notice':
      return withNotice(state, event.message);
    case 'trouble': {
      const {trouble: _, ...view} = state.views[event.view] ?? emptyView;
      return withView(state, event.view, event.message === '' ? view : {...view, trouble: event.message});
    }
    case 'failed':
      return withView(state, event.view, {...(state.views[event.view] ?? emptyView), failure: {message: event.message, hint: event.hint}});
    case 'frame':
      return frameArrived(state, event.frame);
    case 'before':
      return framesBefore(state, event.view, event.frames);
    case 'position':
      return positioned(state, event.position);
  }
}

/** The list of views comes in another order: what was chosen by hand stays chosen, and the first place is the first. */
function choiceKept(before: State, after: State): State {
  const {picker} = after;
  if (picker === undefined || picker.selected === 0) return after;
  const chosen = picked(before)[picker.selected]?.entry.name;
  const selected = picked(after).findIndex(({entry}) => entry.name === chosen);
  return selected < 0 ? after : {...after, picker: {...picker, selected}};
}

function withoutView(state: State, name: string): State {
  const {[name]: _, ...views} = state.views;
  return {...state, views};
}
