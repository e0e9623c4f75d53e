// What the numbers on the screen are worth and what they cost: `!`. Pure.
import {besideOf} from '../decode/losses.ts';
import {statusStyle, statusText} from './header.ts';
import {fit} from './fit.ts';
import {paragraphs, wrapped} from './lines.ts';
import type {Scene} from './screen.ts';
import {currentView, isCut, type State, type ViewState} from './state.ts';
import {type Line, seg, type Style} from './styles.ts';
import {grouped, si, timeText} from './units.ts';

const labels = 11;
const whyExact =
  'every event that reached the probes is in these numbers: none found the map full, none was skipped, no text was unreadable';
const whyExactOfOthers = 'these are the numbers that others counted, as they stood when they were read; what they missed nobody here knows';
const whyExactOfLasting =
  'all that came since the view was attached and is not over is in these numbers; what began before that is not, since nobody saw it begin';
const howMeasured =
  'The kernel measures this while the view is shown, and not else. Measuring takes two readings of the clock, some 20 to 40 ns a run that are not in the figure';

/** Why nothing was read, where that is known. */
const unread = ({failure, trouble = ''}: ViewState): readonly string[] =>
  ['nothing was read yet', failure?.message ?? trouble, failure?.hint ?? ''].filter((text) => text !== '');

export function statusLines(state: State, scene: Scene): readonly Line[] {
  const view = currentView(state);
  const {shown} = view;
  if (shown === undefined) return [[], ...unread(view).flatMap((text) => paragraphs(text, 'dim', state.columns))];
  const item = (label: string, text: string, style: Style = 'plain'): readonly Line[] =>
    wrapped(text, state.columns - labels - 3).map((line, i) => [
      seg(` ${fit(i === 0 ? label : '', labels - 1)} `, 'key'),
      seg(line, style),
    ]);
  const {keys, cost, interval, reasons} = shown;
  const {usage} = scene;
  const beside = besideOf(shown.lost);
  const others = view.shape?.others === true;
  return [
    [seg(' how exact, and what it costs   ', 'title'), seg(statusText(shown, scene), statusStyle(shown))],
    [],
    ...(reasons.length === 0
      ? item('why', others ? whyExactOfOthers : view.shape?.lasting === true ? whyExactOfLasting : whyExact)
      : reasons.flatMap((reason, i) => item(i === 0 ? 'why' : '', reason))),
    ...(beside === undefined ? [] : item('beside', beside)),
    ...(shown.hosts ?? []).flatMap(({host, error, hint = ''}) =>
      error === undefined ? [] : [...item(host, error, 'bad'), ...(hint === '' ? [] : item('', hint.split('\n').join('; '), 'dim'))],
    ),
    [],
    ...item(
      'keys',
      keys.max === 0
        ? grouped(keys.used)
        : `${grouped(keys.used)} of at most ${grouped(keys.max)}, ${((keys.used / keys.max) * 100).toFixed(1)} % of the map`,
    ),
    ...(isCut(view)
      ? item('rows', `the first ${grouped(view.sorted.length)} in the order shown; sums, shares and events are of all`, 'warn')
      : []),
    ...item(
      'totals',
      view.baseline !== undefined
        ? `since ${timeText(view.baseline.time)}; z z: ${others ? 'as others count them' : 'since it was attached'}`
        : others
          ? 'as others count them; z: what comes from now on'
          : `since the view was attached${view.since === undefined ? '' : `, at ${timeText(view.since)}`}; z: from now on`,
    ),
    ...item('interval', `${interval.toFixed(3)} s measured, ${state.interval} s asked for`),
    [],
    ...(others
      ? item('probes', 'none of ours: the numbers are read where others keep them')
      : [
          ...item(
            'probes',
            `${grouped(cost.nsPerEvent)} ns an event, ${cost.cpuPercent.toFixed(2)} % of one CPU: ${grouped(cost.events)} runs in that interval`,
          ),
          ...item('', howMeasured, 'dim'),
        ]),
    ...(usage === undefined
      ? []
      : item(
          'tsbpftop',
          `${usage.cpuPercent.toFixed(1)} % of one CPU, ${Math.round(usage.memoryBytes / 1e6)} MB of memory, ${si(usage.terminalBytesPerSecond, 'B/s')} to the terminal`,
        )),
  ];
}
