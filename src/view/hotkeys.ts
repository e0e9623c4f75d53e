// THE table of keys. Dispatch, footer and help derive from it; a key that is not here does nothing.
import {saveFormats} from './saving.ts';

/**
 * What the keys are for: a table of rows, letters of a filter, the list of views, a question before a view is attached, the
 * format and the path of what is written.
 */
export type Mode = 'table' | 'text' | 'picker' | 'question' | 'format' | 'path' | 'builder';

export type Command =
  | 'nextView'
  | 'previousView'
  | 'view'
  | 'up'
  | 'down'
  | 'pageUp'
  | 'pageDown'
  | 'first'
  | 'last'
  | 'sortNext'
  | 'sortPrevious'
  | 'reverse'
  | 'sortByRate'
  | 'sortByTotal'
  | 'pause'
  | 'faster'
  | 'slower'
  | 'earlier'
  | 'later'
  | 'pane'
  | 'allRows'
  | 'tail'
  | 'build'
  | 'next'
  | 'previous'
  | 'complete'
  | 'follow'
  | 'amount'
  | 'baseline'
  | 'filter'
  | 'picker'
  | 'choose'
  | 'drill'
  | 'drillAnywhere'
  | 'back'
  | 'accept'
  | 'decline'
  | 'status'
  | 'scrollRight'
  | 'scrollLeft'
  | 'type'
  | 'erase'
  | 'eraseAll'
  | 'keep'
  | 'drop'
  | 'detail'
  | 'write'
  | 'format'
  | 'writeNow'
  | 'help'
  | 'close'
  | 'quit'
  | 'suspend'
  | 'repaint';

interface Hotkey {
  /** Names as ui/keyboard.ts gives them. */
  readonly keys: readonly string[];
  readonly command: Command;
  /** Where the key means this; in a table, unless it says otherwise. */
  readonly modes?: readonly Mode[];
  /** How help and footer write the keys; '' where they stand beside those of another, which says what both do. */
  readonly shown: string;
  readonly says: string;
  /** The same where there is no room for it. */
  readonly brief?: string;
  /** Word in the footer, where the key is one that a newcomer needs; its order there. */
  readonly footer?: {readonly word: string; readonly shown?: string; readonly order: number};
}

const typing: readonly Mode[] = ['text', 'picker', 'path', 'builder'];
/** Tab completes there, and goes down elsewhere. */
const listed: readonly Mode[] = ['text', 'picker', 'path'];
const everywhere: readonly Mode[] = ['table', 'text', 'picker', 'format', 'path', 'builder'];

export const hotkeys: readonly Hotkey[] = [
  {
    keys: ['right', 'tab'],
    command: 'nextView',
    shown: '← → Tab',
    says: 'previous, next view',
    footer: {word: 'view', shown: '←→', order: 1},
  },
  {keys: ['left', 'backtab'], command: 'previousView', shown: '', says: 'previous view'},
  {keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'], command: 'view', shown: '1-9', says: 'the n-th view'},
  {
    keys: ['p'],
    command: 'picker',
    shown: 'p',
    says: 'all views: search, what they answer, why not here',
    brief: 'all views, and a search',
    footer: {word: 'views', order: 5},
  },
  {
    keys: ['enter'],
    command: 'drill',
    shown: 'Enter Bksp',
    says: 'into the row, its key compared in the kernel; and back',
    brief: 'into the row, and back',
    footer: {word: 'drill', shown: 'Enter', order: 3},
  },
  {keys: ['backspace'], command: 'back', shown: '', says: 'back from a row'},
  {keys: ['d'], command: 'drillAnywhere', shown: 'd', says: 'into the row with any view'},
  {
    keys: ['n'],
    command: 'build',
    shown: 'n',
    says: 'new view: search a probe, choose fields and measures, save',
    brief: 'make a new view',
    footer: {word: 'new', order: 16},
  },
  {keys: ['up', 'k'], command: 'up', shown: '↑ ↓ k j', says: 'row up, down', footer: {word: 'row', shown: '↑↓', order: 2}},
  {keys: ['down', 'j'], command: 'down', shown: '', says: 'row down'},
  {keys: ['pageup'], command: 'pageUp', shown: 'PgUp PgDn', says: 'page up, down'},
  {keys: ['pagedown'], command: 'pageDown', shown: '', says: 'page down'},
  {keys: ['home', 'g'], command: 'first', shown: 'Home End', says: 'first, last row; also g, G'},
  {keys: ['end', 'G'], command: 'last', shown: '', says: 'last row'},
  {keys: ['f'], command: 'follow', shown: 'f', says: 'follow the selected row'},
  {
    keys: ['/', '\\', 'f3', 'f4'],
    command: 'filter',
    shown: '/ F3 F4',
    says: 'filter the rows as you type',
    brief: 'filter rows as you type',
    footer: {word: 'filter', shown: '/', order: 4},
  },
  {keys: ['space'], command: 'pause', shown: 'space', says: 'pause; collecting goes on', footer: {word: 'pause', order: 9}},
  {
    keys: [','],
    command: 'earlier',
    shown: ', .',
    says: 'the refresh before, after, of the last 120',
    brief: 'one refresh back, on',
    footer: {word: 'back', shown: ',.', order: 14},
  },
  {keys: ['.'], command: 'later', shown: '', says: 'the refresh after'},
  {
    keys: ['+', '='],
    command: 'slower',
    shown: '+ -',
    says: 'longer, shorter interval; a recording goes faster, slower',
    brief: 'longer, shorter interval',
  },
  {keys: ['-'], command: 'faster', shown: '', says: 'shorter interval; a recording goes slower'},
  {keys: ['z'], command: 'baseline', shown: 'z', says: 'totals count from now on; again: from the start', brief: 'totals from now on'},
  {
    keys: ['s', '>', 'f6'],
    command: 'sortNext',
    shown: 's S > < F6',
    says: 'sort by the next, the previous column',
    brief: 'sort by another column',
    footer: {word: 'sort', shown: 's', order: 6},
  },
  {keys: ['S', '<'], command: 'sortPrevious', shown: '', says: 'sort by the previous column'},
  {
    keys: ['P'],
    command: 'sortByRate',
    shown: 'P T',
    says: 'sort by the rate, by the total, as P and T of top',
    brief: 'sort by rate, by total',
  },
  {keys: ['T'], command: 'sortByTotal', shown: '', says: 'sort by the total'},
  {keys: ['r', 'R', 'I'], command: 'reverse', shown: 'r', says: 'reverse the order', footer: {word: 'reverse', order: 13}},
  {
    keys: ['a'],
    command: 'amount',
    shown: 'a',
    says: 'rate, delta or total: drawn big, sorted by',
    brief: 'rate, delta or total first',
    footer: {word: 'rate/total', order: 10},
  },
  {keys: [']', 'shift-right'], command: 'scrollRight', shown: '[ ] S-←→', says: 'columns further left, right', brief: 'other columns'},
  {keys: ['[', 'shift-left'], command: 'scrollLeft', shown: '', says: 'columns further to the left'},
  {
    keys: ['m', 'f5'],
    command: 'pane',
    shown: 'm F5',
    says: 'stacks as a tree, histogram, heat map over time, or the table alone',
    brief: 'histogram, heat map, tree',
    footer: {word: 'heat map', shown: 'm', order: 11},
  },
  {
    keys: ['M'],
    command: 'allRows',
    shown: 'M',
    says: 'histogram and heat map of all rows, or of the selected one',
    brief: 'these of all rows',
  },
  {
    keys: ['t'],
    command: 'tail',
    shown: 't',
    says: 'single events of the row as they happen',
    brief: 'single events of the row',
    footer: {word: 'tail', order: 15},
  },
  {
    keys: ['e'],
    command: 'detail',
    shown: 'e',
    says: 'preset, probes and programs of this view',
    brief: 'preset, probes, programs',
    footer: {word: 'detail', order: 12},
  },
  {
    keys: ['!'],
    command: 'status',
    shown: '!',
    says: 'how exact the numbers are and why; what it all costs',
    brief: 'how exact, at what cost',
  },
  {keys: ['w'], command: 'write', shown: 'w', says: 'write what is on the screen: text, CSV, JSON or SVG', brief: 'write this to a file'},
  {keys: ['?', 'h', 'f1'], command: 'help', shown: '? h F1', says: 'this help', footer: {word: 'help', shown: '?', order: 7}},
  {
    keys: ['escape'],
    command: 'close',
    shown: 'Esc',
    says: 'one step back: from help, a filter, single events, a drill',
    brief: 'one step back',
  },
  {keys: ['q', 'f10'], command: 'quit', shown: 'q F10 ^C', says: 'quit', footer: {word: 'quit', shown: 'q', order: 8}},
  {keys: ['y'], command: 'accept', modes: ['question'], shown: '', says: 'attach it'},
  {keys: ['n', 'escape'], command: 'decline', modes: ['question'], shown: '', says: 'leave it'},
  {keys: ['ctrl-c'], command: 'quit', modes: everywhere, shown: '', says: 'quit'},
  {
    keys: ['ctrl-z'],
    command: 'suspend',
    modes: everywhere,
    shown: '^Z ^L',
    says: 'to the shell, fg returns; repaint',
    brief: 'to the shell; repaint',
  },
  {keys: ['ctrl-l'], command: 'repaint', modes: everywhere, shown: '', says: 'paint the screen again'},
  {keys: ['backtab'], command: 'up', modes: listed, shown: '', says: 'row up'},
  {keys: ['tab'], command: 'down', modes: listed, shown: '', says: 'row down'},
  {keys: ['up'], command: 'up', modes: typing, shown: '', says: 'row up'},
  {keys: ['down'], command: 'down', modes: typing, shown: '', says: 'row down'},
  {keys: ['pageup'], command: 'pageUp', modes: typing, shown: '', says: 'page up'},
  {keys: ['pagedown'], command: 'pageDown', modes: typing, shown: '', says: 'page down'},
  {keys: ['home'], command: 'first', modes: typing, shown: '', says: 'first row'},
  {keys: ['end'], command: 'last', modes: typing, shown: '', says: 'last row'},
  {keys: ['enter'], command: 'keep', modes: ['text'], shown: '', says: 'keep the filter'},
  {keys: ['escape'], command: 'drop', modes: ['text'], shown: '', says: 'no filter'},
  {keys: ['enter'], command: 'choose', modes: ['picker'], shown: '', says: 'open the view'},
  {keys: ['escape'], command: 'close', modes: ['picker', 'format', 'path', 'builder'], shown: '', says: 'close it'},
  {keys: ['enter'], command: 'next', modes: ['builder'], shown: '', says: 'the next step; the last one shows the view'},
  {keys: ['backtab'], command: 'previous', modes: ['builder'], shown: '', says: 'the step before'},
  {keys: ['tab'], command: 'complete', modes: ['builder'], shown: '', says: 'type what is selected'},
  {keys: saveFormats.map(({key}) => key), command: 'format', modes: ['format'], shown: '', says: 'in this format'},
  {keys: ['enter'], command: 'writeNow', modes: ['path'], shown: '', says: 'write it'},
  {keys: ['backspace'], command: 'erase', modes: typing, shown: '', says: 'erase a letter'},
  {keys: ['ctrl-u', 'ctrl-w'], command: 'eraseAll', modes: typing, shown: '', says: 'erase all'},
];

const modesOf = ({modes}: Hotkey): readonly Mode[] => modes ?? ['table'];
const byKey: Readonly<Record<Mode, ReadonlyMap<string, Command>>> = {
  table: keysOfMode('table'),
  text: keysOfMode('text'),
  picker: keysOfMode('picker'),
  format: keysOfMode('format'),
  path: keysOfMode('path'),
  builder: keysOfMode('builder'),
  // a question is asked over the table, and its keys go on
  question: new Map([...keysOfMode('table'), ...keysOfMode('question')]),
};

function keysOfMode(mode: Mode): ReadonlyMap<string, Command> {
  return new Map(
    hotkeys
      .filter((hotkey) => modesOf(hotkey).includes(mode))
      .flatMap((hotkey) => hotkey.keys.map((key) => [key, hotkey.command] as const)),
  );
}

export const isTyping = (mode: Mode): boolean => typing.includes(mode);

export function commandOf(key: string, mode: Mode): Command | undefined {
  return byKey[mode].get(key) ?? (isTyping(mode) && ([...key].length === 1 || key === 'space') ? 'type' : undefined);
}

/** Those that help shows. */
export const helpKeys: readonly Hotkey[] = hotkeys.filter((hotkey) => hotkey.shown !== '');

export const footerKeys: readonly {readonly shown: string; readonly word: string; readonly command: Command; readonly key: string}[] =
  hotkeys
    .filter((hotkey) => hotkey.footer !== undefined)
    .sort((a, b) => (a.footer?.order ?? 0) - (b.footer?.order ?? 0))
    .map((hotkey) => ({
      shown: hotkey.footer?.shown ?? hotkey.shown,
      word: hotkey.footer?.word ?? '',
      command: hotkey.command,
      key: hotkey.keys[0] ?? '',
    }));

/** The same as a table of Markdown, for the README. */
export const keysTable = (): string =>
  ['| key | does |', '|---|---|', ...helpKeys.map(({shown, says}) => `| ${shown} | ${says} |`)].join('\n');
