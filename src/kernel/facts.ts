// What this machine offers to eBPF, gathered in one place for `doctor`: facts only, asked of the machine by trying where that
// is cheap and harmless. What they mean is said in commands/diagnosis.ts, which is pure.
import {existsSync, readFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type {Addon, SessionSpec} from '../native/contract.ts';
import {cgroupFolder} from './cgroups.ts';
import {foldersIn} from './folders.ts';
import {heldCapabilities} from './privilege.ts';
import {clangs, programInPath} from './program-path.ts';
import {type PidNamespace, pidNamespace} from './processes.ts';
import {textOf} from './read-text.ts';
import {isThere, Tracefs} from './tracefs.ts';

/** What came of a trial: it works, or what the kernel said; undefined: not tried, since nothing can be loaded. */
export type Trial = 'works' | {readonly refused: string} | undefined;

export interface Facts {
  readonly kernel: string;
  readonly architecture: string;
  readonly root: boolean;
  readonly capabilities: ReadonlySet<string>;
  /** /sys is there, where the kernel tells how many CPUs it may have. */
  readonly sysfs: boolean;
  /** Bytes of the kernel's own types; undefined: it has none. */
  readonly btfBytes: number | undefined;
  /** Where this very kernel's types are looked for besides, as libbpf does. */
  readonly btfFile: {readonly path: string; readonly there: boolean};
  readonly tracefs: {readonly folder: string | undefined; readonly readable: boolean; readonly categories: number};
  readonly syscallTracepoints: boolean;
  readonly perfPmus: readonly string[];
  /** Loads and attaches, and is undone at once. */
  readonly trials: Readonly<Record<TrialName, Trial>>;
  /** Value of a file in /proc/sys, as text. */
  readonly sysctl: Readonly<Record<SysctlName, string | undefined>>;
  readonly lockdown: string | undefined;
  /** Bytes that may be locked into memory; undefined: no limit. */
  readonly lockedMemory: number | undefined;
  readonly pidNamespace: PidNamespace;
  readonly container: string | undefined;
  /** Where the unified hierarchy is mounted, which alone has the ids that programs see. */
  readonly cgroup: string | undefined;
  readonly clang: string | undefined;
  readonly terminal: {
    readonly tty: boolean;
    readonly columns: number;
    readonly lines: number;
    readonly type: string;
    readonly locale: string;
  };
}

export const trialNames = [
  'tracepoint',
  'rawtracepoint',
  'kprobe',
  'fentry',
  'uprobe',
  'software',
  'hardware',
  'cookie',
  'uprobeMulti',
  'kprobeMulti',
  'batch',
] as const;
export type TrialName = (typeof trialNames)[number];

const sysctls = {
  perfEventParanoid: 'kernel/perf_event_paranoid',
  kptrRestrict: 'kernel/kptr_restrict',
  unprivilegedBpf: 'kernel/unprivileged_bpf_disabled',
  jit: 'net/core/bpf_jit_enable',
  statistics: 'kernel/bpf_stats_enabled',
  kprobesOptimization: 'debug/kprobes-optimization',
} as const;
export type SysctlName = keyof typeof sysctls;

interface Environment {
  readonly searchPath: string;
  readonly terminalType: string;
  readonly locale: string;
  /** Attaches to one harmless point of that type and lets go; what the kernel said, or undefined when it worked. */
  readonly attempt: (name: TrialName) => Promise<string | undefined>;
}

export async function gatherFacts({searchPath, terminalType, locale, attempt}: Environment): Promise<Facts> {
  const capabilities = heldCapabilities();
  const may = capabilities.has('CAP_SYS_ADMIN') || capabilities.has('CAP_BPF');
  const trials: Partial<Record<TrialName, Trial>> = {};
  for (const name of trialNames) {
    const refused = may ? await attempt(name) : undefined;
    trials[name] = may ? (refused === undefined ? 'works' : {refused}) : undefined;
  }
  const tracefs = new Tracefs();
  const categories = tracefs.categories();
  return {
    kernel: os.release(),
    architecture: process.arch,
    root: process.getuid?.() === 0,
    capabilities,
    sysfs: isThere('/sys/devices/system/cpu/possible'),
    btfBytes: sizeOf('/sys/kernel/btf/vmlinux'),
    btfFile: {path: `/boot/vmlinux-${os.release()}`, there: isThere(`/boot/vmlinux-${os.release()}`)},
    tracefs: {
      folder: tracefs.events === undefined ? mountedEmpty() : path.dirname(tracefs.events),
      readable: categories.length > 0,
      categories: categories.length,
    },
    syscallTracepoints: categories.includes('syscalls'),
    perfPmus: foldersIn('/sys/bus/event_source/devices'),
    trials: trials as Record<TrialName, Trial>,
    sysctl: Object.fromEntries(
      Object.entries(sysctls).map(([name, file]) => [name, textOf(`/proc/sys/${file}`)?.trim()]),
    ) as Facts['sysctl'],
    lockdown: /\[(\w+)\]/.exec(textOf('/sys/kernel/security/lockdown') ?? '')?.[1],
    lockedMemory: lockedMemory(textOf('/proc/self/limits') ?? ''),
    pidNamespace: pidNamespace(),
    container: containerOf(),
    cgroup: cgroupFolder(),
    clang: programInPath(clangs, searchPath),
    terminal: {
      tty: process.stdout.isTTY === true,
      columns: process.stdout.columns ?? 0,
      lines: process.stdout.rows ?? 0,
      type: terminalType,
      locale,
    },
  };
}

/**
 * The bundled program, attached to one point of a type, without any map but the counts; then closed.
 * @param batches that the counts can be read by batch operations is tried as well
 */
export async function attemptSession(addon: Addon, spec: SessionSpec, batches: boolean): Promise<string | undefined> {
  try {
    const session = await addon.openSession(spec);
    const refused = batches && !(await session.read('counts')).batched ? 'key by key' : undefined;
    await session.close();
    return refused;
  } catch (error) {
    const {message, code} = error as {readonly message?: string; readonly code?: string};
    return code ?? message ?? 'refused';
  }
}

function sizeOf(file: string): number | undefined {
  try {
    return readFileSync(file).length;
  } catch {
    return undefined;
  }
}

/** The mount point is there, whether or not this user may look into it. */
const mountedEmpty = (): string | undefined =>
  / (\/sys\/kernel\/(?:debug\/)?tracing) tracefs /.exec(textOf('/proc/self/mounts') ?? '')?.[1];

function lockedMemory(limits: string): number | undefined {
  const soft = /^Max locked memory\s+(\S+)/m.exec(limits)?.[1];
  return soft === undefined || soft === 'unlimited' ? undefined : Number(soft);
}

function containerOf(): string | undefined {
  if (existsSync('/.dockerenv')) return 'docker';
  if (existsSync('/run/.containerenv')) return 'podman';
  return /(docker|kubepods|lxc|containerd|libpod)/.exec(textOf('/proc/self/cgroup') ?? '')?.[1];
}
