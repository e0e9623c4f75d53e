// Going back and forth in what was seen: while the screen is paused, another refresh is shown, with the minute before it.
import {type Moment, momentFrom} from '../history.ts';
import {currentView, type State, type ViewState, withCurrent} from './model.ts';
import {cellAt, type PastCell, pastCells, withCounts} from './past.ts';
import {showFrame} from './rows.ts';

/** Shows the refresh that many steps on. The first step pauses. */
export function step(state: State, by: -1 | 1): State {
  const {history, shown} = currentView(state);
  const moment = shown === undefined ? undefined : momentFrom(history, shown.time, by);
  const paused = {...state, paused: true};
  return moment === undefined || moment.time === shown?.time ? paused : withCurrent(paused, (view) => showMoment(view, moment));
}

function showMoment(view: ViewState, moment: Moment): ViewState {
  const id = view.rows[view.selected]?.id;
  const {followed, ...rest} = view;
  // the row that is looked at stays the selected one, followed or not
  const looked = {...rest, past: pastAt(view.history, moment.time), ...(id === undefined ? {} : {followed: id})};
  const {followed: _, ...shown} = showFrame(looked, moment.frame());
  return followed === undefined ? shown : {...shown, followed};
}

/** The minute before a moment, as it was. */
export function pastAt(history: readonly Moment[], time: number): readonly PastCell[] {
  const from = cellAt(time) - pastCells;
  return history.filter((moment) => moment.time <= time && cellAt(moment.time) > from).reduce<readonly PastCell[]>(withCounts, []);
}

/** Every view shows its newest frame again. */
export function resume(state: State): State {
  const views = Object.fromEntries(
    Object.entries(state.views).map(([name, view]) => [
      name,
      view.latest === undefined ? view : showFrame({...view, past: view.latestPast}, view.latest),
    ]),
  );
  return {...state, paused: false, views};
}
