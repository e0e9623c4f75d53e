// `tsbpftop doctor`: what of eBPF works on this machine, what not, what that means for presets, and what mends it.
import {safeString} from '../decode/safe-text.ts';
import {attemptSession, gatherFacts, type TrialName} from '../kernel/facts.ts';
import {PlanFaults, planOf} from '../preset/plan.ts';
import {parsePreset} from '../preset/load.ts';
import {variantsOf} from '../preset/variants.ts';
import {canRun, diagnose, type Finding, type Grade} from './diagnosis.ts';
import {type Invocation, surroundings} from './invocation.ts';
import type {Surroundings} from './open-view.ts';

/** One point of each type that fires seldom, or does next to nothing. */
const trials: Readonly<Record<TrialName, string>> = {
  tracepoint: 'tracepoint:sched:sched_process_exit',
  rawtracepoint: 'rawtracepoint:sched_process_exit',
  kprobe: 'kprobe:do_exit',
  fentry: 'fentry:do_exit',
  uprobe: 'uprobe:libc:abort',
  software: 'software:cpu-migrations:1000',
  hardware: 'hardware:cycles:1000000000',
};

export async function doctorCommand(invocation: Invocation): Promise<number> {
  const around = surroundings(invocation);
  const facts = await gatherFacts({
    searchPath: invocation.searchPath,
    terminalType: invocation.terminalType,
    locale: invocation.locale,
    attempt: (name) => attempt(trials[name], around),
  });
  const findings = diagnose(facts);
  const runs = canRun(facts);
  if (invocation.json) for (const finding of findings) process.stdout.write(`${JSON.stringify(finding)}\n`);
  else process.stdout.write(report(findings, runs));
  return runs ? 0 : 1;
}

async function attempt(probe: string, {addon, machine}: Surroundings): Promise<string | undefined> {
  const loaded = parsePreset(JSON.stringify({name: 'doctor', attach: probe, measure: 'count', maxKeys: 1}), 'doctor');
  const [variant] = loaded.ok ? variantsOf(loaded.preset) : [];
  if (!loaded.ok || variant === undefined) throw new Error(`'${probe}' is no preset`);
  try {
    return await attemptSession(addon, planOf(loaded.preset, variant, machine, {}).session);
  } catch (error) {
    if (error instanceof PlanFaults) return error.faults[0]?.message ?? 'it cannot be planned';
    throw error;
  }
}

const marks: Readonly<Record<Grade, string>> = {good: 'ok', limit: '--', bad: 'NO'};

/** Facts in lines, and under each that is not as it should be what it means and what mends it. */
function report(findings: readonly Finding[], runs: boolean): string {
  const width = Math.max(...findings.map(({fact}) => fact.length));
  const lines = findings.flatMap(({fact, is, grade, means, fix}) => [
    `${marks[grade]}  ${fact.padEnd(width)}  ${safeString(is)}`,
    ...(means === '' ? [] : [`    ${' '.repeat(width)}  ${means}`]),
    ...(fix === '' ? [] : [`    ${' '.repeat(width)}  fix: ${fix}`]),
  ]);
  const limits = findings.filter(({grade}) => grade === 'limit').length;
  const last = runs
    ? `views can run here${limits === 0 ? '' : `, with ${limits} ${limits === 1 ? 'limit' : 'limits'} (--)`}; tsbpftop list tells of each`
    : 'no view can run here: see NO above';
  return `${[...lines, '', last].join('\n')}\n`;
}
