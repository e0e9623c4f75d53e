// What crosses the boundary at each refresh: which rows are wanted, and what came to them. Part of contract.ts.

/** Which rows of a map are wanted, and which come first. Words are 8 bytes, of the merged value. */
export interface SampleQuery {
  readonly order: SampleOrder;
  /** At most so many rows, the first ones of the order; they come in no order of their own. */
  readonly limit: number;
  /** Only rows that are new, or to which something came. */
  readonly changed?: boolean;
  /** Words to which values of any size are added: it is watched whether they go past the end of 64 bits. */
  readonly sums?: readonly {readonly word: number; readonly signed: boolean}[];
  /** Rows whose key has `text` (lower case) in one of the fields: in characters, or in an integer's decimal digits. */
  readonly filter?: {
    readonly text: string;
    readonly fields: readonly FilterField[];
  };
}
export interface FilterField {
  readonly offset: number;
  readonly size: number;
  readonly text: boolean;
  readonly signed: boolean;
  /** Of the value, not of the key. */
  readonly value?: boolean;
}
export type SampleOrder = {readonly descending: boolean} & (
  | {readonly by: 'none'}
  /** The word as it is; its complement; what came to it; it by word 0. */
  | {readonly by: 'word' | 'signedWord' | 'complement' | 'delta' | 'average' | 'averageSigned'; readonly word: number}
  /** The slot up to which a share of all counts lies. */
  | {readonly by: 'share'; readonly word: number; readonly slots: number; readonly share: number}
  | {readonly by: 'text' | 'integer' | 'signedInteger'; readonly offset: number; readonly size: number}
);
/** What is new in a map since the sample before, of the rows wanted. Arrays have one entry, or keySize or valueSize bytes, a row. */
export interface Sample {
  /** Keys in the map, and those that pass the filter. */
  readonly count: number;
  readonly matching: number;
  /** False when the walk could not be finished, so that rows may be missing. */
  readonly complete: boolean;
  /** Of word 0, over all rows that pass the filter: its sum, and what came since (at the first sample: all). */
  readonly total: number;
  readonly delta: number;
  /** Where sums were asked for: what came to word 0 of all rows, and rows of which a sum went past its end. Seen rightly as long as
   * no sum grew by 2^64 (signed: 2^63) since the sample before. */
  readonly counted?: number;
  readonly wrapped?: number;
  /** A number that is a key's own while it is in the map. */
  readonly serials: Float64Array;
  /** 0 the value is as before, 1 it has changed, 2 the key is new, or was dropped and came again. */
  readonly changes: Uint8Array;
  readonly keys: Uint8Array;
  readonly values: Uint8Array;
  /** The values of the sample before; zeros for a new key. */
  readonly before: Uint8Array;
  /** The values of the map that was to be read first. */
  readonly first?: Uint8Array;
}
