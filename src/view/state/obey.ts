// What each command of the keys does to the state.
import {overlayRoom, scrollOverlay} from '../overlay.ts';
import {columnsOf} from '../columns.ts';
import {bodyLines} from '../panes.ts';
import type {Command} from '../hotkeys.ts';
import {obeyInBuilder, openBuilder} from './build.ts';
import {edited, stepOf} from './lists.ts';
import {currentName, currentView, panes, type Picker, type State, type ViewState, withCurrent, withView} from './model.ts';
import {
  accept,
  back,
  choose,
  closePicker,
  decline,
  drillAnywhere,
  drillIn,
  goTo,
  openPicker,
  pickerMove,
  search,
  tailRow,
  untailed,
  withNotice,
} from './navigate.ts';
import {filterBy, nextAmount, rebased, isCut, reversed, sortByKnown, sortByNext} from './rows.ts';
import {askToSave, obeyWhileSaving} from './save.ts';
import {pageOf, select} from './select.ts';
import {resume, step} from './travel.ts';
import {hasStacks} from '../../decode/stacks.ts';
import {toggleNode, treeShown} from './tree.ts';

const intervals = [0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 30, 60];
/** Of a recording. */
const speeds = [0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64];

export function obey(state: State, command: Command, key: string): State {
  const seen = unnoticed(state);
  if (seen.saving !== undefined) return obeyWhileSaving(seen, seen.saving, command, key);
  if (seen.builder !== undefined) return obeyInBuilder(seen, seen.builder, command, key);
  return seen.picker === undefined ? obeyInTable(seen, command, key) : obeyInPicker(seen, seen.picker, command, key);
}

function unnoticed(state: State): State {
  const {notice, ...view} = currentView(state);
  return notice === undefined ? state : withView(state, currentName(state), view);
}

function obeyInTable(state: State, command: Command, key: string): State {
  const over = state.overlay !== 'none';
  const by = stepOf(command, over ? overlayRoom(state) : pageOf(state));
  if (by !== undefined) return over ? scrollOverlay(state, by) : select(state, by);
  const filter = edited(currentView(state).filter, command, key);
  if (filter !== undefined) return withCurrent(state, (view) => filterBy(view, filter));
  switch (command) {
    case 'nextView':
      return goTo(state, (state.current + 1) % state.entries.length);
    case 'previousView':
      return goTo(state, (state.current + state.entries.length - 1) % state.entries.length);
    case 'view':
      return goTo(state, Number(key) - 1);
    case 'drill':
      if (over) return {...state, overlay: 'none'};
      return treeShown(state) ? toggleNode(state) : drillIn(state);
    case 'drillAnywhere':
      return treeShown(state) ? withNotice(state, rowsWanted) : drillAnywhere(state);
    case 'back':
      return back(state);
    case 'earlier':
      return step(state, -1);
    case 'later':
      return step(state, 1);
    case 'picker':
      return openPicker(state);
    case 'accept':
      return accept(state);
    case 'decline':
      return decline(state);
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
    case 'sortByRate':
      return withCurrent(state, (view) => sortByKnown(view, '-rate'));
    case 'sortByTotal':
      return withCurrent(state, (view) => sortByKnown(view, '-total'));
    case 'amount':
      return withCurrent(state, nextAmount);
    case 'baseline':
      return isCut(currentView(state)) && currentView(state).baseline === undefined
        ? withNotice(state, 'the map has more rows than a frame holds: what the others had would not be known')
        : withCurrent(state, rebased);
    case 'filter':
      return {...state, filtering: true, overlay: 'none'};
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
      return paced(state, (steps, now) => steps.find((each) => each > now));
    case 'faster':
      return paced(state, (steps, now) => steps.findLast((each) => each < now));
    case 'pane':
      return nextPane(untailed(state));
    case 'write':
      return askToSave(state);
    case 'build':
      return openBuilder(state);
    case 'tail':
      return treeShown(state) ? withNotice(state, rowsWanted) : tailRow(state);
    case 'allRows':
      return {...state, allRows: !state.allRows};
    case 'help':
    case 'detail':
    case 'status':
      return {...state, overlay: state.overlay === command ? 'none' : command, overlayTop: 0};
    case 'close':
      return oneStepBack(state);
    default:
      return state; // a key of another mode, or of what ui/hands.ts does
  }
}

/** A longer or shorter interval; of a recording, more or less of it in a second. */
function paced(state: State, next: (steps: readonly number[], now: number) => number | undefined): State {
  const {interval, replay} = state;
  if (replay === undefined) return {...state, interval: next(intervals, interval) ?? interval};
  return {...state, replay: {...replay, speed: next(speeds, replay.speed) ?? replay.speed}};
}

const rowsWanted = 'that is for a row: m shows the rows as a table';

/** Of stacks the tree comes before what a table has beside it; it is left for them alone. */
function nextPane(state: State): State {
  const {shape} = currentView(state);
  if (shape === undefined) return state;
  const [stacks, hist] = [hasStacks(shape), shape.hist !== undefined];
  if (!stacks && !hist) return withNotice(state, 'this view has neither a histogram nor stacks');
  if (stacks && !state.flat) return {...state, flat: true, pane: 'histogram'};
  const pane = panes[(panes.indexOf(state.pane) + 1) % panes.length] ?? 'none';
  return stacks && (!hist || pane === panes[0]) ? {...state, flat: false} : {...state, pane};
}

/** The list has a heading above, and what is said of the chosen view below. */
const pickerPage = (state: State): number => Math.max(1, bodyLines(state) - 6);

function obeyInPicker(state: State, {query}: Picker, command: Command, key: string): State {
  const by = stepOf(command, pickerPage(state));
  if (by !== undefined) return pickerMove(state, by);
  const typed = edited(query, command, key);
  if (typed !== undefined) return search(state, typed);
  switch (command) {
    case 'choose':
      return choose(state);
    case 'close':
      return closePicker(state);
    default:
      return state;
  }
}

/** How many columns there are to scroll over: all but the first and one more; share and minute are drawn beside them. */
const lastColumn = ({shape}: ViewState): number => (shape === undefined ? 0 : columnsOf(shape).length);

/** Esc: what was opened last is closed. */
function oneStepBack(state: State): State {
  if (state.overlay !== 'none') return {...state, overlay: 'none'};
  if (state.tail !== undefined) return untailed(state);
  if (currentView(state).filter !== '') return withCurrent(state, (view) => filterBy(view, ''));
  return back(state);
}
