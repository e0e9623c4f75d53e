// How the bytes of a record are cut: made by the plan, read by records.ts.
import type {FormatName} from './formats.ts';
import type {MeasureColumn, Scale, Unit} from './frame.ts';

export interface FormatRef {
  readonly name: FormatName;
  /** Format map: text by value. */
  readonly map?: Readonly<Record<string, string>>;
  /** Format func: names by the number of their point, which may be an address. */
  readonly names?: Readonly<Record<string, string>>;
  /** And what they are called whatever the preset calls them. */
  readonly funcs?: Readonly<Record<string, string>>;
  /** Format dev: as user space has it, and not as the kernel does. */
  readonly user?: boolean;
  /** Bytes of a value in the network's byte order. */
  readonly swap?: number;
}

/** What the bytes of a key field are; formats say which they take. address: 16 bytes as they are;
 * userAddress: an address, then its process. */
export type KeyKind = 'integer' | 'string' | 'address' | 'stack' | 'process' | 'userAddress';

export interface KeyField {
  readonly name: string;
  readonly title: string;
  /** As the preset spells it. */
  readonly expression: string;
  readonly format: FormatRef;
  /** Bytes from the start of the key, and bytes long. */
  readonly offset: number;
  readonly size: number;
  readonly kind: KeyKind;
  readonly signed: boolean;
}

export interface MeasureField extends MeasureColumn {
  /** Index of the 8-byte word in the value; of an avg, the sum's. The count is word 0. */
  readonly word: number;
  readonly signed: boolean;
  /** A max that is kept as it is, not as probe.h keeps it. */
  readonly plain?: true;
}

export interface HistField {
  readonly scale: Scale;
  readonly unit: Unit;
  /** Index of the first slot's word, and how many. */
  readonly word: number;
  readonly slots: number;
  readonly signed: boolean;
}

export interface RecordLayout {
  readonly keySize: number;
  readonly valueSize: number;
  readonly key: readonly KeyField[];
  /** Texts and numbers of the value that are shown as keys are, and may change; offsets are in the value. */
  readonly labels?: readonly KeyField[];
  readonly measures: readonly MeasureField[];
  /** As of a ViewShape. */
  readonly lasting?: true;
  readonly hist?: HistField;
}

/** A value that an event carries: what a measure measured. */
export interface SentValue {
  /** Its number among the values of struct sent. */
  readonly index: number;
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  readonly signed: boolean;
}

/** Struct sent of native/bpf/probe.h, with the key behind it; offsets and sizes in bytes. */
export interface EventLayout {
  readonly size: number;
  readonly time: number;
  readonly task: number;
  readonly comm: number;
  readonly values: number;
  readonly keyOffset: number;
  readonly keySize: number;
  readonly key: readonly KeyField[];
  readonly sent: readonly SentValue[];
}
