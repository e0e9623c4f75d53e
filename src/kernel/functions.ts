// Functions of the running kernel and its modules: which ftrace can reach, where they are, and which the kernel itself
// keeps from kprobes. Each file is read once, when first asked for.
import {closeSync, openSync} from 'node:fs';
import path from 'node:path';
import {once} from '../decode/once.ts';
import type {Architecture, FunctionPlace} from '../preset/machine.ts';
import {textOf} from './read-text.ts';

const kallsyms = '/proc/kallsyms';
const kprobeBlacklist = '/sys/kernel/debug/kprobes/blacklist';

/**
 * Ftrace lists names in the order of their addresses, without them: a function that it lists lies between its neighbours. `found`: where
 * the name stands in that list. All places where that tells nothing.
 */
export function tracedOf(
  all: readonly FunctionPlace[],
  found: readonly number[],
  listing: readonly string[],
  placesOf: (name: string) => readonly FunctionPlace[],
): readonly FunctionPlace[] {
  if (found.length === 0 || found.length >= all.length) return all;
  /** The address of the nearest one in that direction whose name is its own. */
  const beside = (from: number, step: 1 | -1): bigint | undefined => {
    for (let i = from + step; i >= 0 && i < listing.length; i += step) {
      const [place, another] = placesOf(listing[i] ?? '');
      if (place !== undefined && another === undefined) return place.address;
    }
    return undefined;
  };
  const between = found.map((i) => [beside(i, -1) ?? 0n, beside(i, 1) ?? 1n << 64n] as const);
  const traced = all.filter(({address}) => between.some(([low, high]) => low < address && address < high));
  return traced.length < found.length ? all : traced;
}

export class KernelFunctions {
  private readonly events: string | undefined;

  /** `events`: tracefs' folder of them. */
  constructor(events: string | undefined) {
    this.events = events;
  }

  /** Without ftrace's list, all functions. */
  readonly reachable = once((): readonly string[] => [...new Set(this.traceable() ?? this.symbols().keys())]);

  /** Ftrace's list as it is: a name that several functions have stands there for each that is traced. */
  private readonly traceable = once((): readonly string[] | undefined => {
    const text = this.events === undefined ? undefined : textOf(path.join(this.events, '../available_filter_functions'));
    return text?.split('\n').flatMap((line) => (line === '' ? [] : [line.split(/[ \t]/, 1)[0] ?? '']));
  });

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
    const all = this.all(name);
    if (all.length < 2) return all;
    const {names, shared} = this.listOfShared();
    const traced = tracedOf(all, shared.get(name) ?? [], names, (other) => this.all(other));
    return all.map((place) => (traced.includes(place) ? place : {...place, untraced: true}));
  }

  /** Ftrace's list, and where the names stand in it that several functions have. */
  private readonly listOfShared = once(() => {
    const names = this.traceable() ?? [];
    const shared = new Map<string, number[]>();
    for (const [i, name] of names.entries()) {
      if (this.symbols().get(name)?.includes(',') !== true) continue;
      const places = shared.get(name);
      if (places === undefined) shared.set(name, [i]);
      else places.push(i);
    }
    return {names, shared};
  });

  private all(name: string): readonly FunctionPlace[] {
    return (this.symbols().get(name) ?? '').split(',').flatMap((each) => {
      if (each === '') return [];
      const [address = '0', module] = each.split(' ');
      return [{address: BigInt(`0x${address}`), ...(module === undefined ? {} : {module})}];
    });
  }

  readonly blacklist = once((): ReadonlySet<string> => {
    const lines = (textOf(kprobeBlacklist) ?? '').split('\n');
    return new Set(lines.flatMap((line) => line.split('\t')[1]?.split(' ')[0] ?? []));
  });

  /** Name → 'ADDRESS[ MODULE],...': a kernel has 100,000, and few are asked for. */
  private readonly symbols = once((): ReadonlyMap<string, string> => {
    const found = new Map<string, string>();
    for (const [, address = '', name = '', module] of (textOf(kallsyms) ?? '').matchAll(/^([0-9a-f]+) [tT] (\S+)(?:\t\[(\S+)\])?$/gm)) {
      if (module === 'bpf') continue; // compiled programs
      const place = module === undefined ? address : `${address} ${module}`;
      const known = found.get(name);
      found.set(name, known === undefined ? place : `${known},${place}`);
    }
    return found;
  });
}
