// Names of cgroups by their ids. An id is the inode of a folder of the unified hierarchy, the one by which BPF programs tell
// cgroups; folders of version 1 have inodes of their own that mean nothing here.
import {existsSync, statfsSync, statSync} from 'node:fs';
import path from 'node:path';
import {foldersIn} from './folders.ts';
import {textOf} from './read-text.ts';

const cgroup2Magic = 0x6367_7270;

/** Where the unified hierarchy is mounted: all of it, if it is anywhere; else what a cgroup namespace shows of it. */
export function cgroupFolder(): string | undefined {
  const mounted = mountPoints().filter(isUnified);
  return mounted.find((folder) => !isPart(folder)) ?? mounted[0];
}

/** The same, or where it would be. */
export const cgroupRoot = (): string => cgroupFolder() ?? '/sys/fs/cgroup';

function mountPoints(): readonly string[] {
  const lines = (textOf('/proc/self/mountinfo') ?? '').split('\n');
  return lines.filter((line) => line.includes(' - cgroup2 ')).map((line) => line.split(' ')[4] ?? '');
}

/** Another mount may lie over it. */
export function isUnified(folder: string): boolean {
  try {
    return statfsSync(folder).type === cgroup2Magic;
  } catch {
    return false;
  }
}

/** Every cgroup but the hierarchy's root has this file: what is above a part is hidden, as in a container. */
const isPart = (folder: string): boolean => existsSync(path.join(folder, 'cgroup.events'));

/** ms; a container that lives less may stay without a name. */
const readAgain = 200;
/** Times as long as reading them took: whoever makes a hundred thousand of them is not to keep the screen from its keys. */
const restTimes = 20;
const mostNames = 100_000;

/** One that is met and not known may be new. Those that have gone keep their names. */
export class Cgroups {
  private readonly table = new Map<bigint, string>();
  private nextAt = Number.NEGATIVE_INFINITY;
  private readonly root: string | undefined;

  constructor(root = cgroupFolder()) {
    this.root = root;
  }

  get(id: bigint): string | undefined {
    const found = this.table.get(id);
    const began = performance.now();
    if (found !== undefined || began < this.nextAt) return found;
    this.learn();
    const ended = performance.now();
    this.nextAt = ended + Math.max(readAgain, restTimes * (ended - began));
    return this.table.get(id);
  }

  /** Reads those that are there now. */
  learn(): void {
    const {root, table} = this;
    if (root === undefined) return;
    const hidden = isPart(root) ? '~' : '';
    let left = mostNames;
    const walk = (folder: string): void => {
      const stat = statSync(folder, {bigint: true, throwIfNoEntry: false});
      if (stat === undefined || left-- <= 0) return;
      table.delete(stat.ino); // what is there comes last
      table.set(stat.ino, `${hidden}${folder.slice(root.length) || '/'}`);
      for (const name of foldersIn(folder)) walk(path.join(folder, name));
    };
    walk(root);
    for (const id of table.keys()) {
      if (table.size <= mostNames) break;
      table.delete(id);
    }
  }
}
