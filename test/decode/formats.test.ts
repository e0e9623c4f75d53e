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
};

function integer(value: bigint, format: FormatName, extra: Partial<FormatRef> = {}, signed = value < 0n, names = lookups) {
  const key = new Uint8Array(8);
  new DataView(key.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  return decodeCell(
    {name: 'x', title: 'X', expression: 'x', format: {name: format, ...extra}, offset: 0, size: 8, kind: 'integer', signed},
    key,
    names,
  );
}

const integers: readonly (readonly [FormatName, bigint, string, string | number])[] = [
  ['dec', -3n, '-3', -3],
  ['hex', 255n, '0xff', '0xff'],
  ['bool', 1n, 'true', 'true'],
  ['bytes', 512n, '512 B', 512],
  ['bytes', 4096n, '4.00 KiB', 4096],
  ['bytes', (1n << 20n) - 1n, '1.00 MiB', (1 << 20) - 1],
  ['ns', 1_500n, '1.50 µs', 1500],
  ['ns', 9_999n, '10.0 µs', 9999],
  ['ns', 99_960n, '100 µs', 99_960],
  ['ns', 999_999n, '1.00 ms', 999_999],
  ['ns', -2_500n, '-2.50 µs', -2500],
  ['syscall', 257n, 'openat', 'openat'],
  ['syscall', 336n, 'uprobe', 'uprobe'],
  ['syscall', 424n, 'pidfd_send_signal', 'pidfd_send_signal'],
  ['syscall', 469n, 'file_setattr', 'file_setattr'],
  ['syscall', 9999n, 'unknown:9999', 'unknown:9999'],
  ['syscall', -1n, 'unknown:-1', 'unknown:-1'],
  ['syscall', 0xffffffffn, 'unknown:-1', 'unknown:-1'],
  ['syscall', (1n << 32n) | 295n, 'openat (32-bit)', 'openat (32-bit)'],
  ['syscall', (1n << 32n) | 403n, 'clock_gettime64 (32-bit)', 'clock_gettime64 (32-bit)'],
  ['syscall', (1n << 32n) | 437n, 'openat2 (32-bit)', 'openat2 (32-bit)'],
  ['syscall', (1n << 32n) | 9999n, 'unknown:9999 (32-bit)', 'unknown:9999 (32-bit)'],
  ['errno', -2n, 'ENOENT', 'ENOENT'],
  ['errno', 0xffff_fffen, 'ENOENT', 'ENOENT'],
  ['errno', 0n, '0', '0'],
  ['errno', 3n, '3', '3'],
  ['errno', 3_000_000_000n, '3000000000', '3000000000'],
  ['errno', -4_294_967_296n, 'unknown:-4294967296', 'unknown:-4294967296'],
  ['errno', -512n, 'ERESTARTSYS', 'ERESTARTSYS'],
  ['errno', -4000n, 'unknown:-4000', 'unknown:-4000'],
  ['signal', 9n, 'SIGKILL', 'SIGKILL'],
  ['signal', 33n, 'SIG33', 'SIG33'],
  ['signal', 36n, 'SIGRTMIN+2', 'SIGRTMIN+2'],
  ['signal', 65n, 'unknown:65', 'unknown:65'],
  ['exitstatus', 0x300n, '3', '3'],
  ['exitstatus', 9n, 'SIGKILL', 'SIGKILL'],
  ['exitstatus', 0x8bn, 'SIGSEGV (core dumped)', 'SIGSEGV (core dumped)'],
  ['ipv4', 0x0100_007fn, '127.0.0.1', '127.0.0.1'],
  ['port', 443n, '443', 443],
  ['dev', (8n << 20n) | 1n, '8:1', '8:1'],
  ['dev', -1n, '4095:1048575', '4095:1048575'],
  ['ifname', 1n, 'lo', 'lo'],
  ['ifname', 9n, 'unknown:9', 'unknown:9'],
  ['uid', 0n, 'root', 'root'],
  ['uid', 1234n, '1234', '1234'],
  ['cgroup', 7n, '/system.slice', '/system.slice'],
  ['openflags', 0o2000000n, 'O_RDONLY|O_CLOEXEC', 'O_RDONLY|O_CLOEXEC'],
  ['openflags', 0o1102n, 'O_RDWR|O_CREAT|O_TRUNC', 'O_RDWR|O_CREAT|O_TRUNC'],
  ['openflags', 0o20200002n, 'O_RDWR|O_TMPFILE', 'O_RDWR|O_TMPFILE'],
  ['openflags', 1n << 40n, 'O_RDONLY|0x10000000000', 'O_RDONLY|0x10000000000'],
  ['mode', 0o4755n, '04755', '04755'],
  ['mode', 0o100644n, '0100644', '0100644'],
];
for (const [format, value, text, json] of integers)
  test(`${format} shows ${value} as ${text}`, () => assert.deepEqual(integer(value, format), {text, value: json}));

test('arm64 has its own system calls and flags', () => {
  const arm64 = {...lookups, architecture: 'arm64'} as const;
  const cases: readonly (readonly [FormatName, bigint, string])[] = [
    ['syscall', 56n, 'openat'],
    ['syscall', 79n, 'newfstatat'],
    ['syscall', 257n, 'unknown:257'],
    ['syscall', (1n << 32n) | 322n, 'openat (32-bit)'],
    ['syscall', (1n << 32n) | 39n, 'mkdir (32-bit)'],
    ['syscall', 403n, 'unknown:403'],
    ['syscall', 452n, 'fchmodat2'],
    ['openflags', 0o40000n, 'O_RDONLY|O_DIRECTORY'],
    ['openflags', 0o200000n, 'O_RDONLY|O_DIRECT'],
    ['openflags', 0o20040001n, 'O_WRONLY|O_TMPFILE'],
  ];
  for (const [format, value, text] of cases) assert.equal(integer(value, format, {}, false, arm64).text, text);
});

test('an integer has the size and the sign of its field', () => {
  const bytes = Uint8Array.of(0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
  const cell = (size: number, signed: boolean) =>
    decodeCell({name: 'x', title: 'X', expression: 'x', format: {name: 'dec'}, offset: 1, size, kind: 'integer', signed}, bytes, lookups);
  assert.deepEqual(
    [1, 2, 4, 8].map((size) => cell(size, true).value),
    [-2, -2, -2, -2],
  );
  assert.deepEqual(
    [1, 2, 4, 8].map((size) => cell(size, false).value),
    [0xfe, 0xfffe, 0xffff_fffe, 0xffff_ffff_ffff_fffen],
  );
});

test('names of the machine and of a preset are made safe too', () => {
  assert.equal(integer(0n, 'map', {map: {'0': 'a\x1b[31m'}}).text, 'a\\x1b[31m');
  assert.equal(integer(7n, 'cgroup', {}, false, {...lookups, cgroup: () => '/a\nb'}).text, '/a\\nb');
});

test('map and func take their texts from the preset and the plan', () => {
  assert.equal(integer(1n, 'map', {map: {'0': 'read', '1': 'write'}}).text, 'write');
  assert.equal(integer(2n, 'map', {map: {'0': 'read'}}).text, 'unknown:2');
  assert.equal(integer(-1_593_216_751n, 'func', {names: {'0': 'a', '18446744072116334865': 'b'}}).text, 'b');
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

test('a value in the order of the network is turned for port and dec, and not for ipv4', () => {
  assert.equal(integer(0xbb01n, 'port', {swap: 2}).value, 443);
  assert.equal(integer(0x0403_0201n, 'dec', {swap: 4}).value, 0x0102_0304);
  assert.equal(integer(0x0100_007fn, 'ipv4', {swap: 4}).text, '127.0.0.1');
});

test('a device is told by the kernel’s own number, or by that of user space', () => {
  assert.equal(integer((259n << 20n) | 300n, 'dev').text, '259:300');
  assert.equal(integer(0x11032cn, 'dev', {user: true}).text, '259:300');
});
