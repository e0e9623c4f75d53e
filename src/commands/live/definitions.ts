// What the views of the screen count: by name a preset, and for which tasks alone. Views drilled into, made and edited are
// defined here under their own names.
import {once} from '../../decode/once.ts';
import {UserError} from '../../errors.ts';
import {drilled} from '../../preset/drill.ts';
import {PresetFault} from '../../preset/fault.ts';
import type {Filters} from '../../preset/program/fill.ts';
import type {Preset} from '../../preset/preset.ts';
import type {Drill} from '../../view/source.ts';
import type {OpenView} from './open-view.ts';

export interface Definition {
  readonly preset: Preset;
  readonly filters: Filters;
}

export class Definitions {
  private readonly all: Map<string, Definition>;
  private readonly filters: Filters;

  /** Those that can be opened too: read when they are first asked for. */
  readonly others: () => readonly Preset[];

  /** @param filters those of the command line */
  constructor(presets: readonly Preset[], others: () => readonly Preset[], filters: Filters) {
    this.filters = filters;
    this.all = new Map(presets.map((preset) => [preset.name, {preset, filters}]));
    this.others = once(() => {
      const found = others();
      for (const preset of found) if (!this.all.has(preset.name)) this.add(preset);
      return found;
    });
  }

  get(name: string | undefined): Definition | undefined {
    if (name === undefined) return undefined;
    if (!this.all.has(name)) this.others();
    return this.all.get(name);
  }

  add(preset: Preset): void {
    this.all.set(preset.name, {preset, filters: this.filters});
  }

  set(name: string, definition: Definition): void {
    this.all.set(name, definition);
  }

  /**
   * A row drilled into is defined by the view that has it, and stays so once defined.
   * @param parent that view, which is attached still. @throws UserError
   */
  drillInto(name: string, drill: Drill | undefined, parent: OpenView | undefined): Definition {
    const [above, child] = [this.get(drill?.from), this.get(drill?.to)];
    const [by, field] = [above?.preset.by[drill?.column ?? 0], parent?.plan.layout.key[drill?.column ?? 0]];
    if (drill === undefined || above === undefined || child === undefined || by === undefined || field === undefined)
      throw new UserError(`cannot open '${name}': the view that it was drilled into from is closed`, {hint: 'Backspace, then Enter again'});
    try {
      const {preset, filters} = drilled(child.preset, {preset: above.preset, by, field, key: drill.row}, above.filters);
      const definition = {preset: {...preset, name}, filters};
      this.set(name, definition);
      return definition;
    } catch (error) {
      throw error instanceof PresetFault ? new UserError(error.message, {hint: error.hint ?? ''}) : error;
    }
  }
}
