// What help and detail say, as rows of a key or item and a text, in columns next to each other; and how far they scroll. Pure.
import {crop, widthOf} from './fit.ts';
import {type Command, helpKeys} from './hotkeys.ts';
import {wrapped} from './lines.ts';
import {bodyLines} from './panes.ts';
import {currentView, type State} from './state/model.ts';
import {statusLines} from './status.ts';

interface OverlayRow {
  readonly item: string;
  readonly text: string;
}

/** What belongs together; whatever is named nowhere is among the last. */
const groups: readonly (readonly [title: string, commands: readonly Command[]])[] = [
  ['VIEWS', ['nextView', 'view', 'picker', 'drill', 'drillAnywhere', 'build']],
  ['ROWS', ['up', 'pageUp', 'first', 'follow', 'filter']],
  ['TIME', ['pause', 'earlier', 'slower', 'baseline']],
  ['COLUMNS', ['sortNext', 'sortByRate', 'reverse', 'amount', 'scrollRight']],
  ['MORE OF IT', ['pane', 'allRows', 'tail', 'detail', 'status', 'write']],
  ['SCREEN', []],
];
export const helpTitles: ReadonlySet<string> = new Set(groups.map(([title]) => title));
const named = new Set(groups.flatMap(([, commands]) => commands));

/** Of keys; the longest is 's S > < F6'. */
const keyWidth = 10;
/** Narrower than this, even the brief texts of the help would be cut. */
const helpColumn = 39;
/** What stands before a row, beside a number or at a name, and what its colour says. */
export const marksText = 'rows: + new   ↑ twice its minute   ~ had ended   dim: idle';
const widestText = 100;

/** Columns, left to right. */
export function overlayRows(state: State): readonly (readonly OverlayRow[])[] {
  if (state.overlay === 'detail') return [detailRows(state)];
  const count = state.columns < 2 * helpColumn ? 1 : 2;
  const width = Math.floor(state.columns / count) - keyWidth - 4;
  const airy = helpColumns(count, width, [{item: '', text: ''}]);
  const fits = Math.max(...airy.map((rows) => rows.length)) - 1 <= overlayRoom(state);
  return fits ? airy : helpColumns(count, width, []);
}

/** @param between what parts a group from the next */
function helpColumns(count: number, width: number, between: readonly OverlayRow[]): readonly (readonly OverlayRow[])[] {
  const sections = groups.map(([title, commands]): readonly OverlayRow[] => [
    {item: title, text: ''},
    ...helpKeys
      .filter(({command}) => (named.has(command) ? commands.includes(command) : title === 'SCREEN'))
      .map(({shown, says, brief = says}) => ({item: shown, text: widthOf(says) <= width ? says : brief})),
    ...between,
  ]);
  const most = Math.ceil(sections.flat().length / count);
  const columns: OverlayRow[][] = [];
  for (const section of sections) {
    const last = columns.at(-1);
    if (last === undefined || (columns.length < count && last.length + section.length / 2 > most)) columns.push([...section]);
    else last.push(...section);
  }
  return columns.map((rows) => rows.map(({item, text}) => ({item: item.padEnd(keyWidth), text: crop(text, width)})));
}

function detailRows(state: State): readonly OverlayRow[] {
  const width = Math.max(20, Math.min(widestText, state.columns - 16));
  const said = currentView(state).details.filter(([, text]) => text !== '');
  return said.flatMap(([name, text]) =>
    text
      .split('\n')
      .flatMap((line) => folded(line.replaceAll('\t', '  '), width))
      .map((line, i) => ({item: i === 0 ? name : '', text: line})),
  );
}

/** Broken at words, and what follows is indented as its line is. */
function folded(line: string, width: number): readonly string[] {
  const indent = Math.min(/^ */.exec(line)?.[0].length ?? 0, width - 10);
  return wrapped(line.trimStart(), width - indent).map((part, i) => ' '.repeat(i === 0 ? indent : Math.min(indent + 2, width - 10)) + part);
}

/** Lines of an overlay's rows: a title and the heading of its table are above them. */
export const overlayRoom = (state: State): number => Math.max(1, bodyLines(state) - 2);

/** How far it can be scrolled. */
export const lastOverlayTop = (state: State): number =>
  state.overlay === 'status'
    ? Math.max(0, statusLines(state, anyScene).length - bodyLines(state))
    : Math.max(0, Math.max(0, ...overlayRows(state).map((rows) => rows.length)) - overlayRoom(state));

/** The number of lines does not depend on it. */
const anyScene = {host: '', clock: '', usage: {cpuPercent: 99.9, memoryBytes: 99e6, terminalBytesPerSecond: 9999}, ascii: false};

export const scrollOverlay = (state: State, by: number): State => ({
  ...state,
  overlayTop: Math.max(0, Math.min(lastOverlayTop(state), state.overlayTop + by)),
});
