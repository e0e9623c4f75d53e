// The list of views to choose from: by group, or by how well they match what was typed. Pure.
import {crop, fit, widthOf} from './fit.ts';
import {paragraphs, wrapped} from './lines.ts';
import {causeOnly, withoutView} from './reason.ts';
import {type Found, search} from './search.ts';
import type {ViewEntry} from './source.ts';
import type {State} from './state/model.ts';
import {type Line, seg, type Segment, type Style} from './styles.ts';

type Picked = Found<ViewEntry>;

const everywhere = (): boolean => true;

/** Those that do not run here come last, of their group or of all that were found; but who types a whole name gets that view, to be told why. */
export function pick(entries: readonly ViewEntry[], query: string, runs: (entry: ViewEntry) => boolean = everywhere): readonly Picked[] {
  const runningFirst = <T>(all: readonly T[], entryOf: (each: T) => ViewEntry): readonly T[] => {
    const running = new Set(all.filter((each) => runs(entryOf(each))));
    return [...running, ...all.filter((each) => !running.has(each))];
  };
  if (query.trim() === '') {
    const groups = [...new Set(entries.map((entry) => entry.group))];
    return groups.flatMap((group) =>
      runningFirst(
        entries.filter((entry) => entry.group === group),
        (entry) => entry,
      ).map((entry) => ({entry, inName: [], inDescription: []})),
    );
  }
  const found = search(entries, query);
  const named = found.filter(({entry}) => entry.name === query.trim());
  const others = found.filter((each) => !named.includes(each));
  return [...named, ...runningFirst(others, ({entry}) => entry)];
}

/** What stands in the way of a view here, if it is known. */
export const whyNot = (state: State, entry: ViewEntry): string =>
  withoutView(state.views[entry.name]?.failure?.message ?? entry.unavailable ?? state.checked[entry.name] ?? '');

const narrow = 60;

/** What the list shows, in its order. */
export const picked = (state: State): readonly Picked[] =>
  state.picker === undefined ? [] : pick(state.catalog, state.picker.query, (entry) => whyNot(state, entry) === '');

export function pickerLines(state: State, lines: number, ascii: boolean): readonly Line[] {
  const {picker, columns} = state;
  if (picker === undefined) return [];
  const found = picked(state);
  const grouped = picker.query.trim() === '';
  const names = Math.max(12, ...state.catalog.map((entry) => widthOf(entry.name)));
  // where the screen is narrow, what a view answers says more than its group
  const groups = columns < narrow ? -2 : Math.max(...state.catalog.map((entry) => widthOf(entry.group)));
  const room = Math.max(10, columns - names - groups - 8);
  const all = found.map(({entry, inName, inDescription}, i): Line => {
    const chosen = i === picker.selected;
    const reason = whyNot(state, entry);
    const base: Style = chosen ? 'selected' : reason === '' ? 'plain' : 'dim';
    const group = grouped && found[i - 1]?.entry.group === entry.group ? '' : entry.group;
    const says = reason === '' ? entry.description : `${ascii ? '' : '✗ '}not here: ${causeOnly(reason)}`;
    const target = {kind: 'pick', index: i} as const;
    return [
      seg(chosen ? (ascii ? '> ' : '▌ ') : '  ', 'accent'),
      seg(fit(group, groups + 2), chosen ? 'selected' : 'key'),
      ...marked(fit(entry.name, names), inName, base, chosen),
      seg(entry.warning === undefined ? '  ' : ascii ? ' !' : ' ⚠', chosen ? 'selected' : 'hot'),
      seg(' ', base),
      ...marked(fit(says, room), reason === '' ? inDescription : [], base, chosen),
    ].map((segment) => ({...segment, target}));
  });
  const question = picker.drill === undefined ? ' choose a view' : ` drill into ${picker.drill.label} with`;
  const head: Line = [
    seg(question, 'title'),
    seg('   '),
    seg(picker.query, 'match'),
    seg(' ', 'tab'),
    seg(`   ${found.length} of ${state.catalog.length}`, 'dim'),
  ];
  // where the screen is low, the list gets what else parts it from the rest
  const low = lines < lowLines;
  const foot = about(state, found[picker.selected]?.entry).slice(low ? 1 : 0);
  const gap = low ? [] : [[]];
  const page = Math.max(1, lines - 1 - foot.length - 2 * gap.length);
  const top = Math.max(0, Math.min(picker.selected - Math.floor(page / 2), all.length - page));
  const shown = all.slice(top, top + page);
  const empty =
    found.length === 0
      ? paragraphs(
          `no view is found by '${picker.query}': try fewer or other words; n, outside this list, makes a view of any probe`,
          'dim',
          columns,
        )
      : [];
  const blank = Array.from({length: Math.max(0, page - shown.length - empty.length)}, (): Line => []);
  return [head, ...gap, ...shown, ...empty, ...blank, ...gap, ...foot];
}

const lowLines = 10;
/** From here on a second line is kept for the reason, which is seldom shorter than one. */
const roomyLines = 20;

/** Of the chosen one, what the list has no room for. */
function about(state: State, entry: ViewEntry | undefined): readonly Line[] {
  if (entry === undefined) return [];
  const reason = whyNot(state, entry);
  const unknown = state.checked[entry.name] === undefined && reason === '' && state.replay === undefined;
  const [text, style]: readonly [string, Style] =
    reason !== ''
      ? [`cannot run here: ${reason}`, 'bad']
      : entry.warning !== undefined
        ? [`costly: ${entry.warning}`, 'warn']
        : unknown
          ? ['finding out whether it runs here …', 'dim']
          : [state.replay === undefined ? 'runs here' : 'is in this recording', 'good'];
  const width = state.columns - 2;
  const line = (each: string, its: Style): Line => [seg(` ${crop(each, width)}`, its)];
  const roomy = state.lines >= roomyLines;
  // as many lines for each view, so that the list does not move while one goes through it
  const block = (text: string, its: Style, count: number): readonly Line[] => {
    const all = wrapped(text, width);
    return Array.from({length: count}, (_, i) => line(i < count - 1 ? (all[i] ?? '') : all.slice(i).join(' '), its));
  };
  return [...block(`${entry.title}: ${entry.description}`, 'plain', roomy ? 3 : 1), ...block(text, style, roomy ? 2 : 1)];
}

function marked(text: string, places: readonly number[], style: Style, chosen: boolean): readonly Segment[] {
  if (places.length === 0) return [seg(text, style)];
  const wanted = new Set(places);
  const segments: Segment[] = [];
  for (const [i, char] of [...text].entries()) {
    const its: Style = wanted.has(i) ? (chosen ? 'selectedMatch' : 'match') : style;
    const last = segments.at(-1);
    if (last !== undefined && (last.style === its || /\p{M}/u.test(char)))
      segments[segments.length - 1] = {...last, text: last.text + char};
    else segments.push(seg(char, its));
  }
  return segments;
}
