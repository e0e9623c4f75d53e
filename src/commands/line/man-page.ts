// The manual page, made of the tables of commands, flags and keys, in man(7)'s macros. Pure; src/setup/generated.ts writes it.
import {helpKeys} from '../../view/hotkeys.ts';
import {commandNames, commands, type CommandName} from '../command-table.ts';
import {type FlagName, flagNames, flagTable, spelled} from './flags.ts';

/** Environment and files that the program reads, in the reader's words. */
export const environment: readonly (readonly [name: string, says: string])[] = [
  ['TSBPFTOP_PRESETS', 'preset files and folders, with a colon between them; looked into after those of --presets'],
  ['XDG_CONFIG_HOME', 'where the user’s own presets are: $XDG_CONFIG_HOME/tsbpftop/presets; default ~/.config'],
  ['NO_COLOR', 'not empty: no colours'],
  ['INK_SCREEN_READER', '1 or true: as --screen-reader'],
  ['LC_ALL, LC_CTYPE, LANG', 'the first that is set says whether the terminal shows more than ASCII'],
  ['TERM', 'dumb: no screen, and no colours'],
  ['TMUX, STY', 'set: no mouse, unless --mouse'],
  ['TSBPFTOP_SSH', 'how hosts are reached, as --ssh'],
  ['TSBPFTOP_TMP', 'a folder that is not mounted noexec, for the moment in which the single executable loads its addon'],
  ['PATH', 'where programs to be probed are looked for, and clang'],
  ['SUDO_UID, SUDO_GID', 'whose the files are that root writes, and whose presets root believes'],
];
const files: readonly (readonly [name: string, says: string])[] = [
  ['~/.config/tsbpftop/presets', 'the user’s own presets'],
  ['/etc/tsbpftop/presets', 'those of the machine'],
];
const statuses: readonly (readonly [status: string, says: string])[] = [
  ['0', 'it was done'],
  ['1', 'it could not be done: no privilege, no such function, no view that runs here'],
  ['2', 'the command line or a preset is wrong'],
  ['that of COMMAND', 'with -c, where the command has ended; 128 and the number of the signal that ended it'],
];

interface Edition {
  readonly version: string;
  /** YYYY-MM-DD */
  readonly date: string;
}

export function manPage({version, date}: Edition): string {
  const parts = [
    `.TH TSBPFTOP 1 ${date} "tsbpftop ${version}" "User Commands"`,
    '.SH NAME',
    `tsbpftop \\- ${text('top for anything the Linux kernel or a program does')}`,
    '.SH SYNOPSIS',
    ...commandNames.flatMap((name) =>
      commands[name].usage.flatMap(([call], i) => [...(name === 'view' && i === 0 ? [] : ['.br']), bold(call)]),
    ),
    '.SH DESCRIPTION',
    text(
      'Views of what the kernel and programs do: who opens which files, how long reads take, who waits for a CPU. Each view is a preset, a few lines of JSON, on a bundled eBPF program that counts in the kernel. Every number is exact, or marked as not.',
    ),
    '.PP',
    text('Loading eBPF needs root, or CAP_BPF and CAP_PERFMON. A replay needs neither.'),
    ...commandNames.flatMap(commandPart),
    '.SH OPTIONS',
    ...flagNames.flatMap(flagPart),
    '.SH KEYS',
    ...helpKeys.flatMap(({shown, says}) => tagged(bold(shown), says)),
    '.SH EXIT STATUS',
    ...statuses.flatMap(([status, says]) => tagged(bold(status), says)),
    '.SH ENVIRONMENT',
    ...environment.flatMap(([name, says]) => tagged(bold(name), says)),
    '.SH FILES',
    ...files.flatMap(([name, says]) => tagged(italic(name), says)),
    '.SH SEE ALSO',
    '.BR bpftrace (8),\n.BR perf (1),\n.BR top (1)',
  ];
  return `${parts.join('\n')}\n`;
}

function commandPart(name: CommandName): readonly string[] {
  const {usage, says, examples} = commands[name];
  return [
    name === 'view' ? '.SH VIEWS' : `.SH ${text(`tsbpftop ${name}`).toUpperCase()}`,
    ...usage.flatMap(([call, does]) => tagged(bold(call), does)),
    ...(says === '' ? [] : ['.PP', text(says)]),
    ...(examples.length === 0 ? [] : ['.PP', 'Examples:']),
    ...examples.flatMap(([call, does]) => ['.PP', '.RS 4', '.nf', bold(call), '.fi', ...(does === '' ? [] : [text(does)]), '.RE']),
  ];
}

function flagPart(name: FlagName): readonly string[] {
  const {short, argument, says, of} = flagTable[name];
  const words = [...(short === undefined ? [] : [bold(`-${short}`)]), bold(spelled(name))].join(', ');
  const where = of.length === commandNames.length ? '' : ` (${of.map((each) => (each === 'view' ? 'views' : each)).join(', ')})`;
  return tagged(`${words}${argument === undefined ? '' : ` ${italic(argument)}`}`, `${says}${where}`);
}

const tagged = (tag: string, says: string): readonly string[] => ['.TP', tag, text(says)];
const bold = (words: string): string => `\\fB${escaped(words)}\\fR`;
const italic = (words: string): string => `\\fI${escaped(words)}\\fR`;

/** A paragraph, a sentence a line, as man pages are written; a dot or quote that begins a line is no request. */
const text = (words: string): string =>
  words
    .split(/(?<=[.:;]) (?=[A-Z])/)
    .map((line) => escaped(line).replace(/^[.']/, '\\&$&'))
    .join('\n');

const signs: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '’': '\\(cq',
  '…': '...',
  '←': '\\(<-',
  '→': '\\(->',
  '↑': '\\(ua',
  '↓': '\\(da',
};
const escaped = (words: string): string => words.replace(/[\\\-'`^~’…←→↑↓]/g, (sign) => signs[sign] ?? sign);
