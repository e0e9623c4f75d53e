// The live machine, as preset/machine.ts asks for it. Everything is read when first asked for, and once.
import {existsSync} from 'node:fs';
import os from 'node:os';
import {UserError} from '../errors.ts';
import type {Addon, BtfType, ElfFile, KernelBtf, ObjectShape, UsdtFile} from '../native/contract.ts';
import {PresetFault} from '../preset/fault.ts';
import type {Ability, Architecture, FunctionPlace, Machine} from '../preset/machine.ts';
import {debugFileOf, findFile, interpreterOf} from './files.ts';
import {KernelFunctions} from './functions.ts';
import {heldCapabilities, readsRootsFolders} from './privilege.ts';
import {textOf} from './read-text.ts';
import {Tracefs} from './tracefs.ts';

/** PERF_MAX_STACK_DEPTH, the default of the sysctl that bounds it. */
const mostFrames = 127;

export class LiveMachine implements Machine {
  readonly architecture: Architecture;
  /** Until it is known: the number here, which is the kernel's but in a container of its own pid namespace. */
  self = process.pid;
  knowsSelf = false;
  readonly possibleCpus: number;
  readonly stackDepth: number;
  readonly abilities = new Set<Ability>(['cookie', 'uprobeMulti', 'kprobeMulti', 'exchange', 'taskComm']);
  readonly enginePath: string;
  private readonly objectPath: (name: string) => string;
  readonly tracefsForbidden: boolean;
  private readonly addon: Addon;
  readonly searchPath: string;
  private readonly tracefs = new Tracefs();
  private readonly functions = new KernelFunctions(this.tracefs.events);
  private readonly elfFiles = new Map<string, ElfFile>();
  private readonly usdtFiles = new Map<string, UsdtFile>();
  private shape: ObjectShape | undefined;
  private kernelBtf: KernelBtf | undefined | 'unknown' = 'unknown';
  private commAt: number | undefined | 'unknown' = 'unknown';

  /** @param objectPath of a bundled BPF object, by its name */
  constructor(addon: Addon, objectPath: (name: string) => string, searchPath: string) {
    if (process.arch !== 'x64' && process.arch !== 'arm64')
      throw new UserError(`cannot run on '${process.arch}'`, {hint: 'x86-64 and arm64 are supported'});
    this.architecture = process.arch;
    const held = heldCapabilities();
    this.tracefsForbidden = !readsRootsFolders(held);
    // single uprobes are perf events, for which kernels ask more
    if (!held.has('CAP_SYS_ADMIN')) this.abilities.add('onlyMulti');
    this.addon = addon;
    this.objectPath = objectPath;
    this.enginePath = objectPath('probe');
    this.searchPath = searchPath;
    this.stackDepth = stackDepth('/proc/sys/kernel/perf_event_max_stack');
    this.possibleCpus = countCpus('/sys/devices/system/cpu/possible') ?? os.cpus().length;
  }

  get taskComm(): number | undefined {
    if (this.commAt === 'unknown') this.commAt = this.addon.kernelMember('task_struct', 'comm');
    return this.commAt;
  }

  get exchangePath(): string {
    return this.objectPath('probe-exchange');
  }

  get engine(): ObjectShape {
    this.shape ??= this.addon.describeObject(this.enginePath);
    return this.shape;
  }

  tracepointCategories(): readonly string[] {
    return this.tracefs.categories();
  }

  tracepointNames(category: string): readonly string[] {
    return this.tracefs.eventNames(category);
  }

  hasTracepoint(category: string, name: string): boolean {
    return this.tracefs.has(category, name);
  }

  tracepointFormat(category: string, name: string) {
    return this.tracefs.format(category, name);
  }

  whyNot(what: 'kprobe' | 'fentry'): string | undefined {
    if (what === 'kprobe')
      return existsSync('/sys/bus/event_source/devices/kprobe') ? undefined : 'this kernel is built without kprobes (CONFIG_KPROBE_EVENTS)';
    if (this.functions.forbidden()) return 'this kernel does not let functions be traced (ftrace says EPERM)';
    // types from a file do for all but this: trampolines go by those that the kernel itself has
    if (!existsSync('/sys/kernel/btf/vmlinux') || this.btf() === undefined) return 'this kernel has no BTF (CONFIG_DEBUG_INFO_BTF)';
    return this.functions.noTrampolines(this.architecture)
      ? 'this kernel attaches no trampolines to functions (CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS, on arm64 since 6.4)'
      : undefined;
  }

  kernelFunctions(): readonly string[] {
    return this.functions.reachable();
  }

  functionPlaces(name: string): readonly FunctionPlace[] {
    return this.functions.places(name);
  }

  kprobeBlacklist(): ReadonlySet<string> {
    return this.functions.blacklist();
  }

  findFile(name: string, pid?: number): string | undefined {
    return findFile(name, this, pid);
  }

  elf(path: string): ElfFile {
    return remembered(this.elfFiles, path, () => {
      const file = this.addon.readElf(path);
      const debug = file.symtab ? undefined : debugFileOf(file.buildId);
      return debug === undefined ? file : this.addon.readElf(path, debug);
    });
  }

  usdt(path: string): UsdtFile {
    return remembered(this.usdtFiles, path, () => {
      const file = this.addon.readUsdt(path);
      const debug = debugFileOf(file.buildId);
      return debug === undefined ? file : this.addon.readUsdt(path, debug);
    });
  }

  demangle(names: readonly string[]): readonly string[] {
    return this.addon.demangle(names);
  }

  /** Before it is known whether they will be asked for. */
  preloadBtf(): void {
    if (this.kernelBtf === 'unknown') void this.addon.preloadKernelBtf();
  }

  btf(): KernelBtf | undefined {
    if (this.kernelBtf === 'unknown') {
      try {
        this.kernelBtf = typesOnce(this.addon.kernelBtf());
      } catch {
        this.kernelBtf = undefined;
      }
    }
    return this.kernelBtf;
  }
}

/** A type is the same as long as this process lives, and views of one machine read the same few: task_struct alone is 260 objects. */
function typesOnce(btf: KernelBtf): KernelBtf {
  const known = new Map<number, BtfType>();
  const type = (id: number): BtfType => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const found = btf.type(id);
    known.set(id, found);
    return found;
  };
  return {...btf, type};
}

function remembered<T>(known: Map<string, T>, path: string, read: () => T): T {
  const before = known.get(path);
  if (before !== undefined) return before;
  try {
    const file = read();
    known.set(path, file);
    return file;
  } catch (error) {
    const interpreter = interpreterOf(path);
    if (interpreter !== undefined)
      throw new PresetFault(`'${path}' is a script: what runs is ${interpreter}`, `probe that, and filter by --comm or -p`);
    throw new PresetFault(`cannot read symbols of '${path}': ${(error as Error).message}`);
  }
}

/** '0-3,8' → 9: per-CPU values have one copy for every CPU up to the highest possible. */
function countCpus(file: string): number | undefined {
  const last = textOf(file)?.trim().split(/[,-]/).at(-1);
  return last === undefined ? undefined : Number(last) + 1;
}

const stackDepth = (file: string): number => Math.min(mostFrames, Number(textOf(file)) || mostFrames);
