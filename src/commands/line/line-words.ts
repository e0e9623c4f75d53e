// A command line that is being typed, taken apart as a shell would: its words, and the last, at which the cursor is. Pure.

interface TypedLine {
  /** Whole words, without quotes. */
  readonly words: readonly string[];
  /** The word at the cursor, as far as it is typed. */
  readonly current: string;
}

/** `line` ends at the cursor. Quotes and backslashes are taken off; nothing is expanded. */
export function typedLine(line: string): TypedLine {
  const words: string[] = [];
  let word = '';
  let begun = false;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const letter = line[i] ?? '';
    if (quote !== '') {
      if (letter === quote) quote = '';
      else if (letter === '\\' && quote === '"' && /["\\$`]/.test(line[i + 1] ?? '')) word += line[++i];
      else word += letter;
    } else if (letter === "'" || letter === '"') {
      quote = letter;
      begun = true;
    } else if (letter === '\\') {
      word += line[++i] ?? '';
      begun = true;
    } else if (/\s/.test(letter)) {
      if (begun || word !== '') words.push(word);
      word = '';
      begun = false;
    } else word += letter;
  }
  return {words, current: word};
}
