// A program of somebody else's whose map holds, and whose types are named, what a terminal would obey.
import {execFileSync} from 'node:child_process';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {root} from './program.ts';

/** Compiled: its names are plain, and the map's texts are what `hostile map` writes. */
export function hostileObject(folder: string): string {
  const object = path.join(folder, 'hostile.bpf.o');
  const include = `-I/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
  const source = path.join(root, 'test/fixtures/objects/hostile.bpf.c');
  if (!existsSync(object)) execFileSync('clang', ['-g', '-O2', '-target', 'bpf', include, '-c', source, '-o', object]);
  return object;
}

const plain = ['evil_number_to_be_replaced', 'evil_member_to_be_replaced', 'evil_enum_to_be_replaced', 'EVIL_VALUE_TO_BE_REPLACED'];

/** The same object, whose types and members have names that a terminal would obey. */
export function evilNames(folder: string): string {
  const bytes = readFileSync(hostileObject(folder));
  for (const name of plain)
    for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1))
      bytes.write('\u001B]0;owned\u0007\u009B\u202E'.padEnd(name.length, '_'), at, name.length, 'utf8');
  const object = path.join(folder, 'evil.bpf.o');
  writeFileSync(object, bytes);
  return object;
}
