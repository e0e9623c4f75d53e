// The command line of the tsbpftop on another host: what this one was given, but for what is decided here.
import {type FlagName, flagNames, flagTable, type FlagValues, spelled} from '../line/flags.ts';

/** How rows are shown, ordered and ended is decided here; which hosts, too. */
const here: ReadonlySet<FlagName> = new Set<FlagName>([
  'batch',
  'json',
  'csv',
  'header',
  'count',
  'sort',
  'top',
  'host',
  'ssh',
  'remoteCommand',
  'sum',
  'linger',
  'keep',
  'color',
  'screenReader',
  'mouse',
  'ascii',
  'maxBytes',
  'save',
  'help',
  'version',
]);

export function remoteArguments(values: FlagValues): readonly string[] {
  return flagNames.flatMap((name) => {
    const value = values[name];
    if (here.has(name) || !flagTable[name].of.includes('view') || value === undefined) return [];
    if (typeof value === 'boolean') return value ? [spelled(name)] : [];
    return (Array.isArray(value) ? (value as readonly string[]) : [String(value)]).map((each) => `${spelled(name)}=${each}`);
  });
}
