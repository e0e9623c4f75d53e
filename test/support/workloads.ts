// Programs whose events are known in number: compiled once a test file, run by name.
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {after} from 'node:test';
import {root} from './program.ts';

const sources = path.join(root, 'test/fixtures/workloads');

export class Workloads {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'tsbpftop-workload-'));

  constructor() {
    after(() => rmSync(this.folder, {recursive: true, force: true}));
  }

  /** Path of a C program, compiled. */
  c(name: string, flags: readonly string[] = []): string {
    const program = path.join(this.folder, name);
    execFileSync('gcc', ['-O1', ...flags, '-o', program, path.join(sources, `${name}.c`)]);
    return program;
  }

  /** Path of a C++ program, compiled. */
  cpp(name: string, flags: readonly string[] = []): string {
    const program = path.join(this.folder, name);
    execFileSync('g++', ['-O1', ...flags, '-o', program, path.join(sources, `${name}.cc`)]);
    return program;
  }

  /** Path of a Go program, compiled; undefined where there is no Go. */
  go(name: string): string | undefined {
    const program = path.join(this.folder, name);
    const env = {...process.env, GOCACHE: path.join(this.folder, 'go-cache'), GOFLAGS: '-mod=mod', GO111MODULE: 'off', HOME: this.folder};
    try {
      execFileSync('go', ['build', '-o', program, path.join(sources, `${name}.go`)], {env, stdio: 'pipe'});
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    return program;
  }

  /** Path of an eBPF object of test/fixtures/objects, compiled as its author would. */
  object(name: string): string {
    const object = path.join(this.folder, `${name}.bpf.o`);
    if (existsSync(object)) return object;
    const [arch, multiarch] = process.arch === 'arm64' ? ['arm64', 'aarch64-linux-gnu'] : ['x86', 'x86_64-linux-gnu'];
    const flags = ['-g', '-O2', '-target', 'bpf', '-mcpu=v3', `-D__TARGET_ARCH_${arch}`, `-I/usr/include/${multiarch}`];
    const source = path.join(root, 'test/fixtures/objects', `${name}.bpf.c`);
    execFileSync('clang', [...flags, '-c', source, '-o', object], {stdio: 'pipe'});
    return object;
  }

  preset(preset: Readonly<Record<string, unknown>>): string {
    const file = path.join(this.folder, `${String(preset['name'])}.json`);
    writeFileSync(file, JSON.stringify(preset), {mode: 0o600});
    return file;
  }
}

export async function runToEnd(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, {stdio: 'ignore'});
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`${program} ended with ${status}`);
}

/** Of those CPUs where we may run, the first. */
export function runOnOneCpu(program: string, args: readonly string[]): Promise<void> {
  const cpu = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return runToEnd('taskset', ['-c', cpu, program, ...args]);
}

export interface Waiting {
  readonly pid: number;
  /** Lets it do what it does, and waits for its end. */
  readonly run: () => Promise<void>;
}

/** `acts NAME ACT N`, ready and waiting. */
export const ready = (program: string, args: readonly string[]): Promise<Waiting> => waiting(program, [...args, 'gate']);

/** A program that says when it is ready, and goes on at the end of a line. */
export async function waiting(program: string, args: readonly string[]): Promise<Waiting> {
  const child = spawn(program, args, {stdio: ['pipe', 'pipe', 'inherit']});
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    async run() {
      child.stdin.end('\n');
      const [status] = await ended;
      if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`);
    },
  };
}

/** A program that opens a file ten times a second until the tests of this file end: a machine at rest has no rows to show. */
export function opensFiles(): void {
  const child = spawn('sh', ['-c', 'while sleep 0.1 && kill -0 $PPID; do cat /dev/null; done'], {stdio: 'ignore', detached: true});
  after(() => process.kill(-(child.pid ?? 0)));
}
