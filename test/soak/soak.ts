// `npm run soak [-- --minutes N --interval S --every S]`: batch and screen run while processes and keys come and go, and
// what they hold is sampled: memory, descriptors, BPF maps and programs. Ends with a table and the slope of each.
import {execFileSync, type ChildProcess, spawn} from 'node:child_process';
import {mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {parseArgs} from 'node:util';
import pty from '@lydell/node-pty';

const root = path.join(import.meta.dirname, '../..');
const {values} = parseArgs({
  options: {
    minutes: {type: 'string', default: '2.5'},
    interval: {type: 'string', default: '0.1'},
    every: {type: 'string', default: '2'},
    cli: {type: 'string', default: path.join(root, 'dist/cli.js')},
    out: {type: 'string', default: '/tmp/tsbpftop-soak'},
  },
});
const minutes = Number(values.minutes);
mkdirSync(values.out, {recursive: true});

interface Held {
  /** Seconds since the start. */
  readonly at: number;
  readonly rss: number;
  readonly fds: number;
  readonly maps: number;
  readonly programs: number;
}

function held(pid: number, at: number): Held {
  const rss = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  const targets = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return ''; // closed meanwhile
    }
  });
  const count = (target: string): number => targets.filter((each) => each === target).length;
  return {at, rss, fds: targets.length, maps: count('anon_inode:bpf-map'), programs: count('anon_inode:bpf-prog')};
}

const compiled = (name: string): string => {
  const program = path.join(values.out, name);
  execFileSync('gcc', ['-O1', '-o', program, path.join(root, `test/fixtures/workloads/${name}.c`)]);
  return program;
};
const churn = compiled('churn');
const object = path.join(values.out, 'churn.bpf.o');
execFileSync('clang', [
  ...['-g', '-O2', '-target', 'bpf', `-I/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`],
  ...['-c', path.join(root, 'test/fixtures/objects/churn.bpf.c'), '-o', object],
]);
const preset = (content: Readonly<Record<string, unknown>>): void =>
  writeFileSync(path.join(values.out, 'presets', `${String(content['name'])}.json`), JSON.stringify(content), {mode: 0o600});
mkdirSync(path.join(values.out, 'presets'), {recursive: true});
preset({name: 'keys', object: '../churn.bpf.o', table: {map: 'entries', columns: [{field: 'key'}, {field: 'value', measure: true}]}});
preset({name: 'opens-by-process', attach: 'syscall:openat', by: ['pid', 'comm'], measure: 'count', maxKeys: 2048, map: 'lru'});

const seconds = String(minutes * 60 + 30);
const workloads: readonly ChildProcess[] = [
  spawn(churn, ['wl-soak', 'processes', '50', seconds], {stdio: 'ignore'}),
  spawn(churn, ['wl-soak', 'keys', '1000', String(Math.ceil(Number(seconds) * 5)), seconds], {stdio: 'ignore'}),
];
const common = ['--presets', path.join(values.out, 'presets'), '-d', values.interval];
const environment = {...process.env, NODE_OPTIONS: '', TERM: 'xterm-256color'};

const views = ['keys', 'opens-by-process', 'syscalls', 'read-latency', 'openat-files', 'exec', 'off-cpu'];
const batch = spawn(process.execPath, [values.cli, '--json', ...common, ...views], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: environment,
});
let lines = 0;
batch.stdout.on('data', (data: Buffer) => {
  for (const byte of data) if (byte === 10) lines++;
});

const screen = pty.spawn(process.execPath, [values.cli, ...common, '--linger', '3', ...views], {
  cols: 120,
  rows: 40,
  env: environment as Record<string, string>,
});
let switches = 0;
let drawn = 0;
screen.onData((data) => {
  drawn += data.length;
});
// views by number, sort, filter and out, histogram, drill in and out, pause and on, help and out
const keys = [
  '1',
  's',
  '2',
  '/ch',
  '\u001B',
  '3',
  '\r',
  '\u007F',
  '4',
  'm',
  'm',
  'm',
  '5',
  ' ',
  ' ',
  '6',
  'j',
  'j',
  '7',
  '?',
  '\u001B',
  'z',
];
let key = 0;
const typing = setInterval(() => {
  const next = keys[key++ % keys.length] ?? '';
  if (/^\d$/.test(next)) switches++;
  screen.write(next);
}, 700);

let ended = '';
batch.on('exit', (status) => {
  ended ||= `batch ended with ${status}`;
});
screen.onExit(({exitCode, signal}) => {
  ended ||= `the screen ended with ${exitCode}, signal ${signal}`;
});

const samples: Readonly<Record<'batch' | 'screen', Held[]>> = {batch: [], screen: []};
const start = Date.now();
const log = (name: string, {at, rss, fds, maps, programs}: Held): string =>
  `${name},${at.toFixed(1)},${rss.toFixed(1)},${fds},${maps},${programs}\n`;
const csv = path.join(values.out, 'samples.csv');
writeFileSync(csv, 'who,seconds,rss_mib,descriptors,bpf_maps,bpf_programs\n');

/** Of a value a minute, by least squares. */
function slope(of: readonly Held[], value: (held: Held) => number): number {
  const mean = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  const [x, y] = [mean(of.map(({at}) => at)), mean(of.map(value))];
  const spread = of.reduce((sum, {at}) => sum + (at - x) ** 2, 0);
  return spread === 0 ? 0 : (60 * of.reduce((sum, each) => sum + (each.at - x) * (value(each) - y), 0)) / spread;
}

function table(): string {
  const marks = [0, 1 / 6, 1 / 2, 1].map((share) => share * minutes * 60);
  const rows = (['batch', 'screen'] as const).map((who) => {
    const all = samples[who];
    const at = (seconds: number): Held | undefined =>
      all.reduce<Held | undefined>(
        (best, each) => (best === undefined || Math.abs(each.at - seconds) < Math.abs(best.at - seconds) ? each : best),
        undefined,
      );
    const cells = marks.map((mark) => {
      const sample = at(Math.max(mark, Math.min(10, minutes * 6)));
      return sample === undefined ? '' : `${sample.rss.toFixed(0)} MiB, ${sample.fds} fds`;
    });
    const half = all.filter((each) => each.at > minutes * 30);
    const most = Math.max(...half.map(({fds}) => fds));
    const least = Math.min(...half.map(({fds}) => fds));
    return `| ${who} | ${cells.join(' | ')} | ${slope(half, ({rss}) => rss).toFixed(2)} MiB/min; ${least} to ${most} fds |`;
  });
  const head = `| | ${marks.map((mark) => (mark === 0 ? 'start' : `${(mark / 60).toFixed(1)} min`)).join(' | ')} | second half |`;
  return [head, '|---|---|---|---|---|---|', ...rows].join('\n');
}

const sampling = setInterval(() => {
  const at = (Date.now() - start) / 1000;
  for (const [who, pid] of [
    ['batch', batch.pid ?? 0],
    ['screen', screen.pid],
  ] as const) {
    try {
      const sample = held(pid, at);
      samples[who].push(sample);
      writeFileSync(csv, log(who, sample), {flag: 'a'});
    } catch (error) {
      ended ||= `${who} is gone: ${String(error)}`;
    }
  }
  if (at < minutes * 60 && ended === '') return;
  clearInterval(sampling);
  clearInterval(typing);
  const fault = ended;
  batch.kill('SIGINT');
  screen.write('q');
  for (const workload of workloads) workload.kill();
  const text = `${table()}\n${lines} lines, ${switches} view switches, ${drawn} bytes drawn${fault === '' ? '' : `\nFAILED: ${fault}`}\n`;
  writeFileSync(path.join(values.out, 'table.md'), text);
  process.stdout.write(text);
  setTimeout(() => process.exit(fault === '' ? 0 : 1), 3000).unref();
}, Number(values.every) * 1000);
