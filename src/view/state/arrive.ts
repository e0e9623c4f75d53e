// What comes from the source: a view opens, a refresh arrives, a recording moves. A refresh is shown, unless the screen is
// paused; of a recording only what is to be shown arrives.
import type {Frame, ViewShape} from '../../decode/frame.ts';
import {sortNames} from '../../decode/sort.ts';
import {remembered} from '../history.ts';
import type {Position} from '../source.ts';
import {emptyView, type State, type ViewState, withView} from './model.ts';
import {withMoment} from './past.ts';
import {showFrame} from './rows.ts';
import {pastAt, showKeepingRow} from './travel.ts';

export function viewOpened(state: State, name: string, shape: ViewShape, details: ViewState['details']): State {
  // a session begins: what was counted in the one before is gone, how it was looked at stays
  const {
    failure: _,
    shown: __,
    latest: ___,
    baseline: ____,
    trouble: _____,
    attaching: ______,
    since: _______,
    ...known
  } = state.views[name] ?? emptyView;
  // an edited preset may have lost the column
  const sort = known.shape === undefined || !sortNames(shape).includes(known.sort.replace(/^-/, '')) ? shape.sort : known.sort;
  const amount = shape.lasting === true ? {amount: 'total' as const} : {};
  return withView(state, name, {...known, ...amount, shape, details, sort, sorted: [], rows: [], past: [], latestPast: [], history: []});
}

export function frameArrived(state: State, frame: Frame): State {
  const known = state.views[frame.view];
  if (known === undefined) return state; // read before the view was closed
  const view = kept(known, frame);
  const shown = {...view, past: view.latestPast};
  if (state.replay !== undefined) return withView(state, frame.view, state.paused ? showKeepingRow(shown, frame) : showFrame(shown, frame));
  // a view that is opened while the screen is paused shows its first frame
  return withView(state, frame.view, state.paused && view.shown !== undefined ? view : showFrame(shown, frame));
}

export function framesBefore(state: State, name: string, frames: readonly Frame[]): State {
  return withView(state, name, frames.reduce(kept, state.views[name] ?? emptyView));
}

/** Remembers the frame as the newest. A recording may be gone through backwards: then the minute before it is looked up. */
function kept(view: ViewState, frame: Frame): ViewState {
  const {shape, latest} = view;
  const history = shape === undefined ? [] : remembered(view.history, frame, latest, shape);
  const backwards = latest !== undefined && frame.time < latest.time;
  const moment = history.findLast(({time}) => time === frame.time);
  const past = moment === undefined ? view.latestPast : withMoment(view.latestPast, moment);
  const since = frame.seq === 0 ? {since: frame.time} : {};
  return {...view, ...since, latest: frame, history, latestPast: backwards ? pastAt(history, frame.time) : past};
}

/** At the end of a recording the screen pauses; going on begins anew. */
export function positioned(state: State, position: Position): State {
  const {replay = {speed: 1}} = state;
  const ended = position.index === position.count - 1;
  return {...state, replay: {...replay, position}, paused: state.paused || ended};
}
