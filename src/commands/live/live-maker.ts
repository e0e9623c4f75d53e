// The builder's other side, for the live screen: searches while keys go on, and makes views that the source then has.
import type {Preset} from '../../preset/preset.ts';
import type {Parts} from '../../view/builder.ts';
import type {Maker, SourceEvent, ViewEntry} from '../../view/source.ts';
import {describeProbe, findProbes, lineOf, makeView} from './make-view.ts';
import type {Surroundings} from './open-view.ts';

/** ms without a letter before a search begins: all kernel functions are looked through. */
const pause = 80;

interface Making {
  readonly around: Surroundings;
  readonly taken: (name: string) => boolean;
  /** The source has it from now on. */
  readonly add: (preset: Preset) => ViewEntry;
  /** Writes it among the user's presets, and says so. @throws UserError */
  readonly save: (preset: Preset) => string;
}

export class LiveMaker implements Maker {
  private readonly making: Making;
  private readonly emit: (event: SourceEvent) => void;
  private timer: NodeJS.Timeout | undefined;

  constructor(making: Making, emit: (event: SourceEvent) => void) {
    this.making = making;
    this.emit = emit;
  }

  find(query: string): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.emit({type: 'found', query, choices: findProbes(query, this.making.around)}), pause);
    this.timer.unref();
  }

  describe(probe: string): void {
    try {
      this.emit({type: 'described', probe, ...describeProbe(probe, this.making.around)});
    } catch (error) {
      this.emit({type: 'described', probe, fault: lineOf(error)});
    }
  }

  make(parts: Parts): void {
    const {around, taken, add, save} = this.making;
    try {
      const preset = makeView(parts, taken, around);
      const notice = parts.name === '' ? undefined : save(preset);
      this.emit({type: 'made', entry: add(preset), ...(notice === undefined ? {} : {notice})});
    } catch (error) {
      this.emit({type: 'made', fault: lineOf(error)});
    }
  }
}
