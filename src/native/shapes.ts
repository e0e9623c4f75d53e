// The addon's shapes of what others compiled: an object's maps, globals, programs and types by its BTF, and how entries of
// its maps are to be read. A part of the contract.

/** A BPF object's globals and maps as its own BTF describes them. Sizes and offsets in bytes unless named bits. */
export interface ObjectShape {
  readonly globals: readonly GlobalShape[];
  readonly maps: readonly MapShape[];
  readonly programs: readonly ProgramShape[];
}
export interface ProgramShape {
  readonly name: string;
  /** ELF section, as libbpf reads it: 'tp/sched/sched_switch', 'kprobe'. */
  readonly section: string;
  /** libbpf's word: 'tracepoint', 'kprobe', 'tracing'. */
  readonly type: string;
  /** The section begins with '?': loaded only on demand. */
  readonly optional: boolean;
}
export interface MapShape {
  readonly name: string;
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  /** Undefined where the object's BTF says nothing of them. */
  readonly key?: TypeShape;
  readonly value?: TypeShape;
}
export interface GlobalShape {
  readonly name: string;
  readonly section: string;
  readonly size: number;
  readonly type: TypeShape;
}
export type TypeShape =
  /** `big`: in the order of the network, by its typedef. */
  | {
      readonly kind: 'int';
      readonly size: number;
      readonly signed: boolean;
      readonly char?: boolean;
      readonly bool?: boolean;
      readonly big?: boolean;
    }
  | {readonly kind: 'pointer'; readonly size: number}
  | {
      readonly kind: 'enum';
      readonly name: string;
      readonly size: number;
      readonly signed: boolean;
      readonly values: Readonly<Record<string, number>>;
    }
  | {readonly kind: 'array'; readonly size: number; readonly length: number; readonly element: TypeShape}
  | {readonly kind: 'struct' | 'union'; readonly name: string; readonly size: number; readonly members: readonly MemberShape[]}
  | {readonly kind: 'other'; readonly name: string; readonly size: number};
export interface MemberShape {
  readonly name: string;
  readonly bitOffset: number;
  /** Of a bit-field: how many. */
  readonly bits?: number;
  readonly type: TypeShape;
}

/** A part of a foreign key or value: an integer of any width, which becomes an 8-byte word; or a text. */
export interface Part {
  readonly kind: 'integer' | 'text';
  readonly bitOffset: number;
  readonly bits: number;
  readonly signed: boolean;
  /** Of several CPUs or entries the greatest is taken; else they are added. */
  readonly maximum: boolean;
}
/** How entries of a map that others laid out become records of 8-byte words; see native/reading.h. */
export interface Reading {
  readonly key: readonly Part[];
  readonly words: readonly Part[];
  readonly labels: readonly Part[];
  /** A bucket in the key: entries that differ in it alone are one record with `slots` counts of words[0] behind the words. */
  readonly bucket?: Part;
  readonly slots: number;
  /** The sum of the words from `firstSlot` on stands in front of all. */
  readonly sumSlots: boolean;
  readonly firstSlot: number;
  readonly grouped: boolean;
  readonly skipZero: boolean;
  readonly gauges: boolean;
}
