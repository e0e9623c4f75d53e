// What the keys of one session name and only reading tells: stacks of its map, symbols of addresses, processes. Stacks and
// symbols are read off the main thread, each once; what is no longer in the map is forgotten when it becomes too much.
import {grouped} from '../decode/grouped.ts';
import type {LateLookups, LateWords} from '../decode/late.ts';
import {stackMaps, stackNumber, stackPlace, stackProcess, unmapped, withoutProbing, withoutRepeats} from '../decode/stacks.ts';
import type {Lookups} from '../decode/formats.ts';
import type {Addon, Session} from '../native/contract.ts';
import {type ProcessNames, Processes, sharesNumbers} from './processes.ts';

type StackKind = 'kernelStack' | 'userStack';
type AddressKind = 'kernelAddress' | 'userAddress';
type Names = Pick<Addon, 'kernelSymbols' | 'userSymbols'>;

/** Stacks, and addresses, kept beyond those in the map. */
const spare = 1024;

/** The machine's lookups, with those of one session. */
export const sessionLookups = (lookups: Lookups, session: Session, addon: Names): Lookups => ({
  ...lookups,
  late: new SessionNames(session, addon),
});

class SessionNames implements LateLookups {
  private readonly session: Session;
  private readonly addon: Names;
  private readonly stacks: Readonly<Record<StackKind, Map<bigint, readonly string[]>>> = {kernelStack: new Map(), userStack: new Map()};
  private readonly symbols: Readonly<Record<AddressKind, Map<bigint, string>>> = {kernelAddress: new Map(), userAddress: new Map()};
  private readonly processes = new Processes();
  private readonly readable = sharesNumbers();

  constructor(session: Session, addon: Names) {
    this.session = session;
    this.addon = addon;
  }

  stack(kind: StackKind, word: bigint): readonly string[] | undefined {
    return this.stacks[kind].get(word);
  }

  process(word: bigint): ProcessNames | undefined {
    return this.processes.get(word);
  }

  symbol(kind: AddressKind, word: bigint): string | undefined {
    return this.symbols[kind].get(word);
  }

  async prepare(words: LateWords): Promise<void> {
    for (const [kind, wanted] of words)
      switch (kind) {
        case 'kernelStack':
        case 'userStack':
          await this.readStacks(kind, wanted);
          break;
        case 'process':
          await this.processes.read(wanted);
          break;
        case 'kernelAddress':
        case 'userAddress':
          await this.readSymbols(kind, wanted);
      }
  }

  private async readSymbols(kind: AddressKind, wanted: ReadonlySet<bigint>): Promise<void> {
    const known = this.symbols[kind];
    if (known.size > wanted.size + spare) for (const word of known.keys()) if (!wanted.has(word)) known.delete(word);
    const fresh = [...wanted].filter((word) => !known.has(word));
    for (const [owner, words] of grouped(fresh, (word) => Number(word >> 64n))) {
      const {names} = await this.names(kind === 'kernelAddress' ? 'kernelStack' : 'userStack', owner, BigUint64Array.from(words));
      words.forEach((word, i) => {
        const address = hex(BigInt.asUintN(64, word));
        const name = names?.[i] === unmapped ? '' : names?.[i];
        known.set(word, name === undefined ? `~${address}` : name || address);
      });
    }
  }

  private async readStacks(kind: StackKind, wanted: ReadonlySet<bigint>): Promise<void> {
    const known = this.stacks[kind];
    if (known.size > wanted.size + spare) for (const word of known.keys()) if (!wanted.has(word)) known.delete(word);
    const fresh = [...wanted].filter((word) => !known.has(word) && stackNumber(kind, word) !== undefined);
    if (fresh.length === 0) return;
    const addresses = await this.addresses(fresh.map((word) => stackNumber(kind, word) ?? 0));
    // one call a process: its mappings are read once for all its stacks
    for (const [owner, words] of grouped(fresh, (word) => (kind === 'userStack' ? stackProcess(word) : 0))) {
      const stacks = words.map((word) => addresses.get(stackNumber(kind, word) ?? 0) ?? new BigUint64Array(0));
      const {names, end} = await this.names(kind, owner, joined(stacks));
      let at = 0;
      words.forEach((word, i) => {
        const stack = stacks[i] ?? new BigUint64Array(0);
        const all = names === undefined ? [] : names.slice(at, at + stack.length).map((name, f) => name || hex(stack[f] ?? 0n));
        const frames = kind === 'kernelStack' ? withoutProbing(all) : withoutRepeats(all);
        at += stack.length;
        known.set(word, end === undefined ? frames : [...frames, end]);
      });
    }
  }

  /** Names of return addresses, asked for at the call before them, and what has to be said of all of them. */
  private async names(
    kind: StackKind,
    owner: number,
    calls: BigUint64Array,
  ): Promise<{readonly names: readonly string[] | undefined; readonly end?: string}> {
    if (kind === 'kernelStack') {
      const {names, hidden} = await this.addon.kernelSymbols(calls);
      return {names, ...(hidden ? {end: '[names hidden by kernel.kptr_restrict]'} : {})};
    }
    if (!this.readable) return {names: undefined, end: `~[pid ${owner}, outside tsbpftop's pid namespace]`};
    const {names, ended} = await this.addon.userSymbols(owner, calls);
    return ended ? {names: undefined, end: `~[pid ${owner} has ended]`} : {names};
  }

  /** Addresses by stack number. A number without a stack is none that this session wrote. */
  private async addresses(numbers: readonly number[]): Promise<ReadonlyMap<number, BigUint64Array>> {
    const found = new Map<number, BigUint64Array>();
    for (const map of stackMaps) {
      const numberAt = new Map([...new Set(numbers)].filter((n) => stackPlace(n).map === map).map((n) => [stackPlace(n).place, n]));
      if (numberAt.size === 0) continue;
      const {count, keys, values} = await this.session.lookup(map, new Uint8Array(Uint32Array.from(numberAt.keys()).buffer));
      const places = new DataView(keys.buffer, keys.byteOffset, keys.byteLength);
      const depth = count === 0 ? 0 : values.byteLength / count / 8;
      const all = new BigUint64Array(values.buffer, values.byteOffset, count * depth);
      for (let i = 0; i < count; i++) {
        const stack = all.subarray(i * depth, (i + 1) * depth);
        const end = stack.indexOf(0n);
        const number = numberAt.get(places.getUint32(i * 4, true));
        if (number !== undefined) found.set(number, end < 0 ? stack : stack.subarray(0, end));
      }
    }
    return found;
  }
}

/** A caller's address is that behind its call, which may already be another function's. */
function joined(stacks: readonly BigUint64Array[]): BigUint64Array {
  const all = new BigUint64Array(stacks.reduce((sum, stack) => sum + stack.length, 0));
  let at = 0;
  for (const stack of stacks) stack.forEach((address, i) => (all[at++] = i === 0 ? address : address - 1n));
  return all;
}

const hex = (address: bigint): string => `0x${address.toString(16)}`;
