// Runs the built program as a user would, and tells whether BPF can be used here.
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import type {TestContext} from 'node:test';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const cli = path.join(root, 'dist/cli.js');

/** Why BPF cannot be used by this user, or undefined: for skips. */
export function noPrivilege(): string | undefined {
  const effective = BigInt(`0x${/^CapEff:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
  const bpf = (effective & ((1n << 39n) | (1n << 21n))) !== 0n;
  return bpf ? undefined : 'needs CAP_BPF and CAP_PERFMON: run as root';
}

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface JsonLine {
  readonly v: number;
  readonly view: string;
  readonly time: string;
  readonly seq: number;
  readonly interval: number;
  readonly status: string;
  readonly keys: {readonly used: number; readonly max: number};
  readonly lost: Readonly<Record<string, number>>;
  readonly cost: Readonly<Record<string, number>>;
  readonly rows: readonly JsonRow[];
}
export interface JsonRow {
  readonly key: Readonly<Record<string, string | number>>;
  readonly total: Readonly<Record<string, number>>;
  readonly delta: Readonly<Record<string, number>>;
  readonly rate: Readonly<Record<string, number>>;
  readonly hist?: {
    readonly unit: string;
    readonly total: readonly (readonly [number | null, number | null, number])[];
    readonly delta: readonly unknown[];
  };
  readonly p50?: readonly [number, number];
  readonly p90?: readonly [number, number];
}

export interface ProgramOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly unprivileged?: boolean;
  /** The repository, unless another folder is named. */
  readonly cwd?: string;
  /** Not as root, but as nobody with these alone, as setpriv spells them. */
  readonly capabilities?: readonly string[];
  /** The words of a command that starts it. */
  readonly before?: readonly string[];
  /** In place of Node and the program's file: what runs it elsewhere. */
  readonly command?: readonly string[];
}

/** For `before`: nothing is to be found where libbpf looks for the kernel's types. Needs root. */
export const withoutBtf: readonly string[] = ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs tmpfs /sys/kernel/btf && exec "$@"', 'sh'];

export function asNobody(capabilities: readonly string[]): readonly string[] {
  const set = capabilities.map((name) => `+${name}`).join(',');
  const sets = set === '' ? ['--inh-caps=-all'] : [`--inh-caps=-all,${set}`, `--ambient-caps=${set}`, `--bounding-set=-all,${set}`];
  return ['setpriv', '--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups', ...sets, '--'];
}

/** The program under way. */
export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], options: ProgramOptions = {}) {
    // root without a single capability: also where the checkout is root's alone
    const drop =
      options.unprivileged === true && process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--'] : [];
    const given = options.capabilities === undefined ? [] : asNobody(options.capabilities);
    const [command = '', ...rest] = [
      ...given,
      ...drop,
      ...(options.before ?? []),
      ...(options.command ?? [process.execPath, cli]),
      ...args,
    ];
    this.child = spawn(command, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {...process.env, NODE_OPTIONS: '', NO_COLOR: '', ...options.env},
      cwd: options.cwd ?? root,
    });
    this.child.stdout?.on('data', (data) => (this.stdout += data));
    this.child.stderr?.on('data', (data) => (this.stderr += data));
    this.ended = once(this.child, 'close').then(([status, signal]) => ({status, signal, stdout: this.stdout, stderr: this.stderr}));
  }

  /** The JSON lines so far. */
  lines(): readonly JsonLine[] {
    return this.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  /** Waits until `found` gives something; fails when the program ends before. */
  async until<T>(found: (program: Program) => T | undefined | false): Promise<T> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const value = found(this);
      if (value !== undefined && value !== false) return value;
      if (this.child.exitCode !== null) throw new Error(`ended with ${this.child.exitCode}: ${this.stderr}`);
      if (Date.now() > deadline) throw new Error(`not seen in 30 s; stdout: ${this.stdout.slice(-2000)} stderr: ${this.stderr}`);
      const waited = new AbortController();
      const data = once(this.child.stdout as NodeJS.ReadableStream, 'data', {signal: waited.signal}).catch(() => undefined);
      await Promise.race([data, new Promise((resolve) => setTimeout(resolve, 100))]);
      waited.abort();
    }
  }

  /** Ends it as a user would: by SIGINT. */
  async stop(): Promise<Ended> {
    this.child.kill('SIGINT');
    return this.ended;
  }
}

export const tsbpftop = (args: readonly string[], options: ProgramOptions = {}): Promise<Ended> => new Program(args, options).ended;

/**
 * What a view has counted of a workload: attaches, runs `work` when line 0 is there, stops, and gives the last line,
 * which is read when no probe fires any more.
 */
export async function measured(args: readonly string[], work: () => Promise<void>): Promise<JsonLine> {
  const program = new Program(['--json', ...args]);
  await program.until((each) => each.lines()[0]);
  await work();
  const ended = await program.stop();
  if (ended.status !== 0) throw new Error(`exit ${ended.status}: ${ended.stderr}`);
  const last = program.lines().at(-1);
  if (last === undefined) throw new Error('no line');
  return last;
}

/** Ids of the BPF programs, maps and links that processes of this system hold, or one of them, by /proc/PID/fdinfo. */
export function bpfInUse(only?: number): ReadonlySet<string> {
  const found = new Set<string>();
  const all = only === undefined ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [String(only)];
  for (const pid of all) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fdinfo`)) {
        const text = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
        for (const [, kind, id] of text.matchAll(/^(prog_id|map_id|link_id):\s*(\d+)/gm)) found.add(`${kind} ${id}`);
      }
    } catch {
      // the process has ended
    }
  }
  return found;
}

/** A folder that goes with the test. */
export function temporaryFolder(context: Pick<TestContext, 'after'>): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tsbpftop-test-'));
  context.after(() => rmSync(folder, {recursive: true, force: true}));
  return folder;
}

/** As `measured`, for several views at once: the last line of each. */
export async function measuredViews(
  views: readonly string[],
  args: readonly string[],
  work: () => Promise<void>,
  options: ProgramOptions = {},
): Promise<(view: string) => JsonLine> {
  const program = new Program(['--json', ...views, ...args], options);
  await program.until((each) => each.lines().length >= views.length);
  await work();
  const ended = await program.stop();
  if (ended.status !== 0) throw new Error(`exit ${ended.status}: ${ended.stderr}`);
  const lines = program.lines();
  return (view) => {
    const last = lines.findLast((line) => line.view === view);
    if (last === undefined) throw new Error(`no line of ${view}`);
    return last;
  };
}
