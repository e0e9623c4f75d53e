// The folders in a folder, as /sys and its like have them: links to folders among them.
import {readdirSync} from 'node:fs';

/** None where there is nothing, or where this user may not look. */
export function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, {withFileTypes: true}).flatMap((entry) =>
      entry.isDirectory() || entry.isSymbolicLink() ? [entry.name] : [],
    );
  } catch {
    return [];
  }
}
