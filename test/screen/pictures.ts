// `npm run pictures` (as root): makes the pictures in docs/ from the real screen, over workloads of this machine's own.
import {spawn} from 'node:child_process';
import {execFileSync} from 'node:child_process';
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

async function picture(name: string, args: readonly string[], columns: number, lines: number, keys: string): Promise<void> {
  const term = await new Term(args, {columns, lines}).until('events/s');
  await term.press(keys).until(() => true);
  // two fifths of a minute, so that sparklines and histograms have something to show
  await new Promise((resolve) => setTimeout(resolve, 25_000));
  writeFileSync(path.join(root, 'docs', `${name}.svg`), svgOf(term));
  term.press('q');
  await term.ended;
}

await Promise.all([
  picture('screen-openat', ['-d', '1'], 100, 20, ''),
  picture('screen-latency', ['-d', '1', '--sort', '-p99', 'read-latency', 'write-latency', 'runq-latency'], 130, 20, 'j'),
  picture('screen-80x24', ['-d', '1', 'read-latency'], 80, 24, ''),
]);
for (const {pid} of children) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
rmSync(folder, {recursive: true});
