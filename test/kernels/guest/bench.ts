// What a check has in its hands: presets opened as the program opens them, workloads of known numbers, and the frame
// that was counted meanwhile, as the JSON a user would get.
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdtempSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {findPresets} from '../../../src/commands/presets/find-presets.ts';
import {liveClock} from '../../../src/commands/process/clock.ts';
import {type OpenView, openView, type Surroundings} from '../../../src/commands/live/open-view.ts';
import {OwnPrograms} from '../../../src/commands/live/own-programs.ts';
import {UserError} from '../../../src/errors.ts';
import {liveLookups} from '../../../src/kernel/lookups.ts';
import {LiveMachine} from '../../../src/kernel/machine.ts';
import {loadBinding} from '../../../src/native/binding.ts';
import {jsonLine} from '../../../src/output/json.ts';
import {loadPreset} from '../../../src/preset/load.ts';
import type {Preset} from '../../../src/preset/preset.ts';
import {Sampler} from '../../../src/sampler.ts';
import type {JsonLine} from '../../support/program.ts';

export type PresetText = Readonly<Record<string, unknown>>;

/** The check cannot be made on this kernel, for a reason that the table tells. */
export class Skip extends Error {}

export interface Counted extends JsonLine {
  readonly view: string;
  readonly opened: OpenView;
}

export class Bench {
  readonly around: Surroundings;
  private readonly folder = mkdtempSync('/tmp/presets-');

  constructor() {
    const {addon, objectPath} = loadBinding();
    const machine = new LiveMachine(addon, objectPath, '/bin');
    this.around = {addon, machine, filters: {}, own: new OwnPrograms(addon, machine, '/bin', 0)};
  }

  preset(text: PresetText): Preset {
    const file = path.join(this.folder, `${String(text['name'] ?? 'check')}.json`);
    writeFileSync(file, JSON.stringify({name: 'check', measure: 'count', ...text}), {mode: 0o600});
    const loaded = loadPreset(file);
    if (!loaded.ok) throw new Error(loaded.faults.map((fault) => fault.message).join('; '));
    return loaded.preset;
  }

  private bundled(name: string): Preset {
    const preset = findPresets({given: [], variable: '', config: '/nonexistent', sudoUser: 0}).presets.find((each) => each.name === name);
    if (preset === undefined) throw new Error(`no view '${name}'`);
    return preset;
  }

  /** Attaches, works, detaches, reads. */
  async counted(text: PresetText, work: () => void): Promise<Counted> {
    return this.read(await openView(this.preset(text), this.around), work);
  }

  /** The same of a bundled view; undefined: this kernel cannot run it. */
  async view(name: string, filters: Surroundings['filters'], work: () => void): Promise<Counted | undefined> {
    try {
      return await this.read(await openView(this.bundled(name), {...this.around, filters}), work);
    } catch (error) {
      if (error instanceof UserError) return undefined;
      throw error;
    }
  }

  private async read(opened: OpenView, work: () => void): Promise<Counted> {
    try {
      work();
      return await this.line(opened);
    } finally {
      await opened.session.close();
    }
  }

  private async line(opened: OpenView): Promise<Counted> {
    await opened.session.detach();
    const frame = await new Sampler(opened.session, opened.sampled, liveLookups(), liveClock).sample();
    return {...(JSON.parse(jsonLine(frame, opened.plan.shape)) as JsonLine), opened};
  }

  /** A bundled view and a preset of the same run. */
  async beside(name: string, text: PresetText, work: () => void): Promise<readonly [view: Counted, other: Counted]> {
    const preset = this.bundled(name);
    const view = await openView(preset, this.around);
    try {
      const other = await this.counted(text, work);
      return [await this.line(view), other];
    } finally {
      await view.session.close();
    }
  }

  /** Why a preset cannot be attached here; undefined when it can. */
  async refusal(text: PresetText): Promise<string | undefined> {
    try {
      const {session} = await openView(this.preset(text), this.around);
      await session.close();
      return undefined;
    } catch (error) {
      if (error instanceof UserError) return error.message;
      throw error;
    }
  }
}

/** Runs a workload to its end. */
export function work(program: string, ...args: readonly (string | number)[]): void {
  execFileSync(`/bin/${program}`, args.map(String), {stdio: ['ignore', 'ignore', 'inherit']});
}

export const shell = (command: string): string => spawnSync('/bin/sh', ['-c', command], {encoding: 'utf8'}).stdout;

/** The totals of the rows with that key. */
export const totals = (line: JsonLine, wanted: Readonly<Record<string, string | number>>) =>
  line.rows.filter((row) => Object.entries(wanted).every(([name, value]) => row.key[name] === value)).map((row) => row.total);
