// The last line: the keys a newcomer needs, or what is being typed. Pure.
import {widthOf} from './fit.ts';
import {foundText} from './header.ts';
import {footerKeys} from './hotkeys.ts';
import {lastOverlayTop} from './overlay.ts';
import {savingLine} from './saving.ts';
import {currentView, modeOf, type State, treeShown} from './state.ts';
import {hint, type Line, seg, textOf} from './styles.ts';
import {hasStacks} from '../decode/stacks.ts';

export function footer(state: State, columns: number): Line {
  if (state.saving !== undefined) return savingLine(state.saving, columns);
  switch (modeOf(state)) {
    case 'picker':
      return hints(columns, [
        hint('Enter', 'open', 'choose', 'enter'),
        hint('Esc', 'back', 'close', 'escape'),
        hint('↑↓', 'choose'),
        [seg('type to search', 'dim')],
      ]);
    case 'builder':
      return hints(columns, [
        hint('Enter', 'next', 'next', 'enter'),
        hint('Esc', state.builder?.step === 'probe' ? 'close' : 'back', 'close', 'escape'),
        ...(state.builder?.step === 'by' || state.builder?.step === 'measure' ? [hint('Space', 'take', 'type', 'space')] : []),
        hint('Tab', 'complete', 'complete', 'tab'),
      ]);
    case 'question':
      return hints(columns, [
        hint('y', 'attach it', 'accept', 'y'),
        hint('n', 'leave it', 'decline', 'n'),
        hint('q', 'quit', 'quit', 'q'),
        hint('←→', 'view', 'nextView', 'right'),
        hint('p', 'views', 'picker', 'p'),
      ]);
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
  const ofTime = timeKeys(state);
  const others = footerKeys.filter((each) => !ofTime.some(({command}) => command === each.command) && isOfUse(state, each));
  const keys = [...ofTime, ...others].map((each) => (each.command === 'pane' ? {...each, word: paneWord(state)} : each));
  // how to get help and out is seen at any width
  const sure = keys.filter(({command}) => always.has(command));
  let room = columns - 1 - widthOf(textOf(sure.flatMap(ofKey)));
  const shown = keys.filter((key) => {
    if (always.has(key.command)) return true;
    room -= widthOf(textOf(ofKey(key)));
    return room >= 0;
  });
  return [seg(' '), ...shown.flatMap(ofKey)];
}

const always: ReadonlySet<string> = new Set(['help', 'quit']);
const ofKey = ({shown, word, command, key}: FooterKey): Line => hint(shown, word, command, key);

/** As many as there is room for, each whole. */
function hints(columns: number, all: readonly Line[]): Line {
  const fitting = all.findIndex((_, i) => widthOf(textOf(all.slice(0, i + 1).flat()).trimEnd()) + 1 > columns);
  return [seg(' '), ...all.slice(0, fitting < 0 ? all.length : fitting).flat()];
}

type FooterKey = (typeof footerKeys)[number];

const ofRows: ReadonlySet<string> = new Set(['up', 'drill', 'filter', 'sortNext', 'reverse', 'amount', 'pane', 'tail', 'earlier', 'pause']);

/** A view that could not be attached has no rows to do anything with. */
function isOfUse(state: State, {command}: FooterKey): boolean {
  const {failure, shown, shape} = currentView(state);
  if (failure !== undefined && shown === undefined && ofRows.has(command)) return false;
  switch (command) {
    case 'pane':
      return shape !== undefined && (shape.hist !== undefined || hasStacks(shape));
    case 'tail':
      return state.canTail;
    case 'build':
      return state.canMake;
    default:
      return true;
  }
}

/** What comes next. */
function paneWord(state: State): string {
  const {shape} = currentView(state);
  if (treeShown(state)) return 'rows';
  if (shape?.hist === undefined) return 'tree';
  const words = {histogram: 'heat map', heatmap: 'table', none: state.flat && hasStacks(shape) ? 'tree' : 'histogram', tail: 'histogram'};
  return words[state.pane];
}

/** Of a recording, and while the screen is paused, what moves it in time comes first. */
function timeKeys({paused, replay}: State): readonly FooterKey[] {
  if (!paused && replay === undefined) return [];
  return [
    {shown: 'space', word: paused ? (replay === undefined ? 'go on' : 'play') : 'pause', command: 'pause', key: 'space'},
    {shown: ',.', word: 'step', command: 'earlier', key: ','},
    ...(replay === undefined ? [] : [{shown: '+-', word: 'speed', command: 'slower', key: '+'} as const]),
  ];
}
