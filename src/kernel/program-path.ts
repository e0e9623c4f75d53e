// Where a program of this machine is: in a folder of PATH. An empty one is the folder that one is in, which is no place to take a
// program from.
import {existsSync} from 'node:fs';
import path from 'node:path';

/** The first of the names that is anywhere. */
export function programInPath(names: readonly string[], searchPath: string): string | undefined {
  for (const name of names)
    for (const folder of searchPath.split(':'))
      if (folder.startsWith('/') && existsSync(path.join(folder, name))) return path.join(folder, name);
  return undefined;
}

/** clang by its names: the machine's own, else its newest. */
export const clangs: readonly string[] = ['clang', ...[22, 21, 20, 19, 18, 17, 16, 15, 14].map((version) => `clang-${version}`)];
