// Names under which a user asks for functions of a program: as the file has them, and, for C++ and Rust, as they were
// written, with and without parameters. Pure but for the demangler, which is handed in.
import type {ElfFunction} from '../../native/contract.ts';
import {isPattern, matcher} from './point.ts';

export interface NamedFunction {
  readonly offset: number;
  readonly firstByte: number;
  /** What is shown. */
  readonly name: string;
  /** As the file has it. */
  readonly symbol: string;
}

/** The functions that `pattern` means, one for each place. */
export function namedFunctions(
  pattern: string,
  functions: readonly ElfFunction[],
  demangle: (names: readonly string[]) => readonly string[],
): readonly NamedFunction[] {
  const matches = matcher(pattern);
  const plain = functions.filter((each) => matches(each.name));
  // a name of C, or a mangled one in full, needs no look at the others
  if (plain.length > 0 && !isPattern(pattern)) return onePerPlace(plain.map((each) => ({...each, symbol: each.name})));
  const mangled = functions.filter((each) => each.name.startsWith('_Z'));
  const written = demangle(mangled.map((each) => each.name));
  const found = mangled.flatMap((each, i) => {
    const whole = written[i] ?? each.name;
    const short = withoutParameters(whole);
    return matches(each.name) || matches(whole) || matches(short) ? [{...each, symbol: each.name, whole, short}] : [];
  });
  // overloads are told apart by their parameters
  const count = new Map<string, Set<number>>();
  for (const {short, offset} of found) count.set(short, (count.get(short) ?? new Set()).add(offset));
  return onePerPlace([
    ...plain.filter((each) => !each.name.startsWith('_Z')).map((each) => ({...each, symbol: each.name})),
    ...found.map(({short, whole, ...each}) => ({...each, name: (count.get(short)?.size ?? 0) > 1 ? whole : short})),
  ]);
}

/** One probe at one place: of several names for it (read, __read, __libc_read) the plainest is shown. */
function onePerPlace(functions: readonly NamedFunction[]): readonly NamedFunction[] {
  const places = new Map<number, NamedFunction>();
  for (const {offset, firstByte, name, symbol} of functions) {
    const known = places.get(offset);
    if (known === undefined || plainness(symbol) < plainness(known.symbol)) places.set(offset, {offset, firstByte, name, symbol});
  }
  return [...places.values()];
}

const plainness = (name: string): number => (name.match(/_/g)?.length ?? 0) * 100 + (name.startsWith('_') ? 1000 : 0) + name.length;

/** 'ns::f(int) const' → 'ns::f'; 'int ns::f<int>(int)' → 'ns::f<int>'; Rust's 'core::f::h0123456789abcdef' → 'core::f'. */
export function withoutParameters(written: string): string {
  const rust = written.replace(/::h[0-9a-f]{16}$/, '');
  const end = rust.lastIndexOf(')');
  // '(anonymous namespace)::f' ends in no list of parameters
  if (end < 0 || rust.startsWith('::', end + 1)) return withoutResult(rust);
  let depth = 0;
  for (let i = end; i > 0; i--) {
    if (rust[i] === ')') depth++;
    if (rust[i] === '(' && --depth === 0) return withoutResult(rust.slice(0, i));
  }
  return rust;
}

/** Only instances of templates say what they return; 'operator bool' has a space in its name. */
function withoutResult(name: string): string {
  const operator = name.search(/\boperator\b/);
  let depth = 0;
  for (let i = (operator < 0 ? name.length : operator) - 1; i >= 0; i--) {
    if (name[i] === '>' || name[i] === ')') depth++;
    if (name[i] === '<' || name[i] === '(') depth--;
    if (name[i] === ' ' && depth === 0) return name.slice(i + 1);
  }
  return name;
}
