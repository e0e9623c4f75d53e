// The command lines that README and docs/ show: each line of a `sh` block, as a shell would take it apart.
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {typedLine} from '../../src/commands/line/line-words.ts';
import {root} from './program.ts';

export interface DocCommand {
  /** Without its comment; lines that end in a backslash are one. */
  readonly line: string;
  readonly words: readonly string[];
  /** What the shell does with its output: '| jq .x', '> file'. */
  readonly after: string;
}

/** By their paths in the repository. */
export const docPages: readonly string[] = [
  'README.md',
  ...readdirSync(path.join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];
export const pageText = (page: string): string => readFileSync(path.join(root, page), 'utf8');

/** Fenced blocks: their language and text. */
export const blocksOf = (page: string): readonly (readonly [language: string, text: string])[] =>
  [...pageText(page).matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => [language, text]);

export const commandsOf = (page: string): readonly DocCommand[] =>
  blocksOf(page)
    .flatMap(([language, text]) => (language === 'sh' ? text.replaceAll(/\s*\\\n\s*/g, ' ').split('\n') : []))
    .map(docCommand)
    .filter(({line}) => line !== '');

export function docCommand(text: string): DocCommand {
  const line = text.slice(0, unquoted(text, /#/, /(^|\s)$/)).trim();
  const end = unquoted(line, /[|>]/, /\s$/);
  return {line, words: typedLine(`${line.slice(0, end)} `).words, after: line.slice(end)};
}

/** Where a sign first stands outside quotes, behind what `before` asks for. */
function unquoted(line: string, sign: RegExp, before: RegExp): number {
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const letter = line[at] ?? '';
    if (quote !== '') quote = letter === quote ? '' : quote;
    else if (letter === "'" || letter === '"') quote = letter;
    else if (sign.test(letter) && before.test(line.slice(0, at))) return at;
  }
  return line.length;
}
