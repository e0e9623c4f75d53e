// Whether a cgroup can be made here: a container mostly has /sys/fs/cgroup for reading.
import {mkdirSync, rmdirSync} from 'node:fs';
import path from 'node:path';
import {cgroupFolder} from '../../src/kernel/cgroups.ts';

/** Why not; undefined where it can. */
export function mayMakeCgroups(): string | undefined {
  const root = cgroupFolder();
  if (root === undefined) return 'needs cgroups of version 2';
  const folder = path.join(root, `tsbpftop-may-${process.pid}`);
  try {
    mkdirSync(folder);
    rmdirSync(folder);
    return undefined;
  } catch (error) {
    return `needs a cgroup hierarchy that may be written to: ${(error as NodeJS.ErrnoException).code}`;
  }
}
