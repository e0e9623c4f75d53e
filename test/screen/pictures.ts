// `npm run pictures` (as root): makes the pictures in docs/ from the real screen, over workloads of this machine's own.
import {execFileSync, spawn} from 'node:child_process';
import {chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
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
chmodSync(folder, 0o755); // for whom the workloads run as

/** Of a user of their own, so that what else the machine does is not in the pictures. */
const nobody = 65_534;
const loads = [
  `while :; do ${calls} node 800; sleep 0.2; done`,
  `while :; do ${calls} postgres 350; sleep 0.3; done`,
  `while :; do ${calls} nginx 90; sleep 0.5; done`,
  `while :; do ${sleeper} mysqld 20 4; ${sleeper} mysqld 3 40; done`,
  'while :; do for i in 1 2 3 4 5; do cat /etc/hosts /etc/passwd; done >/dev/null; grep -rs nothing /etc/default /etc/init.d; sleep 0.4; done',
];
const children = loads.map((load) =>
  spawn('setpriv', [`--reuid=${nobody}`, '--clear-groups', 'bash', '-c', load], {stdio: 'ignore', detached: true}),
);

/** A bundled view that sees them alone. */
function narrowed(name: string, change: Readonly<Record<string, unknown>> = {}): string {
  const preset = JSON.parse(readFileSync(path.join(root, 'presets', `${name}.json`), 'utf8')) as Record<string, unknown>;
  const file = path.join(folder, `${String(change['name'] ?? name)}.json`);
  writeFileSync(
    file,
    JSON.stringify({...preset, $schema: undefined, words: undefined, where: `uid == ${nobody}`, ...change}, undefined, 2),
    {mode: 0o600},
  );
  return file;
}
const own = ['openat', 'openat-files', 'syscalls', 'read-latency', 'write-latency', 'cpu-stacks', 'exec'].map((name) => narrowed(name));
own.push(narrowed('openat-files', {name: 'opened-paths', title: 'paths opened, in a map that is too small', maxKeys: 8}));
const views = own.flatMap((file) => ['--presets', file]);
const recording = path.join(folder, 'recording.ndjson');

interface Picture {
  readonly name: string;
  readonly args: readonly string[];
  readonly columns: number;
  readonly lines: number;
  /** Pressed when the first refresh is there, and, one after the other, before the picture is taken. */
  readonly keys?: string;
  readonly lastKeys?: readonly string[];
  /** On the screen before the picture is taken. */
  readonly shows?: string | RegExp;
}

const live = (...args: readonly string[]): readonly string[] => [...views, ...args];
const bar = ['openat', 'syscalls', 'read-latency', 'write-latency', 'cpu-stacks', 'exec'];
const pictures: readonly Picture[] = [
  {name: 'screen-openat', args: live(...bar), columns: 100, lines: 20},
  {name: 'screen-latency', args: live('--sort', '-p99', 'read-latency', 'write-latency', 'exec'), columns: 130, lines: 24, keys: 'j'},
  {name: 'screen-wide', args: live('-d', '0.5', 'read-latency', 'openat', 'syscalls', 'write-latency', 'exec'), columns: 200, lines: 50},
  {name: 'screen-80x24', args: live('read-latency'), columns: 80, lines: 24},
  {name: 'screen-heatmap', args: live('-d', '0.5', 'read-latency', 'write-latency', 'exec'), columns: 130, lines: 30, keys: 'mM'},
  {name: 'screen-heatmap-80x24', args: live('-d', '0.5', 'read-latency'), columns: 80, lines: 24, keys: 'mM'},
  {name: 'screen-stacks', args: live('cpu-stacks', 'openat', 'read-latency', 'exec'), columns: 120, lines: 30},
  // some time ago is shown, while it goes on
  {
    name: 'screen-back',
    args: live('-d', '0.5', 'read-latency', 'openat'),
    columns: 110,
    lines: 20,
    lastKeys: [','.repeat(16)],
    shows: /paused −\d/,
  },
  {name: 'screen-picker', args: live(...bar), columns: 110, lines: 28, lastKeys: ['p', 'lat'], shows: 'lat'},
  {
    name: 'screen-drill',
    args: live(...bar),
    columns: 110,
    lines: 18,
    lastKeys: ['/cat\r', '\r'],
    shows: /comm=cat › openat-files[\s\S]*exact/,
  },
  {name: 'screen-builder', args: live(...bar), columns: 110, lines: 26, lastKeys: ['nsyscall:openat', '\r'], shows: 'args.flags'},
  {name: 'screen-tail', args: live(...bar), columns: 110, lines: 26, lastKeys: ['/node\r', 't'], shows: /events of node +[1-9]/},
  {name: 'screen-help', args: live(...bar), columns: 130, lines: 36, lastKeys: ['?'], shows: 'tsbpftop: keys'},
  {name: 'screen-detail', args: live(...bar), columns: 100, lines: 30, lastKeys: ['e'], shows: 'programs'},
  {name: 'screen-partial', args: live('opened-paths', ...bar), columns: 110, lines: 16, shows: /partial/},
  {name: 'screen-status', args: live('opened-paths', ...bar), columns: 110, lines: 22, lastKeys: ['!'], shows: 'why'},
  {name: 'screen-replay', args: ['replay', recording], columns: 100, lines: 16, shows: 'REPLAY'},
  {name: 'screen-too-small', args: live(...bar), columns: 38, lines: 7, shows: 'needs'},
];

const wait = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function take({name, args, columns, lines, keys = '', lastKeys = [], shows = /./}: Picture): Promise<void> {
  const small = lines < 8;
  const term = await new Term(args, {columns, lines}).until(small ? shows : 'events/s');
  await term.press(keys).until(() => true);
  // a third of a minute, so that sparklines and histograms have something to show
  await wait(small ? 0 : 20);
  for (const each of lastKeys) {
    term.press(each);
    await wait(1);
  }
  await term.until(shows);
  await wait(1);
  writeFileSync(path.join(root, 'docs', `${name}.svg`), svgOf(term));
  term.kill();
}

// names of pictures, or all; some at a time, so that they do not slow each other down
const [, , ...wanted] = process.argv;
const left = pictures.filter(({name}) => wanted.length === 0 || wanted.includes(name));
if (left.some(({name}) => name === 'screen-replay'))
  execFileSync(process.execPath, [path.join(root, 'dist/cli.js'), 'record', ...views, '-n', '15', recording, 'openat', 'read-latency'], {
    stdio: 'ignore',
  });
while (left.length > 0)
  for (const outcome of await Promise.allSettled(left.splice(0, 6).map(take)))
    if (outcome.status === 'rejected') process.stderr.write(`${String(outcome.reason)}\n`);
for (const {pid} of children) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
rmSync(folder, {recursive: true});
process.exit();
