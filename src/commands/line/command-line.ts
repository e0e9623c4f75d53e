// Reads a command line by the table of flags: values by name, numbers as numbers, and every fault of it at once, in the
// user's own words. meow takes it apart; what a flag may be is said in flags.ts alone.
import meow from 'meow';
import {nearest, UserError} from '../../errors.ts';
import {type CommandName, commands, isCommand} from '../command-table.ts';
import {type FlagName, flagNames, flagTable, type FlagValues, kebab, spelled, typed} from './flags.ts';

interface CommandLine {
  readonly command: CommandName;
  /** What is no flag, without the command's name. */
  readonly words: readonly string[];
  readonly values: FlagValues;
}

/** @param version of the program. @throws UserError with status 2 */
export function readCommandLine(argv: readonly string[], version = ''): CommandLine {
  const joined = joinedWords(argv);
  const cli = meow('', {
    importMeta: {url: import.meta.url} as ImportMeta, // the url is all that a bundle has of it
    pkg: {name: 'tsbpftop', version}, // given, it is not looked for; and its name becomes the process's
    argv: joined.argv,
    description: false,
    autoHelp: false,
    autoVersion: false,
    allowUnknownFlags: true,
    booleanDefault: undefined,
    inferType: false,
    flags: Object.fromEntries([...joined.names].map((name) => [name, option(name)])), // each costs, and few are given
  });
  const flags = cli.flags as Readonly<Record<string, unknown>>;
  const [first] = cli.input;
  const command = isCommand(first) ? first : 'view';
  const faults = [...joined.faults];
  const given = new Map([...joined.names].map((name) => [name, flags[name] as readonly unknown[]]));
  const values = Object.fromEntries(
    flagNames.map((name) => [name, flagValue(name, given.get(name) ?? [], joined.texts, faults)]),
  ) as FlagValues;
  for (const [name, value] of Object.entries(flags))
    if (name !== '--' && !given.has(name as FlagName)) faults.push(unknownFault(value === false ? `no-${name}` : name));
  // what is asked for help may be half a command line
  if (values.help !== true)
    for (const name of given.keys())
      faults.push(...(flagTable[name].of.includes(command) ? togetherFaults(name, given) : [strangerFault(name, command)]));
  const words = command === 'view' ? cli.input : cli.input.slice(1);
  if (words.length > 0 && commands[command].operands.length === 0)
    faults.push(`'tsbpftop ${command}' takes no '${words.join(' ')}' after it`);
  if (faults.length > 0 && values.help !== true) throw faultError(faults);
  return {command, words, values};
}

/** All are lists to meow, so that one that is given twice can be told. */
function option(name: FlagName) {
  const {short, argument} = flagTable[name];
  const type = argument === undefined ? ('boolean' as const) : ('string' as const);
  return {type, isMultiple: true as const, ...(short === undefined ? {} : {shortFlag: short})};
}

function flagValue(name: FlagName, given: readonly unknown[], written: readonly string[], faults: string[]): FlagValues[FlagName] {
  const {argument, several, number} = flagTable[name];
  if (argument === undefined) return given.at(-1) as boolean | undefined;
  const texts = given.map((index) => written[Number(index)] ?? '');
  if (texts.some((text) => text.trim() === '')) faults.push(`${typed(name)} wants ${argument} after it`);
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
  const written = name.length === 1 ? `-${name}` : `--${kebab(name)}`;
  const near = nearest(
    kebab(name),
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

/** What two flags mean together. */
function togetherFaults(name: FlagName, given: ReadonlyMap<FlagName, unknown>): readonly string[] {
  const {wants, not = []} = flagTable[name];
  const isGiven = (other: string): boolean => given.has(other as FlagName);
  return [
    ...(wants === undefined || isGiven(wants) ? [] : [`${spelled(name)} wants ${spelled(wants as FlagName)} beside it`]),
    ...not.filter(isGiven).map((other) => `${spelled(name)} and ${spelled(other as FlagName)} do not go together`),
  ];
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
  /** What the flags in argv have after their '=': the parser gets an index of this, since it takes quotes off. */
  readonly texts: readonly string[];
  /** Flags that are given. */
  readonly names: ReadonlySet<FlagName>;
  readonly faults: readonly string[];
}

/** Each flag with what follows it as one word: `--sort -total` is a flag and its value, which a parser takes for two flags. */
function joinedWords(argv: readonly string[]): Joined {
  const byWord = new Map<string, FlagName>();
  for (const name of flagNames)
    for (const word of [`--${kebab(name)}`, spelled(name), `-${flagTable[name].short ?? ''}`]) if (word !== '-') byWord.set(word, name);
  const words: string[] = [];
  const texts: string[] = [];
  const names = new Set<FlagName>();
  const faults: string[] = [];
  const left = [...argv];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const [next] = left;
    if (word === '--') return {argv: [...words, word, ...left], texts, names, faults};
    const [, flag = word, equals] = /^(--[^=]+|-[a-zA-Z](?=.))=?(.*)$/s.exec(word) ?? []; // --name=value, -n5
    const name = byWord.get(flag);
    if (name !== undefined) names.add(name);
    if (name === undefined || flagTable[name].argument === undefined) {
      // -bp 7 is -b -p 7
      const cluster = name !== undefined && /^-[a-zA-Z]./.test(word);
      if (name !== undefined && !cluster && flag !== word) faults.push(`${flag} takes nothing after '='`);
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
  return {argv: words, texts, names, faults};
}
