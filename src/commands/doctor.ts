// `tsbpftop doctor`: what of eBPF works on this machine, what not, what that means for presets, and what mends it.
import {safeJson, safeString} from '../decode/safe-text.ts';
import {attemptSession, gatherFacts, type TrialName} from '../kernel/facts.ts';
import {howToGiveAll} from '../kernel/privilege.ts';
import {PlanFaults} from '../preset/fault.ts';
import {planOf} from '../preset/plan.ts';
import {parsePreset} from '../preset/load.ts';
import type {Ability} from '../preset/machine.ts';
import {variantsOf} from '../preset/variants.ts';
import {canRun, diagnose} from './diagnosis.ts';
import type {Finding, Grade} from './finding.ts';
import {type Invocation, surroundings} from './invocation.ts';
import type {Surroundings} from './live/open-view.ts';

interface TrialProbe {
  /** Points that fire seldom, or do next to nothing. */
  readonly attach: readonly string[];
  /** Tried is this way of attaching several. */
  readonly ability?: Ability;
  /** Tried is how its map is read. */
  readonly batches?: boolean;
}
const trials: Readonly<Record<TrialName, TrialProbe>> = {
  tracepoint: {attach: ['tracepoint:sched:sched_process_exit']},
  rawtracepoint: {attach: ['rawtracepoint:sched_process_exit']},
  kprobe: {attach: ['kprobe:do_exit']},
  fentry: {attach: ['fentry:do_exit']},
  uprobe: {attach: ['uprobe:libc:abort']},
  software: {attach: ['software:cpu-migrations:1000']},
  hardware: {attach: ['hardware:cycles:1000000000']},
  cookie: {attach: ['tracepoint:sched:sched_process_exit', 'tracepoint:sched:sched_process_exec'], ability: 'cookie'},
  uprobeMulti: {attach: ['uprobe:libc:abort', 'uprobe:libc:quick_exit', 'uprobe:libc:a64l'], ability: 'uprobeMulti'},
  kprobeMulti: {attach: ['kprobe:do_exit', 'kprobe:do_group_exit'], ability: 'kprobeMulti'},
  batch: {attach: ['rawtracepoint:sched_process_exit'], batches: true},
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
  if (invocation.json) for (const finding of findings) process.stdout.write(`${safeJson(finding)}\n`);
  else process.stdout.write(report(findings, runs, howToGiveAll(facts.capabilities)));
  return runs ? 0 : 1;
}

async function attempt({attach, ability, batches = false}: TrialProbe, {addon, machine}: Surroundings): Promise<string | undefined> {
  const loaded = parsePreset(JSON.stringify({name: 'doctor', attach, by: ['func'], measure: 'count', maxKeys: 8}), 'doctor');
  const [variant] = loaded.ok ? variantsOf(loaded.preset) : [];
  if (!loaded.ok || variant === undefined) throw new Error(`'${attach.join()}' is no preset`);
  try {
    const plan = planOf(loaded.preset, variant, machine, {});
    if (ability !== undefined && !plan.relies.includes(ability)) return 'not used for these probes';
    return await attemptSession(addon, plan.session, batches);
  } catch (error) {
    if (error instanceof PlanFaults) return error.faults[0]?.message ?? 'it cannot be planned';
    throw error;
  }
}

const marks: Readonly<Record<Grade, string>> = {good: 'ok', limit: '--', bad: 'NO'};

/** Facts in lines, and under each that is not as it should be what it means and what mends it. */
function report(findings: readonly Finding[], runs: boolean, give: string | undefined): string {
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
  const giving =
    give === undefined ? [] : ['', 'to give the capabilities that are missing:', ...give.split('\n').map((line) => `  ${line}`)];
  return `${[...lines, ...giving, '', last].join('\n')}\n`;
}
