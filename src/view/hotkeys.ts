// THE table of keys. Dispatch, footer and help derive from it; a key that is not here does nothing.

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
  | 'pause'
  | 'faster'
  | 'slower'
  | 'histogram'
  | 'follow'
  | 'detail'
  | 'help'
  | 'close'
  | 'quit'
  | 'suspend'
  | 'repaint';

export interface Hotkey {
  /** Names as ui/keyboard.ts gives them. */
  readonly keys: readonly string[];
  readonly command: Command;
  /** How help and footer write the keys. */
  readonly shown: string;
  readonly says: string;
  /** Word in the footer, where the key is one that a newcomer needs; its order there. */
  readonly footer?: {readonly word: string; readonly shown?: string; readonly order: number};
}

export const hotkeys: readonly Hotkey[] = [
  {keys: ['right', 'tab'], command: 'nextView', shown: '→ Tab', says: 'next view', footer: {word: 'view', shown: '←→', order: 1}},
  {keys: ['left', 'backtab'], command: 'previousView', shown: '← S-Tab', says: 'previous view'},
  {keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'], command: 'view', shown: '1-9', says: 'the n-th view'},
  {keys: ['up', 'k'], command: 'up', shown: '↑ k', says: 'row up', footer: {word: 'row', shown: '↑↓', order: 2}},
  {keys: ['down', 'j'], command: 'down', shown: '↓ j', says: 'row down'},
  {keys: ['pageup'], command: 'pageUp', shown: 'PgUp', says: 'page up'},
  {keys: ['pagedown'], command: 'pageDown', shown: 'PgDn', says: 'page down'},
  {keys: ['home', 'g'], command: 'first', shown: 'Home g', says: 'first row'},
  {keys: ['end', 'G'], command: 'last', shown: 'End G', says: 'last row'},
  {keys: ['f'], command: 'follow', shown: 'f', says: 'follow the selected row'},
  {keys: ['s', '>'], command: 'sortNext', shown: 's >', says: 'sort by the next column', footer: {word: 'sort', shown: 's', order: 3}},
  {keys: ['S', '<'], command: 'sortPrevious', shown: 'S <', says: 'sort by the previous column'},
  {keys: ['r'], command: 'reverse', shown: 'r', says: 'reverse the order', footer: {word: 'reverse', order: 7}},
  {keys: ['space'], command: 'pause', shown: 'space', says: 'pause the screen; collecting goes on', footer: {word: 'pause', order: 4}},
  {keys: ['+', '='], command: 'slower', shown: '+', says: 'longer interval'},
  {keys: ['-'], command: 'faster', shown: '-', says: 'shorter interval'},
  {keys: ['m'], command: 'histogram', shown: 'm', says: 'histogram of the selected row, on and off', footer: {word: 'histogram', order: 8}},
  {keys: ['e'], command: 'detail', shown: 'e', says: 'preset, probes and programs of this view', footer: {word: 'detail', order: 9}},
  {keys: ['?', 'h', 'f1'], command: 'help', shown: '? h F1', says: 'this help', footer: {word: 'help', shown: '?', order: 5}},
  {keys: ['escape', 'enter'], command: 'close', shown: 'Esc', says: 'close help or detail'},
  {keys: ['q', 'f10', 'ctrl-c'], command: 'quit', shown: 'q F10 ^C', says: 'quit', footer: {word: 'quit', shown: 'q', order: 6}},
  {keys: ['ctrl-z'], command: 'suspend', shown: '^Z', says: 'back to the shell; fg returns'},
  {keys: ['ctrl-l'], command: 'repaint', shown: '^L', says: 'paint the screen again'},
];

const byKey: ReadonlyMap<string, Command> = new Map(hotkeys.flatMap((hotkey) => hotkey.keys.map((key) => [key, hotkey.command] as const)));

export const commandOf = (key: string): Command | undefined => byKey.get(key);

export const footerKeys: readonly {readonly shown: string; readonly word: string}[] = hotkeys
  .filter((hotkey) => hotkey.footer !== undefined)
  .sort((a, b) => (a.footer?.order ?? 0) - (b.footer?.order ?? 0))
  .map((hotkey) => ({shown: hotkey.footer?.shown ?? hotkey.shown, word: hotkey.footer?.word ?? ''}));
