// Comparisons of numbers with constants: as tests of the bundled program, and whether they are a question at all. Pure.
import type {Comparison, CompareOperator} from '../expr.ts';
import type {Test} from './step.ts';

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);

/** A comparison of an integer with a constant as one test; undefined: true of every value. */
export function testOf(operator: CompareOperator, constant: bigint, signed: boolean): Test | undefined {
  const all = (1n << 64n) - 1n;
  const [least, most] = signed ? [-(1n << 63n), (1n << 63n) - 1n] : [0n, all];
  const between = (low: bigint, high: bigint): Test | undefined => {
    const [from, to] = [low < least ? least : low, high > most ? most : high];
    if (from > to) return {mask: 0n, low: 0n, span: 0n, inside: false}; // never: 0 - 0 is inside
    if (from === least && to === most) return undefined;
    return {mask: all, low: wrap(from), span: to - from, inside: true};
  };
  switch (operator) {
    case '==':
      return between(constant, constant);
    case '!=':
      return constant < least || constant > most ? undefined : {mask: all, low: wrap(constant), span: 0n, inside: false};
    case '<':
      return between(least, constant - 1n);
    case '<=':
      return between(least, constant);
    case '>':
      return between(constant + 1n, most);
    case '>=':
      return between(constant, most);
    case '&':
      return {mask: wrap(constant), low: 0n, span: 0n, inside: false};
  }
}

interface Range {
  readonly least: bigint;
  readonly most: bigint;
}
export const rangeOf = (bits: number, signed: boolean): Range =>
  signed ? {least: -(1n << BigInt(bits - 1)), most: (1n << BigInt(bits - 1)) - 1n} : {least: 0n, most: (1n << BigInt(bits)) - 1n};

/** What a comparison is of every number in the range; undefined where it depends on the number. */
export function decidedBy(operator: CompareOperator, constant: bigint, {least, most}: Range): boolean | undefined {
  const decided = (always: boolean, never: boolean): boolean | undefined => (always ? true : never ? false : undefined);
  const outside = constant < least || constant > most;
  switch (operator) {
    case '==':
      return decided(false, outside);
    case '!=':
      return decided(outside, false);
    case '<':
      return decided(most < constant, least >= constant);
    case '<=':
      return decided(most <= constant, least > constant);
    case '>':
      return decided(least > constant, most <= constant);
    case '>=':
      return decided(least >= constant, most < constant);
    case '&':
      return decided(false, constant === 0n);
  }
}

/** The same comparison seen from the other side. */
export function mirrored(comparison: Comparison): Comparison {
  const mirror: Readonly<Record<CompareOperator, CompareOperator>> = {
    '==': '==',
    '!=': '!=',
    '<': '>',
    '<=': '>=',
    '>': '<',
    '>=': '<=',
    '&': '&',
  };
  return {...comparison, left: comparison.right, operator: mirror[comparison.operator], right: comparison.left};
}
