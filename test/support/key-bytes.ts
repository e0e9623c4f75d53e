// What a terminal sends for a key, by the names of ui/keyboard.ts.
const bytes: Readonly<Record<string, string>> = {
  right: '\u001B[C',
  left: '\u001B[D',
  up: '\u001B[A',
  down: '\u001B[B',
  tab: '\t',
  backtab: '\u001B[Z',
  pageup: '\u001B[5~',
  pagedown: '\u001B[6~',
  home: '\u001B[H',
  end: '\u001B[F',
  enter: '\r',
  backspace: '\u007F',
  space: ' ',
  escape: '\u001B',
  f1: '\u001BOP',
  f3: '\u001BOR',
  f4: '\u001BOS',
  f5: '\u001B[15~',
  f6: '\u001B[17~',
  'shift-right': '\u001B[1;2C',
  'shift-left': '\u001B[1;2D',
  'ctrl-l': '\u000C',
  'ctrl-u': '\u0015',
  'ctrl-w': '\u0017',
};

export function keyBytes(key: string): string {
  const sent = bytes[key] ?? key;
  if ([...key].length > 1 && bytes[key] === undefined) throw new Error(`no bytes for ${key}`);
  return sent;
}
