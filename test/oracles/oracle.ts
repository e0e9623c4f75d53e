// Asks the same questions of tsbpftop and of bpftrace at the same moment, over one workload: all views in one process, all maps
// in one script, so that both see the same events.
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {setTimeout as delay} from 'node:timers/promises';
import {type JsonLine, type JsonRow, Program} from '../support/program.ts';
import type {Workloads} from '../support/workloads.ts';

export interface Question {
  readonly asks: string;
  readonly preset: Readonly<Record<string, unknown>>;
  /** A bpftrace probe with its action, which fills the map @NAME; {} stands for the name. */
  readonly bpftrace: string;
  readonly compare: 'counts' | 'histogram' | 'latency';
  /** What a row is compared by: default the count. */
  readonly measure?: string;
}

/** bpftrace's maps by name: a number, numbers by key, or buckets by key. */
export type Answers = ReadonlyMap<string, unknown>;

/** bpftrace with -f json, from its first line until it is stopped. */
class Bpftrace {
  private readonly child: ChildProcess;
  private output = '';
  private errors = '';

  constructor(script: string) {
    const env = {...process.env, BPFTRACE_MAP_KEYS_MAX: '65536', BPFTRACE_STRLEN: '64'};
    this.child = spawn('bpftrace', ['-f', 'json', '-e', `BEGIN { printf("ready\\n"); } ${script}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    });
    this.child.stdout?.on('data', (data) => (this.output += data));
    this.child.stderr?.on('data', (data) => (this.errors += data));
  }

  async ready(): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (!this.output.includes('ready')) {
      if (this.child.exitCode !== null || Date.now() > deadline) throw new Error(`bpftrace did not start: ${this.errors}`);
      await Promise.race([once(this.child.stdout as NodeJS.ReadableStream, 'data'), delay(200)]);
    }
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  async answers(): Promise<Answers> {
    this.child.kill('SIGINT');
    // one that comes just before it waits for events is not seen until one comes: whoever is stopped and goes on looks again
    const again = setInterval(() => ['SIGSTOP', 'SIGCONT'].forEach((signal) => this.child.kill(signal as NodeJS.Signals)), 500);
    await once(this.child, 'close');
    clearInterval(again);
    const maps = new Map<string, unknown>();
    for (const line of this.output.split('\n')) {
      if (!line.startsWith('{"type": "map"') && !line.startsWith('{"type": "hist"') && !line.startsWith('{"type": "stats"')) continue;
      for (const [name, value] of Object.entries((JSON.parse(line) as {readonly data: Readonly<Record<string, unknown>>}).data))
        maps.set(name, plainKeys(value));
    }
    return maps;
  }
}

/** 'uprobe:/path/of/file:work_a' is work_a: this version's `func` is empty at uprobes. */
const plainKeys = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key.replace(/^uprobe:.*:/, ''), each]))
    : value;

export interface Answered {
  readonly ours: ReadonlyMap<string, JsonLine>;
  readonly theirs: Answers;
}

export async function askBoth(questions: readonly Question[], workloads: Workloads, work: () => Promise<void>): Promise<Answered> {
  const files = questions.flatMap(({preset}) => ['--presets', workloads.preset(preset)]);
  const names = questions.map(({preset}) => String(preset['name']));
  const ours = new Program(['--json', '-d', '60', ...files, ...names]);
  const script = questions.map(({bpftrace, preset}) => bpftrace.replaceAll('{}', mapOf(String(preset['name'])))).join('\n');
  let theirs: Bpftrace | undefined;
  try {
    await ours.until((program) => program.lines().length >= names.length);
    theirs = await started(script);
    await work();
    const answers = await theirs.answers();
    const {status, stderr} = await ours.stop();
    if (status !== 0) throw new Error(`tsbpftop ended with ${status}: ${stderr}`);
    return {ours: new Map(ours.lines().map((line) => [line.view, line])), theirs: answers};
  } finally {
    theirs?.kill();
    ours.child.kill('SIGKILL');
  }
}

/** On a busy machine bpftrace's first line is now and then lost on its way through its own buffer: then it is started again. */
async function started(script: string, tries = 3): Promise<Bpftrace> {
  const bpftrace = new Bpftrace(script);
  try {
    await bpftrace.ready();
    return bpftrace;
  } catch (error) {
    bpftrace.kill();
    if (tries <= 1) throw error;
    return started(script, tries - 1);
  }
}

/** '@read_sizes' of 'read-sizes': bpftrace's names have no hyphens. */
export const mapOf = (name: string): string => `@${name.replaceAll('-', '_')}`;

/** Our rows as bpftrace prints a map: texts of the key joined by commas, nothing for what could not be read. A view without a key is one number. */
export function numbersOf(line: JsonLine, measure: string): unknown {
  const keyed = line.rows.map((row) => [Object.values(row.key).join(',').replaceAll('<fault>', ''), row.total[measure] ?? 0] as const);
  return keyed.length === 1 && keyed[0]?.[0] === '' ? keyed[0][1] : Object.fromEntries(keyed);
}

type Bucket = {readonly min?: number; readonly max?: number; readonly count: number};

/** Their buckets have inclusive bounds; ours are half-open. */
export const theirBuckets = (buckets: readonly Bucket[]): readonly (readonly [number | null, number | null, number])[] =>
  buckets.filter(({count}) => count > 0).map(({min, max, count}) => [min ?? null, max === undefined ? null : max + 1, count]);

export const ourBuckets = (row: JsonRow | undefined): readonly (readonly [number | null, number | null, number])[] =>
  row?.hist?.total ?? [];
