// How the space below the header is shared between the table and the histogram. Pure; screen.ts draws by it, state.ts
// scrolls by it.
import type {ViewState} from './state.ts';

export const headLines = 3;
export const footLines = 1;
/** From this width on the histogram stands beside the table. */
const sideBySide = 110;

export interface Panes {
  /** Rows of the table, its heading not among them. */
  readonly rows: number;
  readonly tableWidth: number;
  readonly histogram: 'none' | 'beside' | 'below';
  /** Of the histogram, title and legend included. */
  readonly paneWidth: number;
  readonly paneLines: number;
}

export function panesOf(view: ViewState, wanted: boolean, columns: number, lines: number): Panes {
  const room = lines - headLines - footLines;
  const hist = wanted ? view.rows[view.selected]?.hist : undefined;
  if (hist === undefined) return {rows: Math.max(1, room - 1), tableWidth: columns, histogram: 'none', paneWidth: 0, paneLines: 0};
  if (columns >= sideBySide) {
    const paneWidth = Math.min(80, Math.floor(columns * 0.42));
    return {rows: Math.max(1, room - 1), tableWidth: columns - paneWidth - 2, histogram: 'beside', paneWidth, paneLines: room};
  }
  // half of the screen, so that the table does not jump when a bucket is added
  const paneLines = Math.max(4, Math.floor(room / 2));
  return {rows: Math.max(1, room - 1 - paneLines), tableWidth: columns, histogram: 'below', paneWidth: columns - 1, paneLines};
}
