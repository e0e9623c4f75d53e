// The addon's errors in a user's words: operation, object, cause, and what to try.
import {BpfError} from '../../errors.ts';
import type {NativeError} from '../../native/contract.ts';
import {missingFor, underSeccomp} from '../../kernel/privilege.ts';

export const isNativeError = (error: unknown): error is NativeError => error instanceof Error && 'operation' in error && 'log' in error;

/** @param filtered a seccomp filter is on this process */
export function toBpfError(error: NativeError, view: string, filtered = underSeccomp()): BpfError {
  const {operation, target, code, log} = error;
  const facts = {operation, target, code, log};
  const missing = code === 'EPERM' || code === 'EACCES' ? missingFor(`${operation} ${target}`) : undefined;
  if (missing !== undefined) return new BpfError(`cannot ${operation} '${target}': ${missing.what}`, facts, missing.hint);
  if (filtered && code === 'EPERM')
    return new BpfError(
      `cannot ${operation} '${target}': it is forbidden, perhaps by the seccomp filter that this process has, as in a container`,
      facts,
      'docker run --security-opt seccomp=unconfined, or in a pod seccompProfile: {type: Unconfined}',
    );
  if (operation === 'count CPUs')
    return new BpfError(
      `cannot read counts, which each CPU has its own of: how many CPUs there may be is not told, as '${target}' cannot be read`,
      facts,
      'mount -t sysfs sysfs /sys   (as root), or give the container /sys',
    );
  if (operation === 'load program') {
    if (code === 'EMFILE' || isOutOfFiles(log))
      return new BpfError(
        `cannot load the program of view '${view}': too many files are open: it needs some for its maps`,
        facts,
        roomForFiles,
      );
    const line = decisiveLine(log);
    if (line !== undefined)
      return new BpfError(
        `cannot load the program of view '${view}': the kernel's verifier refused it: ${line}`,
        facts,
        `tsbpftop check -v FILE shows the verifier's whole log (${log.split('\n').length} lines)`,
      );
    return new BpfError(
      `cannot load the program of view '${view}': ${code === 'EPERM' ? 'this kernel does not allow programs of this kind (EPERM)' : error.message}`,
      facts,
      '',
    );
  }
  return new BpfError(`cannot ${operation} '${target}': ${causes[code] ?? error.message}`, facts, hints[code] ?? '');
}

/** Most machines have all software events, and virtual ones no counters. */
export function noCounter({operation, target, code, log}: NativeError, probes: readonly string[]): BpfError | undefined {
  if (target !== 'hardware event' || !['ENOENT', 'EOPNOTSUPP', 'ENODEV'].includes(code)) return undefined;
  const probe = probes.find((each) => each.startsWith('hardware:')) ?? target;
  return new BpfError(
    `cannot ${operation} '${probe}': this machine has no such counter`,
    {operation, target: probe, code, log},
    'virtual machines often have none; profile:hz:99 and the events of software: work everywhere',
  );
}

/** Of processes and threads. */
export const noRoom = {
  cause: 'there is no room for another process or thread',
  hint: 'ulimit -u and ulimit -v, and pids.max of the cgroup, say what there may be',
};
const roomForFiles = 'a narrower wildcard, or ulimit -n 65536';
const causes: Readonly<Record<string, string>> = {
  ENOENT: 'the kernel, or this machine, has no such probe',
  ECANCELED: 'it was given up',
  EADDRNOTAVAIL: 'several kernel functions have this name, and the kernel does not say which one is meant',
  EILSEQ: 'no instruction begins there',
  EBUSY: 'the kernel refuses it for now (EBUSY)',
  EOPNOTSUPP: 'this kernel does not support it',
  ENOTSUPP: 'this kernel does not support it',
  ENOMEM: 'the kernel has no memory for it',
  EPERM: 'the kernel forbids it, perhaps by lockdown or a container',
  ENODEV: 'this machine has no such event',
  EAGAIN: noRoom.cause,
  EMFILE: 'too many files are open: each probe of its own needs two',
};
const hints: Readonly<Record<string, string>> = {
  ENOMEM: 'a smaller "maxKeys"',
  EAGAIN: noRoom.hint,
  E2BIG: 'a smaller "maxKeys"',
  EMFILE: roomForFiles,
};

/** libbpf tries what the kernel can do, and takes a trial for which it had no free descriptor for a kernel that has no global data. */
export const isOutOfFiles = (log: string): boolean => /'[^']*\.(rodata|data|bss)' is referenced but wasn't created/.test(log);

/** What the verifier objected to: the last line that is neither an instruction nor its statistics. */
export function decisiveLine(log: string): string | undefined {
  const lines = log.split('\n').map((line) => line.trim());
  return lines.findLast(
    (line) =>
      line !== '' &&
      !/^(processed \d+ insns|verification time|stack depth|max_states|-- |libbpf:|\d+: |from \d+ to|R\d+(_\w+)?=|; |mark_precise|last_idx|regs=|parent |arg#)/.test(
        line,
      ),
  );
}
