// The screen as lines: a pure function of state, size and tsbpftop's own usage. ui/ gives it to Ink and the terminal.
import {builderLines} from './builder.ts';
import {crop, widthOf} from './fit.ts';
import {footer} from './footer.ts';
import {headerLines, placesOf} from './header.ts';
import {cropLine, paragraphs} from './lines.ts';
import {paneOf} from './pane.ts';
import {bodyLines, type Panes, panesOf} from './panes.ts';
import {pickerLines} from './pick.ts';
import type {Usage} from './source.ts';
import {currentEntry, currentView, heldBack, type State, treeShown, type ViewState} from './state.ts';
import {statusLines} from './status.ts';
import {type Line, seg, type Target, textOf} from './styles.ts';
import {tableOf} from './table.ts';
import {treeTable} from './tree.ts';

export interface Scene {
  readonly host: string;
  /** HH:MM:SS */
  readonly clock: string;
  readonly usage: Usage | undefined;
  readonly ascii: boolean;
}

/** What Ink lays out: fixed lines above, lines in the middle, the footer. */
export interface Screen {
  readonly head: readonly Line[];
  readonly body: readonly Line[];
  readonly foot: Line;
}

const leastColumns = 40;
const leastLines = 8;

export const isTooSmall = ({columns, lines}: State): boolean => columns < leastColumns || lines < leastLines;

export function screenOf(state: State, scene: Scene): Screen {
  const {columns, lines} = state;
  if (isTooSmall(state)) return tooSmall(columns, lines);
  return {
    head: headerLines(state, scene),
    body: body(state, currentView(state), columns, scene)
      .slice(0, bodyLines(state))
      .map((line) => cropLine(line, columns)),
    foot: cropLine(footer(state, columns), columns),
  };
}

/** What a click on this place means; all count from 0. */
export function targetAt({head, body, foot}: Screen, column: number, line: number, last: number): Target | undefined {
  let at = 0;
  for (const segment of (line === last ? foot : [...head, ...body][line]) ?? []) {
    at += widthOf(segment.text);
    if (column < at) return segment.target;
  }
  return undefined;
}

function tooSmall(columns: number, lines: number): Screen {
  const text = `tsbpftop needs ${leastColumns}x${leastLines}, this is ${columns}x${lines}`;
  return {head: [], body: [[seg(crop(text, columns), 'warn')]], foot: []};
}

function body(state: State, view: ViewState, columns: number, scene: Scene): readonly Line[] {
  if (state.builder !== undefined) return builderLines(state.builder, columns, bodyLines(state), scene.ascii);
  if (state.picker !== undefined) return pickerLines(state, bodyLines(state), scene.ascii);
  const warning = heldBack(state);
  if (warning !== undefined) return question(state, warning, scene);
  if (state.overlay === 'status') {
    const lines = statusLines(state, scene);
    return lines.slice(Math.min(state.overlayTop, Math.max(0, lines.length - bodyLines(state))));
  }
  if (view.failure !== undefined) return [...failure(view.failure, columns), ...elsewhere(state)];
  const {shape, shown} = view;
  if (shape === undefined || shown === undefined)
    return [[], [seg(`  attaching the probes …${view.attaching === undefined ? '' : ` ${view.attaching} %`}`, 'dim')]];
  if (treeShown(state) && view.rows.length > 0) return treeTable(view, columns, bodyLines(state) - 1, scene.ascii);
  const panes = panesOf(view, state.pane, columns, bodyLines(state));
  const rows = table(view, panes, scene);
  if (panes.place === 'none') return rows;
  const pane = paneOf(state, view, panes, scene.ascii);
  if (panes.place === 'below') return [...rows, ...blank(panes.rows + 1 - rows.length), ...pane];
  return Array.from({length: Math.max(rows.length, pane.length)}, (_, i) => joined(rows[i] ?? [], panes.tableWidth, pane[i] ?? [], scene));
}

const blank = (count: number): readonly Line[] => Array.from({length: Math.max(0, count)}, () => []);

function joined(left: Line, width: number, right: Line, {ascii}: Scene): Line {
  const cut = cropLine(left, width);
  return [...cut, seg(' '.repeat(Math.max(0, width - widthOf(textOf(cut))))), seg(ascii ? '| ' : '│ ', 'dim'), ...right];
}

function table(view: ViewState, panes: Panes, {ascii}: Scene): readonly Line[] {
  const {heading, rows} = tableOf(view, panes.tableWidth, panes.rows, ascii);
  if (rows.length > 0) return [heading, ...rows];
  if (view.filter !== '' && view.sorted.length > 0) return [heading, [], [seg(`  no row has '${view.filter}'`, 'dim')]];
  return [heading, [], ...paragraphs(awaited(view), 'dim', panes.tableWidth)];
}

/** Probes that run and count nothing are not waited for: what came is not what the view is about. */
function awaited({shape, shown}: ViewState): string {
  const probes = placesOf(shape);
  // of what lasts, something may have been, and is over
  if (shape?.lasting === true) return `none now: waiting for ${probes}`;
  return (shown?.cost.events ?? 0) > 0 && shown?.seq !== 0
    ? `nothing yet: of what came at ${probes}, this view counts none`
    : `no events yet: waiting for ${probes}`;
}

function failure({message, hint}: {readonly message: string; readonly hint: string}, columns: number): readonly Line[] {
  return [[], ...paragraphs(message, 'bad', columns), [], ...(hint === '' ? [] : paragraphs(hint, 'plain', columns))];
}

/** Nobody is left alone with a view that cannot run. */
const elsewhere = ({entries, catalog, canMake}: State): readonly Line[] =>
  entries.length > 1 || (canMake && catalog.length > 1)
    ? [[], [seg('  '), seg('p', 'key'), seg(' lists all views, and which of them run here', 'dim')]]
    : [];

function question(state: State, warning: string, {ascii}: Scene): readonly Line[] {
  const name = currentEntry(state)?.name ?? '';
  return [
    [],
    ...paragraphs(`${ascii ? '!' : '⚠'} ${name} can slow this machine`, 'bad', state.columns),
    [],
    ...paragraphs(warning, 'plain', state.columns),
    [],
    [seg('  Attach its probes?   '), seg('y', 'key'), seg(' yes   ', 'dim'), seg('n', 'key'), seg(' no', 'dim')],
  ];
}
