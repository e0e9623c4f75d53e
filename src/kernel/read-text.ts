// A small file, as /proc, /sys and /etc have them, where it may be that there is none.
import {readFileSync} from 'node:fs';

/** undefined: it is not there, or this user may not read it. */
export function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
