// Going back and forth in what was seen: while the screen is paused, another refresh is shown, with the minute before it.
import type {Frame} from '../../decode/frame.ts';
import {type Moment, momentFrom} from '../history.ts';
import {currentView, type State, type ViewState, withCurrent} from './model.ts';
import {cellAt, type PastCell, pastCells, withMoment} from './past.ts';
import {showFrame} from './rows.ts';

/** Shows the refresh that many steps on. The first step pauses. A recording gives the refresh itself. */
export function step(state: State, by: -1 | 1): State {
  const paused = {...state, paused: true};
  const {history, shown} = currentView(state);
  const moment = shown === undefined || state.replay !== undefined ? undefined : momentFrom(history, shown.time, by);
  if (moment === undefined || moment.time === shown?.time) return paused;
  return withCurrent(paused, (view) => showKeepingRow({...view, past: pastAt(view.history, moment.time)}, moment.frame()));
}

/** The row that is looked at stays the selected one, followed or not. */
export function showKeepingRow(view: ViewState, frame: Frame): ViewState {
  const id = view.rows[view.selected]?.id;
  const {followed, ...rest} = view;
  const {followed: _, ...shown} = showFrame({...rest, ...(id === undefined ? {} : {followed: id})}, frame);
  return followed === undefined ? shown : {...shown, followed};
}

/** The minute before a moment, as it was. */
export function pastAt(history: readonly Moment[], time: number): readonly PastCell[] {
  const from = cellAt(time) - pastCells;
  return history.filter((moment) => moment.time <= time && cellAt(moment.time) > from).reduce<readonly PastCell[]>(withMoment, []);
}

/** Every view shows its newest frame again; a recording goes on from where it is. */
export function resume(state: State): State {
  if (state.replay !== undefined) return {...state, paused: false};
  const views = Object.fromEntries(
    Object.entries(state.views).map(([name, view]) => [
      name,
      view.latest === undefined ? view : showFrame({...view, past: view.latestPast}, view.latest),
    ]),
  );
  return {...state, paused: false, views};
}
