// THE table of formats: how a value in the key is shown, and whether JSON has it as a number. Adding one is an entry
// here; the preset schema and the docs follow. A value that a format does not know prints as unknown:<value>.
import {addressText, ipv4Text} from './addresses.ts';
import {containerOf} from './containers.ts';
import {narrowed} from './counts.ts';
import {errnoName, signalName} from './errnos.ts';
import type {Cell} from './frame.ts';
import type {LateLookups} from './late.ts';
import type {FormatRef, KeyField, KeyKind} from './layout.ts';
import {cString, safeString, safeText} from './safe-text.ts';
import {scaled} from './scaled.ts';
import {stackCell} from './stacks.ts';
import {syscallName} from './syscalls.ts';

/** Names that only the machine knows; kernel/ gives them, a test gives a literal. */
export interface Lookups {
  readonly architecture: 'x64' | 'arm64';
  user(id: number): string | undefined;
  group(id: number): string | undefined;
  interface(index: number): string | undefined;
  cgroup(id: bigint): string | undefined;
  /** Those that are there now have their names even when they have ended. */
  learnCgroups?(): void;
  /** Of a session: what its keys name beyond that. */
  readonly late?: LateLookups;
}

type Show = (value: bigint, format: FormatRef, lookups: Lookups) => string;

interface Format {
  readonly accepts: readonly KeyKind[];
  readonly align: 'left' | 'right';
  /** `number`: JSON has the value itself; `text`: what is shown. */
  readonly json: 'number' | 'text';
  readonly says: string;
  /** Of an integer. */
  readonly show?: Show;
}

const number = (says: string, show: Show): Format => ({accepts: ['integer'], align: 'right', json: 'number', says, show});
const name = (says: string, show: Show): Format => ({accepts: ['integer'], align: 'left', json: 'text', says, show});
/** What its kind says how to show. */
const ofKind = (says: string, ...accepts: readonly KeyKind[]): Format => ({accepts, align: 'left', json: 'text', says});

const unknown = (value: bigint): string => `unknown:${value}`;
const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);
const hex = (value: bigint): string => `0x${unsigned(value).toString(16)}`;

const table = {
  dec: number('decimal', String),
  hex: name('hexadecimal', hex),
  ptr: name('address', hex),
  bool: name('true or false', (value) => (value === 0n ? 'false' : 'true')),
  string: ofKind('text', 'string'),
  path: ofKind('file name', 'string'),
  comm: ofKind('task name', 'string'),
  bytes: number('size, scaled', (value) => scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'])),
  ns: number('nanoseconds, scaled', (value) => scaled(value, 1000, ['ns', 'µs', 'ms', 's'])),
  us: number('microseconds, scaled', (value) => scaled(value, 1000, ['µs', 'ms', 's'])),
  ms: number('milliseconds, scaled', (value) => scaled(value, 1000, ['ms', 's'])),
  syscall: name('system call by number; those of 32-bit programs are marked', syscallText),
  errno: name('error by number; a result that is none is shown as it is', errnoText),
  signal: name('signal by number', (value) => (value === 0n ? '0' : (signalName(Number(value)) ?? unknown(value)))),
  exitstatus: name('wait status of a process: its exit status, or the signal that ended it', exitStatus),
  ipv4: name('IPv4 address, in the order of the network', ipv4Text),
  ipv6: ofKind('IPv6 address', 'address'),
  ip: ofKind('IPv4 or IPv6 address; IPv4 also where it is mapped into IPv6', 'integer', 'address'),
  port: number('port', String),
  dev: name('device by dev_t', (value, {user}) =>
    user === true ? userDevice(value) : `${BigInt.asUintN(32, value) >> 20n}:${value & 0xfffffn}`,
  ),
  ifname: name('network interface by index', (value, _, lookups) => looked(lookups.interface(Number(value)), value)),
  uid: name('user by number', (value, _, lookups) => safeString(lookups.user(Number(value)) ?? String(value))),
  gid: name('group by number', (value, _, lookups) => safeString(lookups.group(Number(value)) ?? String(value))),
  cgroup: name('cgroup by id', (value, _, lookups) => looked(lookups.cgroup(unsigned(value)), value)),
  ksym: name('kernel symbol by address', (value, _, {late}) => safeString(late?.symbol('kernelAddress', unsigned(value)) ?? hex(value))),
  usym: ofKind('user symbol by address', 'userAddress'),
  openflags: name('flags of open(2)', openFlags),
  mode: name('file mode', (value) => `0${BigInt.asUintN(32, value).toString(8).padStart(3, '0')}`),
  map: name('texts of the preset’s own', (value, {map}) => safeString(map?.[String(value)] ?? unknown(value))),
  enum: name('value of an enum of the kernel', (value, {map}) => safeString(map?.[String(value)] ?? unknown(value))),
  func: name('probed function', (value, {names}) => safeString(names?.[String(unsigned(value))] ?? unknown(value))),
  kstack: ofKind('kernel stack', 'stack'),
  exe: ofKind('program of the process', 'process'),
  cmdline: ofKind('command line of the process', 'process'),
  container: name('container by cgroup', (value, _, lookups) => containerText(lookups.cgroup(unsigned(value)), value)),
  ustack: ofKind('user stack', 'stack'),
} satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof table;
export const formats: Readonly<Record<FormatName, Format>> = table;
export const accepts = (format: FormatName, kind: KeyKind): boolean => formats[format].accepts.includes(kind);
const ofOneField: readonly string[] = ['func', 'enum', 'kstack', 'ustack', 'exe', 'cmdline'] satisfies readonly FormatName[];
/** Those that a preset may ask for. */
export const formatNames = Object.keys(table).filter((each) => !ofOneField.includes(each)) as [FormatName, ...FormatName[]];

/**
 * The format of an expression whose preset names none, by its last word and what it is.
 * @param plain the expression is that word alone, and no member of that name
 */
export function defaultFormat(word: string, kind: KeyKind, plain = true): FormatName {
  if (kind === 'address') return 'ip';
  if (kind === 'stack') return word === 'ustack' ? 'ustack' : 'kstack';
  if (kind === 'process') return word === 'cmdline' ? 'cmdline' : 'exe';
  if (kind === 'userAddress') return 'usym';
  if (kind === 'string') return word === 'comm' ? 'comm' : /(file|path|name)$/.test(word) ? 'path' : 'string';
  if (/port$/.test(word)) return 'port';
  if (!plain) return 'dec';
  switch (word) {
    case 'user':
      return 'uid';
    case 'duration':
      return 'ns';
    case 'cgroup':
    case 'container':
      return word;
    default:
      return 'dec';
  }
}

/** How the bundled program marks a text that could not be read: its last byte, 0 in every text, is 1. */
const faultMark = 1;
const fault: Cell = {text: '<fault>', value: '<fault>'};

export function decodeCell(field: KeyField, key: Uint8Array, lookups: Lookups): Cell {
  const bytes = key.subarray(field.offset, field.offset + field.size);
  const format = formats[field.format.name];
  if (field.kind === 'address') {
    if (bytes.length > 16 && bytes.at(-1) === faultMark) return fault;
    const text = addressText(bytes, field.format.name === 'ip');
    return {text, value: text};
  }
  if (field.kind === 'string') {
    if (bytes.at(-1) === faultMark) return fault;
    const text = cString(bytes);
    // as long as the field: the kernel's copy may have cut it. A task's name is never longer
    const cut = text.length === field.size - 1 && field.format.name !== 'comm' ? '…' : '';
    const shown = safeText(text) + cut;
    return {text: shown, value: shown};
  }
  if (field.kind === 'stack')
    return stackCell(field.format.name === 'ustack' ? 'userStack' : 'kernelStack', readInteger(bytes, false), lookups.late);
  if (field.kind === 'process')
    return processCell(readInteger(bytes, false), field.format.name === 'cmdline' ? 'cmdline' : 'exe', lookups.late);
  if (field.kind === 'userAddress') {
    const [address, process] = [readInteger(bytes.subarray(0, 8), false), readInteger(bytes.subarray(8, 16), false)];
    const text = safeString(lookups.late?.symbol('userAddress', (process << 64n) | address) ?? hex(address));
    return {text, value: text};
  }
  const read = readInteger(bytes, field.signed);
  if (format.show === undefined) {
    const text = ipv4Text(read);
    return {text, value: text};
  }
  const value = field.format.swap === undefined || field.format.name === 'ipv4' ? read : swapped(read, field.format.swap);
  const text = format.show(value, field.format, lookups);
  const unnamed = (field.format.name === 'container' || field.format.name === 'cgroup') && lookups.cgroup(unsigned(value)) === undefined;
  return {text, value: format.json === 'number' ? narrowed(value) : text, ...(unnamed ? {unnamed} : {})};
}

/** A name that begins with ~ is relative to a container's own view, whose upper part is hidden: it may be a container. */
const containerText = (cgroup: string | undefined, value: bigint): string => {
  const container = cgroup === undefined ? undefined : containerOf(cgroup);
  if (container !== undefined) return safeString(container);
  return cgroup === undefined || cgroup.startsWith('~') ? unknown(value) : '-';
};

/** `~`: it had ended before it could be read. */
function processCell(word: bigint, what: 'exe' | 'cmdline', late: LateLookups | undefined): Cell {
  const text = safeString(late?.process(word)?.[what] ?? `~pid ${word >> 32n}`);
  return {text, value: text};
}

/** As mknod(2) and stat(2) have it: minor numbers grew when majors were in their way. */
const userDevice = (value: bigint): string => `${(value & 0xfff00n) >> 8n}:${(value & 0xffn) | ((value >> 12n) & 0xfff00n)}`;

const looked = (found: string | undefined, value: bigint): string => (found === undefined ? unknown(value) : safeString(found));

/** From the order of the network. */
function swapped(value: bigint, size: number): bigint {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, value);
  return bytes.getBigUint64(0, true) >> BigInt(64 - 8 * size);
}

/** Little-endian, of 1, 2, 4 or 8 bytes. */
function readInteger(bytes: Uint8Array, signed: boolean): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (bytes.length) {
    case 1:
      return BigInt(signed ? view.getInt8(0) : view.getUint8(0));
    case 2:
      return BigInt(signed ? view.getInt16(0, true) : view.getUint16(0, true));
    case 4:
      return BigInt(signed ? view.getInt32(0, true) : view.getUint32(0, true));
    default:
      return signed ? view.getBigInt64(0, true) : view.getBigUint64(0, true);
  }
}

/** The kernel's MAX_ERRNO: a result below zero is an error from here on. */
const lowestError = -4095n;

function errnoText(value: bigint): string {
  // an int that was read without its sign looks like 4 GiB less a little; a size may be that large, but no size is so near
  const narrow = BigInt.asIntN(32, value);
  const wide = BigInt.asIntN(64, value);
  const result = value >> 32n === 0n && narrow < 0n && narrow >= lowestError ? narrow : wide;
  return result >= 0n ? String(result) : (errnoName(Number(-result)) ?? unknown(result));
}

/** The lower half is the number; 1 in the upper one says that it is a 32-bit program's. */
function syscallText(value: bigint, _: FormatRef, {architecture}: Lookups): string {
  const compat = value >> 32n === 1n;
  const number = BigInt.asIntN(32, value);
  if (compat) return `${syscallName(architecture, Number(number), true) ?? unknown(number)} (32-bit)`;
  return syscallName(architecture, Number(value)) ?? unknown(value >> 32n === 0n ? number : value);
}

function exitStatus(value: bigint): string {
  const signal = Number(value & 127n);
  if (signal === 0) return String((value >> 8n) & 255n);
  return `${signalName(signal) ?? unknown(BigInt(signal))}${(value & 128n) === 0n ? '' : ' (core dumped)'}`;
}

/** arm64 has four of them elsewhere (its asm/fcntl.h); O_TMPFILE has O_DIRECTORY in it. */
const directoryBits = {
  x64: {O_DIRECT: 0o40000n, O_LARGEFILE: 0o100000n, O_DIRECTORY: 0o200000n, O_NOFOLLOW: 0o400000n},
  arm64: {O_DIRECT: 0o200000n, O_LARGEFILE: 0o400000n, O_DIRECTORY: 0o40000n, O_NOFOLLOW: 0o100000n},
} as const;

/** asm-generic/fcntl.h, in its order; the two lowest bits are the access mode. */
const openBits = (own: (typeof directoryBits)['x64' | 'arm64']): readonly (readonly [bigint, string])[] => [
  [0o100n, 'O_CREAT'],
  [0o200n, 'O_EXCL'],
  [0o400n, 'O_NOCTTY'],
  [0o1000n, 'O_TRUNC'],
  [0o2000n, 'O_APPEND'],
  [0o4000n, 'O_NONBLOCK'],
  [0o4010000n, 'O_SYNC'],
  [0o10000n, 'O_DSYNC'],
  [0o20000n, 'O_ASYNC'],
  [own.O_DIRECT, 'O_DIRECT'],
  [own.O_LARGEFILE, 'O_LARGEFILE'],
  [0o20000000n | own.O_DIRECTORY, 'O_TMPFILE'],
  [own.O_DIRECTORY, 'O_DIRECTORY'],
  [own.O_NOFOLLOW, 'O_NOFOLLOW'],
  [0o1000000n, 'O_NOATIME'],
  [0o2000000n, 'O_CLOEXEC'],
  [0o10000000n, 'O_PATH'],
];

function openFlags(value: bigint, _: FormatRef, {architecture}: Lookups): string {
  const names = [['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE'][Number(value & 3n)] ?? ''];
  let rest = value & ~3n;
  for (const [bits, flag] of openBits(directoryBits[architecture])) {
    if ((rest & bits) !== bits) continue;
    names.push(flag);
    rest &= ~bits;
  }
  return [...names, ...(rest === 0n ? [] : [hex(rest)])].join('|');
}
