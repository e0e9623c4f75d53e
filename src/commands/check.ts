// `tsbpftop check FILE ...`: every fault of each file; then the names, on this machine; then, where it is allowed, a
// real load and attach, which is undone at once.
import {safeString} from '../decode/safe-text.ts';
import {BpfError, UserError} from '../errors.ts';
import {whatIsMissing} from '../kernel/privilege.ts';
import {loadPreset} from '../preset/load.ts';
import type {Preset} from '../preset/preset.ts';
import {leftOutLines} from './details.ts';
import {faultLine} from './find-presets.ts';
import {type Invocation, surroundings} from './invocation.ts';
import {openView, type Surroundings, whyNot} from './open-view.ts';

interface Verdict {
  readonly file: string;
  readonly status: 0 | 1 | 2;
  readonly lines: readonly string[];
}

export async function checkCommand(invocation: Invocation): Promise<number> {
  if (invocation.words.length === 0) throw new UserError('check wants preset files', {hint: 'tsbpftop check FILE ...', status: 2});
  const around = surroundings(invocation);
  let status: 0 | 1 | 2 = 0;
  for (const file of invocation.words) {
    const verdict = await verdictOf(file, around, invocation.verbose);
    if (invocation.json) process.stdout.write(`${JSON.stringify({file, ok: verdict.status === 0, messages: verdict.lines})}\n`);
    else process.stdout.write(`${verdict.lines.map(safeString).join('\n')}\n`);
    status = status === 2 || verdict.status === 2 ? 2 : verdict.status === 1 ? 1 : status;
  }
  return status;
}

async function verdictOf(file: string, around: Surroundings, verbose: boolean): Promise<Verdict> {
  let loaded: ReturnType<typeof loadPreset>;
  try {
    loaded = loadPreset(file);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return {file, status: 2, lines: [error.message]};
  }
  if (!loaded.ok) return {file, status: 2, lines: loaded.faults.map((fault) => faultLine(file, fault))};
  const error = whyNot(loaded.preset, {...around, filters: {}});
  if (error !== undefined) return {file, status: 1, lines: explained(file, error)};
  const missing = whatIsMissing();
  if (missing !== undefined) return {file, status: 0, lines: [`${file}: right; not loaded, since ${missing}`]};
  return attached(file, loaded.preset, around, verbose);
}

async function attached(file: string, preset: Preset, around: Surroundings, verbose: boolean): Promise<Verdict> {
  try {
    // a view of one process is tried on this one
    const filters = preset.needsPid ? {...around.filters, pid: process.pid} : around.filters;
    const view = await openView(preset, {...around, filters});
    const programs = view.session.programs();
    await view.session.close();
    const instructions = programs.reduce((sum, program) => sum + program.instructions, 0);
    return {
      file,
      status: 0,
      lines: [
        `${file}: right; attached to ${view.plan.points.length} ${view.plan.points.length === 1 ? 'probe' : 'probes'} by ${programs.length} ${programs.length === 1 ? 'program' : 'programs'} of ${instructions} instructions`,
        ...leftOutLines(view.plan.leftOut).map((line) => `  left out: ${line}`),
        ...view.refused.map(({probe, reason}) => `  not taken: ${probe}: ${reason}`),
      ],
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const log =
      verbose && error instanceof BpfError && error.log !== ''
        ? error.log
            .trimEnd()
            .split('\n')
            .map((line) => `  ${line}`)
        : [];
    return {file, status: error.status, lines: [...explained(file, error), ...log]};
  }
}

const explained = (file: string, error: UserError): readonly string[] => [
  `${file}: ${error.message}`,
  ...(error.hint === '' ? [] : error.hint.split('\n').map((line) => `  hint: ${line}`)),
];
