// A root of files, the machine's or that of one process, and what its paths lead to: symbolic links of another root are
// followed inside it, as a process there follows them. Reads only.
import {closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, realpathSync, statSync, type BigIntStats} from 'node:fs';
import path from 'node:path';

const mostLinks = 40; // as the kernel follows

export class FileTree {
  /** '', or a folder such as /proc/PID/root. */
  readonly prefix: string;

  constructor(prefix = '') {
    this.prefix = prefix;
  }

  /** What we open for a path of this root, without a symbolic link below the prefix; undefined: nothing is there. */
  resolve(name: string): string | undefined {
    try {
      return this.prefix === '' ? pathHere(name) : this.follow(name);
    } catch {
      return undefined; // or it lies where this user may not look
    }
  }

  isFile(name: string): boolean {
    const found = this.resolve(name);
    return found !== undefined && (statOf(found)?.isFile() ?? false);
  }

  /** Names in a folder. */
  list(name: string): readonly string[] {
    const found = this.resolve(name);
    if (found === undefined) return [];
    try {
      return readdirSync(found);
    } catch {
      return [];
    }
  }

  /** A small file. */
  read(name: string): Buffer | undefined {
    const found = this.resolve(name);
    if (found === undefined) return undefined;
    try {
      return readFileSync(found);
    } catch {
      return undefined;
    }
  }

  private follow(name: string): string | undefined {
    const left = name.split('/').reverse();
    let at = '';
    for (let links = 0; left.length > 0; ) {
      const part = left.pop() ?? '';
      if (part === '' || part === '.') continue;
      if (part === '..') {
        at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
        continue;
      }
      const here = `${this.prefix}${at}/${part}`;
      const target = linkOf(here);
      if (target === undefined) {
        at += `/${part}`;
        continue;
      }
      if (++links > mostLinks) return undefined;
      if (target.startsWith('/')) at = '';
      left.push(...target.split('/').reverse());
    }
    const found = `${this.prefix}${at}`;
    return statOf(found) === undefined ? undefined : found;
  }
}

/** /proc/PID/root and /proc/PID/exe lead where their texts do not: into a container's files. */
function pathHere(name: string): string | undefined {
  const [, prefix, inside = ''] = /^(\/proc\/\d+\/root)(\/.*)$/.exec(name) ?? [];
  const there = prefix === undefined ? name : new FileTree(prefix).resolve(inside);
  if (there === undefined || statOf(there) === undefined) return undefined;
  try {
    const here = realpathSync(prefix === undefined ? name : there.slice(prefix.length));
    if (sameFile(here, there)) return here;
  } catch {
    // it is in that root alone
  }
  return path.resolve(there);
}

/** undefined: it is no link, or not there. */
function linkOf(name: string): string | undefined {
  try {
    return readlinkSync(name);
  } catch {
    return undefined;
  }
}

export function statOf(name: string): BigIntStats | undefined {
  try {
    return statSync(name, {bigint: true, throwIfNoEntry: false});
  } catch {
    return undefined;
  }
}

export const sameFile = (a: string, b: string): boolean => {
  const [one, other] = [statOf(a), statOf(b)];
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;
};

/** The first bytes of a file; fewer where it is shorter, none where it cannot be read. */
export function beginningOf(file: string, length: number): Buffer {
  try {
    const opened = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(opened, bytes, 0, length, 0));
    } finally {
      closeSync(opened);
    }
  } catch {
    return Buffer.alloc(0);
  }
}
