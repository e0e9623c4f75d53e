// Styles to colours: of the terminal's own 16, so that they follow the user's theme. No text is yellow, which cannot be read on
// white. Without colour, what matters is bold or reversed: nothing is told by colour alone.
import type {Line, Style} from '../view/styles.ts';
import {styleNumber} from './sgr.ts';

export interface Theme {
  readonly codes: Readonly<Record<Style, string>>;
  /** The same as numbers of cells. */
  readonly numbers: Readonly<Record<Style, number>>;
}

const colours: Readonly<Record<Style, string>> = {
  plain: '',
  dim: '90',
  bold: '1',
  title: '1',
  heading: '30;42',
  // bold black is grey in many terminals
  sorted: '30;46',
  selected: '30;46',
  good: '32',
  warn: '30;43',
  bad: '1;31',
  accent: '36',
  value: '1',
  bar: '33',
  barTotal: '36',
  tab: '1;7',
  hot: '1;35',
  match: '1;4;35',
  selectedMatch: '30;43',
  heat1: '34',
  heat2: '36',
  heat3: '32',
  heat4: '33',
  heat5: '91',
  key: '1;36',
  word: '30;46',
};
const plain: Readonly<Record<Style, string>> = {
  plain: '',
  dim: '',
  bold: '1',
  title: '1',
  heading: '1;4',
  sorted: '1;4;7',
  selected: '7',
  good: '',
  warn: '7',
  bad: '1',
  accent: '',
  value: '1',
  bar: '1',
  barTotal: '',
  tab: '1;7',
  hot: '1',
  match: '1;4',
  selectedMatch: '1;4;7',
  heat1: '',
  heat2: '',
  heat3: '',
  heat4: '',
  heat5: '1',
  key: '1',
  word: '7',
};

export function themeOf(colour: boolean): Theme {
  const codes = colour ? colours : plain;
  const numbers = Object.entries(codes).map(([style, code]) => [style, styleNumber(code)]);
  return {codes, numbers: Object.fromEntries(numbers) as Theme['numbers']};
}

/** A line with its escape sequences, each closed, so that lines can be painted alone. */
export function paint(line: Line, {codes}: Pick<Theme, 'codes'>): string {
  let text = '';
  for (const segment of line) {
    const code = codes[segment.style];
    text += code === '' || segment.text === '' ? segment.text : `\u001B[${code}m${segment.text}\u001B[0m`;
  }
  return text;
}
