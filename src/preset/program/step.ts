// The parts of a configuration that are the same wherever they are used: a step, a test of an integer, of a text. Names
// are those of native/bpf/probe.h.
import {safeText} from '../../decode/safe-text.ts';
import type {Value} from './encode.ts';
import type {Place} from './places.ts';
import {WrongPreset} from '../fault.ts';

export interface Step {
  source: string;
  index: number;
  second: number;
  size: number;
  constant: bigint;
  hops: number;
  hop_user: boolean;
  hop_none: boolean;
  last_size: number;
  hop: readonly number[];
  shift_left: number;
  shift_right: number;
  shift_signed: boolean;
  test: string;
  outcome: number;
  mask: bigint;
  low: bigint;
  span: bigint;
  in_key: boolean;
  key_offset: number;
}

export interface Text {
  readonly place: Place;
  /** It is in user memory. */
  readonly user: boolean;
  /** Bytes in the key: a multiple of 8, NUL included. */
  readonly size: number;
  /** `size` - 8 bytes as they are, and not up to a NUL; the word behind them marks what could not be read. */
  readonly exact?: boolean;
}

/** An entry of config.measures; what is left out does nothing. */
export interface MeasureOperation {
  readonly operation: string;
  readonly step: number;
  readonly word: number;
  readonly slots?: number;
  readonly bias?: bigint;
  readonly low?: bigint;
  readonly width?: bigint;
  readonly passes?: bigint;
}

/** ((value & mask) - low) <= span, all modulo 2^64; `inside` false: not so. */
export interface Test {
  readonly mask: bigint;
  readonly low: bigint;
  readonly span: bigint;
  readonly inside: boolean;
  /** It is only noted, by this bit. */
  readonly bit?: number;
}

export interface TextTest {
  readonly value: string | Uint8Array;
  readonly prefix: boolean;
  readonly equal: boolean;
  /** As of a test. */
  readonly bit?: number;
}

/** Nothing is noted of what simply has to pass. */
export const outcomeOf = ({bit}: {readonly bit?: number}): number => (bit === undefined ? 0 : 1 << bit);

const allBits = (1n << 64n) - 1n;

export const emptyStep: Step = {
  source: 'SOURCE_NONE',
  index: 0,
  second: 0,
  size: 0,
  constant: 0n,
  hops: 0,
  hop_user: false,
  hop_none: false,
  last_size: 8,
  hop: [],
  shift_left: 0,
  shift_right: 0,
  shift_signed: false,
  test: 'TEST_NONE',
  outcome: 0,
  mask: allBits,
  low: 0n,
  span: 0n,
  in_key: false,
  key_offset: 0,
};

/** A constant text as words and mask: an equality covers the NUL, a prefix does not. */
export function compareWords(test: TextTest, words: number): Value {
  const text = typeof test.value === 'string' ? new TextEncoder().encode(test.value) : test.value;
  const compared = text.length + (test.prefix ? 0 : 1);
  if (compared > words * 8)
    throw new WrongPreset(
      `a text is compared with more than ${words * 8 - 1} bytes: '${typeof test.value === 'string' ? test.value : safeText(test.value)}'`,
    );
  const [value, mask] = [new Uint8Array(words * 8), new Uint8Array(words * 8)];
  value.set(text);
  mask.fill(0xff, 0, compared);
  const toWords = (bytes: Uint8Array): bigint[] => [...new BigUint64Array(bytes.buffer)];
  return {
    words: Math.ceil(compared / 8),
    test: test.equal ? 'TEST_INSIDE' : 'TEST_OUTSIDE',
    outcome: outcomeOf(test),
    value: toWords(value),
    mask: toWords(mask),
  };
}
