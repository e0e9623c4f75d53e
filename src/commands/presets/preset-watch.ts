// Tells when the file of an open preset is edited: what it says now, or why that cannot be used. Editors write in place, or
// put another file there; what counts is what can be read, so that the same content twice is no change.
import {type FSWatcher, realpathSync, unwatchFile, watch, watchFile} from 'node:fs';
import path from 'node:path';
import {UserError} from '../../errors.ts';
import {textOf} from '../../kernel/read-text.ts';
import type {Loaded} from '../../preset/load.ts';
import type {Preset} from '../../preset/preset.ts';
import {faultsLine} from './find-presets.ts';

export type PresetChange =
  | {readonly kind: 'preset'; readonly preset: Preset}
  /** The view goes on as it was; '' when there is no trouble any more. */
  | {readonly kind: 'trouble'; readonly message: string};

interface Watched {
  readonly file: string;
  /** As it was read last; undefined: it is gone. */
  text: string | undefined;
  readonly watchers: readonly FSWatcher[];
}

/** ms from a notice until the file is read: of a folder that others write to, as /tmp, there may be thousands a second. */
const readAfter = 100;
const pollEvery = 1000; // ms, where the kernel gives no notice: too many watches, or a file system without

export class PresetWatch {
  private readonly watched = new Map<string, Watched>();
  private readonly load: (file: string) => Loaded;
  private readonly changed: (name: string, change: PresetChange) => void;

  /** @param load reads a preset as at the start: with the same rules on who may write it */
  constructor(load: (file: string) => Loaded, changed: (name: string, change: PresetChange) => void) {
    this.load = load;
    this.changed = changed;
  }

  /** Once for each name; what is no file, as a view of the command line, is not watched. */
  start(name: string, {file, json}: Preset): void {
    if (this.watched.has(name) || textOf(file) === undefined) return;
    const look = (): void => this.look(name);
    const notices: {reading?: NodeJS.Timeout} = {};
    const lookSoon = (): void => {
      notices.reading ??= setTimeout(() => {
        delete notices.reading;
        look();
      }, readAfter).unref();
    };
    const watchers: FSWatcher[] = [];
    const poll = (): void => void watchFile(file, {interval: pollEvery, persistent: false}, look);
    try {
      // the folder of a symbolic link, and that of the file behind it
      for (const folder of new Set([path.dirname(path.resolve(file)), path.dirname(realpathSync(file))]))
        watchers.push(watch(folder, {persistent: false}, lookSoon).on('error', poll));
    } catch {
      poll();
    }
    this.watched.set(name, {file, text: json, watchers});
    look(); // it may have been edited since it was read
  }

  stop(): void {
    for (const {file, watchers} of this.watched.values()) {
      for (const watcher of watchers) watcher.close();
      unwatchFile(file);
    }
    this.watched.clear();
  }

  private look(name: string): void {
    const watched = this.watched.get(name);
    if (watched === undefined) return;
    const text = textOf(watched.file);
    if (text === watched.text || text === '') return; // empty: it is being written
    watched.text = text;
    this.changed(name, this.changeTo(watched.file, text));
  }

  private changeTo(file: string, text: string | undefined): PresetChange {
    if (text === undefined) return {kind: 'trouble', message: `'${file}' is gone: the view goes on as it was`};
    try {
      const loaded = this.load(file);
      if (loaded.ok) return {kind: 'preset', preset: loaded.preset};
      return {kind: 'trouble', message: faultsLine(file, loaded.faults)};
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return {kind: 'trouble', message: error.message};
    }
  }
}
