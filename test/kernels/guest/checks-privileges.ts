// The program as a process of its own: what its threads may still do when all is attached, and what is left when it is killed.
import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {work} from './bench.ts';
import type {Check} from './checks.ts';

const n = 300;
const cli = '/app/dist/cli.js';

interface Running {
  readonly child: ChildProcess;
  readonly text: () => string;
}

/** Batch, when its line 0 is there. */
async function attached(...args: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, [cli, '--json', '-d', '0.5', ...args], {stdio: ['ignore', 'pipe', 'inherit']});
  let text = '';
  child.stdout?.on('data', (data) => (text += data));
  while (!text.includes('"seq":0')) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {child, text: () => text};
}

async function ended({child}: Running, signal: NodeJS.Signals): Promise<void> {
  const end = once(child, 'exit');
  child.kill(signal);
  await end;
}

/** The different answers of all threads. */
function ofThreads(pid: number, name: string): readonly string[] {
  const folder = `/proc/${pid}/task`;
  const values = readdirSync(folder).map(
    (tid) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(readFileSync(`${folder}/${tid}/status`, 'utf8'))?.[1] ?? '',
  );
  return [...new Set(values)];
}

const lines = (file: string): readonly string[] => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').sort() : []);
const probes = (): readonly string[] =>
  ['/sys/kernel/tracing/kprobe_events', '/sys/kernel/tracing/uprobe_events', '/sys/kernel/debug/kprobes/list'].flatMap(lines);

export const privilegeChecks: readonly Check[] = [
  {
    rule: 'batch gives up its privileges when all is attached, and counts on',
    phases: ['whole'],
    async run() {
      const where = ['--where', "comm == 'wl-caps'"];
      const running = await attached('-e', 'kprobe:vfs_read', ...where, '--by', 'comm', '--measure', 'count');
      const pid = running.child.pid ?? 0;
      const held = ['CapPrm', 'CapEff', 'Uid', 'NoNewPrivs'].map((name) => ofThreads(pid, name));
      work('calls', 'wl-caps', n);
      await ended(running, 'SIGINT');
      const bpf = '0000008000000000';
      const [permitted = []] = held;
      const user = Array(4).fill('65534').join('\t');
      assert.ok(permitted.length === 1 && ['0'.repeat(16), bpf].includes(permitted[0] ?? ''), JSON.stringify(held));
      assert.deepEqual(held.slice(1), [permitted, [user], ['1']]);
      const last = JSON.parse(running.text().trim().split('\n').at(-1) ?? '');
      assert.deepEqual([last.rows[0]?.total, last.status], [{count: n}, 'exact']);
      return permitted[0] === bpf ? 'exact; CAP_BPF is kept, which this kernel asks for at each read' : 'exact; none is kept';
    },
  },
  {
    rule: 'killed, it leaves no probe in the kernel',
    phases: ['whole'],
    async run() {
      const before = probes();
      const running = await attached('-e', 'kprobe:vfs_re*', '-e', 'kretprobe:vfs_read', '--by', 'comm', '--measure', 'count');
      assert.ok(probes().length > before.length, 'it has some'); // one at least: those of a wildcard need not be kprobes to the kernel
      await ended(running, 'SIGKILL');
      for (let tries = 0; tries < 50 && probes().length > before.length; tries++) await new Promise((resolve) => setTimeout(resolve, 100));
      assert.deepEqual(probes(), before);
      return 'none';
    },
  },
];
