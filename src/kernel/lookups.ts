// Names behind numbers: users, groups, interfaces, cgroups. Each table is read when first asked for.
import {existsSync, readFileSync, readdirSync, readlinkSync, statSync} from 'node:fs';
import path from 'node:path';
import type {Lookups} from '../decode/formats.ts';
import {once} from '../decode/once.ts';

export function liveLookups(): Lookups {
  const users = once(() => idTable('/etc/passwd'));
  const groups = once(() => idTable('/etc/group'));
  const interfaces = once(interfaceTable);
  const cgroups = new Cgroups();
  return {
    architecture: process.arch === 'arm64' ? 'arm64' : 'x64',
    user: (id) => users().get(id),
    group: (id) => groups().get(id),
    interface: (index) => interfaces().get(index),
    cgroup: (id) => cgroups.get(id),
  };
}

/** name:password:id:... */
function idTable(file: string): ReadonlyMap<number, string> {
  return new Map(
    textOf(file)
      .split('\n')
      .map((line) => line.split(':'))
      .filter((parts) => parts.length > 2)
      .map((parts) => [Number(parts[2]), parts[0] ?? '']),
  );
}

function interfaceTable(): ReadonlyMap<number, string> {
  const folder = '/sys/class/net';
  return new Map(foldersIn(folder).map((name) => [Number(textOf(path.join(folder, name, 'ifindex'))), name]));
}

const readAgain = 2000; // ms
/** Times as long as reading them took: whoever makes a hundred thousand of them is not to keep the screen from its keys. */
const restTimes = 20;

/** Names of cgroups; one that is met and not known may be new. Those that have gone keep their names. */
class Cgroups {
  private readonly table = new Map<bigint, string>();
  private nextAt = Number.NEGATIVE_INFINITY;
  // beside v1 the unified hierarchy has a place of its own
  private readonly root = existsSync('/sys/fs/cgroup/unified') ? '/sys/fs/cgroup/unified' : '/sys/fs/cgroup';

  get(id: bigint): string | undefined {
    const found = this.table.get(id);
    const began = performance.now();
    if (found !== undefined || began < this.nextAt) return found;
    readCgroups(this.root, this.table);
    const ended = performance.now();
    this.nextAt = ended + Math.max(readAgain, restTimes * (ended - began));
    return this.table.get(id);
  }
}

/** The kernel's number of its first cgroup namespace: elsewhere, as in a container, the upper part of each name is hidden. */
const firstNamespace = 'cgroup:[4026531835]';

function ownNamespace(): boolean {
  try {
    return readlinkSync('/proc/self/ns/cgroup') !== firstNamespace;
  } catch {
    return false;
  }
}

/** A cgroup's id is the inode of its folder. */
function readCgroups(root: string, table: Map<bigint, string>): void {
  const hidden = ownNamespace() ? '~' : '';
  const walk = (folder: string): void => {
    const stat = statSync(folder, {bigint: true, throwIfNoEntry: false});
    if (stat === undefined || table.size > 100_000) return;
    table.set(stat.ino, `${hidden}${folder.slice(root.length) || '/'}`);
    for (const name of foldersIn(folder)) walk(path.join(folder, name));
  };
  walk(root);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, {withFileTypes: true})
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}
