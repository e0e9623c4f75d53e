// What stands beside or below the table: the histogram or the heat map, of the selected row or of all rows. Pure.
import {histogram, noSlots, slotsIn, summed} from '../decode/buckets.ts';
import type {Frame, HistColumn, Histogram} from '../decode/frame.ts';
import {histogramLines} from './bars.ts';
import {crop, widthOf} from './fit.ts';
import {heatmapLines} from './heatmap.ts';
import type {Panes} from './panes.ts';
import type {State, ViewState} from './state.ts';
import {type Line, seg, textOf} from './styles.ts';
import {tailLines} from './tail.ts';
import {grouped} from './units.ts';

/** Lines of a heat map below a histogram. */
const leastHeatmap = 14;
const mostHeatmap = 30;

/** Empty where the view has no histogram, and no row's events are shown. */
export function paneOf(state: State, view: ViewState, {paneWidth, paneLines}: Panes, ascii: boolean): readonly Line[] {
  if (state.pane === 'tail') return state.tail === undefined ? [] : tailLines(state.tail, paneWidth, paneLines, ascii);
  const {shape, shown} = view;
  const row = view.rows[view.selected];
  if (shape?.hist === undefined || shown === undefined || row === undefined) return [];
  const heat = state.pane === 'heatmap';
  const [solid, light] = ascii ? ['#', '-'] : ['█', '░'];
  const legend: Line = heat ? [] : [seg(solid, 'bar'), seg(' interval  ', 'dim'), seg(light, 'barTotal'), seg(' session', 'dim')];
  const whose = state.allRows ? allText(view, shown) : row.key.map((cell) => cell.text).join('  ');
  const name = crop(whose, paneWidth - widthOf(textOf(legend)) - 4);
  const title: Line = [seg(` ${name} `, 'title'), seg(' '), ...legend];
  const [width, lines] = [paneWidth - 1, paneLines - 1];
  if (heat) {
    const moments = view.history.filter((moment) => moment.time <= shown.time);
    return [title, ...heatmapLines(moments, state.allRows ? undefined : row.id, shape.hist, width, lines, ascii)];
  }
  const hist = state.allRows ? histogramOfAll(shown, shape.hist) : row.hist;
  if (hist === undefined) return [];
  const bars = [title, ...histogramLines(hist, shape.hist, width, lines, ascii)];
  // on a high screen both are seen
  const below = paneLines - bars.length - 3;
  if (below < leastHeatmap) return bars;
  const moments = view.history.filter((moment) => moment.time <= shown.time);
  const map = heatmapLines(moments, state.allRows ? undefined : row.id, shape.hist, width, Math.min(below, mostHeatmap), ascii);
  return [...bars, [], [seg(' over time', 'title')], ...map];
}

function allText(view: ViewState, {sums, rows}: Frame): string {
  return sums.rows > rows.length
    ? `the first ${grouped(rows.length)} of ${grouped(sums.rows)} rows`
    : `all ${grouped(view.sorted.length)} ${view.sorted.length === 1 ? 'row' : 'rows'}`;
}

// a key press draws the same frame again
const ofAll = new WeakMap<Frame, Histogram>();

function histogramOfAll(frame: Frame, {scale}: HistColumn): Histogram {
  let hist = ofAll.get(frame);
  if (hist === undefined) {
    const all = frame.rows.flatMap((row) => (row.hist === undefined ? [] : [slotsIn(row.hist, scale)]));
    const first = all.some((each) => each.previous === undefined);
    const previous = first ? undefined : summed(all.map((each) => each.previous ?? noSlots));
    hist = histogram(summed(all.map((each) => each.slots)), previous, scale);
    ofAll.set(frame, hist);
  }
  return hist;
}
