// The whole boundary between TypeScript and the C++ addon, on one screen.
// Owns: the shapes that cross it. Does not own: their meaning. C++ moves bytes and owns handles;
// whatever has to be understood (names, formats, messages) is understood in TypeScript.
import type {ElfFile, UsdtFile} from './elf-shapes.ts';
import type {Sample, SampleQuery} from './sample-shapes.ts';
import type {MapShape, ObjectShape, Reading} from './shapes.ts';

export type * from './elf-shapes.ts';
export type * from './sample-shapes.ts';
export type * from './shapes.ts';

/** Everything a session needs, in one value: opened, configured, loaded and attached by one call. */
export interface SessionSpec {
  /** Path of the compiled BPF object. Each program below is its own instance of it. */
  readonly object: string;
  /** Shared by all programs. A map of the object that is not named here is not created. */
  readonly maps: readonly MapSpec[];
  /** In the order in which they are attached. */
  readonly programs: readonly ProgramSpec[];
  /** Count runs and run time of the programs (bpf_enable_stats) while the session lives. */
  readonly statistics: boolean;
  /** For a test: of each program, the kernel gets all that is in it, or all that can be reached. Slower, and the same in the end. */
  readonly cut?: 'nothing' | 'unreached';
}
export interface MapSpec {
  readonly name: string;
  readonly type: 'hash' | 'percpu_hash' | 'lru_hash' | 'lru_percpu_hash' | 'percpu_array' | 'array' | 'stack_trace' | 'ringbuf';
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  /** Indices of the 8-byte words of a per-CPU value that are merged by maximum; all other words are added. */
  readonly maxWords?: readonly number[];
  /** The map with parts of so many slots of each CPU in front of this one (struct hot of probe.h): read with it, and added to its rows.
   * A key has a slot only when its row here has at least that count. */
  /** Its entries are events that last, one by one, as native/bpf/kept.h keeps them: those of one key are read as one record with their
   * number, the age of the oldest in ns, and what they measured. `keySize`: of that key; `signedWords`: of its sums. */
  readonly kept?: {readonly keySize: number; readonly signedWords: readonly number[]};
  readonly hot?: {readonly map: string; readonly slots: number; readonly parts: number; readonly least: number};
}
export type ProgramType = 'tracepoint' | 'raw_tracepoint' | 'kprobe' | 'kprobe_multi' | 'uprobe_multi' | 'perf_event' | 'fentry' | 'fexit';
export interface ProgramSpec {
  /** Name of the program (C function) in the object. */
  readonly program: string;
  readonly type: ProgramType;
  /** fentry and fexit: the kernel function. */
  readonly target?: string;
  /** Bytes of `const volatile` globals, by the variable's name. */
  readonly globals: Readonly<Record<string, Uint8Array>>;
  readonly attach: readonly AttachSpec[];
}
/** One place that a program is attached to. */
export interface TracepointSite {
  readonly kind: 'tracepoint';
  readonly category: string;
  readonly name: string;
}
export interface RawTracepointSite {
  readonly kind: 'raw_tracepoint';
  readonly name: string;
}
export interface KprobeSite {
  readonly kind: 'kprobe';
  readonly function: string;
  readonly offset: number;
  readonly retprobe: boolean;
  /** In place of the name, where several functions have it. */
  readonly address?: bigint;
}
export interface UprobeSite {
  readonly kind: 'uprobe';
  readonly path: string;
  /** Bytes from the start of the file, as `semaphore`, a counter that the kernel raises while attached; 0: none. */
  readonly offset: number;
  readonly semaphore: number;
  readonly retprobe: boolean;
}
/** One event per online CPU. `period` counts events, or, with `frequency`, is samples a second. */
export interface PerfEventSite {
  readonly kind: 'perf_event';
  readonly eventType: 'software' | 'hardware';
  readonly config: number;
  readonly period: number;
  readonly frequency: boolean;
}
/** What bpf_get_attach_cookie() gives to the program there. */
interface Cookie {
  readonly cookie: number;
}
/** `pid` 0: every process. */
export type AttachSpec =
  | (TracepointSite & Cookie)
  | RawTracepointSite
  | (KprobeSite & Cookie)
  | (UprobeSite & Cookie & {readonly pid: number})
  | (PerfEventSite & Cookie)
  /** fentry, fexit: the target is the program's own. */
  | {readonly kind: 'trampoline'}
  /** Of a program of others: as its section says. */
  | {readonly kind: 'automatic'}
  /** Many places by one link; `cookies[i]` is of the i-th. */
  | {readonly kind: 'kprobe_multi'; readonly functions: readonly string[]; readonly cookies: readonly number[]; readonly retprobe: boolean}
  | {
      readonly kind: 'uprobe_multi';
      readonly path: string;
      readonly offsets: readonly number[];
      readonly semaphores: readonly number[];
      readonly cookies: readonly number[];
      readonly retprobe: boolean;
      readonly pid: number;
    };

/** A user's own object. Its table is read as the map 'counts'. */
export interface ObjectSpec {
  /** For messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly globals: Readonly<Record<string, Uint8Array>>;
  /** Those left out are not loaded. */
  readonly programs: readonly OwnProgramSpec[];
  readonly map: string;
  /** 0: as the object says. */
  readonly maxEntries: number;
  readonly reading: Reading;
  readonly statistics: boolean;
}
export interface OwnProgramSpec {
  readonly program: string;
  readonly type?: ProgramType | 'tp_btf';
  readonly target?: string;
  readonly attach: readonly AttachSpec[];
}
export interface LoadedMap extends MapShape {
  readonly id: number;
  /** libbpf's word: 'hash', 'lru_hash'. */
  readonly typeName: string;
}

export interface MapSnapshot {
  readonly count: number;
  /** `count` keys of keySize bytes, and `count` values of valueSize bytes rounded up to 8, per-CPU copies already merged. */
  readonly keys: Uint8Array;
  readonly values: Uint8Array;
  /** False when the walk could not be finished, so that rows may be missing. */
  readonly complete: boolean;
  /** False when it was read key by key, since the kernel has no batch operations for it, or forbids them. */
  readonly batched: boolean;
}
export interface ProgramRun {
  readonly id: number;
  readonly name: string;
  readonly runs: number;
  readonly nanoseconds: number;
  /** Runs the kernel skipped because the program was already running on that CPU (recursion_misses). */
  readonly missed: number;
  readonly instructions: number;
}
export interface RefusedPlace {
  readonly path: string;
  readonly offset: number;
  /** Errno's name. */
  readonly code: string;
}
export interface Session {
  /** Whole contents of a map, read off the main thread. Rejects after close(). */
  read(map: string): Promise<MapSnapshot>;
  /** Reads a map, subtracts the sample before, and chooses rows; all off the main thread. `first`: a map that is read whole before. Rejects after close(). */
  sample(map: string, query: SampleQuery, first?: string): Promise<Sample>;
  /** Those of the given keys (one after the other) that the map has. */
  lookup(map: string, keys: Uint8Array): Promise<MapSnapshot>;
  /** What has come to a ring buffer since the last call, record behind record. Rejects after close(). */
  drain(map: string): Promise<Uint8Array>;
  programs(): readonly ProgramRun[];
  /** Switches the counting of runs and run time off, and on again; without effect after close(). */
  statistics(on: boolean): void;
  /** Places of files that the kernel puts no probe on, while it took others of the same spec. */
  refused(): readonly RefusedPlace[];
  /** Detaches every probe; maps stay readable. Idempotent. */
  detach(): Promise<void>;
  /** Detaches and frees everything, after a read that is under way. Idempotent. */
  close(): Promise<void>;
}

/** One type of the kernel's BTF. `type`: the id it refers to (pointee, typedef target, return type, element). */
export interface BtfType {
  readonly kind:
    | 'void'
    | 'int'
    | 'ptr'
    | 'array'
    | 'struct'
    | 'union'
    | 'enum'
    | 'fwd'
    | 'typedef'
    | 'volatile'
    | 'const'
    | 'restrict'
    | 'func'
    | 'func_proto'
    | 'var'
    | 'datasec'
    | 'float'
    | 'decl_tag'
    | 'type_tag'
    | 'enum64';
  readonly name: string;
  readonly size: number;
  readonly type: number;
  readonly signed: boolean;
  readonly char: boolean;
  readonly length: number;
  /** Members of a struct or union, parameters of a func_proto. bitSize 0: the type's own size. */
  readonly members: readonly {readonly name: string; readonly type: number; readonly bitOffset: number; readonly bitSize: number}[];
  readonly values: readonly {readonly name: string; readonly value: number | bigint}[];
}
export interface KernelBtf {
  /** Id of the first type of that kind and name, or 0; of the kernel, else of a loaded module. */
  find(kind: BtfType['kind'], name: string): number;
  type(id: number): BtfType;
  /** Names of the kernel's own functions, in BTF order. */
  functions(): readonly string[];
}

/** Names in the order of the addresses; '' where there is none. */
export interface KernelSymbols {
  /** 'name', or 'name [module]'. */
  readonly names: readonly string[];
  /** The kernel shows no addresses (kernel.kptr_restrict). */
  readonly hidden: boolean;
}
export interface UserSymbols {
  /** 'name', demangled; '[file+0xoffset]' where the file has no symbol for it. */
  readonly names: readonly string[];
  /** The process was gone before it could be read: no name is known. */
  readonly ended: boolean;
}

export interface Addon {
  readonly libbpf: string;
  /** Of a file of our own by its path, of others' by their bytes. */
  describeObject(path: string): ObjectShape;
  describeObject(bytes: Uint8Array, name: string): ObjectShape;
  /**
   * `control`: set its [0], and the session under way is given up (ECANCELED); nothing stays attached. Of loading and attaching [1]
   * is done, of [2].
   */
  openSession(spec: SessionSpec, control?: Uint32Array): Promise<Session>;
  openObject(spec: ObjectSpec): Promise<Session>;
  /** Maps of the whole machine; with types only by describeMap. */
  loadedMaps(): readonly LoadedMap[];
  describeMap(id: number): LoadedMap;
  /** Its id. */
  pinnedMap(path: string): number;
  openMap(spec: {readonly id: number; readonly name: string; readonly reading: Reading}): Promise<Session>;
  /** All BPF programs of the machine as the records of a map, and what the kernel counts of them. */
  programsShape(): MapShape;
  openPrograms(spec: {readonly reading: Reading}): Promise<Session>;
  /** `debugFile`: has the symbols that were stripped off. */
  readElf(path: string, debugFile?: string): ElfFile;
  readUsdt(path: string, debugFile?: string): UsdtFile;
  /** Names of C++ as they were written; every other name as it is. */
  demangle(names: readonly string[]): readonly string[];
  /** Bytes from the start of a struct of the kernel to a member; undefined where there are no types. Without loading them all. */
  kernelMember(structure: string, member: string): number | undefined;
  /** Types of the running kernel and its modules; throws where it has none. Loaded once, at the first call. */
  kernelBtf(): KernelBtf;
  /** Reads them on another thread, so that the first call does not take 12 ms. */
  preloadKernelBtf(): Promise<void>;
  /** Read off the main thread. kallsyms is read at the first call; what is kept of processes and files is bounded. */
  kernelSymbols(addresses: BigUint64Array): Promise<KernelSymbols>;
  userSymbols(pid: number, addresses: BigUint64Array): Promise<UserSymbols>;
  /** Leaves every thread of this process, for good, with those of the capabilities (by number) that it has, and no longer root. */
  dropPrivileges(keep: readonly number[]): void;
  /** Whether this kernel asks for CAP_BPF also of who reads a map that he holds. */
  readingNeedsBpf(): boolean;
  /** ns of the clock that programs in the kernel read: not always CLOCK_MONOTONIC, as a time namespace shifts that. */
  kernelTime(): bigint;
}

/** What the addon throws: an Error with these, and with libbpf's or the verifier's own words in `log`. */
export interface NativeError extends Error {
  readonly operation:
    | 'open object'
    | 'load program'
    | 'attach'
    | 'create map'
    | 'read map'
    | 'count CPUs'
    | 'read programs'
    | 'load object'
    | 'read elf'
    | 'read btf'
    | 'enable statistics'
    | 'drop privileges'
    | 'get memory'
    | 'start thread'
    | 'use session';
  readonly target: string;
  /** Errno's name, such as EPERM. */
  readonly code: string;
  readonly log: string;
}
