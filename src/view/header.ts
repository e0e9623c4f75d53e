// The lines above the table: the bar of views, what the current one is and how exact, its events and costs, and the way
// down to it. Pure.
import type {Frame, ViewShape} from '../decode/frame.ts';
import {sparkline} from './bars.ts';
import {crop, widthOf} from './fit.ts';
import {spanText} from './heatmap.ts';
import {cropLine} from './lines.ts';
import type {Scene} from './screen.ts';
import {currentEntry, currentView, isCut, type State, trailOf, type ViewState} from './state.ts';
import {minuteOf} from './state/past.ts';
import {type Line, seg, type Segment, type Style, textOf} from './styles.ts';
import {grouped, si, timeText} from './units.ts';

export function headerLines(state: State, scene: Scene): readonly Line[] {
  const {columns} = state;
  const view = currentView(state);
  const trail = trailOf(state).length === 0 ? [] : [trailLine(state, scene)];
  return [
    barLine(state, scene),
    ...trail,
    titleLine(state, view, columns, scene),
    view.trouble === undefined ? rateLine(view, columns, scene) : troubleLine(view.trouble, scene),
  ].map((line) => cropLine(line, columns));
}

/** In place of the rates: what is wrong with the edited preset. */
const troubleLine = (trouble: string, {ascii}: Scene): Line => [seg(` ${ascii ? '!' : '⚠'} ${trouble}`, 'bad')];

/** openat › comm=node › openat-files */
function trailLine(state: State, {ascii}: Scene): Line {
  const arrow = seg(ascii ? ' > ' : ' › ', 'dim');
  return [
    seg(' '),
    seg(state.entries[state.current]?.name ?? '', 'dim'),
    ...trailOf(state).flatMap(({label, drill}, i, trail) => [
      arrow,
      seg(label, 'match'),
      arrow,
      seg(drill.to, i === trail.length - 1 ? 'bold' : 'dim'),
    ]),
    seg('   Bksp', 'key'),
    seg(' back', 'dim'),
  ];
}

/** The views, scrolled so that the current one is seen; interval, host and time at the right. */
function barLine(state: State, scene: Scene): Line {
  const mark = state.replay === undefined ? liveMark(state, scene) : replayMark(state, scene);
  const clock = state.replay?.position === undefined ? scene.clock : timeText(state.replay.position.time);
  const rest = state.columns >= 60 ? `  ${scene.host}  ${clock}` : '';
  const right = mark + rest;
  const room = state.columns - widthOf(right) - 2;
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
  return [
    ...segments,
    seg(' '.repeat(Math.max(1, state.columns - width - widthOf(right)))),
    seg(mark, state.paused || state.replay !== undefined ? 'warn' : 'dim'),
    seg(rest, 'dim'),
  ];
}

const liveMark = (state: State, scene: Scene): string =>
  state.paused ? `paused${behindText(currentView(state), scene)}` : `${scene.ascii ? '' : '▸ '}${state.interval.toFixed(1)}s`;

/** That it is a recording, how fast it goes, and where it is. */
function replayMark({replay, paused}: State, {ascii}: Scene): string {
  const {speed = 1, position} = replay ?? {};
  const at = position === undefined ? '' : ` ${grouped(position.index + 1)}/${grouped(position.count)}`;
  return `REPLAY ${paused ? 'paused' : `${speed}${ascii ? 'x' : '×'}`}${at}`;
}

/** How far the refresh shown is behind the newest. */
function behindText({shown, latest}: ViewState, {ascii}: Scene): string {
  const behind = (latest?.time ?? 0) - (shown?.time ?? 0);
  return shown === undefined || behind < 50 ? '' : ` ${ascii ? '-' : '−'}${spanText(behind)}`;
}

/** A shorter piece of a probe's name tells nobody anything, nor of a title. */
const leastProbe = 14;
const leastTitle = 10;

/** Each once: a span may begin and end at one. */
export const placesOf = (shape: ViewShape | undefined): string => [...new Set(shape?.probes)].join(', ');

/** What the view is, on which probes, how exact. */
function titleLine(state: State, view: ViewState, columns: number, scene: Scene): Line {
  const {shown, shape} = view;
  const whole = shape?.title ?? currentEntry(state)?.title ?? '';
  const ways = shown === undefined ? [[]] : worthWays(shown, scene);
  const wanted = Math.min(leastTitle, widthOf(whole)) + 2;
  const right = ways.find((way) => widthOf(textOf(way)) + wanted <= columns) ?? ways.at(-1) ?? [];
  const room = columns - widthOf(textOf(right)) - 1;
  const title = crop(whole, room - 1);
  const filter: Line = view.filter === '' ? [] : [seg('   '), seg(`/${view.filter}`, 'match'), seg(` ${foundText(view)}`, 'dim')];
  const first: Line = isCut(view) && view.filter === '' ? [seg('   '), seg(`the first ${grouped(view.rows.length)}`, 'warn')] : [];
  const named: Line = [seg(' '), seg(title, 'title'), ...filter, ...first];
  const places = placesOf(shape);
  const probes = crop(places, room - widthOf(textOf(named)) - 4);
  const left: Line = probes === '' || (probes !== places && probes.length < leastProbe) ? named : [...named, seg(`   ${probes}`, 'dim')];
  return [...left, seg(' '.repeat(Math.max(1, columns - widthOf(textOf(left)) - widthOf(textOf(right))))), ...right];
}

/** How exact a frame is and how full its map, from all of it to the one word that has to be said. */
function worthWays(frame: Frame, scene: Scene): readonly Line[] {
  const {used, max} = frame.keys;
  const keys = seg(`  ${grouped(used)}${max === 0 ? '' : `/${grouped(max)}`} keys`, isFull(frame.keys) ? 'warn' : 'dim');
  const end = seg(' ');
  const said = seg(statusText(frame, scene), statusStyle(frame));
  if (frame.status === 'exact')
    return [
      [said, keys, end],
      [said, end],
    ];
  const key = {...seg('!', 'key'), target: {kind: 'key', command: 'status', key: '!'} as const};
  return [
    [said, end, key, seg(' why', 'dim'), keys, end],
    [said, end, key, seg(' why', 'dim'), end],
    [said, end, key, end],
    [seg(markedStatus(frame, scene), statusStyle(frame)), end, key, end],
  ];
}

/** Of a map that is cut to its first rows, those that pass are counted where the map is read. */
export function foundText(view: ViewState): string {
  const cut = isCut(view) ? view.shown : undefined;
  return `${grouped(cut?.sums.rows ?? view.rows.length)} of ${grouped(cut?.keys.used ?? view.sorted.length)}`;
}

export function statusText(frame: Frame, scene: Scene): string {
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
  return `${markedStatus(frame, scene)}${texts.length === 0 ? '' : `: ${texts.join(', ')}`}`;
}

const markedStatus = ({status}: Frame, {ascii}: Scene): string => `${ascii ? '!' : '⚠'} ${status}`;

export const statusStyle = (frame: Frame): Style => (frame.status === 'exact' ? 'good' : frame.status === 'approximate' ? 'warn' : 'bad');

/** Events a second with their last minute, since when totals count, what probing costs, what tsbpftop costs: as much as there is room for. */
function rateLine(view: ViewState, columns: number, {usage, ascii}: Scene): Line {
  const {shown} = view;
  if (shown === undefined) return [];
  const spark = sparkline(
    minuteOf(view.past, shown.time, (cell) => (view.shape?.lasting === true ? cell.total : cell.events / cell.seconds)),
    ascii,
  );
  const own =
    usage === undefined
      ? ''
      : `tsbpftop ${usage.cpuPercent.toFixed(1)} % CPU, ${Math.round(usage.memoryBytes / 1e6)} MB, ${si(usage.terminalBytesPerSecond, 'B/s')}`;
  const left: Line = [
    seg(' '),
    // what follows stays where it is when the number gets a digit more
    seg(eventsText(view).padEnd(15), 'bold'),
    seg(spark, 'accent'),
    ...(view.baseline === undefined ? [] : [seg('   '), seg(`totals since ${timeText(view.baseline.time)}`, 'warn')]),
  ];
  const since =
    view.baseline === undefined && view.since !== undefined && view.shape?.others !== true ? `since ${timeText(view.since)}` : '';
  const cost = costText(shown, view.shape);
  // what matters least goes first, and whole
  const [parts = []] = [[since, cost, own], [since, cost], [cost]].filter(
    (each) => widthOf(textOf(left)) + widthOf(spaced(each)) <= columns,
  );
  return [...left, seg(spaced(parts), 'dim')];
}

const spaced = (texts: readonly string[]): string => texts.flatMap((text) => (text === '' ? [] : [`   ${text}`])).join('');

/** A table of others has no probes of ours, and one that waits has no cost an event. */
function costText({cost, seq}: Frame, shape: ViewShape | undefined): string {
  if (shape?.others === true) return 'read only: no probes';
  if (seq === 0) return ''; // nothing is measured before there is an interval
  return cost.events === 0 ? 'no probe ran' : `probes ${cost.cpuPercent.toFixed(2)} % CPU, ${grouped(cost.nsPerEvent)} ns/event`;
}

/** The amount that is drawn big, of all rows. What others count are no events of ours: it is called as their column is. */
export function eventsText({sums, amount, shape}: ViewState): string {
  const [measure] = shape?.measures ?? [];
  if (shape?.others === true && measure === undefined) return '';
  if (shape?.lasting === true) return `${si(sums.total)} now`;
  const word = (count: number): string =>
    shape?.others === true ? (measure?.title.toLowerCase() ?? '') : count === 1 ? 'event' : 'events';
  switch (amount) {
    case 'rate':
      return `${si(Math.round(sums.rate * 10) / 10)} ${word(0)}/s`;
    case 'delta':
      return `${si(sums.delta)} ${word(sums.delta)}`;
    case 'total':
      return `${si(sums.total)} ${word(sums.total)} in all`;
  }
}

/** max 0: nothing bounds it. */
const isFull = ({used, max}: Frame['keys']): boolean => max > 0 && used >= max;
