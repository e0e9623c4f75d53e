// `tsbpftop check FILE ...`: every fault of each file; then the names, on this machine; then, where it is allowed, a
// real load and attach, which is undone at once.
import {safeJson, safeString} from '../decode/safe-text.ts';
import {BpfError, UserError} from '../errors.ts';
import {whatIsMissing} from '../kernel/privilege.ts';
import {type Loaded, loadPreset, type PlacedFault} from '../preset/load.ts';
import type {Preset} from '../preset/preset.ts';
import type {Filters} from '../preset/program/fill.ts';
import {leftOutLines} from './live/details.ts';
import {faultLine} from './presets/find-presets.ts';
import {presetFiles} from './presets/preset-files.ts';
import {type Invocation, surroundingsOrNone} from './invocation.ts';
import {MisfitError, openView, type Refusal, type Surroundings, whyNot} from './live/open-view.ts';
import {safeLines} from './process/safe-lines.ts';

interface Verdict {
  readonly file: string;
  readonly status: 0 | 1 | 2;
  /** For people: a line each. */
  readonly messages: readonly string[];
  /** Of the file, or of the machine that it does not fit; each with its place. */
  readonly faults?: readonly PlacedFault[];
  /** What was loaded, and let go. */
  readonly load?: {
    readonly probes: number;
    readonly programs: number;
    readonly instructions: number;
    readonly notTaken: readonly Refusal[];
    readonly leftOut: readonly string[];
  };
  /** Why nothing was loaded, though the preset is right. */
  readonly notLoaded?: string;
  /** The verifier's, with -v. */
  readonly log?: string;
}

export async function checkCommand(invocation: Invocation): Promise<number> {
  if (invocation.words.length === 0)
    throw new UserError('check wants preset files, or folders of them', {hint: 'tsbpftop check FILE ...', status: 2});
  const around = surroundingsOrNone(invocation);
  let status: 0 | 1 | 2 = 0;
  for (const place of invocation.words)
    for (const verdict of await verdictsOf(place, around, invocation.verbose)) {
      if (invocation.json) process.stdout.write(`${jsonOf(verdict)}\n`);
      else process.stdout.write(`${verdict.messages.map(safeString).join('\n')}\n`);
      status = status === 2 || verdict.status === 2 ? 2 : verdict.status === 1 ? 1 : status;
    }
  return status;
}

/** A text of the kernel or of a file is made safe here too: JSON is read at terminals. */
const jsonOf = ({file, status, messages, ...rest}: Verdict): string =>
  safeJson({file, ok: status === 0, status, messages, ...rest}, (_, value: unknown) =>
    typeof value === 'string' ? safeLines(value) : value,
  );

type Around = ReturnType<typeof surroundingsOrNone>;

async function verdictsOf(place: string, around: Around, verbose: boolean): Promise<readonly Verdict[]> {
  let files: readonly string[];
  try {
    files = presetFiles(place);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [{file: place, status: 2, messages: [error.message]}];
  }
  const verdicts: Verdict[] = [];
  for (const file of files) verdicts.push(await verdictOf(file, around, verbose));
  return verdicts;
}

async function verdictOf(file: string, around: Around, verbose: boolean): Promise<Verdict> {
  let loaded: ReturnType<typeof loadPreset>;
  try {
    loaded = loadPreset(file);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return {file, status: 2, messages: [error.message]};
  }
  if (!loaded.ok) {
    const faults = [...loaded.faults, ...otherFaults(loaded, around)].sort((a, b) => a.line - b.line);
    return {file, status: 2, messages: faults.map((fault) => faultLine(file, fault)), faults};
  }
  if ('none' in around)
    return {
      file,
      status: 0,
      messages: [`${file}: right in itself; not tried, since ${around.none.message}`],
      notLoaded: around.none.message,
    };
  const error = [{}, ...ownFilters(loaded.preset)].map((filters) => whyNot(loaded.preset, {...around, filters})).find(Boolean);
  if (error !== undefined) return refusedVerdict(file, error, false);
  const missing = whatIsMissing();
  if (missing !== undefined) return {file, status: 0, messages: [`${file}: right; not loaded, since ${missing}`], notLoaded: missing};
  try {
    return await attached(file, loaded.preset, around);
  } catch (caught) {
    if (!(caught instanceof UserError)) throw caught;
    return refusedVerdict(file, caught, verbose);
  }
}

/** One of each that its "filter" names: they are part of the view only where they are asked for. */
const ownFilters = ({filter = {}}: Preset): readonly Filters[] => [
  ...(filter.pid === undefined ? [] : [{pid: 1}]),
  ...(filter.comm === undefined ? [] : [{comm: 'init'}]),
  ...(filter.cgroup === undefined ? [] : [{cgroup: 1n}]),
];

/** What does not fit the machine of a preset that has other faults: all are told at once. */
function otherFaults({faults, rest}: Extract<Loaded, {ok: false}>, around: Around): readonly PlacedFault[] {
  if (rest === undefined || 'none' in around) return [];
  const error = whyNot(rest, {...around, filters: {}});
  if (!(error instanceof MisfitError)) return [];
  return error.faults.filter(({pointer}) => !faults.some((fault) => `${fault.pointer}/`.startsWith(`${pointer}/`)));
}

async function attached(file: string, preset: Preset, around: Surroundings): Promise<Verdict> {
  // a view of one process is tried on this one
  const filters = preset.needsPid ? {...around.filters, pid: process.pid} : around.filters;
  const view = await openView(preset, {...around, filters});
  const all = view.session.programs();
  await view.session.close();
  const [probes, programs] = [view.plan.points.length, all.length];
  const instructions = all.reduce((sum, program) => sum + program.instructions, 0);
  const leftOut = leftOutLines(view.plan.leftOut);
  return {
    file,
    status: 0,
    messages: [
      `${file}: right; attached to ${probes} ${probes === 1 ? 'probe' : 'probes'} by ${programs} ${programs === 1 ? 'program' : 'programs'} of ${instructions} instructions`,
      ...leftOut.map((line) => `  left out: ${line}`),
      ...view.refused.map(({probe, reason}) => `  not taken: ${probe}: ${reason}`),
    ],
    load: {probes, programs, instructions, notTaken: view.refused, leftOut},
  };
}

function refusedVerdict(file: string, error: UserError, verbose: boolean): Verdict {
  const log = verbose && error instanceof BpfError ? error.log.trimEnd() : '';
  return {
    file,
    status: error.status,
    messages: [...explained(file, error), ...(log === '' ? [] : log.split('\n').map((line) => `  ${line}`))],
    ...(error instanceof MisfitError ? {faults: error.faults} : {}),
    ...(log === '' ? {} : {log}),
  };
}

const explained = (file: string, error: UserError): readonly string[] =>
  error instanceof MisfitError
    ? error.faults.flatMap((fault, _, all) => [faultLine(file, fault), ...furtherHints(fault, all)])
    : told(file, error);

/** Of a fault that is alone: what a list of them has no room for. */
const furtherHints = ({hint = ''}: PlacedFault, all: readonly PlacedFault[]): readonly string[] =>
  all.length > 1
    ? []
    : hint
        .split('\n')
        .slice(1)
        .map((line) => `  hint: ${line}`);

const told = (file: string, error: UserError): readonly string[] => [
  `${file}: ${error.message}`,
  ...(error.hint === '' ? [] : error.hint.split('\n').map((line) => `  hint: ${line}`)),
];
