// Which rows of a frame are shown, and in which order: baseline, sort, filter, and the selected one among them. Runs for a
// frame, a letter of the filter or another order, and for no other key.
import {baselineOf, rowsSince} from '../../decode/baseline.ts';
import type {Cell, Frame, Row} from '../../decode/frame.ts';
import {sortRows} from '../../decode/sort.ts';
import {columnsOf} from '../columns.ts';
import {type Amount, amounts, type ViewState} from './model.ts';

export function showFrame(view: ViewState, frame: Frame): ViewState {
  const {shape, baseline} = view;
  const rows = shape === undefined || baseline === undefined ? frame.rows : rowsSince(frame.rows, baseline.rows, shape);
  const {delta, total} = frame.sums;
  const sums = {rate: frame.interval > 0 ? delta / frame.interval : 0, delta, total: total - (baseline?.total ?? 0)};
  return filtered({...view, shown: frame, sums, sorted: shape === undefined ? rows : sortRows(rows, shape, view.sort, view.sorted)});
}

function filtered(view: ViewState): ViewState {
  return placed({...view, rows: view.filter === '' ? view.sorted : passing(view.sorted, view.filter)});
}

/** What is typed narrows what is already narrowed. */
export function filterBy(view: ViewState, filter: string): ViewState {
  if (filter === '') {
    // all rows again, around the one that was found
    const id = view.rows[view.selected]?.id;
    return placed({...view, filter, rows: view.sorted, selected: view.sorted.findIndex((row) => row.id === id)});
  }
  const among = view.filter !== '' && filter.startsWith(view.filter) ? view.rows : view.sorted;
  return placed({...view, filter, selected: 0, top: 0, rows: passing(among, filter)});
}

/** The followed row stays the selected one; else the place on the screen stays. */
function placed(view: ViewState): ViewState {
  const {rows, followed} = view;
  const found = followed === undefined ? -1 : rows.findIndex((row) => row.id === followed);
  return {...view, selected: found >= 0 ? found : Math.max(0, Math.min(view.selected, rows.length - 1))};
}

const passing = (rows: readonly Row[], filter: string): readonly Row[] => {
  const wanted = filter.toLowerCase();
  return rows.filter((row) => lowerText(row.key).includes(wanted));
};

// a key is decoded once a session, so that its text in lower case is made once too
const lowerTexts = new WeakMap<readonly Cell[], string>();
function lowerText(key: readonly Cell[]): string {
  let text = lowerTexts.get(key);
  if (text === undefined) {
    text = key
      .map((cell) => cell.text)
      .join('\n')
      .toLowerCase();
    lowerTexts.set(key, text);
  }
  return text;
}

export function sortBy(view: ViewState, sort: string): ViewState {
  const name = sort.replace(/^-/, '');
  const {shape} = view;
  const next = {...view, sort, amount: isAmount(name) && shape?.lasting !== true ? name : view.amount};
  // only the order changes
  return shape === undefined ? next : filtered({...next, sorted: sortRows(view.sorted, shape, sort)});
}

/** A table without counts has no such column. */
export const sortByKnown = (view: ViewState, sort: string): ViewState =>
  view.shape !== undefined && columnsOf(view.shape).some((column) => column.sort === sort.slice(1)) ? sortBy(view, sort) : view;

const isAmount = (name: string): name is Amount => (amounts as readonly string[]).includes(name);

export function sortByNext(view: ViewState, step: 1 | -1): ViewState {
  if (view.shape === undefined) return view;
  const columns = columnsOf(view.shape).filter((column) => column.sort !== '');
  const now = columns.findIndex((column) => column.sort === view.sort.replace(/^-/, ''));
  const next = columns[(Math.max(now, 0) + step + columns.length) % columns.length];
  return next === undefined ? view : sortBy(view, firstOrder(next));
}

/** Numbers are wanted greatest first, names from A on. */
export const firstOrder = ({sort, align}: {readonly sort: string; readonly align: 'left' | 'right'}): string =>
  align === 'right' ? `-${sort}` : sort;

export const reversed = (view: ViewState): ViewState => sortBy(view, view.sort.startsWith('-') ? view.sort.slice(1) : `-${view.sort}`);

export function nextAmount(view: ViewState): ViewState {
  // of what lasts, how much there is stays what is drawn
  if (view.shape?.lasting === true) return sortBy(view, view.sort === '-total' ? '-delta' : '-total');
  const next = amounts[(amounts.indexOf(view.amount) + 1) % amounts.length] ?? 'rate';
  return sortBy(view, `-${next}`);
}

/** The map has more rows than frames hold: they have the first ones, of those that pass the filter. */
export const isCut = ({latest}: ViewState): boolean => latest?.cut ?? false;

/** What frames are asked to leave out: of a map that they hold whole nothing, so that letters are answered at once. */
export const wantedFilter = (view: ViewState): string => (isCut(view) ? view.filter : '');

/** Totals count from the frame shown on; asked for again where nothing came since, from the beginning. */
export function rebased(view: ViewState): ViewState {
  const {shown, baseline, ...rest} = view;
  if (shown === undefined) return view;
  if (baseline?.time === shown.time) return showFrame(rest, shown);
  return showFrame({...rest, baseline: {time: shown.time, total: shown.sums.total, rows: baselineOf(shown.rows)}}, shown);
}
