// Starts tsbpftop, bpftrace and full-screen programs for a measurement, and the workloads they watch.
import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {setTimeout as delay} from 'node:timers/promises';
import pty from '@lydell/node-pty';
import xterm from '@xterm/headless';
import {cli, root} from '../support/program.ts';

export const folder = mkdtempSync(path.join(os.tmpdir(), 'tsbpftop-bench-'));
process.on('exit', () => rmSync(folder, {recursive: true, force: true}));

/** Without what makes each start of Node's dearer on the machine at hand. */
const {NODE_EXTRA_CA_CERTS: _, ...others} = process.env;
const plain = {...others, NODE_OPTIONS: ''};

const sources = path.join(root, 'test/bench/programs');

/** Path of a C program of test/bench/programs, compiled. */
export function compiled(name: string, ...libraries: readonly string[]): string {
  const program = path.join(folder, name);
  execFileSync('gcc', ['-O2', '-o', program, path.join(sources, `${name}.c`), ...libraries]);
  return program;
}

/** Path of the object with the hand-written programs. */
export function bespokeObject(): string {
  const object = path.join(folder, 'bespoke.bpf.o');
  const include = `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
  execFileSync('clang', [
    '-O2',
    '-g',
    '-target',
    'bpf',
    '-mcpu=v2',
    `-I${include}`,
    '-c',
    path.join(sources, 'bespoke.bpf.c'),
    '-o',
    object,
  ]);
  return object;
}

export function presetFile(preset: Readonly<Record<string, unknown>>): string {
  const file = path.join(folder, `${String(preset['name'])}.json`);
  writeFileSync(file, JSON.stringify(preset), {mode: 0o600});
  return file;
}

/** A program that has printed `ready`, until it is stopped. */
export class Running {
  readonly child: ChildProcess;
  readonly started = performance.now();
  output = '';
  private heard: (() => void) | undefined;

  constructor(command: string, args: readonly string[]) {
    this.child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: {...plain, BPFTRACE_MAP_KEYS_MAX: '16384', BPFTRACE_MAX_PROBES: '4096', BPFTRACE_MAX_BPF_PROGS: '4096'},
    });
    this.child.stdout?.on('data', (data) => {
      this.output += data;
      this.heard?.();
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Milliseconds from its start until `text` was printed. */
  async until(text: string): Promise<number> {
    const deadline = performance.now() + 60_000;
    while (!this.output.includes(text)) {
      if (this.child.exitCode !== null || performance.now() > deadline) throw new Error(`${this.child.spawnfile} never printed '${text}'`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200);
        this.heard = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return performance.now() - this.started;
  }

  async ended(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
  }

  /** @returns whether it ended within that time (ms); else it is killed, and ends when the kernel has cleared up after it. */
  async stop(signal: 'SIGINT' | 'SIGKILL' = 'SIGINT', patience = 30_000): Promise<boolean> {
    this.child.kill(signal);
    const ended = await Promise.race([this.ended().then(() => true), delay(patience, false, {ref: false})]);
    if (!ended) this.child.kill('SIGKILL');
    return ended;
  }
}

export const tsbpftop = (...args: readonly string[]): Running => new Running(process.execPath, [cli, ...args]);
export const bpftrace = (script: string): Running => new Running('bpftrace', ['-e', script]);

/** Runs a workload to its end: what it printed. */
export async function workload(program: string, ...args: readonly (string | number)[]): Promise<number> {
  const running = new Running(program, args.map(String));
  await running.ended();
  return Number(running.output);
}

/** A program that answers each line of its input by a line. */
export class Conversation {
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;

  constructor(command: string, ...args: readonly string[]) {
    const child = spawn(command, args, {stdio: ['pipe', 'pipe', 'inherit'], env: plain});
    this.child = child;
    this.answers = createInterface({input: child.stdout})[Symbol.asyncIterator]();
  }

  async ask(): Promise<string> {
    this.child.stdin?.write('\n');
    const {value, done} = await this.answers.next();
    if (done === true) throw new Error(`${this.child.spawnfile} has ended`);
    return value;
  }

  async end(): Promise<void> {
    this.child.stdin?.end();
    if (this.child.exitCode === null) await once(this.child, 'close');
  }
}

/** A full-screen program in a pty of a real terminal's behaviour. */
export class Screen {
  readonly pty: pty.IPty;
  readonly terminal: InstanceType<typeof xterm.Terminal>;
  readonly started = performance.now();
  bytes = 0;
  private changed: (() => void) | undefined;

  constructor(command: string, args: readonly string[], columns: number, lines: number, variables: Readonly<Record<string, string>> = {}) {
    this.terminal = new xterm.Terminal({cols: columns, rows: lines, allowProposedApi: true});
    const env = {...plain, LANG: 'C.UTF-8', TERM: 'xterm-256color', ...variables} as Record<string, string>;
    this.pty = pty.spawn(command, [...args], {cols: columns, rows: lines, env, name: 'xterm-256color'});
    this.pty.onData((data) => {
      this.bytes += Buffer.byteLength(data);
      this.terminal.write(data, () => this.changed?.());
    });
    this.terminal.onData((data) => this.pty.write(data));
  }

  text(): string {
    const {active} = this.terminal.buffer;
    return Array.from({length: this.terminal.rows}, (_, y) => active.getLine(active.viewportY + y)?.translateToString(true) ?? '').join(
      '\n',
    );
  }

  /** Milliseconds from `since` until the screen shows it. */
  async until(wanted: RegExp, since = this.started): Promise<number> {
    const deadline = performance.now() + 60_000;
    while (this.terminal.modes.synchronizedOutputMode || !wanted.test(this.text())) {
      if (performance.now() > deadline) throw new Error(`never on the screen: ${wanted}\n${this.text()}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return performance.now() - since;
  }

  async stop(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.pty.onExit(() => resolve()));
    this.pty.write('q');
    const timer = setTimeout(() => this.pty.kill('SIGKILL'), 3000);
    await ended;
    clearTimeout(timer);
  }
}

export const tsbpftopScreen = (columns: number, lines: number, ...args: readonly string[]): Screen =>
  new Screen(process.execPath, [cli, ...args], columns, lines);
