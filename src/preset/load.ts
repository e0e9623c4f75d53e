// Preset files: reads and validates them. All faults of a file are found at once, each with pointer and line. Does not look at
// the machine; plan.ts does.
import {readFileSync} from 'node:fs';
import {UserError} from '../errors.ts';
import {PresetBuilder} from './build-preset.ts';
import {type Fault, shortened} from './fault.ts';
import {issueFaults} from './issues.ts';
import {readJson} from './json-lines.ts';
import {isOwn, ownPreset, rightOwn} from './own/own.ts';
import type {Preset} from './preset.ts';
import {type PresetFile, presetSchema} from './schema.ts';
import {safeMembers} from './shown-members.ts';

export interface PlacedFault extends Fault {
  readonly line: number;
  /** Where the text is no JSON: what is wrong is at one place of the line. */
  readonly column?: number;
}

export type Loaded =
  | {readonly ok: true; readonly preset: Preset}
  | {
      readonly ok: false;
      readonly file: string;
      readonly faults: readonly PlacedFault[];
      /** The preset without what is wrong, as far as there is one: what else is wrong with it is seen on the machine. */
      readonly rest?: Preset;
    };

/** What is known of files beforehand. */
interface KnownTexts {
  /** The text of a file that is inside the program, and on no disk. */
  inside(file: string): string | undefined;
  /** Another has checked this very text. */
  isRight(file: string, text: string): boolean;
}

export function loadPreset(file: string, known?: KnownTexts): Loaded {
  let text: string;
  try {
    text = known?.inside(file) ?? readFileSync(file, 'utf8');
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    throw new UserError(`cannot read preset '${file}': ${code === 'ENOENT' ? 'no such file' : code}`, {status: 2});
  }
  return known?.isRight(file, text) === true ? rightPreset(text, file) : parsePreset(text, file);
}

/** Without the checks, which cost more than all else: a start with all bundled views would take twice as long. */
function rightPreset(text: string, file: string): Loaded {
  const value = safeMembers(JSON.parse(text));
  const preset = isOwn(value) ? rightOwn(value, file, text) : new PresetBuilder(file, text).build(value as PresetFile, []);
  return preset === undefined ? parsePreset(text, file) : {ok: true, preset};
}

export function parsePreset(text: string, file: string): Loaded {
  const read = readJson(text);
  const json = {...read, value: safeMembers(read.value)};
  if (json.errors.length > 0) return {ok: false, file, faults: json.errors.map((error) => ({pointer: '', ...error}))};
  const placed = (faults: readonly Fault[], rest?: Preset): Loaded => ({
    ok: false,
    file,
    ...(rest === undefined ? {} : {rest}),
    faults: faults
      .map((fault) => ({...fault, message: shortened(fault.message), line: json.lineOf(fault.pointer)}))
      .sort((a, b) => a.line - b.line),
  });
  if (isOwn(json.value)) {
    const own = ownPreset(json.value, file, text);
    return 'faults' in own ? placed(own.faults) : {ok: true, preset: own.preset};
  }
  const checked = presetSchema().safeParse(json.value);
  const faults = checked.success
    ? []
    : checked.error.issues.flatMap((issue) => issueFaults(issue, json.value, Object.keys(presetSchema().shape)));
  const builder = new PresetBuilder(file, text);
  // even where the shape is wrong, the expressions that can be found are checked too
  const preset = builder.build((checked.success ? checked.data : json.value) as PresetFile, faults);
  // what the grammar says of an expression is more than what its length says
  const all = [...faults.filter(({pointer}) => !builder.faults.some((fault) => fault.pointer === pointer)), ...builder.faults];
  return all.length > 0 || preset === undefined ? placed(all, preset) : {ok: true, preset};
}
