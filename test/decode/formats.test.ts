import assert from 'node:assert/strict';
import test from 'node:test';
import {decodeCell, formatNames, formats, type FormatName, type Lookups} from '../../src/decode/formats.ts';
import type {FormatRef} from '../../src/decode/layout.ts';

const lookups: Lookups = {
  architecture: 'x64',
  user: (id) => (id === 0 ? 'root' : undefined),
  group: () => undefined,
  interface: (index) => (index === 1 ? 'lo' : undefined),
  cgroup: (id) => (id === 7n ? '/system.slice' : undefined),
  kernelSymbol: () => undefined,
};

function integer(value: bigint, format: FormatName, extra: Partial<FormatRef> = {}, signed = value < 0n) {
  const key = new Uint8Array(8);
  new DataView(key.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  return decodeCell(
    {name: 'x', title: 'X', expression: 'x', format: {name: format, ...extra}, offset: 0, size: 8, kind: 'integer', signed},
    key,
    lookups,
  );
}

const integers: readonly (readonly [FormatName, bigint, string, string | number])[] = [
  ['dec', -3n, '-3', -3],
  ['hex', 255n, '0xff', '0xff'],
  ['bool', 1n, 'true', 'true'],
  ['bytes', 4096n, '4.00 KiB', 4096],
  ['ns', 1_500n, '1.50 µs', 1500],
  ['syscall', 257n, 'openat', 'openat'],
  ['syscall', 9999n, 'unknown:9999', 'unknown:9999'],
  ['syscall', -1n, 'unknown:-1', 'unknown:-1'],
  ['errno', -2n, 'ENOENT', 'ENOENT'],
  ['errno', 0xffff_fffen, 'ENOENT', 'ENOENT'],
  ['errno', 3n, '3', '3'],
  ['errno', -512n, 'ERESTARTSYS', 'ERESTARTSYS'],
  ['errno', -4000n, 'unknown:-4000', 'unknown:-4000'],
  ['signal', 9n, 'SIGKILL', 'SIGKILL'],
  ['ipv4', 0x0100_007fn, '127.0.0.1', '127.0.0.1'],
  ['port', 443n, '443', 443],
  ['dev', (8n << 20n) | 1n, '8:1', '8:1'],
  ['ifname', 1n, 'lo', 'lo'],
  ['ifname', 9n, 'unknown:9', 'unknown:9'],
  ['uid', 0n, 'root', 'root'],
  ['uid', 1234n, '1234', '1234'],
  ['cgroup', 7n, '/system.slice', '/system.slice'],
  ['openflags', 0o2000000n, 'O_RDONLY|O_CLOEXEC', 'O_RDONLY|O_CLOEXEC'],
  ['openflags', 0o1102n, 'O_RDWR|O_CREAT|O_TRUNC', 'O_RDWR|O_CREAT|O_TRUNC'],
  ['mode', 0o100644n, '0644', '0644'],
];
for (const [format, value, text, json] of integers)
  test(`${format} shows ${value} as ${text}`, () => assert.deepEqual(integer(value, format), {text, value: json}));

test('map and func take their texts from the preset and the plan', () => {
  assert.equal(integer(1n, 'map', {map: {'0': 'read', '1': 'write'}}).text, 'write');
  assert.equal(integer(2n, 'map', {map: {'0': 'read'}}).text, 'unknown:2');
  assert.equal(integer(1n, 'func', {names: ['a', 'b']}).text, 'b');
});

test('a number past 2^53 stays exact', () => assert.equal(integer((1n << 60n) + 1n, 'dec').value, (1n << 60n) + 1n));

test('a text says when it was cut, when it could not be read, and a task’s name is never cut', () => {
  const cell = (name: FormatName, fill: (key: Uint8Array) => void) => {
    const key = new Uint8Array(16);
    fill(key);
    return decodeCell(
      {name: 'x', title: 'X', expression: 'x', format: {name}, offset: 0, size: 16, kind: 'string', signed: false},
      key,
      lookups,
    ).text;
  };
  assert.equal(
    cell('path', (key) => key.fill(0x61, 0, 5)),
    'aaaaa',
  );
  assert.equal(
    cell('path', (key) => key.fill(0x61, 0, 15)),
    `${'a'.repeat(15)}…`,
  );
  assert.equal(
    cell('comm', (key) => key.fill(0x61, 0, 15)),
    'a'.repeat(15),
  );
  assert.equal(
    cell('path', (key) => {
      key[15] = 1;
    }),
    '<fault>',
  );
  assert.equal(
    cell('path', () => undefined),
    '',
  );
});

test('every format says what it is for', () => {
  for (const name of formatNames) assert.ok(formats[name].says.length > 3, name);
});
