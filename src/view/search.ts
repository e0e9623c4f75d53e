// Finding a view by the words of someone who has never seen it: by what it is called, what else it is called elsewhere, and what
// is said of it. Pure.
import fuzzysort from 'fuzzysort';
import {nearest} from '../errors.ts';

/** What of a view is searched. */
export interface Searched {
  readonly name: string;
  readonly title: string;
  readonly group: string;
  readonly description: string;
  /** Words of other tools and of symptoms, as its preset has them. */
  readonly words?: readonly string[];
}

export interface Found<T> {
  readonly entry: T;
  /** Places of matching characters in the name and in the description. */
  readonly inName: readonly number[];
  readonly inDescription: readonly number[];
}

/** What a view is called says more than what is said of it. */
const weights = {name: 1, words: 0.9, phrases: 0.75, title: 0.75, group: 0.7, description: 0.6} as const;
type Field = keyof typeof weights;
const fields = Object.keys(weights) as readonly Field[];

/** Words that a question has and an answer does not. */
const empty = new Set(
  'a an and are be by can do does for from has have how i in is it its many me much my of on or our that the their there this to too was what when where which who whose why with'.split(
    ' ',
  ),
);

interface Token {
  readonly text: string;
  readonly stem: string;
  readonly at: number;
}

interface Sheet {
  readonly tokens: Readonly<Record<Field, readonly Token[]>>;
  readonly whole: ReadonlySet<string>;
}

/** Those that have the words, best first; where none has them, those whose name has the letters in this order. */
export function search<T extends Searched>(entries: readonly T[], query: string): readonly Found<T>[] {
  const sheets = entries.map(sheetOf);
  const asked = tokensOf(query);
  const telling = asked.filter(({text}) => !empty.has(text));
  const words = (telling.length > 0 ? telling : asked).map((word) => known(word, sheets));
  const scores = words.map((word) => sheets.map((sheet) => scoreOf(sheet, word)));
  // a word that few views have tells more than one that most have
  const rarity = scores.map((each) => Math.log(1 + sheets.length / Math.max(1, each.filter((score) => score > 0).length)));
  const most = rarity.reduce((sum, each) => sum + each, 0);
  const phrase = asked.map(({text}) => text).join(' ');
  const ranked = entries
    .map((entry, i) => {
      const sheet = sheetOf(entry);
      const score = scores.reduce((sum, each, w) => sum + (each[i] ?? 0) * (rarity[w] ?? 0), 0) / Math.max(most, 1e-9);
      return {entry, i, score: sheet.whole.has(phrase) ? score + 1 : score};
    })
    .filter(({score}) => score > 0)
    .sort((a, b) => b.score - a.score || a.i - b.i);
  if (ranked.length === 0) return byLetters(entries, query);
  const least = (ranked[0]?.score ?? 0) > 1 ? 0.5 : (ranked[0]?.score ?? 0) * 0.55;
  return ranked.filter(({score}) => score >= least).map(({entry}) => marked(entry, words));
}

function byLetters<T extends Searched>(entries: readonly T[], query: string): readonly Found<T>[] {
  return fuzzysort
    .go(query, entries, {key: 'name', threshold: 0.2, limit: 0})
    .map(({obj, indexes}) => ({entry: obj, inName: indexes, inDescription: []}));
}

/** Of each entry once: the list is searched at every key, and painted at every refresh. */
const sheetsKnown = new WeakMap<Searched, Sheet>();

function sheetOf(entry: Searched): Sheet {
  const before = sheetsKnown.get(entry);
  if (before !== undefined) return before;
  const {name, title, group, description, words = []} = entry;
  const phrases = words.filter((each) => each.includes(' '));
  const sheet: Sheet = {
    tokens: {
      name: tokensOf(name),
      words: words.filter((each) => !each.includes(' ')).flatMap(tokensOf),
      phrases: phrases.flatMap(tokensOf),
      title: tokensOf(title),
      group: tokensOf(group),
      description: tokensOf(description),
    },
    whole: new Set([name, ...phrases].map(spoken)),
  };
  sheetsKnown.set(entry, sheet);
  return sheet;
}

const spoken = (text: string): string =>
  tokensOf(text)
    .map((token) => token.text)
    .join(' ');

function tokensOf(text: string): readonly Token[] {
  return [...text.toLowerCase().matchAll(/[\p{L}\p{N}_]+/gu)].map((each) => ({text: each[0], stem: stemOf(each[0]), at: each.index}));
}

/** What 'delete', 'deletes', 'deleted' and 'deleting' share: enough of English for names of views and what people type. */
function stemOf(word: string): string {
  const bare = word
    .replace(/ies$/, 'y')
    .replace(/(?<=...)(?<!s|u|i)s$/, '')
    .replace(/(?<=...)(?:ing|ed)$/, '')
    .replace(/(?<=...)e$/, '');
  return bare.replace(/([bdgmnprt])\1$/, '$1');
}

/** The word, or, where no view has it, the nearest that one has: a slip of a finger. */
function known(word: Token, sheets: readonly Sheet[]): Token {
  if (word.text.length < 6 || sheets.some((sheet) => scoreOf(sheet, word) > 0)) return word;
  const all = new Set(sheets.flatMap(({tokens}) => fields.flatMap((field) => tokens[field].map(({text}) => text))));
  const [near] = nearest(
    word.text,
    [...all].filter((text) => Math.abs(text.length - word.text.length) <= 1 && text[0] === word.text[0]),
    1,
  );
  return near === undefined || differences(near, word.text) > 1 ? word : {text: near, stem: stemOf(near), at: word.at};
}

/** How many letters stand elsewhere or not at all, at a rough count. */
function differences(a: string, b: string): number {
  const left = [...b];
  for (const letter of a) if (left.includes(letter)) left.splice(left.indexOf(letter), 1);
  return left.length + Math.max(0, a.length - b.length);
}

/** By the place that says most; that others say it too tells between equals. */
function scoreOf({tokens}: Sheet, word: Token): number {
  let [best, sum] = [0, 0];
  for (const field of fields) {
    const score = weights[field] * Math.max(0, ...tokens[field].map((token) => likeness(token, word)));
    best = Math.max(best, score);
    sum += score;
  }
  return best + 0.1 * (sum - best);
}

function likeness(token: Token, word: Token): number {
  if (token.text === word.text) return 1;
  if (token.stem === word.stem) return 0.88;
  // what is still being typed
  if (token.text.startsWith(word.text)) return 0.8;
  return word.text.length >= 3 && token.text.includes(word.text) ? 0.5 : 0;
}

function marked<T extends Searched>(entry: T, words: readonly Token[]): Found<T> {
  const {tokens} = sheetOf(entry);
  const places = (field: Field): readonly number[] =>
    tokens[field].flatMap((token) => {
      const word = words.find((each) => likeness(token, each) > 0);
      if (word === undefined) return [];
      const within = token.text.indexOf(word.text);
      const [from, length] = within < 0 ? [0, token.text.length] : [within, word.text.length];
      return Array.from({length}, (_, i) => token.at + from + i);
    });
  return {entry, inName: places('name'), inDescription: places('description')};
}
