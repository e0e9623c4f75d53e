// What the screen knows: the shapes of its state, how it begins, and where in it the current view is. Changing it is for
// state.ts and the files beside this one.
import type {Baseline} from '../../decode/baseline.ts';
import type {Frame, Row, ViewShape} from '../../decode/frame.ts';
import type {Moment} from '../history.ts';
import type {ViewEntry} from '../source.ts';
import type {PastCell} from './past.ts';

/** Which number of a row is drawn big, shared out in per cent and sorted by. */
export type Amount = 'rate' | 'delta' | 'total';
export const amounts: readonly Amount[] = ['rate', 'delta', 'total'];

/** What stands beside or below the table. */
export type Pane = 'histogram' | 'heatmap' | 'none';
export const panes: readonly Pane[] = ['histogram', 'heatmap', 'none'];

export interface ViewState {
  readonly shape?: ViewShape;
  readonly details: readonly (readonly [string, string])[];
  readonly failure?: {readonly message: string; readonly hint: string};
  /** The newest frame, and the one shown: another only while paused. */
  readonly latest?: Frame;
  readonly shown?: Frame;
  /** All rows of `shown` in the order shown, totals counted from the baseline on. */
  readonly sorted: readonly Row[];
  /** Those of them that pass the filter. */
  readonly rows: readonly Row[];
  /** Of all rows. */
  readonly sums: Readonly<Record<Amount, number>>;
  /** The minute before the frame shown, and before the newest one. */
  readonly past: readonly PastCell[];
  readonly latestPast: readonly PastCell[];
  /** Refreshes that can be gone back to, the newest last. */
  readonly history: readonly Moment[];
  readonly selected: number;
  readonly followed?: string;
  /** First row on the screen. */
  readonly top: number;
  readonly sort: string;
  readonly amount: Amount;
  readonly filter: string;
  readonly baseline?: {readonly time: number; readonly total: number; readonly rows: Baseline};
  /** Said once in the footer, until the next key. */
  readonly notice?: string;
  /** Columns scrolled over, to the right of the first. */
  readonly across: number;
}

export interface State {
  readonly entries: readonly ViewEntry[];
  /** Index in entries. */
  readonly current: number;
  readonly views: Readonly<Record<string, ViewState>>;
  /** Seconds */
  readonly interval: number;
  readonly paused: boolean;
  readonly pane: Pane;
  /** Histogram and heat map are of all rows, not of the selected one. */
  readonly allRows: boolean;
  readonly overlay: 'none' | 'help' | 'detail';
  /** Keys are letters of the filter. */
  readonly filtering: boolean;
  readonly columns: number;
  readonly lines: number;
}

export const emptyView: ViewState = {
  details: [],
  sorted: [],
  rows: [],
  sums: {rate: 0, delta: 0, total: 0},
  past: [],
  latestPast: [],
  history: [],
  selected: 0,
  top: 0,
  sort: '-rate',
  amount: 'rate',
  filter: '',
  across: 0,
};

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
  return {
    entries,
    current,
    views: {},
    interval,
    paused: false,
    pane: 'histogram',
    allRows: false,
    overlay: 'none',
    filtering: false,
    ...size,
  };
}

export const currentName = (state: State): string => state.entries[state.current]?.name ?? '';
export const currentView = (state: State): ViewState => state.views[currentName(state)] ?? emptyView;

export const withView = (state: State, name: string, view: ViewState): State => ({...state, views: {...state.views, [name]: view}});
export const withCurrent = (state: State, change: (view: ViewState) => ViewState): State =>
  withView(state, currentName(state), change(currentView(state)));
