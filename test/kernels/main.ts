// `npm run test:kernels [-- NAME|ARCHITECTURE ...] [--only RULE] [--phase PHASE] [--within SECONDS]`: boots each kernel, runs the checks inside, and
// says what passed.
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {type Boot, boot} from './boot.ts';
import {type Phase, boots as phasesOfBoots, type Result} from './guest/protocol.ts';
import {initramfs} from './initramfs.ts';
import {cache, type Kernel, kernels, kernelsOf, Unavailable, unpacked} from './kernels.ts';
import {renewed, report} from './report.ts';
import {type Architecture, targets} from './targets.ts';

/** As src/setup/kernels.mjs has read them. */
const [rule = '', seconds = '', phase = '', ...words] = process.argv.slice(2);
const [only, within] = [rule.replaceAll(' ', '-'), Number(seconds)];
const end = performance.now() + within * 1000;
const silence = 240; // seconds in which no check ends; the longest takes 15 where nothing else runs

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function image(folder: string): string {
  const file = readdirSync(path.join(folder, 'boot')).find((name) => name.startsWith('vmlinuz-'));
  if (file === undefined) throw new Unavailable(`no kernel image in ${folder}`);
  return path.join(folder, 'boot', file);
}

async function main(): Promise<number> {
  const wanted = kernelsOf(words);
  const names = [...kernels.map(({name}) => name), ...Object.keys(targets)];
  const unknown = words.filter((word) => !names.includes(word));
  if (unknown.length > 0) {
    say(`no such kernel: ${unknown.join(' ')}; it is one of ${names.join(' ')}`);
    return 2;
  }
  const boots = phasesOfBoots.map((phases) => phases.filter((each) => phase === '' || each === phase)).filter(({length}) => length > 0);
  if (boots.length === 0) {
    say(`no such phase: ${phase}; it is one of ${phasesOfBoots.flat().join(', ')}`);
    return 2;
  }
  const folders = new Map<Kernel, string>();
  let skipped = 0;
  await Promise.all(
    wanted.map(async (kernel) => {
      try {
        folders.set(kernel, await unpacked(kernel, say));
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        skipped++;
        say(`skipped kernel ${kernel.name}: ${error.message}`);
      }
    }),
  );
  // of this run alone: two at once would take each other's disks and programs
  mkdirSync(cache, {recursive: true});
  const out = mkdtempSync(path.join(cache, 'run-'));
  process.on('exit', () => rmSync(out, {recursive: true, force: true}));
  const archives = new Map<Architecture, string>();
  for (const architecture of new Set([...folders.keys()].map((kernel) => kernel.architecture))) {
    const those = new Map([...folders].filter(([kernel]) => kernel.architecture === architecture));
    archives.set(architecture, await initramfs(out, architecture, those));
  }
  // the long ones first: so the CPUs have work until the end
  const waiting = boots.flatMap((phases) => [...folders].map(([kernel, folder]) => ({kernel, folder, phases})));
  const done: Boot[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      done.push(await booted(next.kernel, next.phases, next.folder, archives.get(next.kernel.architecture) ?? '', out));
  };
  // an emulated machine keeps one CPU busy, waits for its own clock a quarter of its time, and has 1.5 GiB
  const atOnce = Math.max(Math.min(waiting.length, os.availableParallelism() + 1, Math.floor(os.freemem() / 2 ** 31)), 1);
  await Promise.all(Array.from({length: atOnce}, worker));
  const whole = wanted.flatMap((kernel) => together(done.filter((each) => each.kernel === kernel)));
  for (const architecture of archives.keys()) renewTable(architecture, whole);
  const results = whole.flatMap((each) => each.results);
  const count = (outcome: Result['outcome']): number => results.filter((result) => result.outcome === outcome).length;
  const failed = count('failed') + done.filter((each) => each.broken !== undefined && !each.late).length;
  const unfinished = done.filter((each) => each.late).length;
  say(`${count('passed')} passed, ${failed} failed, ${count('skipped') + skipped + unfinished} skipped`);
  return failed > 0 ? 1 : 0;
}

/** Of all kernels of an architecture, run whole. */
function renewTable(architecture: Architecture, boots: readonly Boot[]): void {
  const of = boots.filter(({kernel, broken}) => kernel.architecture === architecture && broken === undefined);
  if (of.length < kernelsOf([architecture]).length || only !== '' || phase !== '') return;
  const file = path.join(import.meta.dirname, '../../docs/kernels.md');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const text = renewed(before, architecture, report(architecture, of));
  if (text === before) return;
  writeFileSync(file, text);
  say(`# docs/kernels.md is renewed (${architecture})`);
}

/** Of the boots of one kernel, their results in the order of the phases. */
function together(boots: readonly Boot[]): readonly Boot[] {
  const [first, ...others] = [...boots].sort((a, b) => order(a) - order(b));
  if (first === undefined) return [];
  const broken = boots.find((each) => each.broken !== undefined)?.broken;
  return [{...first, results: [first, ...others].flatMap((each) => each.results), ...(broken === undefined ? {} : {broken})}];
}
const order = ({phases}: Boot): number => phasesOfBoots.findIndex((those) => those.some((each) => each === phases[0]));

async function booted(kernel: Kernel, phases: readonly Phase[], folder: string, initrd: string, out: string): Promise<Boot> {
  const each = (result: Result): void => say(line(kernel.name, result));
  const once = (): Promise<Boot> => boot({kernel, phases, image: image(folder), initrd, out, silence, end, only, each});
  let ran = await once();
  if (ran.broken !== undefined && !ran.late) {
    say(`# ${kernel.name} (${phases[0]}): the emulated machine is ill, which is no rule's failure; once more: ${ran.broken}`);
    ran = await once();
  }
  say(`# ${kernel.name} (${phases.join(', ')}): ${ran.release}, ${ran.results.length} checks, ${ran.seconds.toFixed(0)} s`);
  if (ran.late)
    say(`skipped ${kernel.name}: the rest of '${phases.join("', '")}': not done in ${within} s, which are all that --within gives`);
  else if (ran.broken !== undefined)
    say(`FAILED  ${kernel.name}: an emulated machine that is well (${phases[0]})\n${indented(ran.broken)}`);
  return ran;
}

const indented = (text: string): string => text.replace(/^/gm, '        ');

function line(kernel: string, {phase, rule, outcome, says, seconds}: Result): string {
  const name = `${kernel}: ${rule}${phase === 'whole' ? '' : ` (${phase})`}`;
  if (outcome === 'failed') return `FAILED  ${name}\n${indented(says)}`;
  return `${outcome === 'passed' ? 'passed ' : 'skipped'} ${name}: ${says} (${seconds.toFixed(1)} s)`;
}

process.exitCode = await main();
