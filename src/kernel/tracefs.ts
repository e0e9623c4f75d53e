// Tracepoints as tracefs describes them: categories, names, and the format of each record.
import {statSync} from 'node:fs';
import path from 'node:path';
import type {TracepointField} from '../preset/machine.ts';
import {foldersIn} from './folders.ts';
import {textOf} from './read-text.ts';

/** Where tracefs may be mounted; the second is inside debugfs, on older systems. */
const mounts = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'];

/** Not existsSync: access(2) asks for the real user, who may have no right but by capabilities. */
export function isThere(place: string): boolean {
  try {
    return statSync(place, {throwIfNoEntry: false}) !== undefined;
  } catch {
    return false;
  }
}

export class Tracefs {
  private readonly names = new Map<string, readonly string[]>();

  /** The folder of events, or undefined: not mounted, or not readable. */
  readonly events: string | undefined = mounts.map((mount) => path.join(mount, 'events')).find(isThere);

  categories(): readonly string[] {
    return this.folders('');
  }

  eventNames(category: string): readonly string[] {
    const known = this.names.get(category);
    if (known !== undefined) return known;
    const names = this.folders(category);
    this.names.set(category, names);
    return names;
  }

  /** False for what is no name, such as a pattern or a path. */
  has(category: string, name: string): boolean {
    return (
      this.events !== undefined &&
      [category, name].every((each) => /^\w+$/.test(each)) &&
      isThere(path.join(this.events, category, name, 'format'))
    );
  }

  format(category: string, name: string): readonly TracepointField[] | undefined {
    const text = this.events === undefined ? undefined : textOf(path.join(this.events, category, name, 'format'));
    return text === undefined ? undefined : parseFormat(text);
  }

  private folders(folder: string): readonly string[] {
    return this.events === undefined ? [] : foldersIn(path.join(this.events, folder));
  }
}

/** Lines such as `field:const char * filename; offset:24; size:8; signed:0;` */
export function parseFormat(text: string): readonly TracepointField[] {
  const names = printedNames(text);
  const line = /^\s*field:(?<declaration>[^;]+);\s*offset:(?<offset>\d+);\s*size:(?<size>\d+);(\s*signed:(?<signed>\d);)?/gm;
  return [...text.matchAll(line)].flatMap(({groups}) => {
    const parts = /^(?<type>.*?)\s*(?<name>\w+)(?<array>\[[^\]]*\])?$/.exec(groups?.declaration?.trim() ?? '')?.groups;
    if (groups === undefined || parts === undefined) return [];
    return [
      {
        name: parts.name ?? '',
        type: (parts.type ?? '').trim(),
        offset: Number(groups.offset),
        size: Number(groups.size),
        signed: groups.signed === '1',
        array: parts.array !== undefined,
        ...names.get(parts.name ?? ''),
      },
    ];
  });
}

/** Of fields that are printed by `__print_symbolic(REC->reason, { 2, "NOT_SPECIFIED" }, ...)`. */
function printedNames(text: string): ReadonlyMap<string, Pick<TracepointField, 'names'>> {
  const table = /__print_symbolic\(REC->(?<field>\w+)(?<rows>(\s*,\s*\{[^{}]*\})+)\s*\)/g;
  const row = /\{\s*(?<value>-?(0x)?[0-9a-fA-F]+)[UL]*\s*,\s*"(?<name>[^"]*)"\s*\}/g;
  return new Map(
    [...text.matchAll(table)].map(({groups}) => [
      groups?.field ?? '',
      {
        names: Object.fromEntries(
          [...(groups?.rows ?? '').matchAll(row)].map((each) => [String(Number(each.groups?.value)), each.groups?.name ?? '']),
        ),
      },
    ]),
  );
}
