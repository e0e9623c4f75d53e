// Reads a command line by the table of flags: values by name, numbers as numbers, and every fault of it at once, in the
// user's own words. Node's parseArgs takes it apart; what a flag may be is said in flags.ts alone.
import {parseArgs} from 'node:util';
import {nearest, UserError} from '../errors.ts';
import {type CommandName, isCommand} from './command-table.ts';
import {type FlagName, flagNames, flagTable, type FlagValues, kebab, spelled} from './flags.ts';

export interface CommandLine {
  readonly command: CommandName;
  /** What is no flag, without the command's name. */
  readonly words: readonly string[];
  readonly values: FlagValues;
}

const nameOf: ReadonlyMap<string, FlagName> = new Map(flagNames.map((name) => [kebab(name), name]));
const options = Object.fromEntries(
  flagNames.map((name) => {
    const {short, argument} = flagTable[name];
    const type = argument === undefined ? ('boolean' as const) : ('string' as const);
    return [kebab(name), {type, multiple: true as const, ...(short === undefined ? {} : {short})}];
  }),
);

/** @throws UserError with status 2 */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const joined = joinedWords(argv);
  const {tokens, positionals} = parseArgs({args: [...joined.argv], options, strict: false, allowPositionals: true, tokens: true});
  const [first] = positionals;
  const command = isCommand(first) ? first : 'view';
  const faults: string[] = [];
  const given = new Map<FlagName, (boolean | string)[]>();
  const unknown: string[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const {name, on} = meant(token.name);
    if (name === undefined) unknown.push(unknownFault(token.name));
    else if (flagTable[name].argument === undefined && token.value !== undefined) faults.push(`--${token.name} takes nothing after '='`);
    else given.set(name, [...(given.get(name) ?? []), flagTable[name].argument === undefined ? on : textOf(token.value, joined.texts)]);
  }
  const values = Object.fromEntries(flagNames.map((name) => [name, flagValue(name, given.get(name) ?? [], faults)])) as FlagValues;
  faults.push(...new Set(unknown));
  // what is asked for help may be half a command line
  if (values.help !== true)
    for (const name of given.keys()) if (!flagTable[name].of.includes(command)) faults.push(strangerFault(name, command));
  if (faults.length > 0 && values.help !== true) throw faultError(faults);
  return {command, words: command === 'view' ? positionals : positionals.slice(1), values};
}

/** --no-NAME is a flag that is off. */
function meant(written: string): {readonly name: FlagName | undefined; readonly on: boolean} {
  const name = nameOf.get(written);
  if (name !== undefined || !written.startsWith('no-')) return {name, on: true};
  const negated = nameOf.get(written.slice(3));
  return {name: negated !== undefined && flagTable[negated].argument === undefined ? negated : undefined, on: false};
}

const textOf = (index: string | undefined, texts: readonly string[]): string => texts[Number(index)] ?? '';

function flagValue(name: FlagName, given: readonly (boolean | string)[], faults: string[]): FlagValues[FlagName] {
  const {argument, several, number} = flagTable[name];
  if (argument === undefined) return given.at(-1) as boolean | undefined;
  const texts = given.map(String);
  if (texts.some((text) => text.trim() === '')) faults.push(`${spelled(name)} wants ${argument} after it`);
  if (several === true) return texts;
  if (texts.length > 1) faults.push(`${spelled(name)} is given ${texts.length} times: ${texts.join(', ')}`);
  const [text] = texts;
  if (text === undefined || number === undefined || text.trim() === '') return text;
  const {least, most, whole} = number;
  const value = Number(text);
  const bounds = `from ${least}${most === undefined ? '' : ` to ${most}`}`;
  if (!Number.isFinite(value) || value < least || value > (most ?? Number.MAX_SAFE_INTEGER))
    faults.push(`${spelled(name)} wants a number ${bounds}, not '${text}'`);
  else if (whole === true && !Number.isInteger(value)) faults.push(`${spelled(name)} wants a whole number, not '${text}'`);
  return value;
}

function unknownFault(name: string): string {
  const written = name.length === 1 ? `-${name}` : `--${name}`;
  const near = nearest(
    name,
    flagNames.map((each) => spelled(each).slice(2)),
  );
  return `unknown flag ${written}${near.length === 0 || name.length === 1 ? '' : `; nearest: ${near.map((each) => `--${each}`).join(', ')}`}`;
}

function strangerFault(name: FlagName, command: CommandName): string {
  const {of} = flagTable[name];
  return command === 'view'
    ? `${spelled(name)} belongs to ${of.map((each) => `'tsbpftop ${each}'`).join(' and ')}`
    : `'tsbpftop ${command}' takes no ${spelled(name)}`;
}

function faultError(faults: readonly string[]): UserError {
  const [only] = faults;
  const help = 'tsbpftop --help shows them all';
  return faults.length === 1 && only !== undefined
    ? new UserError(only, {hint: help, status: 2})
    : new UserError(`the command line has ${faults.length} faults`, {hint: [...faults, help].join('\n'), status: 2});
}

interface Joined {
  readonly argv: readonly string[];
  /** What the flags in argv have after their '=': the parser gets an index of this. */
  readonly texts: readonly string[];
}

/** Each flag with what follows it as one word: `--sort -total` is a flag and its value, which a parser takes for two flags. */
function joinedWords(argv: readonly string[]): Joined {
  const byWord = new Map<string, FlagName>();
  for (const name of flagNames)
    for (const word of [`--${kebab(name)}`, spelled(name), `-${flagTable[name].short ?? ''}`]) if (word !== '-') byWord.set(word, name);
  const words: string[] = [];
  const texts: string[] = [];
  const left = [...argv];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const [next] = left;
    if (word === '--') return {argv: [...words, word, ...left], texts};
    const [, flag = word, equals] = /^(--[^=]+|-[a-zA-Z](?=.))=?(.*)$/s.exec(word) ?? []; // --name=value, -n5
    const name = byWord.get(flag);
    if (name === undefined || flagTable[name].argument === undefined) {
      // -bp 7 is -b -p 7
      const cluster = name !== undefined && /^-[a-zA-Z]./.test(word);
      words.push(cluster ? flag : word);
      if (cluster) left.unshift(`-${word.slice(2)}`);
      continue;
    }
    const missing = next === undefined || next === '--' || byWord.has(next.split('=')[0] ?? '');
    const apart = flag === word && !missing;
    words.push(`--${kebab(name)}=${texts.length}`);
    texts.push(apart ? next : flag === word ? '' : (equals ?? ''));
    if (apart) left.shift();
  }
  return {argv: words, texts};
}
