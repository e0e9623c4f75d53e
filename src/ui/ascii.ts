// --ascii: what is painted, in ASCII alone and in as many columns. The views draw with ASCII where it says more; this is for the
// rest, and for names and paths that hold other characters.
import {widthOf} from '../view/fit.ts';

const like: Readonly<Record<string, string>> = {
  '…': '~',
  '←': '<',
  '→': '>',
  '↑': '^',
  '↓': 'v',
  '⏎': '<',
  '‹': '<',
  '›': '>',
  '▸': '>',
  '▾': 'v',
  '▴': '^',
  '▌': '>',
  '×': 'x',
  '−': '-',
  '–': '-',
  µ: 'u',
  '∞': '*',
  '│': '|',
  '─': '-',
  '└': '+',
  '·': '.',
  '’': "'",
};

const beyond = /[^\0-\x7F]/gu;

export const asciiOf = (text: string): string => text.replace(beyond, (char) => like[char] ?? '?'.repeat(widthOf(char)));
