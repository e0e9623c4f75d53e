// The screen for a screen reader: what a key or a frame changed, as plain sentences. Numbers that merely go on counting are
// not said; the selected row is, when it is another one or is asked for. Pure.
import {columnsOf} from './columns.ts';
import {eventsText} from './header.ts';
import {helpKeys} from './hotkeys.ts';
import {picked, whyNot} from './pick.ts';
import type {Scene} from './screen.ts';
import {currentEntry, currentName, currentView, heldBack, type State, type ViewState} from './state.ts';
import {statusLines} from './status.ts';
import {textOf} from './styles.ts';

export function spoken(before: State | undefined, after: State, scene: Scene): readonly string[] {
  const [view, was] = [currentView(after), before === undefined ? undefined : currentView(before)];
  const moved = before === undefined || currentName(before) !== currentName(after);
  const said: (string | false | undefined)[] = [];
  if (after.picker !== undefined) return after.picker === before?.picker ? [] : pickerSpoken(after);
  if (moved) said.push(`view ${currentName(after)}: ${currentEntry(after)?.title ?? ''}`);
  const warning = heldBack(after);
  if (warning !== undefined)
    return moved || before?.picker !== undefined ? [...texts(said), `this view can slow the machine: ${warning}`, 'attach it? y or n'] : [];
  if (after.overlay !== before?.overlay) said.push(...overlaySpoken(after, scene));
  if (view.failure !== undefined && (moved || was?.failure !== view.failure)) said.push(view.failure.message, view.failure.hint);
  if (view.notice !== undefined && view.notice !== was?.notice) said.push(view.notice);
  if (before !== undefined && before.paused !== after.paused) said.push(after.paused ? 'paused' : 'goes on');
  if (before !== undefined && before.interval !== after.interval) said.push(`every ${after.interval} seconds`);
  if (view.shown === undefined) return texts(said);
  const first = moved || was?.shown === undefined;
  if (first || view.shown.status !== was?.shown?.status) said.push([view.shown.status, ...view.shown.reasons].join(': '));
  if (first) said.push(`${view.rows.length} rows, ${eventsText(view)}`);
  if (!first && view.filter !== was?.filter) said.push(`${view.rows.length} of ${view.sorted.length} rows have '${view.filter}'`);
  if (!first && view.sort !== was?.sort)
    said.push(`sorted by ${view.sort.replace('-', '')}, ${view.sort.startsWith('-') ? 'greatest' : 'least'} first`);
  const came = was?.rows.length === 0 && view.rows.length > 0 && view.filter === '';
  const asked = first || came || view.selected !== was?.selected || view.sort !== was?.sort || view.filter !== was?.filter;
  if (asked && after.overlay === 'none') said.push(rowSpoken(view));
  return texts(said);
}

const texts = (said: readonly (string | false | undefined)[]): readonly string[] =>
  said.filter((each): each is string => typeof each === 'string' && each !== '');

/** The selected row: its key, then its numbers with their names. */
export function rowSpoken(view: ViewState): string {
  const row = view.rows[view.selected];
  if (row === undefined || view.shape === undefined) return 'no rows';
  const share = view.sums[view.amount] === 0 ? 0 : Number(row[view.amount][0] ?? 0) / view.sums[view.amount];
  const cells = columnsOf(view.shape).map(
    (column) => `${column.title === '%' ? 'per cent' : column.title.toLowerCase()} ${column.text(row, share).trim()}`,
  );
  return `row ${view.selected + 1} of ${view.rows.length}: ${cells.join(', ')}`;
}

function pickerSpoken(state: State): readonly string[] {
  const found = picked(state);
  const entry = found[state.picker?.selected ?? 0]?.entry;
  if (entry === undefined) return [`no view is found by '${state.picker?.query}'`];
  const reason = whyNot(state, entry);
  return [
    `${(state.picker?.selected ?? 0) + 1} of ${found.length}: ${entry.name}: ${entry.description}${reason === '' ? '' : `; not here: ${reason}`}`,
  ];
}

const keyWords: Readonly<Record<string, string>> = {
  '←': 'left',
  '→': 'right',
  '↑': 'up',
  '↓': 'down',
  'S-←→': 'shift-left shift-right',
  ',': 'comma',
  '.': 'full stop',
};
const keysSpoken = (shown: string): string =>
  shown
    .split(' ')
    .map((key) => keyWords[key] ?? key)
    .join(' ');

function overlaySpoken(state: State, scene: Scene): readonly string[] {
  switch (state.overlay) {
    case 'help':
      return helpKeys.map(({shown, says}) => `${keysSpoken(shown)}: ${says}`);
    case 'status':
      return statusLines(state, scene).map((line) => textOf(line).trim());
    case 'detail':
      return currentView(state).details.map(([name, text]) => `${name}: ${text}`);
    default:
      return [];
  }
}
