// Bytes from the terminal to names of keys, and what the mouse did. Several may come in one read; what is not known is
// passed over.

/** In the terminal's cells, from 0. */
export interface Mouse {
  readonly kind: 'press' | 'wheelUp' | 'wheelDown';
  readonly column: number;
  readonly line: number;
}
export type Input = string | Mouse;

const sequences: Readonly<Record<string, string>> = {
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
