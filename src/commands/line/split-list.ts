// A list as it is typed in one word.

/** At commas, but those in parentheses or quotes: 'comm, str(arg0, 31)'. */
export function splitList(text: string): readonly string[] {
  const all: string[] = [];
  let [part, depth, quoted] = ['', 0, ''];
  for (const c of text) {
    if (c === quoted) quoted = '';
    else if (quoted === '' && (c === "'" || c === '"')) quoted = c;
    if (!quoted && (c === '(' || c === '[')) depth++;
    if (!quoted && (c === ')' || c === ']')) depth--;
    if (c === ',' && depth <= 0 && !quoted) {
      all.push(part.trim());
      part = '';
    } else part += c;
  }
  return [...all, part.trim()];
}
