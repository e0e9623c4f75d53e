// 64-bit counters in JavaScript: a number while that is exact, a bigint past 2^53.
import type {Count} from './frame.ts';

const half = 0x1_0000_0000;
const exactHigh = 0x20_0000; // 2^53 / 2^32

/** An unsigned 64-bit word. Little-endian is the byte order of all supported machines. */
export function readCount(view: DataView, offset: number): Count {
  return unsignedOf(view.getUint32(offset + 4, true), view.getUint32(offset, true));
}

export function readSigned(view: DataView, offset: number): Count {
  return signedOf(view.getInt32(offset + 4, true), view.getUint32(offset, true));
}

/** A maximum, as probe.h keeps it: with the sign bit turned, so that zero is the least. */
export function readMax(view: DataView, offset: number, signed: boolean): Count {
  return unbiased(view.getInt32(offset + 4, true), view.getUint32(offset, true), signed);
}

/** A minimum: kept as the complement, so that zero is the greatest. */
export function readMin(view: DataView, offset: number, signed: boolean): Count {
  return unbiased(~view.getInt32(offset + 4, true), ~view.getUint32(offset, true) >>> 0, signed);
}

const unbiased = (high: number, low: number, signed: boolean): Count =>
  signed ? signedOf(high ^ 0x8000_0000, low) : unsignedOf(high >>> 0, low);

// halves first: a bigint for each word of each row would be most of a refresh
const unsignedOf = (high: number, low: number): Count => (high < exactHigh ? high * half + low : (BigInt(high) << 32n) | BigInt(low));
const signedOf = (high: number, low: number): Count =>
  high < exactHigh && high > -exactHigh ? high * half + low : narrowed((BigInt(high) << 32n) | BigInt(low));

/** A bigint as a number where that is exact. */
export const narrowed = (value: bigint): Count =>
  value >= -Number.MAX_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;

/** a - b, exactly; of a counter that went past the end of 64 bits in between, too. */
export const difference = (a: Count, b: Count): Count =>
  typeof a === 'number' && typeof b === 'number' ? a - b : narrowed(BigInt.asIntN(64, BigInt(a) - BigInt(b)));

/** a - b, exactly. */
export const subtract = (a: Count, b: Count): Count =>
  typeof a === 'number' && typeof b === 'number' ? a - b : narrowed(BigInt(a) - BigInt(b));

/** a + b, exactly where both are whole. */
export const added = (a: Count, b: Count): Count =>
  typeof a === 'number' && typeof b === 'number' && (Number.isSafeInteger(a + b) || !Number.isInteger(a + b))
    ? a + b
    : narrowed(BigInt(a) + BigInt(b));

/** An average: a fraction, and whole where it is past 2^53. */
export function quotient(sum: Count, count: Count): Count {
  if (Number(count) === 0) return 0;
  const whole = typeof sum === 'bigint' ? sum / BigInt(count) : 0n;
  return typeof narrowed(whole) === 'bigint' ? whole : Number(sum) / Number(count);
}

/** For sorting: mixed numbers and bigints compare rightly with < and >. */
export const compareCounts = (a: Count, b: Count): number => (a < b ? -1 : a > b ? 1 : 0);

/** JSON has no integers past 2^53: a string then. */
export const jsonCount = (count: Count): number | string => (typeof count === 'number' ? count : String(count));
