// What can stand at the cursor of a command line, by the tables of commands and flags: which kind of word is wanted there, and
// the flags and commands themselves. Pure; completions.ts asks the machine for views, probes and files.
import {type CommandName, commandNames, commands, isCommand} from '../command-table.ts';
import {type Completes, type FlagName, flagNames, flagTable, kebab, spelled} from './flags.ts';
import {typedLine} from './line-words.ts';

export interface Candidate {
  readonly word: string;
  readonly says: string;
}

/** What the cursor is at. */
type Wanted =
  | {readonly kind: 'flags'; readonly words: readonly Candidate[]}
  /** `text` is typed so far of a word of these kinds; `before` stands in front of it in the same word ('--unit='). */
  | {
      readonly kind: 'words';
      readonly of: readonly Completes[];
      readonly text: string;
      readonly before: string;
      readonly commands: readonly Candidate[];
      /** --presets before it */
      readonly presets: readonly string[];
    };

const words = (of: readonly Completes[], text: string, before = ''): Extract<Wanted, {kind: 'words'}> => ({
  kind: 'words',
  of,
  text,
  before,
  commands: [],
  presets: [],
});

/** `line` begins with the program (after sudo or the like), and ends at the cursor. */
export function wantedAt(line: string): Wanted {
  const typed = typedLine(line);
  const program = typed.words.findIndex((word) => /(^|\/)tsbpftop[^/]*$/.test(word));
  const {operands, pending, closed, presets} = read(typed.words.slice(Math.max(program, 0) + 1));
  const {current} = typed;
  const command = isCommand(operands[0]) ? operands[0] : 'view';
  if (pending !== undefined) return {...words(completesOf(pending), current), presets};
  if (!closed && current.startsWith('-')) {
    const [, flag, text] = /^(--[^=]+)=(.*)$/s.exec(current) ?? [];
    const name = flag === undefined ? undefined : nameOf(flag);
    if (name !== undefined && text !== undefined) return {...words(completesOf(name), text, `${flag}=`), presets};
    return {kind: 'flags', words: flagWords(command, current)};
  }
  const {operands: kinds} = commands[command];
  const place = command === 'view' ? operands.length : operands.length - 1;
  const kind = kinds[Math.min(place, kinds.length - 1)];
  return {
    ...words(kind === undefined ? [] : [kind], current),
    commands: operands.length === 0 && !closed ? commandWords() : [],
    presets,
  };
}

interface Read {
  readonly operands: readonly string[];
  /** A flag whose argument is at the cursor. */
  readonly pending: FlagName | undefined;
  /** '--' was there: no flags any more. */
  readonly closed: boolean;
  readonly presets: readonly string[];
}

function read(before: readonly string[]): Read {
  const operands: string[] = [];
  const presets: string[] = [];
  let pending: FlagName | undefined;
  let closed = false;
  for (const word of before) {
    if (pending !== undefined) {
      if (pending === 'presets') presets.push(word);
      pending = undefined;
    } else if (closed || !word.startsWith('-') || word === '-') operands.push(word);
    else if (word === '--') closed = true;
    else {
      const last = word.startsWith('--') ? word : `-${word.at(-1)}`; // -bn 5
      const name = nameOf(last);
      if (word.startsWith('--presets=')) presets.push(word.slice('--presets='.length));
      if (name !== undefined && flagTable[name].argument !== undefined) pending = name;
    }
  }
  return {operands, pending, closed, presets};
}

function nameOf(word: string): FlagName | undefined {
  return flagNames.find((name) => word === `--${kebab(name)}` || word === spelled(name) || word === `-${flagTable[name].short ?? ''}`);
}

function completesOf(name: FlagName): readonly Completes[] {
  const {completes} = flagTable[name];
  return completes === undefined ? [] : [completes];
}

function flagWords(command: CommandName, typed: string): readonly Candidate[] {
  const own = flagNames.filter((name) => flagTable[name].of.includes(command));
  const all = own.flatMap((name): readonly Candidate[] => {
    const {short, says} = flagTable[name];
    return [{word: spelled(name), says}, ...(short === undefined ? [] : [{word: `-${short}`, says}])];
  });
  return all.filter(({word}) => word.startsWith(typed));
}

const commandWords = (): readonly Candidate[] =>
  commandNames.filter((name) => name !== 'view').map((name) => ({word: name, says: commands[name].usage[0]?.[1] ?? ''}));
