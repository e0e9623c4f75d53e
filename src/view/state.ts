// The only function that changes the screen's state. Pure: frames, keys and sizes come in as actions; what has to be done
// outside (open a view, quit) is read off the state, or is a command that app.tsx carries out itself.
import type {Command, Mode} from './hotkeys.ts';
import type {SourceEvent} from './source.ts';
import {columnsOf} from './columns.ts';
import {remembered} from './history.ts';
import {currentName, currentView, emptyView, panes, type State, type ViewState, withCurrent, withView} from './state/model.ts';
import {withFrame} from './state/past.ts';
import {filterBy, nextAmount, rebased, isCut, reversed, showFrame, sortByNext} from './state/rows.ts';
import {pageOf, select} from './state/select.ts';
import {resume, step} from './state/travel.ts';

export {isCut, wantedFilter} from './state/rows.ts';
export {currentName, currentView, initialState, type Pane, type State, type ViewState} from './state/model.ts';

export type Action =
  | {readonly type: 'command'; readonly command: Command; readonly key: string}
  | {readonly type: 'source'; readonly event: SourceEvent}
  | {readonly type: 'resize'; readonly columns: number; readonly lines: number};

export const modeOf = (state: State): Mode => (state.filtering ? 'text' : 'table');

const intervals = [0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 30, 60];

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'resize':
      return {...state, columns: action.columns, lines: action.lines};
    case 'source':
      return receive(state, action.event);
    case 'command':
      return obey(unnoticed(state), action.command, action.key);
  }
}

function receive(state: State, event: SourceEvent): State {
  switch (event.type) {
    case 'opened': {
      // a session begins: what was counted in the one before is gone, how it was looked at stays
      const {failure: _, shown: __, latest: ___, baseline: ____, ...known} = state.views[event.view] ?? emptyView;
      const sort = known.shape === undefined ? event.shape.sort : known.sort;
      const view = {
        ...known,
        shape: event.shape,
        details: event.details,
        sort,
        sorted: [],
        rows: [],
        past: [],
        latestPast: [],
        history: [],
      };
      return withView(state, event.view, view);
    }
    case 'failed':
      return withView(state, event.view, {...(state.views[event.view] ?? emptyView), failure: {message: event.message, hint: event.hint}});
    case 'frame': {
      const {frame} = event;
      const view = state.views[frame.view] ?? emptyView;
      const next = {
        ...view,
        latest: frame,
        latestPast: withFrame(view.latestPast, frame),
        history: view.shape === undefined ? [] : remembered(view.history, frame, view.latest, view.shape),
      };
      // a view that is opened while the screen is paused shows its first frame
      const keeps = state.paused && view.shown !== undefined;
      return withView(state, frame.view, keeps ? next : showFrame({...next, past: next.latestPast}, frame));
    }
  }
}

const withNotice = (state: State, notice: string): State => withCurrent(state, (view) => ({...view, notice}));

function unnoticed(state: State): State {
  const {notice, ...view} = currentView(state);
  return notice === undefined ? state : withView(state, currentName(state), view);
}

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
      return withCurrent(state, (view) => sortByNext(view, 1));
    case 'sortPrevious':
      return withCurrent(state, (view) => sortByNext(view, -1));
    case 'reverse':
      return withCurrent(state, reversed);
    case 'amount':
      return withCurrent(state, nextAmount);
    case 'baseline':
      return isCut(currentView(state)) && currentView(state).baseline === undefined
        ? withNotice(state, 'the map has more rows than a frame holds: what the others had would not be known')
        : withCurrent(state, rebased);
    case 'filter':
      return {...state, filtering: true, overlay: 'none'};
    case 'type':
      return withCurrent(state, (view) => filterBy(view, view.filter + (key === 'space' ? ' ' : key)));
    case 'erase':
      return withCurrent(state, (view) => filterBy(view, [...view.filter].slice(0, -1).join('')));
    case 'eraseAll':
      return withCurrent(state, (view) => filterBy(view, ''));
    case 'scrollRight':
      return withCurrent(state, (view) => ({...view, across: Math.min(view.across + 1, lastColumn(view))}));
    case 'scrollLeft':
      return withCurrent(state, (view) => ({...view, across: Math.max(0, view.across - 1)}));
    case 'keep':
      return {...state, filtering: false};
    case 'drop':
      return withCurrent({...state, filtering: false}, (view) => filterBy(view, ''));
    case 'pause':
      return state.paused ? resume(state) : {...state, paused: true};
    case 'slower':
      return {...state, interval: intervals.find((each) => each > state.interval) ?? state.interval};
    case 'faster':
      return {...state, interval: intervals.findLast((each) => each < state.interval) ?? state.interval};
    case 'back':
      return step(state, -1);
    case 'forth':
      return step(state, 1);
    case 'pane':
      return {...state, pane: panes[(panes.indexOf(state.pane) + 1) % panes.length] ?? 'none'};
    case 'allRows':
      return {...state, allRows: !state.allRows};
    case 'help':
    case 'detail':
      return {...state, overlay: state.overlay === command ? 'none' : command};
    case 'close':
      return state.overlay === 'none' ? unfiltered(state) : {...state, overlay: 'none'};
    case 'quit':
    case 'suspend':
    case 'repaint':
      return state; // app.tsx does these
  }
}

/** How many columns there are to scroll over: all but the first and one more; share and minute are drawn beside them. */
const lastColumn = ({shape}: ViewState): number => (shape === undefined ? 0 : columnsOf(shape).length);

const unfiltered = (state: State): State => (currentView(state).filter === '' ? state : withCurrent(state, (view) => filterBy(view, '')));

function goTo(state: State, current: number): State {
  return current >= 0 && current < state.entries.length ? {...state, current, overlay: 'none'} : state;
}
