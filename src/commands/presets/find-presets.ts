// Finds presets: of the files that preset-files.ts names, the first of a name wins; and chooses those that a command line means.
import path from 'node:path';
import {nearest, UserError} from '../../errors.ts';
import {bundledTexts} from '../../native/bundled.ts';
import {type Loaded, loadPreset, type PlacedFault} from '../../preset/load.ts';
import type {Preset} from '../../preset/preset.ts';
import {search} from '../../view/search.ts';
import {bundledPresets, placedFiles, type PresetPlaces, requireTrusted} from './preset-files.ts';

interface FoundPresets {
  /** In the order of the screen's bar: those of the command line first, then the bundled order. */
  readonly presets: readonly Preset[];
  readonly broken: readonly Extract<Loaded, {ok: false}>[];
}

/** @param names of the bundled ones, only these: a bundled file is called as its view is */
export function findPresets(places: PresetPlaces, names?: readonly string[]): FoundPresets {
  const byName = new Map<string, Preset>();
  const broken: Extract<Loaded, {ok: false}>[] = [];
  const wanted = names?.map((name) => `/${name}.json`);
  const left = new Set(wanted === undefined ? [] : bundledPresets().files.filter((file) => !wanted.some((end) => file.endsWith(end))));
  for (const file of placedFiles(places)) {
    if (left.has(file)) continue;
    const loaded = loadPreset(file, bundledTexts);
    if (!loaded.ok) broken.push(loaded);
    else if (!byName.has(loaded.preset.name)) byName.set(loaded.preset.name, loaded.preset);
  }
  return {presets: [...byName.values()], broken};
}

/** The same, where a name that is not found is looked for in all. */
export function findNamed(places: PresetPlaces, names: readonly string[]): FoundPresets {
  if (names.length === 0) return findPresets(places);
  const found = findPresets(places, names);
  return names.every((name) => found.presets.some((preset) => preset.name === name)) ? found : findPresets(places);
}

/** Reads a preset again while its view is open: who may write it matters now as it did then. @throws UserError */
export function loadTrusted(file: string, places: PresetPlaces): Loaded {
  requireTrusted(file, places);
  return loadPreset(file, bundledTexts);
}

/** The presets that the command line names, or all; unknown and broken ones end it. `commands`: what one word may be meant for. */
export function chosenPresets(found: FoundPresets, names: readonly string[], commands: readonly string[] = []): readonly Preset[] {
  if (names.length === 0) {
    if (found.presets.length === 0 && found.broken.length > 0) throw brokenError(found.broken);
    return found.presets;
  }
  return names.map((name) => {
    const preset = found.presets.find((each) => each.name === name);
    if (preset !== undefined) return preset;
    const broken = found.broken.filter((each) => path.basename(each.file, '.json') === name);
    if (broken.length > 0) throw brokenError(broken);
    const near = nearest(name, [...found.presets.map((each) => each.name), ...(names.length === 1 ? commands : [])]);
    // what is typed may be a symptom: 'tsbpftop slow disk'
    const asked = names.filter((each) => !found.presets.some((preset) => preset.name === each)).join(' ');
    const answers = search(found.presets, asked).map(({entry}) => entry.name);
    const shown = answers.filter((each) => !near.includes(each)).slice(0, 4);
    throw new UserError(`no view '${name}'`, {
      hint: `${near.length > 0 ? `nearest: ${near.join(', ')}\n` : ''}${shown.length > 0 ? `what may answer '${asked}': ${shown.join(', ')}\n` : ''}tsbpftop list shows them all${name === 'help' ? ', tsbpftop --help the commands' : ''}${found.broken.length > 0 ? `, and what is wrong in '${found.broken[0]?.file}'` : ''}`,
      status: 2,
    });
  });
}

export const faultLine = (file: string, fault: PlacedFault): string => {
  const hint = fault.hint === undefined || fault.hint === '' ? '' : ` (${fault.hint.split('\n')[0]})`;
  const place = fault.column === undefined ? `${fault.line}` : `${fault.line}:${fault.column}`;
  return `${file}:${place}: ${fault.pointer === '' ? '' : `${fault.pointer}: `}${fault.message}${hint}`;
};

/** In one line: the first, and how many more there are. */
export function faultsLine(file: string, faults: readonly PlacedFault[]): string {
  const [first, ...others] = faults;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `${first === undefined ? file : faultLine(file, first)}${more}`;
}

function brokenError(broken: FoundPresets['broken']): UserError {
  const lines = broken.flatMap((each) => each.faults.map((fault) => faultLine(each.file, fault)));
  const [only] = lines;
  return new UserError(
    lines.length === 1 && only !== undefined ? `preset is wrong: ${only}` : `presets are wrong: ${lines.length} faults`,
    {hint: lines.length === 1 ? '' : lines.join('\n'), status: 2},
  );
}
