// `npm run pictures` (as root): makes the pictures in docs/ from the real screen, over workloads of this machine's own.
import {execFileSync, spawn} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {svgOf} from '../support/picture.ts';
import {root} from '../support/program.ts';
import {Term} from '../support/term.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'tsbpftop-pictures-'));
const compile = (name: string): string => {
  const program = path.join(folder, name);
  execFileSync('gcc', ['-O1', '-o', program, path.join(root, `test/fixtures/workloads/${name}.c`)]);
  return program;
};
const [calls, sleeper] = [compile('calls'), compile('sleeper')];
const loads = [
  `while :; do ${calls} node 800; sleep 0.2; done`,
  `while :; do ${calls} postgres 350; sleep 0.3; done`,
  `while :; do ${calls} nginx 90; sleep 0.5; done`,
  `while :; do ${sleeper} mysqld 20 4; ${sleeper} mysqld 3 40; done`,
];
const children = loads.map((load) => spawn('bash', ['-c', load], {stdio: 'ignore', detached: true}));

interface Picture {
  readonly name: string;
  readonly args: readonly string[];
  readonly columns: number;
  readonly lines: number;
  /** Pressed when the first refresh is there, and before the picture is taken. */
  readonly keys?: string;
  readonly lastKeys?: string;
}

const pictures: readonly Picture[] = [
  {name: 'screen-openat', args: ['-d', '1'], columns: 100, lines: 20},
  {
    name: 'screen-latency',
    args: ['-d', '1', '--sort', '-p99', 'read-latency', 'write-latency', 'runq-latency'],
    columns: 130,
    lines: 20,
    keys: 'j',
  },
  {name: 'screen-80x24', args: ['-d', '1', 'read-latency'], columns: 80, lines: 24},
  {name: 'screen-heatmap', args: ['-d', '0.5', 'read-latency', 'write-latency', 'runq-latency'], columns: 130, lines: 30, keys: 'mM'},
  {name: 'screen-heatmap-80x24', args: ['-d', '0.5', 'read-latency'], columns: 80, lines: 24, keys: 'mM'},
  // a minute ago is shown, while it goes on
  {name: 'screen-back', args: ['-d', '0.5', 'read-latency', 'openat'], columns: 110, lines: 20, lastKeys: ','.repeat(20)},
];

async function take({name, args, columns, lines, keys = '', lastKeys = ''}: Picture): Promise<void> {
  const term = await new Term(args, {columns, lines}).until('events/s');
  await term.press(keys).until(() => true);
  // two fifths of a minute, so that sparklines and histograms have something to show
  await new Promise((resolve) => setTimeout(resolve, 25_000));
  if (lastKeys !== '') await term.press(lastKeys).until(/paused −\d/);
  writeFileSync(path.join(root, 'docs', `${name}.svg`), svgOf(term));
  term.press('q');
  await term.ended;
}

// names of pictures, or all
const [, , ...wanted] = process.argv;
await Promise.all(pictures.filter(({name}) => wanted.length === 0 || wanted.includes(name)).map(take));
for (const {pid} of children) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
rmSync(folder, {recursive: true});
