// A view made on the command line: flags become the JSON of a preset, which goes the same road as a file. Its faults are
// told in the flags' words.
import {UserError} from '../../errors.ts';
import {inFull} from '../../preset/bpftrace-words.ts';
import {type Loaded, parsePreset, type PlacedFault} from '../../preset/load.ts';
import type {Preset} from '../../preset/preset.ts';
import type {PresetFile} from '../../preset/schema.ts';
import {fromBpftrace, looksLikeBpftrace} from './bpftrace-line.ts';
import {flagNames, flagOfMember, type FlagName, flagTable, type FlagValues, typed} from './flags.ts';
import {splitList} from './split-list.ts';

/** What stands in the place of a file's name. */
const commandLine = 'the command line';

type Json = Record<string, unknown>;

interface Written {
  readonly json: Json;
  /** JSON pointer → the flag as it was given. */
  readonly given: Readonly<Record<string, string>>;
}

/** Flags that say where a view counts; one of the three kinds makes a view. */
const roots = ['attach', 'span', 'from'] as const satisfies readonly FlagName[];
const isRoot = (name: FlagName): boolean => (roots as readonly FlagName[]).includes(name);
/** Flags that belong to such a view alone. */
const parts = flagNames.filter((name) => flagTable[name].member !== undefined && name !== 'sort' && !isRoot(name));

const isGiven = (value: FlagValues[FlagName]): boolean => (Array.isArray(value) ? value.length > 0 : value !== undefined);

/** The preset that the flags make; undefined: none of them is given. @throws UserError with all faults, status 2 */
export function presetOfFlags(values: FlagValues, words: readonly string[]): Preset | undefined {
  if (![...roots, ...parts].some((name) => isGiven(values[name]))) return undefined;
  requireProbes(values);
  const {json, given} = written(values);
  const misused = misplaced(values, words);
  const loaded: Loaded = parsePreset(`${JSON.stringify(json, null, 2)}\n`, commandLine);
  // where flags are missing, what the JSON lacks is said already
  const said = ({pointer}: PlacedFault): boolean => misused.length > 0 && (pointer === '' || /^\/(attach|span)/.test(pointer));
  const faults = loaded.ok ? [] : loaded.faults.filter((fault) => !said(fault));
  const all = [...misused.map((message) => ({message, hint: ''})), ...faults.map((fault) => inFlags(given, fault))];
  const [only] = all;
  if (only !== undefined)
    throw all.length === 1
      ? new UserError(only.message, {hint: only.hint || 'tsbpftop --help shows the flags', status: 2})
      : new UserError(`the view on the command line has ${all.length} faults`, {hint: all.map(onOneLine).join('\n'), status: 2});
  if (!loaded.ok) throw new Error('faults, and none was told');
  return {...loaded.preset, flags: given};
}

/** Those who come from bpftrace bring its programs. */
function requireProbes({attach, span, from, to, until}: FlagValues): void {
  const program = [...attach, ...span, ...from, ...to, ...until].find(looksLikeBpftrace);
  if (program === undefined) return;
  throw new UserError('a probe is expected, and that is a program of bpftrace', {
    hint:
      fromBpftrace(program) ??
      "what its blocks do are flags here: --by 'comm, func', --where 'pid != 0', --measure 'hist(E)'; a latency is --span PROBE",
    status: 2,
  });
}

/** Rules over several flags. */
function misplaced(values: FlagValues, words: readonly string[]): readonly string[] {
  const faults: string[] = [];
  const chosen = roots.filter((name) => isGiven(values[name]));
  if (chosen.length === 0) {
    const lonely = parts.filter((name) => isGiven(values[name])).map(typed);
    faults.push(
      `${lonely.join(' and ')} ${lonely.length === 1 ? 'belongs' : 'belong'} to a view made here: it wants -e PROBE, --span PROBE or --from PROBE --to PROBE`,
    );
  }
  if (chosen.length > 1) faults.push(`${chosen.map(typed).join(' and ')}: a view has one of them`);
  if (values.from.length > 0 && values.to.length === 0) faults.push('--from wants a --to PROBE');
  if (values.to.length > 0 && values.from.length === 0 && chosen.length > 0) faults.push('--to wants a --from PROBE');
  if (values.until.length > 0 && values.from.length > 0)
    faults.push('--until goes with -e or --span, not with --from: a preset file has both');
  if (values.match.length > 0 && values.from.length === 0 && values.until.length === 0 && chosen.length > 0)
    faults.push('--match pairs --from with --to, or -e with --until, which are not given');
  if (values.match.length > 2)
    faults.push(`--match is given ${values.match.length} times: at most twice, at --from and at --to, or at -e and at --until`);
  if (values.probe.length > 0 && chosen.length > 0) faults.push(`--probe is for a view that is there: -e '${values.probe[0]}' makes one`);
  const [view] = words;
  if (view !== undefined && chosen[0] !== undefined)
    faults.push(`'${view}' and ${typed(chosen[0])}: a view made here stands alone; leave out one of them`);
  return faults;
}

function written(values: FlagValues): Written {
  const json: Json = {name: values.save ?? nameOf([...values.attach, ...values.span, ...values.from][0] ?? '')};
  const given: Record<string, string> = {'/name': `--save '${values.save ?? ''}'`, '/by': '--by'};
  const note = (pointer: string, flag: FlagName, text: string): void => {
    given[pointer] = `${typed(flag)} '${text}'`;
  };
  /** One alone as itself, several as a list. */
  const list = <T>(pointer: string, flag: FlagName, texts: readonly string[], of: (text: string) => T): T | readonly T[] | undefined => {
    if (texts.length === 0) return undefined;
    texts.forEach((text, i) => note(texts.length === 1 ? pointer : `${pointer}/${i}`, flag, text));
    const all = texts.map(of);
    return all.length === 1 ? all[0] : all;
  };
  const set = (member: string, value: unknown): void => {
    if (value !== undefined) json[member] = value;
  };

  set('attach', list('/attach', 'attach', values.attach, probe));
  const span = list('/span', 'span', values.span, probe);
  const from = list('/span/from', 'from', values.from, probe);
  const to = list('/span/to', 'to', values.to, probe);
  const [match, second] = values.match;
  const paired = from === undefined ? '/until/match' : '/span/match';
  if (match !== undefined) note(second === undefined ? paired : `${paired}/from`, 'match', match);
  if (second !== undefined) note(`${paired}/to`, 'match', second);
  const pair = second === undefined ? match : {from: match, to: second};
  set('span', span ?? (from === undefined ? undefined : {from, to, match: pair}));
  const until = list('/until/to', 'until', values.until, probe);
  set('until', until === undefined ? undefined : {to: until, ...(pair === undefined ? {} : {match: pair})});
  set(
    'where',
    list('/where', 'where', values.where, (text) => text),
  );
  const by = values.by.flatMap((text) => splitList(text));
  by.forEach((text, i) => note(`/by/${i}`, 'by', text));
  if (by.length > 0) set('by', by.map(byEntry));
  const measures = values.measure.flatMap((text) => splitList(text));
  set(
    'measure',
    list('/measure', 'measure', measures, measureEntry) ?? (isGiven(values.attach) || isGiven(values.until) ? 'count' : 'hist(duration)'),
  );
  for (const member of ['unit', 'sort', 'maxKeys', 'maxProbes', 'allowGoUretprobe'] as const) {
    set(member, values[member]);
    note(`/${member}`, member, String(values[member] ?? ''));
  }
  return {json, given};
}

/** 'fentry:vfs_*|kprobe:vfs_*': the first that this machine can attach. */
function probe(text: string): string | {readonly firstOf: readonly string[]} {
  const all = text.split('|').map((each) => inFull(each.trim()));
  return all.length === 1 ? inFull(text) : {firstOf: all};
}

/** 'RESULT=args.ret:errno': a title before, a format after; neither sign is part of an expression but in quotes. */
function byEntry(text: string): NonNullable<PresetFile['by']>[number] | Json {
  const outside = text.replace(/'[^']*'?|"[^"]*"?/g, (quoted) => '\0'.repeat(quoted.length));
  const equals = outside.search(/(?<![=!<>])=(?!=)/); // a comparison is told to be one where it is parsed
  const colon = outside.indexOf(':', equals + 1);
  if (equals < 0 && colon < 0) return text;
  const field = text.slice(equals + 1, colon < 0 ? undefined : colon).trim();
  return {
    field,
    ...(equals < 0 ? {} : {title: text.slice(0, equals).trim()}),
    ...(colon < 0 ? {} : {format: text.slice(colon + 1).trim()}),
  };
}

/** 'ERRORS=count(args.ret < 0)': a title before. */
function measureEntry(text: string): string | Json {
  const [, title, measure] = /^\s*([^\s=('"][^=('"]*?)\s*=\s*([a-z]+\s*(?:\(.*)?)$/s.exec(text) ?? [];
  return title === undefined || measure === undefined ? text : {measure, title};
}

/** The view is called as what it counts: 'kprobe:vfs_*' is vfs, 'syscall:read' is read, 'syscall:*' syscall, 'software:faults:1' faults, 'profile:hz:99' profile. */
export function nameOf(probeText: string): string {
  const [kind, ...rest] = (probeText.split('|')[0] ?? '').split(':');
  if (kind === 'profile') return kind;
  const words = (kind === 'software' || kind === 'hardware' ? rest.slice(0, 1) : rest).map((word) =>
    word
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
      .slice(-48)
      .replace(/^[^a-z0-9]+/, ''),
  );
  return words.findLast((word) => word !== '') ?? (kind === 'syscall' ? kind : 'view');
}

interface Told {
  readonly message: string;
  readonly hint: string;
}

/** A fault at a JSON pointer in the words of the flag that made the member. */
function inFlags(
  given: Readonly<Record<string, string>>,
  {pointer, message, hint = ''}: Pick<PlacedFault, 'pointer' | 'message' | 'hint'>,
): Told {
  const flag = flagAt(given, pointer);
  return {message: `${flag === undefined ? '' : `${flag}: `}${inFlagWords(message)}`, hint: inFlagWords(hint.split('\n')[0] ?? '')};
}

const onOneLine = ({message, hint}: Told): string => (hint === '' ? message : `${message}; ${hint}`);

/** The same as one line. */
export const flagFault = (...given: Parameters<typeof inFlags>): string => onOneLine(inFlags(...given));

/** The flag that made the member, or the nearest one around it. */
function flagAt(given: Readonly<Record<string, string>>, pointer: string): string | undefined {
  let at = pointer;
  while (at !== '' && given[at] === undefined) at = at.slice(0, at.lastIndexOf('/'));
  return given[at];
}

/** '"maxProbes": N' → '--max-probes N' */
export const inFlagWords = (text: string): string =>
  text
    .replace(/"(\w+)"(: ?)?/g, (whole, member: string, colon: string | undefined) => {
      const flag = flagOfMember(member);
      if (flag === undefined) return whole;
      return `${typed(flag)}${colon === undefined ? '' : ' '}`;
    })
    .replace(/(--[a-z-]+) true\b/g, '$1');
