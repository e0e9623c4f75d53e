// The part of the boundary that tells of ELF files: functions of programs and libraries, and static probes in them.
export interface ElfFile {
  /** ELF e_machine, e.g. 62 for x86-64. */
  readonly machine: number;
  /** Has .gopclntab or .go.buildinfo: arguments are in Go's registers, and a uretprobe can crash it. */
  readonly go: boolean;
  /** Throws, as C++ and Rust do: an exception that passes a function whose return is probed ends the program. */
  readonly exceptions: boolean;
  /** Has a full symbol table (.symtab), not only the dynamic one. */
  readonly symtab: boolean;
  /** In hexadecimal; '' where there is none. */
  readonly buildId: string;
  readonly functions: readonly ElfFunction[];
  /** IFUNCs: names whose address is not the function's but that of what chooses it, once. */
  readonly resolvers: readonly string[];
}
export interface ElfFunction {
  readonly name: string;
  /** Bytes from the start of the file: what a uprobe wants. */
  readonly offset: number;
  readonly size: number;
  /** Of its code. */
  readonly firstByte: number;
  readonly global: boolean;
}

/** Static probes (USDT) of a program or library, by its .note.stapsdt section. */
export interface UsdtFile {
  readonly machine: number;
  /** A 64-bit file. */
  readonly wide: boolean;
  /** Loaded at the addresses that it says, wherever it runs (no PIE, no library). */
  readonly fixed: boolean;
  /** In hexadecimal; '' where there is none. */
  readonly buildId: string;
  readonly sites: readonly UsdtSite[];
  /** Addresses of the symbols that arguments mention: several where a name is given twice. */
  readonly symbols: Readonly<Record<string, readonly number[]>>;
}
export interface UsdtSite {
  readonly provider: string;
  readonly name: string;
  /** As the assembler wrote them: '-4@%edi 8@-8(%rbp) 4@$5'. */
  readonly arguments: string;
  /** In the file's own addresses. */
  readonly address: number;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Offset of the counter that the kernel raises while the probe is attached; 0: none. */
  readonly semaphore: number;
}
