// Opens a preset as a live view: tries its alternatives in order, and within each what the kernel may lack, until one
// is attached. Keeps why the others were not taken.
import {lossOffsets} from '../../decode/losses.ts';
import {safeString} from '../../decode/safe-text.ts';
import {BpfError, UserError} from '../../errors.ts';
import {requirePrivilege} from '../../kernel/privilege.ts';
import type {LiveMachine} from '../../kernel/machine.ts';
import type {Ability} from '../../preset/machine.ts';
import type {Addon, Session} from '../../native/contract.ts';
import type {Filters} from '../../preset/program/fill.ts';
import {PlanFaults} from '../../preset/fault.ts';
import {type Plan, planOf} from '../../preset/plan.ts';
import type {Own} from '../../preset/own/own.ts';
import type {Preset, ProbeSpec} from '../../preset/preset.ts';
import type {PlacedFault} from '../../preset/load.ts';
import {readJson} from '../../preset/json-lines.ts';
import {lossesOf, memberOffset} from '../../preset/program/engine.ts';
import {type Variant, variantsOf} from '../../preset/variants.ts';
import type {Sampled} from '../../sampler.ts';
import {Attaching, mostTime, type Tell} from './attaching.ts';
import {faultLine} from '../presets/find-presets.ts';
import {withoutRefused} from './refused-places.ts';
import {learnOwnNumber} from './own-number.ts';
import {isNativeError, noCounter, toBpfError} from './native-errors.ts';
import type {OwnPrograms} from './own-programs.ts';
import {flagFault, inFlagWords} from '../line/view-flags.ts';

export interface OpenView {
  readonly preset: Preset;
  readonly plan: Plan;
  readonly session: Session;
  readonly addon: Addon;
  readonly sampled: Sampled;
  /** Alternatives that were not taken: the probe, and why. */
  readonly refused: readonly Refusal[];
}

export interface Refusal {
  readonly probe: string;
  readonly reason: string;
}

export interface Surroundings {
  readonly addon: Addon;
  readonly machine: LiveMachine;
  readonly filters: Filters;
  /** The process that the command of -c runs in, which views about one process are about. */
  readonly started?: number;
  /** What filters every view, as it was asked for; '' for nothing. */
  readonly only?: string;
  /** Gives up what is being attached: a wildcard's thousand probes take a while where the kernel takes them one by one only. */
  readonly signal?: AbortSignal;
  /** Told how far it is, in per cent, when attaching takes long. */
  readonly tellAttaching?: Tell;
  /** Without it, views on programs of others cannot be opened. */
  readonly own?: OwnPrograms;
}

/**
 * @param send single events in place of counts: all, or those of the row with this key
 * @throws UserError that says why no alternative could be attached
 */
export async function openView(preset: Preset, around: Surroundings, send?: 'all' | Uint8Array): Promise<OpenView> {
  const {addon, machine, filters} = aboutOne(preset, around);
  requirePrivilege();
  if (preset.own !== undefined) {
    if (send !== undefined) throw new UserError(`view '${preset.name}' has no single events: it is not of the bundled program`);
    return openOwn(preset, preset.own, around);
  }
  if (lacksPid(preset, around))
    throw new UserError(`view '${preset.name}' is about one process: it needs -p PID`, {hint: `tsbpftop -p PID ${preset.name}`});
  await learnOwnNumber(machine, addon);
  const tries = new Tries(preset);
  for (const variant of tries.variants()) {
    try {
      const {plan: whole, session} = await attach(preset, variant, {...around, filters}, send);
      const plan = about(whole, around.only);
      return {preset, plan, session, addon, sampled: sampledOf(preset, plan, machine), refused: tries.refused};
    } catch (error) {
      const failed = tries.failed(variant, error);
      if (around.signal?.aborted === true) throw failed;
    }
  }
  throw tries.error();
}

/** A program of others counts what it counts: nothing of it can be filtered by us. */
async function openOwn(preset: Preset, own: Own, {addon, filters, own: programs}: Surroundings): Promise<OpenView> {
  if (programs === undefined) throw new Error(`view '${preset.name}': no programs of others here`);
  const [first] = Object.keys(filters);
  const filter = filters.command === true ? '-c' : `--${first}`;
  if (first !== undefined)
    throw new UserError(`view '${preset.name}' cannot be filtered by ${filter}: it is not of the bundled program`, {
      hint: own.kind === 'object' || own.kind === 'source' ? 'a const volatile variable of the program, set by "params", can do it' : '',
    });
  try {
    const {plan, session, refused, whenFull} = await programs.open(preset, own);
    const sampled = {view: preset.name, layout: plan.layout, maxKeys: plan.maxKeys, approximations: plan.approximations};
    return {preset, plan, session, addon, refused, sampled: whenFull === undefined ? sampled : {...sampled, whenFull}};
  } catch (error) {
    throw error instanceof PlanFaults ? faultsError(preset, error) : error;
  }
}

/** A view about one process, of a command and its children, is about the command. */
function aboutOne(preset: Preset, around: Surroundings): Surroundings {
  const {filters, started} = around;
  return preset.needsPid && filters.pid === undefined && started !== undefined ? {...around, filters: {pid: started}} : around;
}

/** Numbers of some tasks alone are not to be taken for those of all. */
function about(plan: Plan, only = ''): Plan {
  return only === '' ? plan : {...plan, shape: {...plan.shape, title: `${plan.shape.title} of ${only}`}};
}

export const lacksPid = (preset: Preset, {filters, started}: Pick<Surroundings, 'filters' | 'started'>): boolean =>
  preset.needsPid && filters.pid === undefined && started === undefined;

const probeOf = (variant: Variant): string => variant.from.map((spec) => spec.probe).join(', ');

/** Why a view cannot be opened, as far as that is seen without loading anything; undefined when nothing speaks against it. */
export function whyNot(preset: Preset, {machine, filters, own}: Surroundings): UserError | undefined {
  if (preset.own === undefined) {
    const planned = planView(preset, machine, filters);
    return 'error' in planned ? planned.error : undefined;
  }
  try {
    own?.check(preset, preset.own);
    return undefined;
  } catch (error) {
    if (error instanceof PlanFaults) return faultsError(preset, error);
    if (error instanceof UserError) return error;
    throw error;
  }
}

/** The same in one line, safe to print. */
export const reasonOf = ({message, hint}: UserError): string => safeString(`${message}${hint === '' ? '' : `; ${hint.split('\n')[0]}`}`);

/** The first variant that can be planned here; or why there is none. */
function planView(preset: Preset, machine: LiveMachine, filters: Filters): {readonly plan: Plan} | {readonly error: UserError} {
  const tries = new Tries(preset);
  for (const variant of tries.variants()) {
    try {
      return {plan: planOf(preset, variant, machine, filters)};
    } catch (error) {
      tries.failed(variant, error);
    }
  }
  return {error: tries.error()};
}

/** The alternatives of a preset that were tried, and why they do not run here. */
class Tries {
  readonly refused: Refusal[] = [];
  private readonly preset: Preset;
  private readonly missing = new Set<ProbeSpec>();
  private last: UserError | undefined;

  constructor(preset: Preset) {
    this.preset = preset;
  }

  /** Those with a probe that is known not to be there are not tried again: four probes of two alternatives make sixteen. */
  *variants(): Generator<Variant> {
    for (const variant of variantsOf(this.preset)) if (!specsOf(variant).some((spec) => this.missing.has(spec))) yield variant;
  }

  /** Keeps a user's error, and gives it; throws any other. */
  failed(variant: Variant, error: unknown): UserError {
    const failed = error instanceof PlanFaults ? faultsError(this.preset, error) : error;
    if (!(failed instanceof UserError)) throw error;
    const faults = error instanceof PlanFaults ? error.faults : [];
    for (const spec of specsOf(variant)) if (faults.some((fault) => fault.pointer === spec.at)) this.missing.add(spec);
    this.last = failed;
    this.refused.push({probe: probeOf(variant), reason: failed.message.replace(`view '${this.preset.name}': `, '')});
    return failed;
  }

  /** Why none runs: the one reason there is, or all. */
  error(): UserError {
    if (this.last === undefined) throw new Error(`preset '${this.preset.name}' has no variant`);
    if (this.refused.length === 1) return this.orInstead(this.last);
    return this.orInstead(
      new UserError(`view '${this.preset.name}' cannot run here: none of its alternatives can be attached`, {
        hint: this.refused.map(({probe, reason}) => `${probe}: ${reason}`).join('\n'),
        status: this.last.status,
      }),
    );
  }

  private orInstead(error: UserError): UserError {
    const {instead} = this.preset;
    if (instead === undefined || error instanceof BpfError) return error;
    const [first = '', ...rest] = error.hint.split('\n');
    const hint = [`${first}${first === '' ? '' : '; '}'tsbpftop ${instead}' answers a part of it`, ...rest].join('\n');
    return new UserError(error.message, {hint, status: error.status});
  }
}

const specsOf = (variant: Variant): readonly ProbeSpec[] => [
  ...variant.from,
  ...(variant.kind === 'pair' ? variant.to : []),
  ...variant.until,
];

/**
 * Without an ability that the kernel turns out not to have, the plan is made anew: slower, and as exact. If that does not
 * help either, the fault was another, and the abilities are given back.
 */
async function attach(
  preset: Preset,
  variant: Variant,
  {addon, machine, filters, signal, tellAttaching}: Surroundings,
  send: 'all' | Uint8Array | undefined,
): Promise<{plan: Plan; session: Session}> {
  const without: Ability[] = [];
  for (;;) {
    const plan = planOf(preset, variant, machine, filters, send);
    const control = new Uint32Array(3);
    let attaching: Attaching | undefined;
    try {
      const opening = addon.openSession(plan.session, control);
      attaching = new Attaching({control, signal, tell: tellAttaching, most: mostTime(preset.maxProbes)}); // while it is on its way
      const session = await opening;
      return {plan: await withoutRefused(plan, session), session};
    } catch (error) {
      if (!isNativeError(error)) throw error;
      if (attaching?.late === true && error.code === 'ECANCELED') throw attaching.tooLong(preset.name, plan.points.length);
      const [ability] = plan.relies;
      const final = ['EPERM', 'EACCES', 'ECANCELED', 'EMFILE', 'ENFILE', 'ENOMEM'].includes(error.code);
      if (ability === undefined || final) {
        for (const each of without) machine.abilities.add(each);
        throw noCounter(error, plan.points) ?? toBpfError(error, preset.name);
      }
      machine.abilities.delete(ability);
      without.push(ability);
    } finally {
      attaching?.over();
    }
  }
}

/** A preset that does not fit this machine, or none: its faults one by one, each with its place in the file. */
export class MisfitError extends UserError {
  readonly faults: readonly PlacedFault[];

  constructor(message: string, hint: string, faults: readonly PlacedFault[]) {
    super(message, {hint, status: faults.some(({wrong}) => wrong === true) ? 2 : 1});
    this.name = 'MisfitError';
    this.faults = faults;
  }
}

function faultsError(preset: Preset, {faults}: PlanFaults): UserError {
  const json = readJson(preset.json);
  const placed = faults.map((fault) => ({...fault, line: json.lineOf(fault.pointer)}));
  const [first, ...others] = placed;
  const {flags} = preset;
  if (first === undefined) throw new Error(`preset '${preset.name}' was refused without a fault`);
  if (flags !== undefined)
    return others.length === 0
      ? new MisfitError(flagFault(flags, {...first, hint: ''}), inFlagWords(first.hint ?? ''), placed)
      : new MisfitError(
          `the view on the command line has ${placed.length} faults`,
          placed.map((fault) => flagFault(flags, fault)).join('\n'),
          placed,
        );
  // of a file that is wrong, where
  const place = first.wrong === true ? [`in ${preset.file}:${first.line}${first.pointer === '' ? '' : `, ${first.pointer}`}`] : [];
  const hint = [...(first.hint === undefined || first.hint === '' ? [] : [first.hint]), ...place].join('\n');
  return others.length === 0
    ? new MisfitError(`view '${preset.name}': ${first.message}`, hint, placed)
    : new MisfitError(
        `view '${preset.name}': ${first.message} (and ${others.length} more)`,
        placed.map((fault) => faultLine(preset.file, fault)).join('\n'),
        placed,
      );
}

function sampledOf(preset: Preset, plan: Plan, machine: LiveMachine): Sampled {
  return {
    view: preset.name,
    layout: plan.layout,
    maxKeys: plan.maxKeys,
    approximations: plan.approximations,
    losses: lossOffsets((word) => memberOffset(machine.enginePath, lossesOf(machine).value, word)),
    maxStarts: plan.session.maps.find(({name}) => name === 'starts')?.maxEntries ?? 0,
  };
}
