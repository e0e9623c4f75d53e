// The table of ratios, and docs/benchmarks.md that keeps it: of a case that was measured the rows are new, those of the others stay.
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {root} from '../support/program.ts';
import type {Figure, Result} from './measure.ts';

export const heading = ['| case | what | tsbpftop | peer | ratio | reach |', '|---|---|---|---|---|---|'];

const number = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
const shown = ({median, spread, runs, atLeast}: Figure): string =>
  atLeast === true ? `more than ${number(median)}` : `${number(median)}${runs > 1 ? ` ±${(spread * 100).toFixed(0)} %` : ''}`;

export function rowsOf(name: string, {what, unit, ours, peers, reach, note}: Result): readonly string[] {
  const full = note === undefined ? what : `${what} (${note})`;
  if (peers.length === 0) return [`| ${name} | ${full} | ${shown(ours)} ${unit} | | | ${reach ?? ''} |`];
  return peers.map(({name: peer, figure, reach: bound}, i) => {
    const ratio = ours.median / figure.median;
    const verdict = bound === undefined ? '' : `${bound}x${ratio <= bound * 1.005 ? '' : ': **not reached**'}`;
    const ratioText = `${figure.atLeast === true ? 'below ' : ''}${ratio.toFixed(ratio < 0.01 ? 4 : 2)}x`;
    return `| ${name} | ${i === 0 ? full : ''} | ${i === 0 ? `${shown(ours)} ${unit}` : ''} | ${peer} ${shown(figure)} | ${ratioText} | ${verdict} |`;
  });
}

const file = path.join(root, 'docs/benchmarks.md');

/** @param order the cases' names; @returns the file's path */
export function writeReport(
  machine: readonly string[],
  order: readonly string[],
  measured: ReadonlyMap<string, readonly string[]>,
): string {
  const before = readable(file).split('\n');
  const kept = (name: string): readonly string[] => before.filter((line) => line.startsWith(`| ${name} |`));
  const text = [
    '# Benchmarks',
    '',
    'Written by `npm run bench`, which measures on the machine at hand, in turn with the peers that are installed. Medians, and half',
    'the range between the quartiles; a ratio below 1 is in favour of tsbpftop. Read ratios, not milliseconds. `npm run bench -- CASE --write`',
    'measures one case anew.',
    '',
    ...machine,
    '',
    ...heading,
    ...order.flatMap((name) => measured.get(name) ?? kept(name)),
    '',
    readable(path.join(root, 'test/bench/notes.md')).trimEnd(),
    '',
  ].join('\n');
  writeFileSync(file, text);
  return file;
}

function readable(name: string): string {
  try {
    return readFileSync(name, 'utf8');
  } catch {
    return '';
  }
}
