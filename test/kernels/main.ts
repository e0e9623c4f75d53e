// `npm run test:kernels [-- VERSION ...] [--only RULE]`: boots each kernel, runs the checks inside, and says what passed.
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {type Boot, boot} from './boot.ts';
import type {Result} from './guest/protocol.ts';
import {initramfs} from './initramfs.ts';
import {report} from './report.ts';
import {cache, type Kernel, kernels, Unavailable, unpacked} from './kernels.ts';

const [words, only] = readArguments(process.argv.slice(2));
const timeout = 900; // seconds a kernel; a boot takes 5, the checks two or three minutes where nothing else runs

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function readArguments(args: readonly string[]): readonly [versions: readonly string[], only: string] {
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
  const wanted = kernels.filter(({version}) => words.length === 0 || words.includes(version));
  if (wanted.length === 0) {
    say(`no such kernel: ${words.join(' ')}; it is one of ${kernels.map(({version}) => version).join(' ')}`);
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
      say(`skipped kernel ${kernel.version}: ${error.message}`);
    }
  }
  const out = path.join(cache, 'run');
  mkdirSync(out, {recursive: true});
  const archive = folders.size === 0 ? '' : await initramfs(out, folders);
  const waiting = [...folders];
  const done: Boot[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) done.push(await booted(...next, archive, out));
  };
  // an emulated machine keeps one CPU busy
  await Promise.all(Array.from({length: Math.min(folders.size, os.availableParallelism())}, worker));
  const boots = wanted.flatMap(({version}) => done.filter((each) => each.kernel === version));
  if (boots.length === kernels.length && only === '' && boots.every((each) => each.broken === undefined)) {
    const file = path.join(import.meta.dirname, '../../docs/kernels.md');
    const text = report(boots);
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
      writeFileSync(file, text);
      say('# docs/kernels.md is renewed');
    }
  }
  const results = boots.flatMap((each) => each.results);
  const count = (outcome: Result['outcome']): number => results.filter((result) => result.outcome === outcome).length;
  const failed = count('failed') + boots.filter((each) => each.broken !== undefined).length;
  say(`${count('passed')} passed, ${failed} failed, ${count('skipped') + skipped} skipped`);
  return failed > 0 ? 1 : 0;
}

async function booted({version}: Kernel, folder: string, initrd: string, out: string): Promise<Boot> {
  const each = (result: Result): void => say(line(version, result));
  const ran = await boot({version, image: image(folder), initrd, out, timeout, only, each});
  say(`# ${version}: ${ran.release}, ${ran.results.length} checks, ${ran.seconds.toFixed(0)} s`);
  if (ran.broken !== undefined) say(`FAILED  ${version}: the checks come to their end\n${indented(ran.broken)}`);
  return ran;
}

const indented = (text: string): string => text.replace(/^/gm, '        ');

function line(version: string, {phase, rule, outcome, says, seconds}: Result): string {
  const name = `${version}: ${rule}${phase === 'whole' ? '' : ` (${phase})`}`;
  if (outcome === 'failed') return `FAILED  ${name}\n${indented(says)}`;
  return `${outcome === 'passed' ? 'passed ' : 'skipped'} ${name}: ${says} (${seconds.toFixed(1)} s)`;
}

process.exitCode = await main();
