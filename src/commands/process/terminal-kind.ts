// What the terminal can do, as far as $TERM and the locale tell: which marks, colours, and whether it has a second screen. Pure.
// Terminals that are not named here do what xterm does.

import {UserError} from '../../errors.ts';

export interface TerminalKind {
  /** It can place a cursor at all. */
  readonly screen: boolean;
  readonly colour: boolean;
  /** Shows no more than ASCII. */
  readonly ascii: boolean;
  /** No second screen to go back from, and no cursor that can be hidden. */
  readonly basic: boolean;
  readonly mouse: boolean;
}

const modern: TerminalKind = {screen: true, colour: true, ascii: false, basic: false, mouse: true};
const kinds: readonly (readonly [type: RegExp, lacks: Partial<TerminalKind>])[] = [
  [/^dumb$/, {screen: false, colour: false, ascii: true}],
  [/^(vt1\d\d|vt52|vt220|vt3\d\d)\b/, {colour: false, ascii: true, basic: true, mouse: false}],
  // a console's font has 256 or 512 signs, and bars of eighths are not among them
  [/^linux\b/, {ascii: true, basic: true, mouse: false}],
  // a multiplexer has its own use for the mouse, copying among them
  [/^(screen|tmux)/, {mouse: false}],
  [/-(m|mono)$/, {colour: false}],
];

/** The locale that says what the terminal shows. LANG=C says nothing: root and containers have it on any terminal. */
export const charsetLocale = (chosen: string | undefined, language: string | undefined): string =>
  chosen || (language === 'C' || language === 'POSIX' ? '' : (language ?? ''));

/** `locale`: '' where none is set. */
export function terminalKind(type: string, locale: string): TerminalKind {
  const kind: TerminalKind = Object.assign({}, modern, ...kinds.filter(([pattern]) => pattern.test(type)).map(([, lacks]) => lacks));
  return locale === '' || /utf-?8/i.test(locale) ? kind : {...kind, ascii: true};
}

/** @throws UserError where only lines can be shown: a screen reader is content with these */
export function requireScreen({terminal, terminalType, spoken}: {terminal: TerminalKind; terminalType: string; spoken: boolean}): void {
  if (terminal.screen || spoken) return;
  throw new UserError(`the full screen needs a terminal with a cursor, and TERM is '${terminalType}'`, {
    hint: 'lines are enough for tsbpftop -b, and for --screen-reader',
  });
}
