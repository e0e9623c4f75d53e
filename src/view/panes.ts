// How the space below the header is shared between the table and the histogram or heat map. Pure; screen.ts draws by it, state.ts
// scrolls by it.
import {type Pane, type State, trailOf, type ViewState} from './state.ts';

const footLines = 1;
/** From this width on the histogram stands beside the table. */
const sideBySide = 110;
/** A table of a short key, counts, percentiles, shares and the last minute. */
const wholeTable = 138;

export interface Panes {
  /** Rows of the table, its heading not among them. */
  readonly rows: number;
  readonly tableWidth: number;
  readonly place: 'none' | 'beside' | 'below';
  /** Of the histogram, title and legend included. */
  readonly paneWidth: number;
  readonly paneLines: number;
}

/** Where the screen is wide, the table gets what its shares and last minutes take, too. */
const besideTable = (columns: number): number =>
  columns < wholeTable + 40 ? Math.min(80, Math.floor(columns * 0.42)) : Math.max(52, Math.min(90, columns - wholeTable));

/** Lines of the header; the way down to a row takes one. */
export const headLines = (state: State): number => (trailOf(state).length > 0 ? 4 : 3);

/** Lines between header and footer. */
export const bodyLines = (state: State): number => Math.max(1, state.lines - headLines(state) - footLines);

/** @param room lines between header and footer */
export function panesOf(view: ViewState, wanted: Pane, columns: number, room: number): Panes {
  if (wanted === 'tail') {
    const paneLines = Math.max(4, Math.floor(room / 2));
    return {rows: Math.max(1, room - 1 - paneLines), tableWidth: columns, place: 'below', paneWidth: columns, paneLines};
  }
  const hist = wanted === 'none' ? undefined : view.rows[view.selected]?.hist;
  if (hist === undefined) return {rows: Math.max(1, room - 1), tableWidth: columns, place: 'none', paneWidth: 0, paneLines: 0};
  if (columns >= sideBySide) {
    // a heat map gets a column for each of its refreshes, where there is room
    const paneWidth = wanted === 'heatmap' ? Math.min(132, Math.floor(columns * 0.54)) : besideTable(columns);
    return {rows: Math.max(1, room - 1), tableWidth: columns - paneWidth - 2, place: 'beside', paneWidth, paneLines: room};
  }
  // half of the screen, so that the table does not jump when a bucket is added
  const paneLines = Math.max(4, Math.floor(room * (wanted === 'heatmap' ? 0.65 : 0.5)));
  return {rows: Math.max(1, room - 1 - paneLines), tableWidth: columns, place: 'below', paneWidth: columns - 1, paneLines};
}
