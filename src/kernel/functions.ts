// Functions of the running kernel and its modules: which ftrace can reach, where they are, and which the kernel itself
// keeps from kprobes. Each file is read once, when first asked for.
import {closeSync, openSync, readFileSync} from 'node:fs';
import path from 'node:path';
import type {Architecture, FunctionPlace} from '../preset/machine.ts';

const kallsyms = '/proc/kallsyms';
const blacklists = ['/sys/kernel/debug/kprobes/blacklist'];

export class KernelFunctions {
  private readonly events: string | undefined;
  private names: readonly string[] | undefined;
  private addresses: ReadonlyMap<string, string> | undefined;
  private listed: ReadonlySet<string> | undefined;

  /** `events`: tracefs' folder of them. */
  constructor(events: string | undefined) {
    this.events = events;
  }

  /** Without ftrace's list, all functions. */
  reachable(): readonly string[] {
    if (this.names === undefined) {
      const text = this.events === undefined ? undefined : readText(path.join(this.events, '../available_filter_functions'));
      if (text === undefined) this.names = [...this.symbols().keys()];
      else this.names = [...new Set(text.split('\n').flatMap((line) => (line === '' ? [] : [line.split(/[ \t]/, 1)[0] ?? ''])))];
    }
    return this.names;
  }

  /** The kernel has ftrace, and keeps it from us though we are root: lockdown, or a policy of its own. */
  forbidden(): boolean {
    if (this.events === undefined) return false;
    try {
      closeSync(openSync(path.join(this.events, '../available_filter_functions'), 'r'));
      return false;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  }

  /** arm64 got them years after x86-64, and its kernels may be built without. Where no function is listed, nothing is known. */
  noTrampolines(architecture: Architecture): boolean {
    return architecture === 'arm64' && this.symbols().size > 0 && !this.symbols().has('register_ftrace_direct');
  }

  places(name: string): readonly FunctionPlace[] {
    return (this.symbols().get(name) ?? '').split(',').flatMap((each) => {
      if (each === '') return [];
      const [address = '0', module] = each.split(' ');
      return [{address: BigInt(`0x${address}`), ...(module === undefined ? {} : {module})}];
    });
  }

  blacklist(): ReadonlySet<string> {
    if (this.listed === undefined) {
      const lines = blacklists.flatMap((file) => (readText(file) ?? '').split('\n'));
      this.listed = new Set(lines.flatMap((line) => line.split('\t')[1]?.split(' ')[0] ?? []));
    }
    return this.listed;
  }

  /** Name → 'ADDRESS[ MODULE],...': a kernel has 100,000, and few are asked for. */
  private symbols(): ReadonlyMap<string, string> {
    if (this.addresses === undefined) {
      const found = new Map<string, string>();
      for (const [, address = '', name = '', module] of (readText(kallsyms) ?? '').matchAll(/^([0-9a-f]+) [tT] (\S+)(?:\t\[(\S+)\])?$/gm)) {
        if (module === 'bpf') continue; // compiled programs
        const place = module === undefined ? address : `${address} ${module}`;
        const known = found.get(name);
        found.set(name, known === undefined ? place : `${known},${place}`);
      }
      this.addresses = found;
    }
    return this.addresses;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
