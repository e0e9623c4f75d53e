// `npm run test:kernels [-- NAME|ARCHITECTURE ...] [--only RULE]`: boots each kernel, runs the checks inside, and says what
// passed.
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {type Boot, boot} from './boot.ts';
import type {Result} from './guest/protocol.ts';
import {initramfs} from './initramfs.ts';
import {cache, type Kernel, kernels, kernelsOf, Unavailable, unpacked} from './kernels.ts';
import {renewed, report} from './report.ts';
import {type Architecture, targets} from './targets.ts';

const [words, only] = readArguments(process.argv.slice(2));
const timeout = 1800; // seconds a kernel; a boot takes 5, the checks two or three minutes where nothing else runs

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function readArguments(args: readonly string[]): readonly [kernels: readonly string[], only: string] {
  const at = args.indexOf('--only');
  if (at < 0) return [args, ''];
  return [[...args.slice(0, at), ...args.slice(at + 2)], (args[at + 1] ?? '').replaceAll(' ', '-')];
}

function image(folder: string): string {
  const file = readdirSync(path.join(folder, 'boot')).find((name) => name.startsWith('vmlinuz-'));
  if (file === undefined) throw new Unavailable(`no kernel image in ${folder}`);
  return path.join(folder, 'boot', file);
}

async function main(): Promise<number> {
  const wanted = kernelsOf(words);
  if (wanted.length === 0) {
    const names = [...kernels.map(({name}) => name), ...Object.keys(targets)];
    say(`no such kernel: ${words.join(' ')}; it is one of ${names.join(' ')}`);
    return 2;
  }
  const folders = new Map<Kernel, string>();
  let skipped = 0;
  for (const kernel of wanted) {
    try {
      folders.set(kernel, await unpacked(kernel, say));
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      skipped++;
      say(`skipped kernel ${kernel.name}: ${error.message}`);
    }
  }
  const out = path.join(cache, 'run');
  mkdirSync(out, {recursive: true});
  const archives = new Map<Architecture, string>();
  for (const architecture of new Set([...folders.keys()].map((kernel) => kernel.architecture))) {
    const those = new Map([...folders].filter(([kernel]) => kernel.architecture === architecture));
    archives.set(architecture, await initramfs(out, architecture, those));
  }
  const waiting = [...folders];
  const done: Boot[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      done.push(await booted(...next, archives.get(next[0].architecture) ?? '', out));
  };
  // an emulated machine keeps one CPU busy
  await Promise.all(Array.from({length: Math.min(folders.size, os.availableParallelism())}, worker));
  const boots = wanted.flatMap((kernel) => done.filter((each) => each.kernel === kernel));
  for (const architecture of archives.keys()) renewTable(architecture, boots);
  const results = boots.flatMap((each) => each.results);
  const count = (outcome: Result['outcome']): number => results.filter((result) => result.outcome === outcome).length;
  const failed = count('failed') + boots.filter((each) => each.broken !== undefined).length;
  say(`${count('passed')} passed, ${failed} failed, ${count('skipped') + skipped} skipped`);
  return failed > 0 ? 1 : 0;
}

/** Of all kernels of an architecture, run whole. */
function renewTable(architecture: Architecture, boots: readonly Boot[]): void {
  const of = boots.filter(({kernel, broken}) => kernel.architecture === architecture && broken === undefined);
  if (of.length < kernelsOf([architecture]).length || only !== '') return;
  const file = path.join(import.meta.dirname, '../../docs/kernels.md');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const text = renewed(before, architecture, report(architecture, of));
  if (text === before) return;
  writeFileSync(file, text);
  say(`# docs/kernels.md is renewed (${architecture})`);
}

async function booted(kernel: Kernel, folder: string, initrd: string, out: string): Promise<Boot> {
  const each = (result: Result): void => say(line(kernel.name, result));
  const ran = await boot({kernel, image: image(folder), initrd, out, timeout, only, each});
  say(`# ${kernel.name}: ${ran.release}, ${ran.results.length} checks, ${ran.seconds.toFixed(0)} s`);
  if (ran.broken !== undefined) say(`FAILED  ${kernel.name}: the checks come to their end\n${indented(ran.broken)}`);
  return ran;
}

const indented = (text: string): string => text.replace(/^/gm, '        ');

function line(kernel: string, {phase, rule, outcome, says, seconds}: Result): string {
  const name = `${kernel}: ${rule}${phase === 'whole' ? '' : ` (${phase})`}`;
  if (outcome === 'failed') return `FAILED  ${name}\n${indented(says)}`;
  return `${outcome === 'passed' ? 'passed ' : 'skipped'} ${name}: ${says} (${seconds.toFixed(1)} s)`;
}

process.exitCode = await main();
