// Names behind numbers: users, groups, interfaces, cgroups. Each table is read when first asked for.
import path from 'node:path';
import type {Lookups} from '../decode/formats.ts';
import {once} from '../decode/once.ts';
import {Cgroups} from './cgroups.ts';
import {foldersIn} from './folders.ts';
import {textOf} from './read-text.ts';

export function liveLookups(): Lookups {
  const users = once(() => idTable('/etc/passwd'));
  const groups = once(() => idTable('/etc/group'));
  const interfaces = once(interfaceTable);
  const cgroups = once(() => new Cgroups());
  return {
    architecture: process.arch === 'arm64' ? 'arm64' : 'x64',
    user: (id) => users().get(id),
    group: (id) => groups().get(id),
    interface: (index) => interfaces().get(index),
    cgroup: (id) => cgroups().get(id),
    learnCgroups: () => cgroups().learn(),
  };
}

/** name:password:id:... */
function idTable(file: string): ReadonlyMap<number, string> {
  return new Map(
    (textOf(file) ?? '')
      .split('\n')
      .map((line) => line.split(':'))
      .filter((parts) => parts.length > 2)
      .map((parts) => [Number(parts[2]), parts[0] ?? '']),
  );
}

function interfaceTable(): ReadonlyMap<number, string> {
  const folder = '/sys/class/net';
  return new Map(foldersIn(folder).map((name) => [Number(textOf(path.join(folder, name, 'ifindex')) ?? ''), name]));
}
