// What resolve and plan ask of the machine: facts and names, no rules. kernel/machine.ts answers on a live system, a
// test by a literal.
import type {ElfFile, KernelBtf, ObjectShape, UsdtFile} from '../native/contract.ts';

export interface TracepointField {
  readonly name: string;
  /** C type as the format file spells it, without the array's brackets: 'const char *', 'int', '__data_loc char[]'. */
  readonly type: string;
  /** Bytes from the start of the record. */
  readonly offset: number;
  readonly size: number;
  readonly signed: boolean;
  readonly array: boolean;
  /** What its values are called, where the format prints names in their place. */
  readonly names?: Readonly<Record<string, string>>;
}

/** One function's place in the kernel. */
export interface FunctionPlace {
  /** 0: the kernel does not tell this user. */
  readonly address: bigint;
  /** Undefined: in the kernel itself. */
  readonly module?: string;
  /** Of a name that others have too: it is marked notrace, and the kernel refuses a probe of it. */
  readonly untraced?: true;
}

export type Architecture = 'x64' | 'arm64';
/** e_machine of ELF. */
export const elfMachines: Readonly<Record<Architecture, number>> = {x64: 62, arm64: 183};

/**
 * What some kernels lack and a plan can do without. Assumed until the kernel refuses it. `taskComm`: programs read the current
 * task's name from memory, and ask no helper (5.11). `exchange`: they exchange a word atomically (5.12). `onlyMulti`: uprobes one by
 * one, which are perf events, are refused to this user, and uprobe-multi is not.
 */
export type Ability = 'cookie' | 'uprobeMulti' | 'kprobeMulti' | 'exchange' | 'onlyMulti' | 'taskComm';

export interface Machine {
  readonly architecture: Architecture;
  /** tsbpftop's own process, in the kernel's (initial) pid namespace. */
  readonly self: number;
  readonly possibleCpus: number;
  /** Frames that the kernel takes of a stack, at most. */
  readonly stackDepth: number;
  readonly abilities: ReadonlySet<Ability>;
  /** Bytes from the start of a task_struct to its comm; undefined where the kernel's types are not known. */
  readonly taskComm: number | undefined;
  /** Layout of the bundled program's configuration. */
  readonly engine: ObjectShape;
  /** Path of the bundled program. */
  readonly enginePath: string;
  /** The same, for kernels that have `exchange`. */
  readonly exchangePath: string;
  /** Tracefs is for root alone, and this user may not read what is root's. */
  readonly tracefsForbidden?: boolean;
  tracepointCategories(): readonly string[];
  tracepointNames(category: string): readonly string[];
  /** The one that is spelled out: quicker than to look for it among thousands. */
  hasTracepoint(category: string, name: string): boolean;
  tracepointFormat(category: string, name: string): readonly TracepointField[] | undefined;
  /** Why kprobes (or trampolines: fentry) cannot work here; undefined when nothing speaks against them. */
  whyNot(what: 'kprobe' | 'fentry'): string | undefined;
  /** Kernel functions that ftrace can reach, each name once. */
  kernelFunctions(): readonly string[];
  /** Where functions of that name are: several, where files of the kernel have a static function of one name. */
  functionPlaces(name: string): readonly FunctionPlace[];
  /** Functions that the kernel itself allows no kprobe in. */
  kprobeBlacklist(): ReadonlySet<string>;
  /** A path as given, a program on PATH, or a shared library by its bare name. `pid`: as that process has it, in its own root. */
  findFile(name: string, pid?: number): string | undefined;
  elf(path: string): ElfFile;
  usdt(path: string): UsdtFile;
  demangle(names: readonly string[]): readonly string[];
  btf(): KernelBtf | undefined;
}
