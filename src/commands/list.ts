// `tsbpftop list`: the presets, where they come from, and whether this machine can run them.
import {safeJson, safeString} from '../decode/safe-text.ts';
import {UserError} from '../errors.ts';
import {missingFor} from '../kernel/privilege.ts';
import type {Preset} from '../preset/preset.ts';
import {aligned, cutTo} from '../output/aligned.ts';
import {causeOnly} from '../view/reason.ts';
import {search} from '../view/search.ts';
import {faultLine, findPresets} from './presets/find-presets.ts';
import {type Invocation, surroundingsOrNone} from './invocation.ts';
import {reasonOf, whyNot} from './live/open-view.ts';
import {bundledPresets} from './presets/preset-files.ts';
import {tell} from './process/safe-lines.ts';

interface Entry {
  readonly view: string;
  readonly group: string;
  readonly runs: 'yes' | 'no' | 'with -p PID';
  readonly reason: string;
  readonly warning: string;
  readonly description: string;
  readonly from: string;
}

export async function listCommand(invocation: Invocation): Promise<number> {
  const {presets, broken} = findPresets(invocation.places);
  const around = surroundingsOrNone(invocation);
  const bundled = bundledPresets().files;
  const entry = (preset: Preset): Entry => {
    const error = 'none' in around ? around.none : whyNot(preset, {...around, filters: {}});
    return {
      view: preset.name,
      group: preset.group,
      runs: error !== undefined ? 'no' : preset.needsPid ? 'with -p PID' : 'yes',
      reason: error !== undefined ? reasonOf(error) : '',
      warning: safeString(preset.warning ?? ''),
      description: safeString(preset.description),
      from: bundled.includes(preset.file) ? 'bundled' : safeString(preset.file),
    };
  };
  const asked = invocation.words.join(' ');
  const found = (asked === '' ? inGroups(presets) : search(presets, asked).map((each) => each.entry)).map(entry);
  // who asks for something wants what runs
  const entries = asked === '' ? found : [...found.filter(({runs}) => runs !== 'no'), ...found.filter(({runs}) => runs === 'no')];
  if (entries.length === 0 && asked !== '')
    throw new UserError(`no view is found by '${safeString(asked)}'`, {
      hint: `try fewer or other words; tsbpftop probes '*${safeString(invocation.words[0] ?? '')}*' looks for probe points`,
    });
  if (invocation.json) {
    for (const each of entries) process.stdout.write(`${safeJson(each)}\n`);
  } else {
    const rows = [
      ['VIEW', 'GROUP', 'RUNS', 'FROM', 'ANSWERS'],
      ...entries.map(({view, group, runs, from, reason, warning, description}) => {
        const answers = warning === '' ? description : `${description} (${warning})`;
        return [view, group, runs, from, runs === 'no' ? causeOnly(reason) : answers];
      }),
    ];
    const columns = process.stdout.columns ?? 0; // of a terminal that knows how wide it is
    const [heading = '', ...lines] = aligned(columns > 0 ? cutTo(columns - 1, rows) : rows);
    const bold = columns > 0 && invocation.colour ? `\x1b[1m${heading}\x1b[22m` : heading;
    process.stdout.write([bold, ...lines].map((line) => ` ${line}\n`).join(''));
  }
  const missing = 'none' in around ? undefined : missingFor('');
  if (missing !== undefined) tell(`no view can be opened: ${missing.what}\nhint: ${missing.hint.replaceAll('\n', '\n      ')}`);
  for (const each of broken) for (const fault of each.faults) tell(faultLine(each.file, fault));
  return broken.length > 0 ? 2 : 0;
}

/** Groups in the order in which their first views come; within one, as they are found. */
function inGroups(presets: readonly Preset[]): readonly Preset[] {
  const groups = [...new Set(presets.map(({group}) => group))];
  return groups.flatMap((group) => presets.filter((preset) => preset.group === group));
}
