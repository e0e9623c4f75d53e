// Writes a view as a preset of the user's own: into ~/.config/tsbpftop/presets, for nobody else to write, never through a
// symbolic link, and never over a file that says something else.
import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {UserError} from '../../errors.ts';
import type {Preset} from '../../preset/preset.ts';
import {fileReason} from '../files/file-reasons.ts';
import {bundledPresets, type PresetPlaces} from './preset-files.ts';
import {giveFolder, makeFolder, openFolder, type Owner} from '../files/safe-folder.ts';

/** @returns what was done, for the user. @throws UserError */
export function savePreset(preset: Preset, {config, sudoUser}: PresetPlaces): string {
  const text = savedText(preset);
  const folder = path.join(config, 'tsbpftop', 'presets');
  const file = path.join(folder, `${preset.name}.json`);
  const done = (what: string): string => `view '${preset.name}' ${what} '${file}'`;
  return tried(file, () => {
    const way = openFolder(config, [sudoUser], 'make');
    let at = openSync(way.place, constants.O_RDONLY | constants.O_DIRECTORY);
    way.close();
    try {
      // whose the folder is, theirs is what is put there: also root's own hand writes for the user who became root
      const owner = fstatSync(at);
      for (const name of ['tsbpftop', 'presets']) at = inside(at, name, owner);
      return done(write(at, `${preset.name}.json`, file, text, owner) ? 'is saved as' : 'is there already, as');
    } finally {
      closeSync(at);
    }
  });
}

/** The preset as a file: with the schema that completes it in an editor. */
function savedText(preset: Preset): string {
  const {folder} = bundledPresets();
  // inside the single executable no editor could read it
  const $schema = path.isAbsolute(folder) ? pathToFileURL(path.join(folder, 'preset.schema.json')).href : undefined;
  return `${JSON.stringify({$schema, ...(JSON.parse(preset.json) as object)}, null, 2)}\n`;
}

/** Opens a folder of an open folder, and makes it if need be. Closes the outer one. */
function inside(outer: number, name: string, owner: Owner): number {
  const place = `/proc/self/fd/${outer}/${name}`;
  const made = makeFolder(place);
  const inner = openSync(place, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  if (made) giveFolder(`/proc/self/fd/${inner}`, owner);
  closeSync(outer);
  return inner;
}

/** False: it is there, and says the same. Whole or not at all, and never over another. */
function write(folder: number, name: string, shown: string, text: string, owner: Owner): boolean {
  const place = `/proc/self/fd/${folder}/${name}`;
  const draft = `/proc/self/fd/${folder}/.${name}.${process.pid}`;
  const file = openSync(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    giveTo(file, owner);
    writeFileSync(file, text);
    fsyncSync(file);
    linkSync(draft, place);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (lstatSync(place).isFile() && readFileSync(place, 'utf8') === text) return false;
    throw new UserError(`cannot save '${shown}': it is there, and says something else`, {
      hint: 'choose another name for --save, or remove it first',
    });
  } finally {
    closeSync(file);
    unlinkSync(draft);
  }
}

function giveTo(file: number, {uid, gid}: Owner): void {
  const now = fstatSync(file);
  if (now.uid !== uid) fchownSync(file, uid, gid);
}

const causes: Readonly<Record<string, string>> = {
  ELOOP: 'a folder on the way is a symbolic link',
  ENOTDIR: 'a folder on the way is none, or is a symbolic link',
};

function tried<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const {code = ''} = error as NodeJS.ErrnoException;
    throw new UserError(`cannot save '${file}': ${causes[code] ?? fileReason(error)}`);
  }
}
