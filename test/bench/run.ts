// `npm run bench [-- PATTERN] [-- --quick]`: measures on this machine, in turn with the peers that are installed, prints a table of
// ratios, and, when all was measured, writes it to docs/benchmarks.md. Nothing here is a test: a busy machine has other figures.
import {readFileSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {root} from '../support/program.ts';
import {eventCosts, slowDowns} from './cases/events.ts';
import {reading} from './cases/maps.ts';
import {memory, starts, wildcard} from './cases/process.ts';
import {keys, keysWhileReading, refreshes} from './cases/screen.ts';
import type {Figure, Result} from './measure.ts';
import {peers} from './peers.ts';

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const pattern = args.find((arg) => !arg.startsWith('--')) ?? '';
const runs = quick ? 2 : 7;

const cases: Readonly<Record<string, () => Promise<readonly Result[]>>> = {
  events: () => eventCosts(runs),
  slowdown: () => slowDowns(runs),
  start: () => starts(quick ? 3 : 11),
  memory: () => memory(quick ? 8 : 60),
  refresh: () => refreshes(quick ? 6 : 20),
  keys: () => keys(runs),
  maps: () => reading(quick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000], quick ? 3 : 7),
  million: () => keysWhileReading(quick ? 1 : 4),
  wildcard: () => wildcard(quick ? 1 : 3),
};

const number = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
const shown = ({median, spread, runs: count}: Figure): string => `${number(median)}${count > 1 ? ` ±${(spread * 100).toFixed(0)} %` : ''}`;

function rowsOf({what, unit, ours, peers: others, reach, note}: Result): readonly string[] {
  const name = note === undefined ? what : `${what} (${note})`;
  if (others.length === 0) return [`| ${name} | ${shown(ours)} ${unit} | | | ${reach ?? ''} |`];
  return others.map(({name: peer, figure, reach: bound}, i) => {
    const ratio = ours.median / figure.median;
    const verdict = bound === undefined ? '' : `${bound}x${ratio <= bound * 1.005 ? '' : ': **not reached**'}`;
    return `| ${i === 0 ? name : ''} | ${i === 0 ? `${shown(ours)} ${unit}` : ''} | ${peer} ${shown(figure)} | ${ratio.toFixed(2)}x | ${verdict} |`;
  });
}

const model = /^model name\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? os.arch();
const version = (JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {readonly version: string}).version;
const machine = [
  `tsbpftop ${version}, Node ${process.versions.node}, Linux ${os.release().replace(/-.*/, '')}, ${os.cpus().length} CPUs (${model}), ${Math.round(os.totalmem() / 2 ** 30)} GiB.`,
  `Peers: ${peers.map(({name, version: is, get}) => `${name} ${is ?? `missing (${get})`}`).join(', ')}.`,
];
const heading = ['| what | tsbpftop | peer | ratio | reach |', '|---|---|---|---|---|'];

process.stdout.write(`${machine.join('\n')}\n\n${heading.join('\n')}\n`);
const table: string[] = [];
for (const [name, measure] of Object.entries(cases)) {
  if (!name.includes(pattern)) continue;
  const rows = (await measure()).flatMap(rowsOf);
  table.push(...rows);
  process.stdout.write(`${rows.join('\n')}\n`);
}
if (pattern === '' && !quick) {
  const file = path.join(root, 'docs/benchmarks.md');
  const kept = /(?<=<!-- kept by hand -->\n)[\s\S]*$/.exec(readable(file))?.[0] ?? '';
  const text = [
    '# Benchmarks',
    '',
    'Written by `npm run bench`, which measures on the machine at hand, in turn with the peers that are installed. Medians, and half',
    'the range between the quartiles; a ratio below 1 is in favour of tsbpftop. Read ratios, not milliseconds.',
    '',
    ...machine,
    '',
    ...heading,
    ...table,
    '',
    readable(path.join(root, 'test/bench/notes.md')),
    '<!-- kept by hand -->',
    kept,
  ].join('\n');
  writeFileSync(file, text);
  process.stdout.write(`\nwritten to ${path.relative(process.cwd(), file)}\n`);
}
process.exit(0);

function readable(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
