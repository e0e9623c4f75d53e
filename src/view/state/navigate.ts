// From view to view: along the bar, into a row and back, through the list of all.
import type {Drill, ViewEntry} from '../source.ts';
import {picked} from '../pick.ts';
import {crop} from '../fit.ts';
import {type Crumb, currentEntry, currentName, currentView, type State, trailOf, withCurrent} from './model.ts';

const mostLabel = 40;

export function goTo(state: State, current: number): State {
  return current >= 0 && current < state.entries.length ? closed({...state, current}) : state;
}

/** Neither help nor list, nor a view being made, nor a row's events, nor a text being typed outlives a change of the view. */
function closed(state: State): State {
  const {picker: _, builder: __, saving: ___, ...rest} = untailed(state);
  return {...rest, overlay: 'none', filtering: false};
}

export function untailed(state: State): State {
  const {tail, ...rest} = state;
  return tail === undefined ? state : {...rest, pane: state.pane === 'tail' ? 'histogram' : state.pane};
}

/** The selected row's single events, or no longer. */
export function tailRow(state: State): State {
  if (state.tail !== undefined) return untailed(state);
  const {rows, selected} = currentView(state);
  const row = rows[selected];
  if (!state.canTail) return withNotice(state, 'a recording has no single events');
  if (row === undefined) return withNotice(state, 'no row is selected, whose events could be shown');
  const tail = {
    view: currentName(state),
    row: row.id,
    label: row.key.length === 0 ? 'all' : row.key.map(({text}) => text).join('  '),
    columns: [],
    events: [],
    seen: 0,
    unsent: 0,
  };
  return {...state, overlay: 'none', pane: 'tail', tail};
}

export const withNotice = (state: State, notice: string): State => withCurrent(state, (view) => ({...view, notice}));

/** Enter: where the preset leads, or else into the view that is chosen. */
export function drillIn(state: State): State {
  const {rows, selected, shape} = currentView(state);
  const row = rows[selected];
  const way = currentEntry(state)?.drill;
  if (row === undefined || shape === undefined) return state;
  if (way === undefined || !state.catalog.some((entry) => entry.name === way.to)) return drillAnywhere(state);
  const title = shape.keys[way.column]?.name ?? '';
  return descend(state, {from: currentName(state), to: way.to, row: row.id, column: way.column}, label(title, row.key[way.column]?.text));
}

const label = (name: string, text = ''): string => `${name}=${crop(text, mostLabel)}`;

/** A row that says which task it is can be drilled into with any view. */
export function drillAnywhere(state: State): State {
  const {rows, selected, shape} = currentView(state);
  const row = rows[selected];
  if (row === undefined || shape === undefined) return state;
  // the narrowest: a process rather than its name
  const tasks = shape.keys.flatMap(({task}, i) => (task === true ? [i] : []));
  const column = tasks.find((i) => ['tid', 'pid'].includes(shape.keys[i]?.name ?? '')) ?? tasks[0];
  if (column === undefined) return withNotice(state, 'this row names no process or task: nothing to drill into; p lists all views');
  const drill = {from: currentName(state), row: row.id, column};
  return {
    ...closed(state),
    picker: {query: '', selected: 0, drill: {label: label(shape.keys[column]?.name ?? '', row.key[column]?.text), drill}},
  };
}

function descend(state: State, drill: Drill, text: string): State {
  const trail = trailOf(state);
  const path = [...trail.map((crumb) => crumb.label), text];
  const crumb: Crumb = {name: [drill.to, ...path].join(' > '), label: text, drill};
  return withTrail(state, [...trail, crumb]);
}

export function back(state: State): State {
  return trailOf(state).length === 0 ? state : withTrail(state, trailOf(state).slice(0, -1));
}

const withTrail = (state: State, trail: readonly Crumb[]): State =>
  closed({...state, trails: {...state.trails, [state.entries[state.current]?.name ?? '']: trail}});

/** The list opens at the view that is shown. */
export function openPicker(state: State): State {
  const opened = {...closed(state), picker: {query: '', selected: 0}};
  const shown = currentEntry(state)?.name;
  return pickAt(
    opened,
    Math.max(
      0,
      picked(opened).findIndex(({entry}) => entry.name === shown),
    ),
  );
}

export const closePicker = closed;

export function search(state: State, query: string): State {
  return state.picker === undefined ? state : {...state, picker: {...state.picker, query, selected: 0}};
}

export function pickerMove(state: State, by: number): State {
  const {picker} = state;
  if (picker === undefined) return state;
  const most = Math.max(0, picked(state).length - 1);
  return {...state, picker: {...picker, selected: Math.max(0, Math.min(most, picker.selected + by))}};
}

export const pickAt = (state: State, index: number): State =>
  state.picker === undefined ? state : {...state, picker: {...state.picker, selected: index}};

/** Opens the chosen view; one that is not in the bar joins it. */
export function choose(state: State): State {
  const {picker} = state;
  const entry = picked(state)[picker?.selected ?? 0]?.entry;
  if (picker === undefined || entry === undefined) return state;
  if (picker.drill !== undefined) return descend(state, {...picker.drill.drill, to: entry.name}, picker.drill.label);
  const known = state.entries.findIndex((each) => each.name === entry.name);
  return known >= 0 ? goTo(state, known) : goTo({...state, entries: [...state.entries, entry]}, state.entries.length);
}

export function accept(state: State): State {
  const entry = currentEntry(state);
  return entry === undefined ? state : {...state, accepted: [...state.accepted, entry.name]};
}

/** Not attached: back to where one came from, or to the first view without a warning. */
export function decline(state: State): State {
  if (trailOf(state).length > 0) return back(state);
  const harmless = (entry: ViewEntry): boolean => entry.warning === undefined || state.accepted.includes(entry.name);
  const other = state.entries.findIndex(harmless);
  return other < 0 ? openPicker(state) : goTo(state, other);
}
