// Finds what a FILE in a probe means: a path, a program on PATH, or a shared library by its bare name, as the shell and
// the dynamic loader would. Reads only; runs nothing.
import {accessSync, closeSync, constants, openSync, readdirSync, readFileSync, readSync, realpathSync, statSync} from 'node:fs';
import path from 'node:path';

const builtinFolders = ['/lib', '/usr/lib', '/lib64', '/usr/lib64', '/usr/local/lib'];

export function findFile(name: string, searchPath: string): string | undefined {
  if (name.includes('/')) return isFile(name) ? realpathSync(name) : undefined;
  if (isFile(name) && isElf(name)) return realpathSync(name);
  for (const folder of searchPath.split(':')) {
    const candidate = path.join(folder, name);
    if (folder !== '' && isProgram(candidate)) return realpathSync(candidate);
  }
  return findLibrary(name);
}

/** `libc`, `c`, `libc.so.6` or `libssl.so` among the loader's folders; the newest of several versions. */
function findLibrary(name: string): string | undefined {
  const stems = name.includes('.so') ? [name] : name.startsWith('lib') ? [`${name}.so`] : [`lib${name}.so`, `${name}.so`];
  for (const folder of libraryFolders())
    for (const stem of stems) {
      const versions = filesIn(folder).filter(
        (file) => file === stem || (file.startsWith(`${stem}.`) && /^[\d.]+$/.test(file.slice(stem.length + 1))),
      );
      versions.sort((a, b) => b.localeCompare(a, 'en', {numeric: true}));
      // libc.so is a linker script where development files are installed
      const found = versions.map((file) => path.join(folder, file)).find(isElf);
      if (found !== undefined) return realpathSync(found);
    }
  return undefined;
}

/** Of /etc/ld.so.conf and what it includes, then the built-in ones with their multiarch subfolder. */
function libraryFolders(): readonly string[] {
  const configured = [
    '/etc/ld.so.conf',
    ...filesIn('/etc/ld.so.conf.d')
      .filter((file) => file.endsWith('.conf'))
      .sort()
      .map((file) => `/etc/ld.so.conf.d/${file}`),
  ];
  const listed = configured.flatMap((file) => linesOf(file)).filter((line) => line.startsWith('/'));
  const multiarch = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  return [...new Set([...builtinFolders.map((folder) => path.join(folder, multiarch)), ...listed, ...builtinFolders])];
}

/** Where the symbols that were stripped off a file are installed, by its build id. */
export function debugFileOf(buildId: string): string | undefined {
  if (!/^[0-9a-f]{4,}$/.test(buildId)) return undefined;
  const file = `/usr/lib/debug/.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`;
  return isElf(file) ? file : undefined;
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trim());
  } catch {
    return [];
  }
}

/** False also of what lies where this user may not look. */
function isFile(name: string): boolean {
  try {
    return statSync(name, {throwIfNoEntry: false})?.isFile() ?? false;
  } catch {
    return false;
  }
}

function isProgram(name: string): boolean {
  if (!isFile(name)) return false;
  try {
    accessSync(name, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isElf(name: string): boolean {
  try {
    const file = openSync(name, 'r');
    try {
      const magic = Buffer.alloc(4);
      return readSync(file, magic, 0, 4, 0) === 4 && magic.toString('latin1') === '\x7fELF';
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}
