// /etc/ld.so.cache, as ldconfig writes it and the dynamic loader reads it: which file each shared library's name means. Pure
// over the bytes; believes none of their numbers.
import type {Architecture} from '../preset/machine.ts';

export interface CachedLibrary {
  /** Its soname. */
  readonly name: string;
  readonly path: string;
  /** Of a folder glibc-hwcaps/LEVEL: only CPUs of that level load it. */
  readonly level?: string;
}

const magic = 'glibc-ld.so.cache1.1';
const headerSize = 48;
const entrySize = 24;
const mostEntries = 100_000;
/** FLAG_ELF_LIBC6, and the library's ABI: dl-cache.h of glibc. */
const flags: Readonly<Record<Architecture, number>> = {x64: 0x0303, arm64: 0x0a03};
const withLevel = 1n << 62n;

/** In the cache's own order; libraries of other ABIs, and of capabilities that glibc no longer knows, are left out. */
export function cachedLibraries(cache: Buffer, architecture: Architecture): readonly CachedLibrary[] {
  // beside the old format, for loaders before 2.2, the new one comes after it
  const start = cache.indexOf(magic, 0, 'latin1');
  if (start < 0 || cache.length < start + headerSize) return [];
  const file = cache.subarray(start);
  const count = Math.min(file.readUInt32LE(20), mostEntries, Math.floor((file.length - headerSize) / entrySize));
  const textAt = (offset: number): string => {
    const end = offset < file.length ? file.indexOf(0, offset) : -1;
    return end < 0 ? '' : file.toString('utf8', offset, Math.min(end, offset + 4096));
  };
  const found: CachedLibrary[] = [];
  for (let i = 0; i < count; i++) {
    const at = headerSize + i * entrySize;
    if (file.readInt32LE(at) !== flags[architecture]) continue;
    const capabilities = file.readBigUInt64LE(at + 16);
    const [name, path] = [textAt(file.readUInt32LE(at + 4)), textAt(file.readUInt32LE(at + 8))];
    if (name === '' || !path.startsWith('/')) continue;
    if (capabilities === 0n) found.push({name, path});
    else if ((capabilities & withLevel) !== 0n) found.push({name, path, level: /\/glibc-hwcaps\/([^/]+)\//.exec(path)?.[1] ?? 'unknown'});
  }
  return found;
}
