// What can go wrong with a program of others, in a user's words: a file that is no eBPF object, a program that the kernel
// refuses, a map that has gone.
import {safeString} from '../../decode/safe-text.ts';
import {BpfError, UserError} from '../../errors.ts';
import {missingFor, privilegeHint} from '../../kernel/privilege.ts';
import type {NativeError} from '../../native/contract.ts';
import {decisiveLine, isOutOfFiles, noRoom} from './native-errors.ts';

const ofBpf = 247; // EM_BPF

/** What runs out on the machine, and says nothing of the object. */
const shortages: Readonly<Record<string, string>> = {
  EAGAIN: noRoom.hint,
  EMFILE: 'ulimit -n 65536',
};

/** Why libbpf cannot open these bytes. */
export function openError(error: NativeError, file: string, bytes: Uint8Array): UserError {
  const {log, message, code} = error;
  const lacking = shortages[code];
  if (lacking !== undefined) return new UserError(`cannot open object '${file}': ${causeOf(error)}`, {hint: lacking});
  const fault = (why: string, hint = ''): UserError => new UserError(`object '${file}' ${why}`, {hint, status: 2});
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint32(0) !== 0x7f_45_4c_46)
    return fault('is no ELF file', 'clang -g -O2 -target bpf -c x.bpf.c -o x.bpf.o');
  if (bytes.length < 64) return fault('is damaged: it ends within its header');
  if (bytes[4] !== 2) return fault('is of 32 bits, and eBPF objects are of 64');
  if (bytes[5] !== 1)
    return fault('is compiled for machines of the other byte order', 'clang -target bpfel, or -target bpf on a machine like this one');
  const machine = view.getUint16(18, true);
  if (machine !== ofBpf)
    return fault(`is compiled for ${machines[machine] ?? `another machine (${machine})`}, not for eBPF`, 'clang -g -O2 -target bpf');
  if (/BTF is required|no BTF|BTF.*not found|missing.*BTF/i.test(log) || (/\.maps/.test(log) && !/\.BTF/.test(log)))
    return fault('has no BTF, by which its maps are described', 'compile it with clang -g; do not strip .BTF');
  if (/legacy map|SEC\("maps"\)|'maps' section/i.test(log))
    return fault('defines its maps in the old way, SEC("maps")', 'libbpf 1.0 and later want them in SEC(".maps"), with BTF');
  return fault(`is damaged, or no eBPF object: ${wordsOf(log) ?? message}`);
}

const machines: Readonly<Record<number, string>> = {3: 'x86', 40: 'arm', 62: 'x86-64', 183: 'arm64', 243: 'RISC-V'};

/** libbpf's own words: of its warnings, the first says most. */
const wordsOf = (log: string): string | undefined => {
  const line = log.split('\n').find((each) => each.startsWith('libbpf: '));
  return line === undefined ? undefined : safeString(line.replace(/^libbpf: /, '').trim());
};

/** @param probe where the program that failed is attached, in words */
export function loadError(error: NativeError, view: string, probe: string, whyNot: string | undefined): BpfError {
  const {operation, target, code, log} = error;
  const facts = {operation, target, code, log};
  const because = whyNot === undefined ? '' : `: ${whyNot}`;
  const missing = code === 'EPERM' || code === 'EACCES' ? missingFor(`${operation} ${operation === 'attach' ? probe : target}`) : undefined;
  if (missing !== undefined) return new BpfError(`cannot open view '${view}': ${missing.what}`, facts, missing.hint);
  const leave = `to do without it: "attach": {"${target}": null}`;
  switch (operation) {
    case 'load program': {
      const named = `program '${target}' of view '${view}'`;
      if (code === 'EMFILE' || isOutOfFiles(log))
        return new BpfError(`cannot load ${named}: ${causes['EMFILE']}`, facts, shortages['EMFILE'] ?? '');
      const words = wordsOf(log);
      const line = log.includes('processed ') || !log.startsWith('libbpf:') ? decisiveLine(log) : undefined;
      if (line !== undefined)
        return new BpfError(
          `cannot load ${named}: the kernel's verifier refused it: ${safeString(line)}`,
          facts,
          `tsbpftop check -v FILE shows the verifier's whole log (${log.trimEnd().split('\n').length} lines)\n${leave}`,
        );
      return new BpfError(
        `cannot load ${named}${because === '' ? `: ${words?.replace(/^prog '[^']*': /, '') ?? causeOf(error)}` : because}`,
        facts,
        leave,
      );
    }
    case 'attach':
      return new BpfError(
        `cannot attach program '${target}' to ${probe}: ${whyNot ?? wordsOf(log)?.replace(/^prog '[^']*': /, '') ?? causeOf(error)}`,
        facts,
        leave,
      );
    case 'create map':
      return new BpfError(
        `cannot create map '${target}' of view '${view}': ${causeOf(error)}`,
        facts,
        code === 'ENOMEM' || code === 'E2BIG' ? 'a smaller "maxKeys"' : (shortages[code] ?? ''),
      );
    default:
      return new BpfError(
        `cannot ${operation} '${target}': ${shortages[code] === undefined ? (wordsOf(log) ?? causeOf(error)) : causeOf(error)}`,
        facts,
        shortages[code] ?? '',
      );
  }
}

const causeOf = ({code, message}: NativeError): string => causes[code] ?? message.replace(/^.*?: /, '');

const causes: Readonly<Record<string, string>> = {
  EPERM: 'this kernel does not allow it (EPERM)',
  ENOENT: 'this machine has no such place',
  EINVAL: 'this kernel does not take it (EINVAL)',
  EOPNOTSUPP: 'this kernel does not support it',
  ENOTSUPP: 'this kernel does not support it',
  ENOMEM: 'the kernel has no memory for it',
  EAGAIN: noRoom.cause,
  EMFILE: 'too many files are open',
  ESRCH: 'this kernel has no such type or function',
};

/** Of reading a map that others hold. */
export const mapError = (error: NativeError, name: string, id: number): BpfError =>
  error.code === 'ENOENT'
    ? new BpfError(`map '${name}' (id ${id}) is gone: whoever held it has ended`, error, 'tsbpftop map NAME finds another of that name')
    : new BpfError(`cannot read map '${name}' (id ${id}): ${causeOf(error)}`, error, error.code === 'EPERM' ? privilegeHint : '');
