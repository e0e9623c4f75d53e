// The screen as lines: a pure function of state, size and tsbpftop's own usage. ui/ gives it to Ink and the terminal.
import type {Frame} from '../decode/frame.ts';
import {sparkline} from './bars.ts';
import {crop, fit, widthOf} from './fit.ts';
import {footerKeys} from './hotkeys.ts';
import {spanText} from './heatmap.ts';
import {paneOf} from './pane.ts';
import {type Panes, panesOf} from './panes.ts';
import type {Usage} from './source.ts';
import {currentView, isCut, type State, type ViewState} from './state.ts';
import {minuteOf} from './state/past.ts';
import {type Line, seg, type Segment, type Style, textOf} from './styles.ts';
import {tableOf} from './table.ts';
import {grouped, si} from './units.ts';

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

export const leastColumns = 40;
export const leastLines = 8;

export function screenOf(state: State, scene: Scene): Screen {
  const {columns, lines} = state;
  if (columns < leastColumns || lines < leastLines) return tooSmall(columns, lines);
  const view = currentView(state);
  const head = [barLine(state, scene), titleLine(state, view, columns, scene), rateLine(view, columns, scene)];
  return {
    head: head.map((line) => cropLine(line, columns)),
    body: body(state, view, columns, scene).map((line) => cropLine(line, columns)),
    foot: cropLine(footer(state, columns), columns),
  };
}

function tooSmall(columns: number, lines: number): Screen {
  const text = `tsbpftop needs ${leastColumns}x${leastLines}, this is ${columns}x${lines}`;
  return {head: [], body: [[seg(crop(text, columns), 'warn')]], foot: []};
}

/** The views, scrolled so that the current one is seen; interval, host and time at the right. */
function barLine(state: State, scene: Scene): Line {
  const pauseMark = state.paused
    ? `paused${behindText(currentView(state), scene)}`
    : `${scene.ascii ? '' : '▸ '}${state.interval.toFixed(1)}s`;
  const right = state.columns >= 60 ? ` ${pauseMark}  ${scene.host}  ${scene.clock}` : ` ${pauseMark}`;
  const room = state.columns - widthOf(right) - 1;
  const tabs = state.entries.map((entry, i) => `${i < 9 ? `${i + 1} ` : ''}${entry.name}`);
  let from = 0;
  const length = (start: number, end: number): number => tabs.slice(start, end + 1).reduce((sum, tab) => sum + tab.length + 2, 0);
  while (from < state.current && length(from, state.current) > room - 2) from++;
  const segments: Segment[] = [seg(from > 0 ? '…' : ' ', 'dim')];
  let width = 1;
  for (let i = from; i < tabs.length; i++) {
    const tab = tabs[i] ?? '';
    if (width + tab.length + 2 > room && i > state.current) {
      segments.push(seg('…', 'dim'));
      width++;
      break;
    }
    const failed = state.views[state.entries[i]?.name ?? '']?.failure !== undefined;
    segments.push(
      {...seg(crop(tab, room - width), i === state.current ? 'tab' : failed ? 'bad' : 'dim'), target: {kind: 'tab', index: i}},
      seg('  '),
    );
    width += tab.length + 2;
  }
  return [...segments, seg(' '.repeat(Math.max(0, state.columns - width - widthOf(right)))), seg(right, state.paused ? 'warn' : 'dim')];
}

/** How far the refresh shown is behind the newest. */
function behindText({shown, latest}: ViewState, {ascii}: Scene): string {
  const behind = (latest?.time ?? 0) - (shown?.time ?? 0);
  return shown === undefined || behind < 50 ? '' : ` ${ascii ? '-' : '−'}${spanText(behind)}`;
}

/** What the view is, on which probes, how exact. */
function titleLine(state: State, view: ViewState, columns: number, scene: Scene): Line {
  const entry = state.entries[state.current];
  const {shown, shape} = view;
  const right: Line =
    shown === undefined
      ? []
      : [
          seg(statusText(shown, scene), statusStyle(shown)),
          seg(`  ${grouped(shown.keys.used)}/${shown.keys.max} keys `, shown.keys.used >= shown.keys.max ? 'warn' : 'dim'),
        ];
  const room = columns - widthOf(textOf(right)) - 1;
  const title = crop(shape?.title ?? entry?.title ?? '', room - 1);
  const filter: Line = view.filter === '' ? [] : [seg('   '), seg(`/${view.filter}`, 'match'), seg(` ${foundText(view)}`, 'dim')];
  const first: Line = isCut(view) && view.filter === '' ? [seg(`   the first ${grouped(view.rows.length)}`, 'warn')] : [];
  const probes = crop(shape?.probes.join(', ') ?? '', Math.max(0, room - widthOf(title) - widthOf(textOf([...filter, ...first])) - 4));
  const left: Line = [seg(' '), seg(title, 'title'), ...filter, ...first, seg(`   ${probes}`, 'dim')];
  return [...left, seg(' '.repeat(Math.max(1, columns - widthOf(textOf(left)) - widthOf(textOf(right))))), ...right];
}

/** Of a map that is cut to its first rows, those that pass are counted where the map is read. */
function foundText(view: ViewState): string {
  const cut = isCut(view) ? view.shown : undefined;
  return `${grouped(cut?.sums.rows ?? view.rows.length)} of ${grouped(cut?.keys.used ?? view.sorted.length)}`;
}

function statusText(frame: Frame, scene: Scene): string {
  if (frame.status === 'exact') return 'exact';
  const {mapFull, unmatched, missed, fault, stacks} = frame.lost;
  const counts = [
    [mapFull, 'map full'],
    [unmatched, 'unmatched'],
    [missed, 'missed'],
    [fault, 'unreadable'],
    [stacks, 'stacks lost'],
  ] as const;
  const texts = counts.flatMap(([count, word]) => (count > 0 ? [`${si(count)} ${word}`] : []));
  return `${scene.ascii ? '!' : '⚠'} ${frame.status}${texts.length === 0 ? '' : `: ${texts.join(', ')}`}`;
}

const statusStyle = (frame: Frame): Style => (frame.status === 'exact' ? 'good' : frame.status === 'approximate' ? 'warn' : 'bad');

/** Events a second with their last minute, what probing costs, what tsbpftop costs. */
function rateLine(view: ViewState, columns: number, {usage, ascii}: Scene): Line {
  const {shown} = view;
  if (shown === undefined) return [];
  const spark = sparkline(
    minuteOf(view.past, shown.time, (cell) => cell.events),
    ascii,
  );
  const cost = `${shown.cost.nsPerEvent} ns/event, ${shown.cost.cpuPercent.toFixed(2)} % CPU for probing`;
  const own =
    usage === undefined
      ? ''
      : `tsbpftop ${usage.cpuPercent.toFixed(1)} % CPU, ${Math.round(usage.memoryBytes / 1e6)} MB, ${si(usage.terminalBytesPerSecond, 'B/s')}`;
  const left: Line = [
    seg(' '),
    seg(`${eventsText(view)} `, 'bold'),
    seg(spark, 'accent'),
    ...(view.baseline === undefined ? [] : [seg(`   totals since ${timeText(view.baseline.time)}`, 'warn')]),
  ];
  const room = columns - widthOf(textOf(left));
  const full = `   ${cost}   ${own}`;
  return [...left, seg(widthOf(full) <= room ? full : `   ${cost}`, 'dim')];
}

/** The amount that is drawn big, of all rows. */
function eventsText({sums, amount}: ViewState): string {
  switch (amount) {
    case 'rate':
      return `${si(Math.round(sums.rate * 10) / 10)} events/s`;
    case 'delta':
      return `${si(sums.delta)} events`;
    case 'total':
      return `${si(sums.total)} events in all`;
  }
}

const timeText = (time: number): string => new Date(time).toTimeString().slice(0, 8);

function body(state: State, view: ViewState, columns: number, scene: Scene): readonly Line[] {
  if (view.failure !== undefined) return failure(view.failure, columns);
  const {shape, shown} = view;
  if (shape === undefined || shown === undefined) return [[], [seg('  attaching the probes …', 'dim')]];
  const panes = panesOf(view, state.pane, columns, state.lines);
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
  return [heading, [], [seg(`  no events yet: waiting for ${view.shape?.probes.join(', ') ?? ''}`, 'dim')]];
}

function failure({message, hint}: {readonly message: string; readonly hint: string}, columns: number): readonly Line[] {
  const wrap = (text: string, style: Style): readonly Line[] =>
    text
      .split('\n')
      .flatMap((line) => wrapped(line, columns - 4))
      .map((line) => [seg(`  ${line}`, style)]);
  return [[], ...wrap(message, 'bad'), [], ...(hint === '' ? [] : wrap(hint, 'plain'))];
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? crop(word, width) : `${line} ${word}`;
  }
  return [...lines, line];
}

function footer(state: State, columns: number): Line {
  if (state.filtering) {
    const view = currentView(state);
    const end: Line = [seg(`   ${foundText(view)}   `, 'dim'), ...hint('Enter', 'keep'), ...hint('Esc', 'all rows')];
    return [seg(' /', 'key'), seg(view.filter, 'match'), seg(' ', 'tab'), ...end];
  }
  if (state.overlay !== 'none') return [seg(' '), ...hint('Esc', 'back'), ...hint('q', 'quit')];
  const {notice} = currentView(state);
  if (notice !== undefined) return [seg(` ${notice}`, 'warn')];
  const segments: Segment[] = [seg(' ')];
  let width = 1;
  for (const {shown, word} of footerKeys) {
    const next = widthOf(shown) + word.length + 3;
    if (width + next > columns) break;
    segments.push(...hint(shown, word));
    width += next;
  }
  return segments;
}

const hint = (key: string, word: string): Line => [seg(key, 'key'), seg(` ${word}  `, 'dim')];

function cropLine(line: Line, width: number): Line {
  let left = width;
  const kept: Segment[] = [];
  for (const segment of line) {
    const size = widthOf(segment.text);
    if (size <= left) kept.push(segment);
    else if (left > 0) kept.push({...segment, text: segment.text.trim() === '' ? ' '.repeat(left) : fit(segment.text, left)});
    left -= Math.min(size, left);
    if (left === 0) break;
  }
  return kept;
}
