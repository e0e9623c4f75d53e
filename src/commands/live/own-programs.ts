// Describes and opens what presets have of their own: an object, compiled or not, the machine's programs, or a loaded map.
import {UserError} from '../../errors.ts';
import type {Addon, NativeError, ObjectShape, ObjectSpec, Session} from '../../native/contract.ts';
import type {Machine} from '../../preset/machine.ts';
import type {Own} from '../../preset/own/own.ts';
import {type OwnPlan, planOwn, tableParts} from '../../preset/own/own-plan.ts';
import {PlanFaults} from '../../preset/fault.ts';
import type {Plan} from '../../preset/plan.ts';
import type {Preset} from '../../preset/preset.ts';
import {tableOf} from '../../preset/own/table.ts';
import {Compiler} from './compile.ts';
import {isNativeError} from './native-errors.ts';
import {loadError, mapError, openError} from './own-errors.ts';
import {ownPath, readOwnFile} from './own-files.ts';

/** What a view of others' counts on, beside the plan. */
interface OpenOwn {
  readonly plan: Plan;
  readonly session: Session;
  /** Programs that could be done without, and were: the probe, and why. */
  readonly refused: readonly {readonly probe: string; readonly reason: string}[];
  readonly whenFull: string | undefined;
}

export class OwnPrograms {
  readonly compiler: Compiler;
  private readonly addon: Addon;
  private readonly machine: Machine;
  private readonly sudoUser: number;

  constructor(addon: Addon, machine: Machine, searchPath: string, sudoUser: number) {
    this.addon = addon;
    this.machine = machine;
    this.sudoUser = sudoUser;
    this.compiler = new Compiler(searchPath, sudoUser);
  }

  /** Why it cannot be opened, as far as that is seen without compiling or loading anything. @throws PlanFaults, UserError */
  check(preset: Preset, own: Own): void {
    if (own.kind !== 'object' && own.kind !== 'source') {
      this.planOfMachine(preset, own);
      return;
    }
    const file = ownPath(preset.file, own.path);
    const bytes = readOwnFile(file, own.kind, this.sudoUser);
    if (own.kind === 'object') planOwn(preset, own, this.describe(bytes, file), this.machine);
    else if (this.compiler.clang() === undefined) throw new UserError(`source '${file}' cannot be compiled: this machine has no clang`);
  }

  async open(preset: Preset, own: Own): Promise<OpenOwn> {
    switch (own.kind) {
      case 'programs':
      case 'map': {
        const {plan, session} = await this.openOfMachine(preset, own);
        const whenFull = own.kind === 'map' ? 'the map is full: what its program could not put into it is not known' : undefined;
        return {plan, session, refused: [], whenFull};
      }
      case 'object':
      case 'source':
        return this.openObject(preset, own);
    }
  }

  private async openObject(preset: Preset, own: Own): Promise<OpenOwn> {
    const file = ownPath(preset.file, own.path);
    const source = readOwnFile(file, own.kind === 'source' ? 'source' : 'object', this.sudoUser);
    const bytes = own.kind === 'source' ? await this.compiler.compile(file) : source;
    const shape = this.describe(bytes, file);
    const planned = planOwn(preset, own, shape, this.machine);
    const {session, refused} = await this.attach(planned, bytes, preset, shape);
    const lost = new Set(refused.map(({program}) => program));
    const points = planned.points.flatMap((each) => (lost.has(each.program) ? [] : each.probes));
    const {plan} = planned;
    return {
      plan: {...plan, points, shape: {...plan.shape, probes: points}},
      session,
      refused: refused.map(({program, reason}) => ({probe: program, reason})),
      whenFull: 'the map is full: what the program could not put into it is not known; a larger "maxKeys" makes room',
    };
  }

  /** An optional program that the kernel refuses is left out, and the rest is tried again. */
  private async attach({object, optional, points}: OwnPlan, bytes: Uint8Array, preset: Preset, shape: ObjectShape) {
    const refused: {program: string; reason: string}[] = [];
    let spec: ObjectSpec = {...object, bytes};
    for (;;) {
      try {
        return {session: await this.addon.openObject(spec), object: spec, refused};
      } catch (error) {
        if (!isNativeError(error)) throw error;
        const failed = this.failure(error, preset, shape, points);
        const isOptional = optional.has(error.target) && spec.programs.some((each) => each.program === error.target);
        if (!isOptional || error.code === 'EPERM' || spec.programs.length < 2) throw failed;
        refused.push({program: error.target, reason: failed.message});
        spec = {...spec, programs: spec.programs.filter((each) => each.program !== error.target)};
      }
    }
  }

  /** With what this kernel is known to lack, of the kinds that programs are of. */
  private failure(error: NativeError, preset: Preset, shape: ObjectShape, points: OwnPlan['points']): UserError {
    const section = shape.programs.find((program) => program.name === error.target)?.section ?? '';
    const ofFunctions = /^\??k(ret)?(probe|syscall)/.test(section)
      ? 'kprobe'
      : /^\??(fentry|fexit|fmod_ret)/.test(section)
        ? 'fentry'
        : undefined;
    const whyNot = ofFunctions === undefined ? undefined : this.machine.whyNot(ofFunctions);
    const place = points.find(({program}) => program === error.target)?.probes.join(', ') ?? '';
    return loadError(error, preset.name, place, whyNot);
  }

  private describe(bytes: Uint8Array, file: string): ObjectShape {
    try {
      return this.addon.describeObject(bytes, file);
    } catch (error) {
      throw isNativeError(error) ? openError(error, file, bytes) : error;
    }
  }

  private planOfMachine(preset: Preset, own: Own): {readonly plan: Plan; readonly reading: ObjectSpec['reading']} {
    const shape = own.kind === 'map' && own.loaded !== undefined ? own.loaded : this.addon.programsShape();
    const table = tableOf(shape, own.columns, own.kind === 'map');
    if ('faults' in table) throw new PlanFaults(table.faults);
    const points = own.kind === 'map' ? [`map ${own.loaded?.id ?? 0}`] : ['the BPF programs that are loaded'];
    const parts = tableParts(preset, table, points);
    return {
      plan: {
        session: {object: '', maps: [], programs: [], statistics: own.kind === 'programs'},
        ...parts,
        shape: {...parts.shape, others: true},
        maxKeys: shape.maxEntries,
        approximations: [],
        relies: [],
        points,
        places: [],
        leftOut: [],
      },
      reading: table.reading,
    };
  }

  private async openOfMachine(preset: Preset, own: Own): Promise<{readonly plan: Plan; readonly session: Session}> {
    const {plan, reading} = this.planOfMachine(preset, own);
    try {
      if (own.loaded === undefined) return {plan, session: await this.addon.openPrograms({reading})};
      const {id, name} = own.loaded;
      return {plan, session: sayingWhatIsGone(await this.addon.openMap({id, name, reading}), name, id)};
    } catch (error) {
      if (!isNativeError(error)) throw error;
      throw own.loaded === undefined ? loadError(error, preset.name, '', undefined) : mapError(error, own.loaded.name, own.loaded.id);
    }
  }
}

/** A map goes when its owner does: the user's situation, not a fault of ours. */
function sayingWhatIsGone(session: Session, name: string, id: number): Session {
  const sample = session.sample.bind(session);
  const saying: Session['sample'] = (...given) =>
    sample(...given).catch((error: unknown) => {
      throw isNativeError(error) && error.operation === 'read map' ? mapError(error, name, id) : error;
    });
  return Object.defineProperty(session, 'sample', {value: saying}); // an assignment would meet the class's own, which is read-only
}
