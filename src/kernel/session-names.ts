// What the keys of one session name and only reading tells: stacks of its map, with the symbols of their addresses. Read
// off the main thread, each once; what is no longer in the map is forgotten when it becomes too much.
import type {LateLookups, LateWords} from '../decode/late.ts';
import {stackNumber, stackProcess} from '../decode/stacks.ts';
import type {Lookups} from '../decode/formats.ts';
import type {Addon, Session} from '../native/contract.ts';

type StackKind = 'kernelStack' | 'userStack';
type Names = Pick<Addon, 'kernelSymbols' | 'userSymbols'>;

/** Stacks kept beyond those in the map. */
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

  constructor(session: Session, addon: Names) {
    this.session = session;
    this.addon = addon;
  }

  stack(kind: StackKind, word: bigint): readonly string[] | undefined {
    return this.stacks[kind].get(word);
  }

  async prepare(words: LateWords): Promise<void> {
    for (const kind of ['kernelStack', 'userStack'] as const) {
      const wanted = words.get(kind);
      if (wanted !== undefined) await this.readStacks(kind, wanted);
    }
  }

  private async readStacks(kind: StackKind, wanted: ReadonlySet<bigint>): Promise<void> {
    const known = this.stacks[kind];
    if (known.size > wanted.size + spare) for (const word of known.keys()) if (!wanted.has(word)) known.delete(word);
    const fresh = [...wanted].filter((word) => !known.has(word) && stackNumber(kind, word) !== undefined);
    if (fresh.length === 0) return;
    const addresses = await this.addresses(fresh.map((word) => stackNumber(kind, word) ?? 0));
    // one call a process: its mappings are read once for all its stacks
    const owners = new Map<number, bigint[]>();
    for (const word of fresh) {
      const owner = kind === 'userStack' ? stackProcess(word) : 0;
      const words = owners.get(owner) ?? [];
      words.push(word);
      owners.set(owner, words);
    }
    for (const [owner, words] of owners) {
      const stacks = words.map((word) => addresses.get(stackNumber(kind, word) ?? 0) ?? new BigUint64Array(0));
      const {names, end} = await this.names(kind, owner, joined(stacks));
      let at = 0;
      words.forEach((word, i) => {
        const stack = stacks[i] ?? new BigUint64Array(0);
        const frames = names === undefined ? [] : names.slice(at, at + stack.length).map((name, f) => name || hex(stack[f] ?? 0n));
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
    const {names, ended} = await this.addon.userSymbols(owner, calls);
    return ended ? {names: undefined, end: `~[pid ${owner} has ended]`} : {names};
  }

  /** Addresses by stack number. A number without a stack is none that this session wrote. */
  private async addresses(numbers: readonly number[]): Promise<ReadonlyMap<number, BigUint64Array>> {
    const {count, keys, values} = await this.session.lookup('stacks', new Uint8Array(Uint32Array.from(new Set(numbers)).buffer));
    const found = new Map<number, BigUint64Array>();
    const numbersFound = new DataView(keys.buffer, keys.byteOffset, keys.byteLength);
    const depth = count === 0 ? 0 : values.byteLength / count / 8;
    const all = new BigUint64Array(values.buffer, values.byteOffset, count * depth);
    for (let i = 0; i < count; i++) {
      const stack = all.subarray(i * depth, (i + 1) * depth);
      const end = stack.indexOf(0n);
      found.set(numbersFound.getUint32(i * 4, true), end < 0 ? stack : stack.subarray(0, end));
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
