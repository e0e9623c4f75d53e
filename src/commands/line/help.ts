// Help texts, made of the tables of commands and flags: for the whole program and for one command.
import {commandNames, commands, type CommandName} from '../command-table.ts';
import {type FlagName, flagNames, flagTable, spelled} from './flags.ts';

/** Of a line; longer texts wrap under their column. */
const [leastWidth, mostWidth] = [60, 100];

/** @param columns of the terminal, if it goes to one */
export function helpText(command: CommandName, columns = mostWidth): string {
  const width = Math.max(leastWidth, Math.min(mostWidth, columns));
  const named = command === 'view' ? commandNames : [command];
  const {says, examples} = commands[command];
  const parts = [
    `Usage\n${pairs(
      named.flatMap((name) => commands[name].usage),
      width,
    )}`,
    ...(says === '' ? [] : [wrapped(says, width).join('\n')]),
    `Options\n${options(command, width)}`,
    `Examples\n${pairs(examples, width)}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Of the command; in the general help also those that others take. */
function options(command: CommandName, width: number): string {
  const names = flagNames.filter((name) => command === 'view' || flagTable[name].of.includes(command));
  const rows = names.map((name) => [flagWords(name), flagTable[name].says] as const);
  return pairs(rows, width);
}

function flagWords(name: FlagName): string {
  const {short, argument} = flagTable[name];
  return `${short === undefined ? '    ' : `-${short}, `}${spelled(name)}${argument === undefined ? '' : ` ${argument}`}`;
}

/** Two columns; a left side that is too long stands on a line of its own. */
function pairs(rows: readonly (readonly [string, string])[], width: number): string {
  const most = width < mostWidth ? 28 : 32;
  const left = Math.min(most, Math.max(...rows.map(([call]) => call.length)));
  return rows
    .flatMap(([call, does]) => {
      const [first = '', ...rest] = wrapped(does, width - left - 4);
      const under = rest.map((line) => `  ${' '.repeat(left)}  ${line}`);
      return call.length > left
        ? [`  ${call}`, `  ${' '.repeat(left)}  ${first}`, ...under]
        : [`  ${call.padEnd(left)}  ${first}`, ...under];
    })
    .join('\n');
}

function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
