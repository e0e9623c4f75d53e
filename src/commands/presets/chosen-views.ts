// The presets that a command line means: the one that its flags make, those it names, or all; with
// --probe, one of them on other probes.
import {UserError} from '../../errors.ts';
import type {Preset, ProbeChoice} from '../../preset/preset.ts';
import {commandNames, isCommand} from '../command-table.ts';
import {chosenPresets, findNamed} from './find-presets.ts';
import type {Invocation} from '../invocation.ts';
import {savePreset} from './save-preset.ts';
import {tell} from '../process/safe-lines.ts';

/** What --probe changes unless a view is named. */
const probeView = 'functions';

/** With --save, the view is kept before it is shown. @throws UserError */
export function chosenViews({made, save, places, words, probes}: Invocation): readonly Preset[] {
  if (made !== undefined) {
    if (save) tell(savePreset(made, places));
    return [made];
  }
  const names = probes.length > 0 && words.length === 0 ? [probeView] : words;
  const chosen = chosenPresets(findNamed(places, names), names, commandNames.filter(isCommand));
  if (probes.length === 0) return chosen;
  const [preset, ...others] = chosen;
  if (preset === undefined || others.length > 0)
    throw new UserError(`--probe replaces the probes of one view, and ${words.length} are named`, {
      hint: `tsbpftop ${words[0]} --probe ${probes[0]}`,
      status: 2,
    });
  return [onProbes(preset, probes)];
}

/** The same for what prints: the first of all, where none is named, since all at once would be every probe of the machine. */
export function printedViews(invocation: Invocation): readonly Preset[] {
  const all = chosenViews(invocation);
  return invocation.words.length === 0 ? all.slice(0, 1) : all;
}

function onProbes(preset: Preset, probes: readonly string[]): Preset {
  const {kind} = preset.probes;
  if (preset.own !== undefined)
    throw new UserError(`view '${preset.name}' is not of the bundled program, and --probe cannot move it`, {
      hint: preset.own.kind === 'object' || preset.own.kind === 'source' ? 'its preset can: "attach": {"PROGRAM": "PROBE"}' : '',
      status: 2,
    });
  if (kind === 'pair')
    throw new UserError(`view '${preset.name}' measures between two probes, which --probe cannot replace`, {
      hint: 'a view that counts (functions), or one from entry to return (vfs-latency)',
      status: 2,
    });
  const at = kind === 'attach' ? '/attach' : '/span';
  const {orSpan: _, ...rest} = preset;
  const choices = probes.map((probe): ProbeChoice => ({at, alternatives: [[{at, probe, where: []}]]}));
  return {...rest, title: `${preset.title}: ${probes.join(', ')}`, probes: {kind, probes: choices}};
}
