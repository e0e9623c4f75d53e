// Where preset files are: what --presets names, $TSBPFTOP_PRESETS, the user's, the machine's, and the bundled ones. Refuses to
// root what others may write. Reads none of them.
import {readdirSync, realpathSync, statSync} from 'node:fs';
import path from 'node:path';
import {UserError} from '../../errors.ts';
import {type BundledPresets, bundledPresetFiles} from '../../native/bundled.ts';
import {weakPlace} from '../files/trusted-path.ts';

export interface PresetPlaces {
  /** --presets, in order */
  readonly given: readonly string[];
  /** $TSBPFTOP_PRESETS */
  readonly variable: string;
  /** Folder of the user's configuration: $XDG_CONFIG_HOME or ~/.config */
  readonly config: string;
  /** $SUDO_UID: the user who became root, and whose files are therefore trusted */
  readonly sudoUser: number;
}

/** Order of the bundled views; others follow by name. */
const firstViews = ['openat', 'openat-files', 'syscalls', 'functions', 'read-latency'];

/** All preset files, in the order in which the first of a name wins. @throws UserError */
export function placedFiles(places: PresetPlaces): readonly string[] {
  const filesOf = (place: string, needed: boolean): readonly string[] =>
    filesIn(place, needed, (file) => refuseWritable(file, places.sudoUser));
  // who may write these may write the program beside them
  const bundled = bundledPresets().files;
  const given = places.given.flatMap((place) => filesOf(place, true));
  const optional = [
    ...places.variable.split(':').filter((part) => part !== ''),
    path.join(places.config, 'tsbpftop/presets'),
    '/etc/tsbpftop/presets',
  ].flatMap((place) => filesOf(place, false));
  return [...given, ...optional, ...inOrder(bundled)];
}

/** @throws UserError */
export function bundledPresets(): BundledPresets {
  const found = bundledPresetFiles();
  if (found === undefined) throw new UserError('the bundled presets are not where the program is', {hint: 'install it again'});
  return found;
}

/** Without the functions of node:path: a start is not to have them compiled for a thousand comparisons. */
const inOrder = (files: readonly string[]): readonly string[] => {
  const first = firstViews.flatMap((name) => files.find((file) => file.endsWith(`/${name}.json`)) ?? []);
  return [...first, ...files.filter((file) => !first.includes(file)).sort()];
};

function filesIn(place: string, needed: boolean, check: (file: string) => void): readonly string[] {
  try {
    const stat = statSync(place);
    check(place);
    if (!stat.isDirectory()) return [place];
    const files = readdirSync(place)
      .filter((file) => file.endsWith('.json') && file !== 'preset.schema.json')
      .sort()
      .map((file) => path.join(place, file));
    for (const file of files) check(file);
    return files;
  } catch (error) {
    if (error instanceof UserError) throw error;
    const {code} = error as NodeJS.ErrnoException;
    // a folder that nobody asked for by name need not be there, or be ours
    if (!needed && (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR')) return [];
    throw new UserError(`cannot read presets '${place}': ${code === 'ENOENT' ? 'no such file or folder' : (error as Error).message}`, {
      status: 2,
    });
  }
}

/** The files that a path means: itself, or those of a folder. Who may write them is not asked. @throws UserError */
export const presetFiles = (place: string): readonly string[] => filesIn(place, true, () => undefined);

/** Refuses to root a file that others may write. @throws UserError */
export function requireTrusted(file: string, {sudoUser}: PresetPlaces): void {
  if (!bundledPresets().files.includes(file)) filesIn(file, true, (place) => refuseWritable(place, sudoUser));
}

/** What another user may change must not decide what root traces: the file, what links lead to, and all folders on the way. */
function refuseWritable(place: string, sudoUser: number): void {
  if (process.getuid?.() !== 0) return;
  const weak = weakPlace(place, new Set([0, sudoUser]));
  if (weak === undefined) return;
  const {user, isLink} = weak;
  const refused = `presets '${weak.place}' are refused to root`;
  if (user === undefined) throw new UserError(`${refused}: others may write them`, {hint: `chmod go-w '${weak.place}'`});
  throw new UserError(`${refused}: ${isLink ? 'the link belongs' : 'they belong'} to user ${user}`, {
    hint: isLink ? `name '${realpathSync(place)}' itself, if that is what is meant` : `chown root '${weak.place}'`,
  });
}
