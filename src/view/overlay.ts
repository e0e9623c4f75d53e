// What help and detail say, as rows of a key or item and a text, in columns next to each other; and how far they scroll. Pure.
import {crop} from './fit.ts';
import {type Command, helpKeys} from './hotkeys.ts';
import {wrapped} from './lines.ts';
import {bodyLines} from './panes.ts';
import {currentView, type State} from './state/model.ts';

export interface OverlayRow {
  readonly item: string;
  readonly text: string;
}

/** What belongs together; whatever is named nowhere is among the last. */
const groups: readonly (readonly [title: string, commands: readonly Command[]])[] = [
  ['VIEWS', ['nextView', 'previousView', 'view', 'picker', 'drill', 'drillAnywhere', 'back', 'build']],
  ['ROWS', ['up', 'down', 'pageUp', 'pageDown', 'first', 'last', 'follow', 'filter']],
  ['COLUMNS', ['sortNext', 'sortPrevious', 'sortByRate', 'sortByTotal', 'reverse', 'amount', 'scrollRight', 'scrollLeft']],
  ['TIME', ['pause', 'earlier', 'later', 'slower', 'faster', 'baseline']],
  ['MORE OF IT', ['pane', 'allRows', 'tail', 'detail', 'status', 'write']],
  ['SCREEN', []],
];
export const helpTitles: ReadonlySet<string> = new Set(groups.map(([title]) => title));
const named = new Set(groups.flatMap(([, commands]) => commands));

/** Of keys; the longest is 'q F10 ^C'. */
const keyWidth = 10;
/** Narrower than this, most texts of the help would be cut. */
const helpColumn = 62;
const widestText = 100;

/** Columns, left to right. */
export function overlayRows(state: State): readonly (readonly OverlayRow[])[] {
  if (state.overlay === 'detail') return [detailRows(state)];
  const sections = groups.map(([title, commands]): readonly OverlayRow[] => [
    {item: title, text: ''},
    ...helpKeys
      .filter(({command}) => (named.has(command) ? commands.includes(command) : title === 'SCREEN'))
      .map(({shown, says}) => ({item: shown, text: says})),
    {item: '', text: ''},
  ]);
  const count = state.columns < 2 * helpColumn ? 1 : 2;
  const width = Math.floor(state.columns / count) - keyWidth - 4;
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

/** How far it can be scrolled; what it costs and why it is not exact is short. */
export const lastOverlayTop = (state: State): number =>
  state.overlay === 'status' ? 20 : Math.max(0, Math.max(0, ...overlayRows(state).map((rows) => rows.length)) - overlayRoom(state));

export const scrollOverlay = (state: State, by: number): State => ({
  ...state,
  overlayTop: Math.max(0, Math.min(lastOverlayTop(state), state.overlayTop + by)),
});
