// What has to be read before a key can be decoded, since decoding is synchronous and reading is not: stacks and their
// symbols, and what processes are. A sampler collects the words of a snapshot, has them read, and decodes then. Pure.
import type {FormatName} from './formats.ts';
import type {RecordLayout} from './layout.ts';

/** What a word of the key stands for. */
export type LateKind = 'kernelStack' | 'userStack' | 'process' | 'kernelAddress' | 'userAddress';

export type LateWords = ReadonlyMap<LateKind, ReadonlySet<bigint>>;

/** Answers for the words that it was asked to prepare. */
export interface LateLookups {
  /** Reads what is not known of these words, and may forget what is not among them. */
  prepare(words: LateWords): Promise<void>;
  /** Functions, leaf first. */
  stack(kind: 'kernelStack' | 'userStack', word: bigint): readonly string[] | undefined;
  /** Of a process by its number (upper half) and the time it began; undefined: it had ended before it could be read. */
  process(word: bigint): {readonly exe: string; readonly cmdline: string} | undefined;
  /** Of a user address, with the process above its 64 bits. */
  symbol(kind: 'kernelAddress' | 'userAddress', word: bigint): string | undefined;
}

const lateKinds: Readonly<Partial<Record<FormatName, LateKind>>> = {
  kstack: 'kernelStack',
  ustack: 'userStack',
  exe: 'process',
  cmdline: 'process',
  ksym: 'kernelAddress',
  usym: 'userAddress',
};

/** What has to be read of keys of this layout. */
export const lateKindsOf = ({key}: Pick<RecordLayout, 'key'>): readonly LateKind[] =>
  key.flatMap(({format}) => lateKinds[format.name] ?? []);

/** The late words of all keys of a snapshot; undefined where the layout has none. */
export function lateWords(layout: Pick<RecordLayout, 'key' | 'keySize'>, count: number, keys: Uint8Array): LateWords | undefined {
  const fields = layout.key.flatMap(({format, offset}) => {
    const kind = lateKinds[format.name];
    return kind === undefined ? [] : [{kind, offset}];
  });
  if (fields.length === 0) return undefined;
  const words = new Map<LateKind, Set<bigint>>();
  const view = new DataView(keys.buffer, keys.byteOffset, keys.byteLength);
  for (const {kind, offset} of fields) {
    const found = words.get(kind) ?? new Set();
    words.set(kind, found);
    for (let i = 0; i < count; i++) {
      const at = i * layout.keySize + offset;
      const word = view.getBigUint64(at, true);
      found.add(kind === 'userAddress' ? (view.getBigUint64(at + 8, true) << 64n) | word : word);
    }
  }
  return words;
}
