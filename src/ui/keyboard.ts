// Bytes from the terminal to names of keys. Several may come in one read; what is not known is passed over.

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

export function keysOf(input: string): readonly string[] {
  const keys: string[] = [];
  for (let at = 0; at < input.length; ) {
    const rest = input.slice(at);
    // CSI and SS3 sequences, Linux's F1; an escape before anything else is the key itself
    const sequence = /^\u001B(\[\[[A-E]|\[[0-9;?<]*[ -/]*[@-~]|O[A-Za-z])/.exec(rest);
    if (sequence !== null) {
      const name = sequences[sequence[1] ?? ''];
      if (name !== undefined) keys.push(name);
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
