// Names behind numbers: users, groups, interfaces, cgroups. Each table is read once, when first asked for.
import {readdirSync, readFileSync, statSync} from 'node:fs';
import path from 'node:path';
import type {Lookups} from '../decode/formats.ts';

export function liveLookups(): Lookups {
  const users = once(() => idTable('/etc/passwd'));
  const groups = once(() => idTable('/etc/group'));
  const interfaces = once(interfaceTable);
  const cgroups = once(() => cgroupTable('/sys/fs/cgroup'));
  return {
    architecture: process.arch === 'arm64' ? 'arm64' : 'x64',
    user: (id) => users().get(id),
    group: (id) => groups().get(id),
    interface: (index) => interfaces().get(index),
    cgroup: (id) => cgroups().get(id),
    kernelSymbol: () => undefined,
  };
}

function once<T>(read: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= read();
    return value;
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

/** A cgroup's id is the inode of its folder. */
function cgroupTable(root: string): ReadonlyMap<bigint, string> {
  const table = new Map<bigint, string>();
  const walk = (folder: string): void => {
    const stat = statSync(folder, {bigint: true, throwIfNoEntry: false});
    if (stat === undefined || table.size > 100_000) return;
    table.set(stat.ino, folder.slice(root.length) || '/');
    for (const name of foldersIn(folder)) walk(path.join(folder, name));
  };
  walk(root);
  return table;
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
