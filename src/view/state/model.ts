// What the screen knows: the shapes of its state, how it begins, and where in it the current view is. Changing it is for
// state.ts and the files beside this one.
import type {Baseline} from '../../decode/baseline.ts';
import type {Frame, Row, ViewShape} from '../../decode/frame.ts';
import type {Moment} from '../history.ts';
import type {Saving} from '../saving.ts';
import type {Drill, Position, ViewEntry} from '../source.ts';
import type {Builder} from '../builder.ts';
import type {TailState} from '../tail.ts';
import type {PastCell} from './past.ts';

/** Which number of a row is drawn big, shared out in per cent and sorted by. */
export type Amount = 'rate' | 'delta' | 'total';
export const amounts: readonly Amount[] = ['rate', 'delta', 'total'];

/** What stands beside or below the table. */
export type Pane = 'histogram' | 'heatmap' | 'none' | 'tail';
/** Those that one key goes through. */
export const panes: readonly Pane[] = ['histogram', 'heatmap', 'none'];

export interface ViewState {
  readonly shape?: ViewShape;
  readonly details: readonly (readonly [string, string])[];
  /** Its probes are being attached, which takes long: so much is done. */
  readonly attaching?: number;
  readonly failure?: {readonly message: string; readonly hint: string};
  /** What is wrong with the preset as it was edited; said in the header while the view goes on as it was. */
  readonly trouble?: string;
  /** The newest frame, and the one shown: another only while paused. */
  readonly latest?: Frame;
  readonly shown?: Frame;
  /** When its first refresh was read: totals count from then on. */
  readonly since?: number;
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
  /** Of stacks: nodes that were opened or closed by hand, by their path; the selected line, the first on the screen. */
  readonly tree: {readonly toggled: Readonly<Record<string, boolean>>; readonly selected: number; readonly top: number};
  /** Columns scrolled over, to the right of the first. */
  readonly across: number;
}

/** One step down from a view of the bar. */
export interface Crumb {
  /** What the view is called in frames. */
  readonly name: string;
  /** As in 'comm=node'. */
  readonly label: string;
  readonly drill: Drill;
}

/** The list of views to choose from; with `drill`, of those to drill into. */
export interface Picker {
  readonly query: string;
  readonly selected: number;
  readonly drill?: {readonly label: string; readonly drill: Omit<Drill, 'to'>};
}

export interface State {
  /** All views there are, and those in the bar. */
  readonly catalog: readonly ViewEntry[];
  readonly entries: readonly ViewEntry[];
  /** Index in entries. */
  readonly current: number;
  readonly views: Readonly<Record<string, ViewState>>;
  /** How deep each view of the bar was drilled into, by its name. */
  readonly trails: Readonly<Record<string, readonly Crumb[]>>;
  /** Why views of the catalog cannot run here, '' for those that can; others are not known yet. */
  readonly checked: Readonly<Record<string, string>>;
  /** Views that were opened in spite of their warning. */
  readonly accepted: readonly string[];
  readonly picker?: Picker;
  /** A view that is being made. */
  readonly builder?: Builder;
  readonly canMake: boolean;
  /** A file is asked for, to write the screen to. */
  readonly saving?: Saving;
  /** Seconds */
  readonly interval: number;
  readonly paused: boolean;
  /** What is shown is a recording. */
  readonly replay?: {readonly speed: number; readonly position?: Position};
  readonly pane: Pane;
  /** Stacks are shown as rows, not as a tree. */
  readonly flat: boolean;
  /** Frames come from where events can be had one by one, too: not from a recording. */
  readonly canTail: boolean;
  /** The row whose single events are shown, in the pane 'tail'. */
  readonly tail?: TailState;
  /** Histogram and heat map are of all rows, not of the selected one. */
  readonly allRows: boolean;
  readonly overlay: 'none' | 'help' | 'detail' | 'status';
  /** Lines of it that are scrolled over. */
  readonly overlayTop: number;
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
  tree: {toggled: {}, selected: 0, top: 0},
};

export function initialState(
  entries: readonly ViewEntry[],
  view: string,
  interval: number,
  size: {readonly columns: number; readonly lines: number},
  catalog = entries,
): State {
  const current = Math.max(
    0,
    entries.findIndex((entry) => entry.name === view),
  );
  return {
    catalog,
    entries,
    current,
    views: {},
    trails: {},
    checked: {},
    accepted: [],
    interval,
    paused: false,
    canTail: false,
    canMake: false,
    pane: 'histogram',
    flat: false,
    allRows: false,
    overlay: 'none',
    overlayTop: 0,
    filtering: false,
    ...size,
  };
}

const none: readonly Crumb[] = [];
/** The way down from the view of the bar to what is shown. */
export const trailOf = (state: State): readonly Crumb[] => state.trails[state.entries[state.current]?.name ?? ''] ?? none;
export const currentName = (state: State): string => trailOf(state).at(-1)?.name ?? state.entries[state.current]?.name ?? '';
export const currentDrill = (state: State): Drill | undefined => trailOf(state).at(-1)?.drill;

/** What is shown is this view, of one row or of all. */
export function currentEntry(state: State): ViewEntry | undefined {
  const to = currentDrill(state)?.to;
  return to === undefined ? state.entries[state.current] : state.catalog.find((entry) => entry.name === to);
}

/** The warning to be answered before the current view is attached. */
export function heldBack(state: State): string | undefined {
  const entry = currentEntry(state);
  // what is refused costs nothing, and is told at once
  if (entry?.warning === undefined || entry.unavailable !== undefined) return undefined;
  return state.accepted.includes(entry.name) || sameCost(state, entry.warning) ? undefined : entry.warning;
}

/** Who goes into a row of a view that he accepted is not asked again about the very same cost, of fewer tasks. */
function sameCost(state: State, warning: string): boolean {
  const {current, entries, accepted, catalog} = state;
  const from = [entries[current]?.name, ...trailOf(state).map(({drill}) => drill.to)].slice(0, -1);
  return catalog.some((each) => from.includes(each.name) && accepted.includes(each.name) && each.warning === warning);
}

export const currentView = (state: State): ViewState => state.views[currentName(state)] ?? emptyView;

export const withView = (state: State, name: string, view: ViewState): State => ({...state, views: {...state.views, [name]: view}});
export const withCurrent = (state: State, change: (view: ViewState) => ViewState): State =>
  withView(state, currentName(state), change(currentView(state)));
