// What comes with the program, and where it is: files beside the bundle, or assets inside the single executable. The latter
// have no path; what needs one (the addon for dlopen, an object for libbpf) gets one that no folder keeps.
import {existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {UserError} from '../errors.ts';

/** Folder of the presets inside the executable: a name that no file has. */
const assetFolder = 'bundled:/';

/** The assets of the single executable, or undefined where the program is files. */
function assets() {
  const sea = process.getBuiltinModule?.('node:sea');
  return sea?.isSea() === true ? sea : undefined;
}

export const isOneFile = (): boolean => assets() !== undefined;

export interface BundledPresets {
  /** What the files' names begin with. */
  readonly folder: string;
  readonly files: readonly string[];
}

const here = path.dirname(fileURLToPath(import.meta.url));

/** Texts of the bundled presets by their files' names, as they were when the program was built; they were right then. In JSON. */
function builtJson(): string {
  json ??= readJson();
  return json;
}
let json: string | undefined;

function readJson(): string {
  try {
    return assets()?.getAsset('presets.json', 'utf8') ?? readFileSync(path.join(here, 'packs/presets.json'), 'utf8');
  } catch {
    return '{}'; // run from the sources
  }
}

function builtTexts(): Readonly<Record<string, string>> {
  texts ??= JSON.parse(builtJson()) as Readonly<Record<string, string>>;
  return texts;
}
let texts: Readonly<Record<string, string>> | undefined;

/** undefined: there are none where this module is. */
export function bundledPresetFiles(): BundledPresets | undefined {
  bundled ??= readBundled();
  return bundled;
}
let bundled: BundledPresets | undefined;

function readBundled(): BundledPresets | undefined {
  if (isOneFile()) return {folder: assetFolder, files: Object.keys(builtTexts()).map((name) => `${assetFolder}${name}`)};
  for (const up of ['..', '../..']) {
    const folder = path.join(here, up, 'presets');
    if (statSync(path.join(folder, 'openat.json'), {throwIfNoEntry: false}) === undefined) continue;
    const names = readdirSync(folder).filter((file) => file.endsWith('.json') && file !== 'preset.schema.json');
    return {folder, files: names.sort().map((name) => `${folder}/${name}`)};
  }
  return undefined;
}

/** What loading a preset may know beforehand. */
export const bundledTexts = {
  /** Of a preset that is an asset; undefined where it is a file. */
  inside: (file: string): string | undefined => (file.startsWith(assetFolder) ? builtTexts()[file.slice(assetFolder.length)] : undefined),
  /** The very text was found right when the program was built. */
  isRight: (file: string, text: string): boolean =>
    // a member is looked for as it is written, which is quicker than to read them all: inside of a text its quotes would be escaped
    builtJson().includes(`${JSON.stringify(path.basename(file))}:${JSON.stringify(text)}`),
};

/** Of the program itself, and of all that is bundled with it. */
export function licencesText(): string {
  const sea = assets();
  if (sea !== undefined) return sea.getAsset('licences', 'utf8');
  for (const folder of distFolders()) {
    const others = path.join(folder, 'THIRD-PARTY-LICENSES');
    if (existsSync(others)) return [path.join(folder, '../LICENSE'), others].map((file) => readFileSync(file, 'utf8')).join('\n');
  }
  throw new UserError('the licences are not beside the program', {hint: 'they are LICENSE and dist/THIRD-PARTY-LICENSES of its package'});
}

/** From the bundle in it, from its chunks, from src/native. */
function distFolders(): readonly string[] {
  return [here, path.join(here, '..'), path.join(here, '../../dist')];
}

/** Folders that may have the addon and the objects: dist/, and in it what was built here before what was built for this kind of machine. */
export function nativeFolders(): readonly string[] {
  const dist = distFolders();
  return [...dist, ...dist.map((folder) => path.join(folder, 'prebuilt', `${process.platform}-${process.arch}`))];
}

/**
 * Hands `use` a path of an asset that lasts as long as this process: of an open file that is in no folder any more. Many
 * servers mount /tmp noexec, or the root read-only: where `use` fails, the next folder is tried.
 * @param given a folder to try first, or ''
 * @param tried gets a line for each folder that would not do
 */
export function withAsset<T>(name: string, given: string, tried: string[], use: (file: string) => T): T | undefined {
  const sea = assets();
  if (sea === undefined) return undefined;
  for (const parent of writableFolders(given)) {
    let folder: string | undefined;
    try {
      folder = mkdtempSync(path.join(parent, 'tsbpftop-')); // 0700
      const file = path.join(folder, name);
      writeFileSync(file, new Uint8Array(sea.getAsset(name)), {flag: 'wx', mode: 0o600});
      return use(`/proc/self/fd/${openSync(file, 'r')}`);
    } catch (error) {
      tried.push(`${parent}: ${(error as Error).message.split('\n')[0]}`);
    } finally {
      if (folder !== undefined) rmSync(folder, {recursive: true, force: true});
    }
  }
  return undefined;
}

function writableFolders(given: string): readonly string[] {
  const usual = [os.tmpdir(), '/dev/shm', '/run', path.join(os.homedir(), '.cache'), path.dirname(process.execPath)];
  return [...new Set([...(given === '' ? [] : [given]), ...usual])];
}
