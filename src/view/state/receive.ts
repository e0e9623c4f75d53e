// What comes from a view: it is attached, a frame is read, it failed, it is over.
import {remembered} from '../history.ts';
import type {SourceEvent} from '../source.ts';
import {tailed} from '../tail.ts';
import {emptyView, type State, withView} from './model.ts';
import {withFrame} from './past.ts';
import {showFrame} from './rows.ts';

export function receive(state: State, event: SourceEvent): State {
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
    case 'checked':
      return {...state, checked: {...state.checked, [event.view]: event.unavailable ?? ''}};
    case 'tail': {
      const {tail} = state;
      if (tail === undefined || tail.view !== event.view || tail.row !== event.row) return state;
      const {failure} = event;
      return {...state, tail: {...tailed(tail, event.events, event.columns, event.unsent), ...(failure === undefined ? {} : {failure})}};
    }
    case 'closed':
      return state.catalog.some((entry) => entry.name === event.view) ? state : withoutView(state, event.view);
    case 'failed':
      return withView(state, event.view, {...(state.views[event.view] ?? emptyView), failure: {message: event.message, hint: event.hint}});
    case 'frame': {
      const {frame} = event;
      const view = state.views[frame.view];
      if (view === undefined) return state; // read before it was closed
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

function withoutView(state: State, name: string): State {
  const {[name]: _, ...views} = state.views;
  return {...state, views};
}
