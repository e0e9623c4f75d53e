// Which file a shared library's bare name means: what the dynamic loader would load for a program without a search path of
// its own, glibc's by its cache and then its own folders, musl's by its folders.
import {type Architecture, elfMachines} from '../preset/machine.ts';
import {beginningOf, type FileTree} from './file-tree.ts';
import {type CachedLibrary, cachedLibraries} from './loader-cache.ts';
import {textOf} from './read-text.ts';

interface Abi {
  readonly multiarch: string;
  readonly musl: string;
}
const abis: Readonly<Record<Architecture, Abi>> = {
  x64: {multiarch: 'x86_64-linux-gnu', musl: 'x86_64'},
  arm64: {multiarch: 'aarch64-linux-gnu', musl: 'aarch64'},
};
/** Levels of a CPU by what /proc/cpuinfo calls their instructions, the highest first: the psABI of x86-64. */
const levels: readonly (readonly [level: string, flags: readonly string[]])[] = [
  ['x86-64-v4', ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl']],
  ['x86-64-v3', ['avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'abm', 'movbe', 'xsave']],
  ['x86-64-v2', ['cx16', 'lahf_lm', 'popcnt', 'pni', 'sse4_1', 'sse4_2', 'ssse3']],
];

/** The levels of glibc-hwcaps that this CPU has, the best one first. @param cpuinfo of /proc/cpuinfo */
export function levelsOf(cpuinfo: string): readonly string[] {
  const has = new Set(/^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.split(' '));
  const reached = levels.findIndex((_, i) => levels.slice(i).every(([, flags]) => flags.every((flag) => has.has(flag))));
  return reached < 0 ? [] : levels.slice(reached).map(([level]) => level);
}

/** `libc`, `c`, `libc.so.6` or `libssl.so`: whether a file's name is that library's, in whatever version. */
export function isNamed(file: string, library: string): boolean {
  if (/^(lib)?c(\.so)?$/.test(library) && /^ld-musl-\w+\.so\.1$|^libc\.musl-\w+\.so\.1$/.test(file)) return true; // musl's is one with its loader
  return stemsOf(library).some((stem) => file === stem || (file.startsWith(`${stem}.`) && /^[\d.]+$/.test(file.slice(stem.length + 1))));
}

const stemsOf = (name: string): readonly string[] =>
  name.includes('.so') ? [name] : name.startsWith('lib') ? [`${name}.so`] : [`lib${name}.so`, `${name}.so`];

/** The newest version there is of a library, of those that the loader finds; undefined: it finds none. */
export function findLibrary(library: string, tree: FileTree, architecture: Architecture): string | undefined {
  const cache = tree.read('/etc/ld.so.cache');
  const cpu = levelsOf(textOf('/proc/cpuinfo') ?? '');
  const cached = cache === undefined ? [] : cachedLibraries(cache, architecture).filter(({name}) => isNamed(name, library));
  // of one version the best that the CPU has; the base library is below all levels
  const rank = ({level}: CachedLibrary): number => (level === undefined ? cpu.length : cpu.indexOf(level));
  const usable = cached.filter((each) => rank(each) >= 0).sort((a, b) => newestFirst(a.name, b.name) || rank(a) - rank(b));
  for (const {path} of usable) {
    const found = tree.resolve(path);
    if (found !== undefined && isLibrary(found, architecture)) return found;
  }
  for (const folder of foldersOf(tree, architecture, cpu)) {
    const versions = tree.list(folder).filter((file) => isNamed(file, library));
    for (const version of [...versions].sort(newestFirst)) {
      const found = tree.resolve(`${folder}/${version}`);
      // libc.so is a linker script where development files are installed
      if (found !== undefined && isLibrary(found, architecture)) return found;
    }
  }
  return undefined;
}

/** By their numbers; the longer of two that are alike so far is the newer one. */
function newestFirst(a: string, b: string): number {
  const [one, other] = [a, b].map((name) => name.split(/(\d+)/));
  for (const [i, part] of (one ?? []).entries()) {
    const against = other?.[i] ?? '';
    if (part === against) continue;
    // numbers are at the odd places
    return i % 2 === 1 && against !== '' ? Number(against) - Number(part) : part < against ? 1 : -1;
  }
  return (other?.length ?? 0) - (one?.length ?? 0);
}

/** Where loaders look without a cache: glibc's built-in folders as Debian and as others build it, each with its levels; musl's. */
function foldersOf(tree: FileTree, architecture: Architecture, cpu: readonly string[]): readonly string[] {
  const {multiarch, musl} = abis[architecture];
  const base = [`/lib/${multiarch}`, `/usr/lib/${multiarch}`, '/lib64', '/usr/lib64', '/lib', '/usr/lib'];
  const glibc = base.flatMap((folder) => [...cpu.map((level) => `${folder}/glibc-hwcaps/${level}`), folder]);
  const own = tree.read(`/etc/ld-musl-${musl}.path`)?.toString('utf8');
  const ofMusl = own === undefined ? ['/lib', '/usr/local/lib', '/usr/lib'] : own.split(/[\n:]/).map((each) => each.trim());
  const isMusl = tree.isFile(`/lib/ld-musl-${musl}.so.1`) && tree.read('/etc/ld.so.cache') === undefined;
  return [...new Set(isMusl ? [...ofMusl.filter((each) => each.startsWith('/')), ...glibc] : [...glibc, '/usr/local/lib'])];
}

/** A program's file, or a library's, of this machine's own ABI. */
function isLibrary(file: string, architecture: Architecture): boolean {
  const head = beginningOf(file, 20);
  return (
    head.length === 20 &&
    head.toString('latin1', 0, 4) === '\x7fELF' &&
    head[4] === 2 && // of 64 bits
    [2, 3].includes(head.readUInt16LE(16)) && // a program, or what can be placed anywhere
    head.readUInt16LE(18) === elfMachines[architecture]
  );
}
