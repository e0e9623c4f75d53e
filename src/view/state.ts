// The screen's state and the only function that changes it. Pure: frames, keys and sizes come in as actions; what has to
// be done outside (open a view, quit) is read off the state, or is a command that app.tsx carries out itself.
import type {Frame, Row, ViewShape} from '../decode/frame.ts';
import {sortRows} from '../decode/sort.ts';
import {columnsOf} from './columns.ts';
import type {Command} from './hotkeys.ts';
import {panesOf} from './panes.ts';
import type {SourceEvent, ViewEntry} from './source.ts';

/** What a sparkline needs of a past frame: what each row counted, and when. */
export interface Past {
  readonly time: number;
  readonly interval: number;
  readonly events: number;
  readonly counted: ReadonlyMap<string, number>;
}

export interface ViewState {
  readonly shape?: ViewShape;
  readonly details: readonly (readonly [string, string])[];
  readonly failure?: {readonly message: string; readonly hint: string};
  /** The newest frame, and the one shown: another only while paused. */
  readonly latest?: Frame;
  readonly shown?: Frame;
  /** Rows of `shown` in the order shown. */
  readonly rows: readonly Row[];
  readonly past: readonly Past[];
  readonly selected: number;
  readonly followed?: string;
  /** First row on the screen. */
  readonly top: number;
  readonly sort: string;
}

export interface State {
  readonly entries: readonly ViewEntry[];
  /** Index in entries. */
  readonly current: number;
  readonly views: Readonly<Record<string, ViewState>>;
  /** Seconds */
  readonly interval: number;
  readonly paused: boolean;
  readonly histogram: boolean;
  readonly overlay: 'none' | 'help' | 'detail';
  readonly columns: number;
  readonly lines: number;
}

export type Action =
  | {readonly type: 'command'; readonly command: Command; readonly key: string}
  | {readonly type: 'source'; readonly event: SourceEvent}
  | {readonly type: 'resize'; readonly columns: number; readonly lines: number};

const intervals = [0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 30, 60];
const minute = 60_000;

const emptyView: ViewState = {details: [], rows: [], past: [], selected: 0, top: 0, sort: '-rate'};

export function initialState(
  entries: readonly ViewEntry[],
  view: string,
  interval: number,
  size: {readonly columns: number; readonly lines: number},
): State {
  const current = Math.max(
    0,
    entries.findIndex((entry) => entry.name === view),
  );
  return {entries, current, views: {}, interval, paused: false, histogram: true, overlay: 'none', ...size};
}

export const currentName = (state: State): string => state.entries[state.current]?.name ?? '';
export const currentView = (state: State): ViewState => state.views[currentName(state)] ?? emptyView;

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'resize':
      return {...state, columns: action.columns, lines: action.lines};
    case 'source':
      return receive(state, action.event);
    case 'command':
      return obey(state, action.command, action.key);
  }
}

function receive(state: State, event: SourceEvent): State {
  switch (event.type) {
    case 'opened': {
      const {failure: _, shown: __, latest: ___, ...known} = state.views[event.view] ?? emptyView;
      const sort = known.shape === undefined ? event.shape.sort : known.sort;
      return withView(state, event.view, {...known, shape: event.shape, details: event.details, sort, rows: [], past: []});
    }
    case 'failed':
      return withView(state, event.view, {...(state.views[event.view] ?? emptyView), failure: {message: event.message, hint: event.hint}});
    case 'frame': {
      const {frame} = event;
      const view = state.views[frame.view] ?? emptyView;
      const past = [...view.past.filter((each) => frame.time - each.time < minute), pastOf(frame)];
      const next = {...view, latest: frame, past};
      return withView(state, frame.view, state.paused ? next : show(next, frame));
    }
  }
}

function pastOf(frame: Frame): Past {
  const counted = new Map<string, number>();
  for (const row of frame.rows) {
    const delta = row.delta[0] ?? 0;
    if (delta > 0) counted.set(row.id, delta);
  }
  return {time: frame.time, interval: frame.interval, events: frame.sums.delta, counted};
}

function show(view: ViewState, frame: Frame): ViewState {
  const rows = view.shape === undefined ? frame.rows : sortRows(frame.rows, view.shape, view.sort);
  const found = view.followed === undefined ? -1 : rows.findIndex((row) => row.id === view.followed);
  return {...view, shown: frame, rows, selected: found >= 0 ? found : Math.min(view.selected, Math.max(0, rows.length - 1))};
}

const withView = (state: State, name: string, view: ViewState): State => ({...state, views: {...state.views, [name]: view}});
const withCurrent = (state: State, change: (view: ViewState) => ViewState): State =>
  withView(state, currentName(state), change(currentView(state)));

function obey(state: State, command: Command, key: string): State {
  switch (command) {
    case 'nextView':
      return goTo(state, (state.current + 1) % state.entries.length);
    case 'previousView':
      return goTo(state, (state.current + state.entries.length - 1) % state.entries.length);
    case 'view':
      return goTo(state, Number(key) - 1);
    case 'up':
      return select(state, -1);
    case 'down':
      return select(state, 1);
    case 'pageUp':
      return select(state, -pageOf(state));
    case 'pageDown':
      return select(state, pageOf(state));
    case 'first':
      return select(state, Number.NEGATIVE_INFINITY);
    case 'last':
      return select(state, Number.POSITIVE_INFINITY);
    case 'follow':
      return withCurrent(state, (view) => {
        const {followed, ...rest} = view;
        const id = view.rows[view.selected]?.id;
        return followed === undefined && id !== undefined ? {...rest, followed: id} : rest;
      });
    case 'sortNext':
      return sortBy(state, 1);
    case 'sortPrevious':
      return sortBy(state, -1);
    case 'reverse':
      return withCurrent(state, (view) => resorted(view, view.sort.startsWith('-') ? view.sort.slice(1) : `-${view.sort}`));
    case 'pause':
      return state.paused ? resume(state) : {...state, paused: true};
    case 'slower':
      return {...state, interval: intervals.find((each) => each > state.interval) ?? state.interval};
    case 'faster':
      return {...state, interval: intervals.findLast((each) => each < state.interval) ?? state.interval};
    case 'histogram':
      return {...state, histogram: !state.histogram};
    case 'help':
    case 'detail':
      return {...state, overlay: state.overlay === command ? 'none' : command};
    case 'close':
      return {...state, overlay: 'none'};
    case 'quit':
    case 'suspend':
    case 'repaint':
      return state; // app.tsx does these
  }
}

function goTo(state: State, current: number): State {
  return current >= 0 && current < state.entries.length ? {...state, current, overlay: 'none'} : state;
}

const pageOf = (state: State): number => panesOf(currentView(state), state.histogram, state.columns, state.lines).rows;

function select(state: State, by: number): State {
  return withCurrent(state, (view) => {
    const selected = Math.max(0, Math.min(view.rows.length - 1, view.selected + by));
    const id = view.rows[selected]?.id;
    return {
      ...view,
      selected,
      top: topFor(view.top, selected, view.rows.length, pageOf(state)),
      ...(view.followed === undefined || id === undefined ? {} : {followed: id}),
    };
  });
}

/** The rows shown move no more than it takes to see the selected one. */
export function topFor(top: number, selected: number, rows: number, page: number): number {
  const last = Math.max(0, rows - page);
  if (selected < top) return selected;
  return Math.min(last, selected >= top + page ? selected - page + 1 : top);
}

function sortBy(state: State, step: 1 | -1): State {
  return withCurrent(state, (view) => {
    if (view.shape === undefined) return view;
    const columns = columnsOf(view.shape).filter((column) => column.sort !== '');
    const now = columns.findIndex((column) => column.sort === view.sort.replace(/^-/, ''));
    const next = columns[(Math.max(now, 0) + step + columns.length) % columns.length];
    // numbers are wanted greatest first, names from A on
    return next === undefined ? view : resorted(view, next.align === 'right' ? `-${next.sort}` : next.sort);
  });
}

function resorted(view: ViewState, sort: string): ViewState {
  const next = {...view, sort};
  return view.shown === undefined ? next : show(next, view.shown);
}

/** Every view shows its newest frame again. */
function resume(state: State): State {
  const views = Object.fromEntries(
    Object.entries(state.views).map(([name, view]) => [name, view.latest === undefined ? view : show(view, view.latest)]),
  );
  return {...state, paused: false, views};
}
