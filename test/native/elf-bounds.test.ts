// ELF files that claim more than there is memory or time for: sparse ones of gigabytes, tables that name each other's bytes
// again and again. Read by whoever traces the process that runs them.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {closeSync, ftruncateSync, openSync, writeSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {root, temporaryFolder} from '../support/program.ts';

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  readonly link?: number;
}

const [symtab, strtab, note] = [2, 3, 7];
const gigabyte = 2 ** 30;

interface Claims {
  readonly sections: readonly Section[];
  /** In place of their number. */
  readonly sectionCount?: number;
  readonly segmentCount?: number;
  readonly parts?: readonly (readonly [offset: number, bytes: Buffer])[];
}

/** A sparse file of four gigabytes, less one byte. */
function write(file: string, {sections, sectionCount, segmentCount = 0, parts = []}: Claims): void {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(3, 16);
  header.writeUInt16LE(62, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(4096n, 32);
  header.writeBigUInt64LE(1024n, 40);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(segmentCount, 56);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(sectionCount === undefined ? sections.length + 1 : 0, 60);
  const table = Buffer.alloc(64 * (sections.length + 1));
  table.writeBigUInt64LE(BigInt(sectionCount ?? 0), 32);
  sections.forEach(({type, offset, size, link = 0}, i) => {
    const at = 64 * (i + 1);
    table.writeUInt32LE(type, at + 4);
    table.writeBigUInt64LE(BigInt(offset), at + 24);
    table.writeBigUInt64LE(BigInt(size), at + 32);
    table.writeUInt32LE(link, at + 40);
    table.writeBigUInt64LE(1n, at + 48);
    table.writeBigUInt64LE(24n, at + 56);
  });
  const fd = openSync(file, 'w');
  ftruncateSync(fd, 4 * gigabyte - 1);
  for (const [offset, bytes] of [[0, header] as const, [1024, table] as const, ...parts]) writeSync(fd, bytes, 0, bytes.length, offset);
  closeSync(fd);
}

/** One executable segment, over all. */
function segment(): Buffer {
  const bytes = Buffer.alloc(56);
  bytes.writeUInt32LE(1, 0);
  bytes.writeUInt32LE(5, 4);
  bytes.writeBigUInt64LE(BigInt(4 * gigabyte), 32);
  return bytes;
}

/** Functions with names that end nowhere near. */
function symbols(count: number): Buffer {
  const bytes = Buffer.alloc(24 * count);
  for (let i = 0; i < count; i++) {
    bytes.writeUInt32LE((i * 17) % 1000, 24 * i);
    bytes[24 * i + 4] = 0x12;
    bytes.writeUInt16LE(1, 24 * i + 6);
    bytes.writeBigUInt64LE(BigInt(i + 4096), 24 * i + 8);
  }
  return bytes;
}

const many = 1_000_000;
const at = 2 ** 24;
const longName = Buffer.alloc(2 ** 21, 'x');
const cases: readonly (readonly [what: string, claims: Claims])[] = [
  ['a hundred million sections', {sections: [], sectionCount: 60_000_000}],
  ['more sections than there are numbers', {sections: [], sectionCount: 2 ** 52}],
  ['sixty thousand segments', {sections: [], segmentCount: 60_000}],
  ['as many segments as have no room in the header', {sections: [], segmentCount: 0xffff}],
  ['a symbol table of three gigabytes', {sections: [{type: symtab, offset: at, size: 3 * gigabyte}]}],
  ['a hundred tables of the same 300 MB', {sections: Array.from({length: 100}, () => ({type: symtab, offset: at, size: 300 << 20}))}],
  ['notes of three gigabytes', {sections: [{type: note, offset: at, size: 3 * gigabyte}]}],
  [
    'a million names of a megabyte',
    {
      sections: [
        {type: symtab, offset: at, size: 24 * many, link: 2},
        {type: strtab, offset: 2 ** 27, size: longName.length},
      ],
      segmentCount: 1,
      parts: [
        [4096, segment()],
        [at, symbols(many)],
        [2 ** 27, longName],
      ],
    },
  ],
  [
    'a million names in a section that does not end',
    {
      sections: [
        {type: symtab, offset: at, size: 24 * many, link: 2},
        {type: strtab, offset: 2 ** 27, size: 2 ** 28},
      ],
      segmentCount: 1,
      parts: [
        [4096, segment()],
        [at, symbols(many)],
        [2 ** 27 + 2 ** 28 - 1, Buffer.from('x')],
      ],
    },
  ],
];

/** In a process of its own: the CPU time that both took, on a busy machine as on one at rest, and the memory that was needed. */
const script = `
  import {createRequire} from 'node:module';
  const addon = createRequire(import.meta.url)(process.argv[1]);
  const said = (name) => { try { addon[name](process.argv[2], ''); return ''; } catch (error) { return error.message + error.log; } };
  const errors = ['readElf', 'readUsdt'].map(said);
  const {user, system} = process.cpuUsage();
  console.log(JSON.stringify({seconds: (user + system) / 1e6, megabytes: process.resourceUsage().maxRSS / 1024, errors}));
`;

for (const [what, claims] of cases)
  test(`an ELF file that claims ${what} takes neither ten seconds of CPU nor a gigabyte`, (context) => {
    const file = path.join(temporaryFolder(context), 'claims');
    write(file, claims);
    const args = ['--input-type=module', '-e', script, path.join(root, 'dist/tsbpftop.node'), file];
    const {status, stdout, stderr, signal} = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env: {...process.env, NODE_OPTIONS: ''},
      timeout: 60_000,
    });
    assert.equal(status, 0, `${String(signal)} ${stderr}`);
    const {seconds, megabytes} = JSON.parse(stdout) as {seconds: number; megabytes: number};
    context.diagnostic(`${seconds.toFixed(1)} s, ${megabytes.toFixed(0)} MB`);
    assert.ok(seconds < 10 && megabytes < 1024, stdout);
  });
