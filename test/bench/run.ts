// `npm run bench [-- CASE ...] [--quick] [--write] [--list]`: measures on this machine, in turn with the peers that are installed, and prints
// a table of ratios; all cases together, or with --write, into docs/benchmarks.md. Nothing here is a test: a busy machine has other figures.
import {readFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {root} from '../support/program.ts';
import {type Case, cases} from './cases/all.ts';
import {missing, peers} from './peers.ts';
import {heading, rowsOf, writeReport} from './report.ts';

const args = process.argv.slice(2);
const names = args.filter((arg) => !arg.startsWith('--'));
const flags = args.filter((arg) => arg.startsWith('--'));
const strange = flags.filter((flag) => !['--quick', '--write', '--list'].includes(flag));
const unknown = names.filter((name) => !cases.some((each) => each.name.startsWith(name)));
const say = (text: string): void => void process.stderr.write(`bench: ${text}\n`);

const listed = cases.map(({name, what, about}) => `  ${name.padEnd(9)} ${what} (about ${about} s)`).join('\n');
if (flags.includes('--list')) {
  process.stdout.write(`${listed}\n`);
  process.exit(0);
}
if (strange.length > 0 || unknown.length > 0) {
  say(
    `${[...strange, ...unknown].join(', ')}: no such ${strange.length > 0 ? 'flag' : 'case'}; npm run bench [-- CASE ...] [--quick] [--write] [--list]\n${listed}`,
  );
  process.exit(2);
}
if (process.getuid?.() !== 0) {
  say('programs are loaded into the kernel: run it as root, sudo npm run bench');
  process.exit(1);
}

const quick = flags.includes('--quick');
const chosen = cases.filter(({name}) => names.length === 0 || names.some((each) => name.startsWith(each)));
const seconds = (ms: number): string =>
  ms < 90_000 ? `${(ms / 1000).toFixed(0)} s` : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;

const model = /^model name\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? os.arch();
const version = (JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {readonly version: string}).version;
const machine = [
  `tsbpftop ${version}, Node ${process.versions.node}, Linux ${os.release().replace(/-.*/, '')}, ${os.cpus().length} CPUs (${model}), ${Math.round(os.totalmem() / 2 ** 30)} GiB.`,
  `Peers: ${peers.map(({name, version: is, get}) => `${name} ${is ?? `missing (${get})`}`).join(', ')}.`,
];

const begun = performance.now();
process.stdout.write(`${machine.join('\n')}\n\n${heading.join('\n')}\n`);
say(`${chosen.length} cases, about ${seconds((chosen.reduce((sum, {about}) => sum + about, 0) * 1000) / (quick ? 3 : 1))} in all`);
const table = new Map<string, readonly string[]>();
const failed: string[] = [];
for (const each of chosen) {
  const rows = await rowsOfCase(each);
  if (rows === undefined) continue;
  table.set(each.name, rows);
  process.stdout.write(`${rows.join('\n')}\n`);
}
say(`took ${seconds(performance.now() - begun)}${failed.length === 0 ? '' : `; without ${failed.join(', ')}`}`);
if (!quick && table.size > 0 && (names.length === 0 || flags.includes('--write'))) {
  const file = writeReport(
    machine,
    cases.map(({name}) => name),
    table,
  );
  say(`written to ${path.relative(process.cwd(), file)}`);
}
process.exit(failed.length === 0 ? 0 : 1);

/** A case that fails, or cannot be measured here, loses nothing of the others. */
async function rowsOfCase({name, about, needs, measure}: Case): Promise<readonly string[] | undefined> {
  const lacking = missing(needs);
  if (lacking.length > 0) {
    say(`${name}: cannot be measured without ${lacking.join(', ')}`);
    failed.push(name);
    return undefined;
  }
  const from = performance.now();
  say(`${name}: about ${seconds((about * 1000) / (quick ? 3 : 1))}`);
  try {
    const rows = (await measure(quick)).flatMap((result) => rowsOf(name, result));
    say(`${name}: took ${seconds(performance.now() - from)}`);
    return rows;
  } catch (error) {
    say(`${name}: failed after ${seconds(performance.now() - from)}: ${error instanceof Error ? error.message : String(error)}`);
    failed.push(name);
    return undefined;
  }
}
