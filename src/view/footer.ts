// The last line: the keys a newcomer needs, or what is being typed. Pure.
import {widthOf} from './fit.ts';
import {foundText} from './header.ts';
import {footerKeys} from './hotkeys.ts';
import {lastOverlayTop} from './overlay.ts';
import {savingLine} from './saving.ts';
import {currentView, modeOf, type State} from './state.ts';
import {hint, type Line, seg, type Segment} from './styles.ts';

export function footer(state: State, columns: number): Line {
  if (state.saving !== undefined) return savingLine(state.saving, columns);
  switch (modeOf(state)) {
    case 'picker':
      return [
        seg(' '),
        ...hint('Enter', 'open', 'choose', 'enter'),
        ...hint('↑↓', 'choose'),
        ...hint('Esc', 'back', 'close', 'escape'),
        seg('type to search', 'dim'),
      ];
    case 'builder':
      return [
        seg(' '),
        ...hint('Enter', 'next', 'next', 'enter'),
        ...hint('Tab', 'complete', 'complete', 'tab'),
        ...(state.builder?.step === 'by' || state.builder?.step === 'measure' ? hint('Space', 'take', 'type', 'space') : []),
        ...hint('Esc', state.builder?.step === 'probe' ? 'close' : 'back', 'close', 'escape'),
      ];
    case 'question':
      return [
        seg(' '),
        ...hint('y', 'attach it', 'accept', 'y'),
        ...hint('n', 'leave it', 'decline', 'n'),
        ...hint('←→', 'view', 'nextView', 'right'),
        ...hint('p', 'views', 'picker', 'p'),
        ...hint('q', 'quit', 'quit', 'q'),
      ];
    case 'table':
    case 'text':
    case 'format':
    case 'path':
  }
  if (state.filtering) {
    const view = currentView(state);
    const end: Line = [
      seg(`   ${foundText(view)}   `, 'dim'),
      ...hint('Enter', 'keep', 'keep', 'enter'),
      ...hint('Esc', 'all rows', 'drop', 'escape'),
    ];
    return [seg(' /', 'key'), seg(view.filter, 'match'), seg(' ', 'tab'), ...end];
  }
  if (state.overlay !== 'none')
    return [
      seg(' '),
      ...(lastOverlayTop(state) > 0 ? hint('↑↓', 'scroll') : []),
      ...hint('Esc', 'back', 'close', 'escape'),
      ...hint('q', 'quit', 'quit', 'q'),
    ];
  const {notice} = currentView(state);
  if (notice !== undefined) return [seg(` ${notice}`, 'warn')];
  const segments: Segment[] = [seg(' ')];
  let width = 1;
  const ofTime = timeKeys(state);
  const others = footerKeys.filter((each) => !ofTime.some(({command}) => command === each.command) && isOfUse(state, each));
  for (const {shown, word, command, key} of [...ofTime, ...others]) {
    const next = widthOf(shown) + word.length + 3;
    if (width + next > columns) break;
    segments.push(...hint(shown, word, command, key));
    width += next;
  }
  return segments;
}

type FooterKey = (typeof footerKeys)[number];

const ofRows: ReadonlySet<string> = new Set(['up', 'drill', 'filter', 'sortNext', 'reverse', 'amount', 'pane', 'tail', 'earlier', 'pause']);

/** A view that could not be attached has no rows to do anything with. */
const isOfUse = (state: State, {command}: FooterKey): boolean =>
  currentView(state).failure === undefined || currentView(state).shown !== undefined || !ofRows.has(command);

/** Of a recording, and while the screen is paused, what moves it in time comes first. */
function timeKeys({paused, replay}: State): readonly FooterKey[] {
  if (!paused && replay === undefined) return [];
  return [
    {shown: 'space', word: paused ? (replay === undefined ? 'go on' : 'play') : 'pause', command: 'pause', key: 'space'},
    {shown: ',.', word: 'step', command: 'earlier', key: ','},
    ...(replay === undefined ? [] : [{shown: '+-', word: 'speed', command: 'slower', key: '+'} as const]),
  ];
}
