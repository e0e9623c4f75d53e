// Text with meaning attached: what a screen is made of. ui/theme.ts turns styles into colours, a test reads the text.

import type {Command} from './hotkeys.ts';

export type Style =
  | 'plain'
  | 'dim'
  | 'bold'
  | 'title'
  | 'heading'
  | 'sorted'
  | 'selected'
  | 'good'
  | 'warn'
  | 'bad'
  | 'accent'
  | 'value'
  | 'bar'
  | 'barTotal'
  | 'tab'
  | 'hot'
  | 'match'
  | 'selectedMatch'
  | 'heat1'
  | 'heat2'
  | 'heat3'
  | 'heat4'
  | 'heat5'
  | 'key'
  | 'word';

/** What a click on a segment means. */
export type Target =
  | {readonly kind: 'tab'; readonly index: number}
  | {readonly kind: 'heading'; readonly sort: string; readonly align: 'left' | 'right'}
  | {readonly kind: 'row'; readonly index: number}
  | {readonly kind: 'pick'; readonly index: number}
  | {readonly kind: 'key'; readonly command: Command; readonly key: string};

export interface Segment {
  readonly text: string;
  readonly style: Style;
  readonly target?: Target;
}
export type Line = readonly Segment[];

export const seg = (text: string, style: Style = 'plain'): Segment => ({text, style});
export const textOf = (line: Line): string => line.map((segment) => segment.text).join('');

/** A key of the footer and what it does, as on htop's bar; a click on it presses it. */
export const hint = (shown: string, word: string, command?: Command, key = ''): Line =>
  [seg(shown, 'bold'), seg(` ${word} `, 'word'), seg(' ')].map((segment) =>
    command === undefined ? segment : {...segment, target: {kind: 'key', command, key} as const},
  );
