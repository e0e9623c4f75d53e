// Finds what a FILE in a probe means: a path, a program on PATH, or a shared library by its bare name, as the shell and
// the dynamic loader would; for one process alone, in that process's own root, and first of all what it has mapped. Reads
// only; runs nothing.
import {accessSync, constants, readFileSync} from 'node:fs';
import type {Architecture} from '../preset/machine.ts';
import {beginningOf, FileTree, sameFile, statOf} from './file-tree.ts';
import {findLibrary, isNamed} from './libraries.ts';

export interface Finder {
  /** PATH */
  readonly searchPath: string;
  readonly architecture: Architecture;
}

/** @param pid the process that it is for, which may have a root of its own @returns a path that we can open */
export function findFile(name: string, finder: Finder, pid?: number): string | undefined {
  if (pid === undefined) return findIn(new FileTree(), name, finder);
  const tree = new FileTree(`/proc/${pid}/root`);
  const found = name.includes('/') ? undefined : mappedFile(name, pid);
  // a path from here may lead where the process has none, as into the folder that it was given as its root
  return (
    asHere(found ?? (name.includes('/') && !name.startsWith('/') ? undefined : findIn(tree, name, finder)), tree) ??
    findIn(new FileTree(), name, finder)
  );
}

export function findIn(tree: FileTree, name: string, {searchPath, architecture}: Finder): string | undefined {
  if (name.includes('/')) return tree.isFile(name) ? tree.resolve(name) : undefined;
  for (const folder of searchPath.split(':')) {
    // an empty one is the folder that one is in, which is no place to take a program from
    const candidate = folder.startsWith('/') ? `${folder}/${name}` : undefined;
    if (candidate !== undefined && tree.isFile(candidate) && isProgram(tree.resolve(candidate))) return tree.resolve(candidate);
  }
  return findLibrary(name, tree, architecture);
}

/** The same file by its path here, if that is what it is: shorter, and there when the process has gone. */
function asHere(found: string | undefined, {prefix}: FileTree): string | undefined {
  if (found?.startsWith(`${prefix}/`) !== true) return found;
  const here = found.slice(prefix.length);
  return sameFile(here, found) ? here : found;
}

/** Of what a process has mapped, the file of this name. It may lie in a root of its own, or have been removed since. */
function mappedFile(name: string, pid: number): string | undefined {
  for (const {range, inode, path} of mappings(pid)) {
    const file = path.replace(/ \(deleted\)$/, '');
    const base = file.slice(file.lastIndexOf('/') + 1);
    if (base !== name && !isNamed(base, name)) continue;
    const candidates = [`/proc/${pid}/root${file}`, file, `/proc/${pid}/map_files/${range}`];
    const found = candidates.find((each) => statOf(each)?.ino === inode);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Those of code. */
function mappings(pid: number): readonly {readonly range: string; readonly inode: bigint; readonly path: string}[] {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8')
      .split('\n')
      .flatMap((line) => {
        const [, range, inode = '0', path] = /^([\da-f]+-[\da-f]+) ..x. [\da-f]+ [\da-f]+:[\da-f]+ (\d+) +(\/.*)$/.exec(line) ?? [];
        return range === undefined || path === undefined ? [] : [{range, inode: BigInt(inode), path}];
      });
  } catch {
    return []; // it has ended, or is another user's
  }
}

/** Where the symbols that were stripped off a file are installed, by its build id. */
export function debugFileOf(buildId: string): string | undefined {
  if (!/^[0-9a-f]{4,}$/.test(buildId)) return undefined;
  const file = `/usr/lib/debug/.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`;
  return beginningOf(file, 4).toString('latin1') === '\x7fELF' ? file : undefined;
}

/** Of a script: the program that runs it, as its first line says. */
export function interpreterOf(file: string): string | undefined {
  const [, command = '', argument = ''] = /^#! *(\S+)[ \t]*(\S*)/.exec(beginningOf(file, 256).toString('utf8')) ?? [];
  return command === '' ? undefined : /\/env$/.test(command) && /^[^-]/.test(argument) ? argument : command;
}

function isProgram(name: string | undefined): boolean {
  if (name === undefined) return false;
  try {
    accessSync(name, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
