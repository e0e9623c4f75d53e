// Bytes from the terminal to names of keys, and what the mouse did. Several may come in one read; what is not known is
// passed over.
import {answer} from './pace.ts';

/** In the terminal's cells, from 0. */
export interface Mouse {
  readonly kind: 'press' | 'wheelUp' | 'wheelDown';
  readonly column: number;
  readonly line: number;
}
/** What the terminal says was pasted, where it can tell that from typing. */
export interface Paste {
  readonly kind: 'paste';
  readonly text: string;
}
export type Input = string | Mouse | Paste;

const pasteBegins = '\u001B[200~';
const pasteEnds = '\u001B[201~';
/** Of a paste whose end has not come, no more is kept. */
const longestPaste = 65_536;

/** Reads what comes piece by piece: a long paste takes several, and a slow line may part a sequence. */
export function keyReader(): (input: string) => readonly Input[] {
  let parted = '';
  let pasting: string | undefined;
  return (input) => {
    const keys: Input[] = [];
    let rest = parted + input;
    parted = '';
    while (rest !== '') {
      if (pasting === undefined) {
        const [typed, begun, after] = cut(rest, pasteBegins);
        parted = begun ? '' : (/\u001B\[[0-9;<]*$/.exec(typed)?.[0] ?? '');
        keys.push(...keysOf(typed.slice(0, typed.length - parted.length)));
        if (begun) pasting = '';
        rest = after;
      } else {
        const [text, ended, after] = cut(pasting + rest, pasteEnds);
        const [, broken, behind] = cut(ended ? '' : text, '\u0003');
        if (ended) keys.push({kind: 'paste', text});
        pasting = ended || broken ? undefined : shortened(text);
        // an end that got lost takes the keyboard away only until Ctrl-C
        rest = broken ? `\u0003${behind}` : after;
      }
    }
    return keys;
  };
}

/** Its end may be the beginning of the mark. */
const shortened = (text: string): string =>
  text.length <= longestPaste ? text : text.slice(0, longestPaste) + text.slice(-pasteEnds.length);

function cut(text: string, at: string): readonly [before: string, found: boolean, after: string] {
  const place = text.indexOf(at);
  return place < 0 ? [text, false, ''] : [text.slice(0, place), true, text.slice(place + at.length)];
}

/** What the terminal says of itself, and nobody typed. */
export const terminalAnswer = 'terminal-answer';

const sequences: Readonly<Record<string, string>> = {
  [answer]: terminalAnswer,
  '[A': 'up',
  '[B': 'down',
  '[C': 'right',
  '[D': 'left',
  '[1;2C': 'shift-right',
  '[1;2D': 'shift-left',
  OA: 'up',
  OB: 'down',
  OC: 'right',
  OD: 'left',
  '[Z': 'backtab',
  '[5~': 'pageup',
  '[6~': 'pagedown',
  '[H': 'home',
  '[F': 'end',
  OH: 'home',
  OF: 'end',
  '[1~': 'home',
  '[4~': 'end',
  '[7~': 'home',
  '[8~': 'end',
  '[3~': 'delete',
  OP: 'f1',
  OR: 'f3',
  OS: 'f4',
  '[13~': 'f3',
  '[14~': 'f4',
  '[15~': 'f5',
  '[17~': 'f6',
  '[[C': 'f3',
  '[[D': 'f4',
  '[[E': 'f5',
  '[11~': 'f1',
  '[[A': 'f1',
  '[21~': 'f10',
};
const controls: Readonly<Record<string, string>> = {
  '\t': 'tab',
  '\r': 'enter',
  '\n': 'enter',
  ' ': 'space',
  '\u007F': 'backspace',
  '\b': 'backspace',
};

export function keysOf(input: string): readonly Input[] {
  const keys: Input[] = [];
  for (let at = 0; at < input.length; ) {
    const rest = input.slice(at);
    // CSI and SS3 sequences, Linux's F1; an escape before anything else is the key itself
    const sequence = /^\u001B(\[\[[A-E]|\[[0-9;?<]*[ -/]*[@-~]|O[A-Za-z])/.exec(rest);
    if (sequence !== null) {
      const known = sequences[sequence[1] ?? ''] ?? mouseOf(sequence[1] ?? '');
      if (known !== undefined) keys.push(known);
      at += sequence[0].length;
      continue;
    }
    const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    at += character.length;
    const code = character.charCodeAt(0);
    if (character === '\u001B') keys.push('escape');
    else if (controls[character] !== undefined) keys.push(controls[character]);
    else if (code < 32) keys.push(`ctrl-${String.fromCharCode(code + 96)}`);
    else if (code < 0xa0 && code > 0x7e)
      continue; // what a terminal acts on
    else keys.push(character);
  }
  return keys;
}

/** SGR reports, `[<BUTTON;COLUMN;LINEM`: the left button, the wheel. Released buttons, and moves, mean nothing here. */
function mouseOf(sequence: string): Mouse | undefined {
  const report = /^\[<(\d+);(\d+);(\d+)M$/.exec(sequence);
  if (report === null) return undefined;
  const [button, column, line] = report.slice(1).map(Number);
  const kind = button === 0 ? 'press' : button === 64 ? 'wheelUp' : button === 65 ? 'wheelDown' : undefined;
  return kind === undefined ? undefined : {kind, column: (column ?? 1) - 1, line: (line ?? 1) - 1};
}
