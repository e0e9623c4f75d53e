// What this process may do, from /proc/self/status, and how to get what is missing.
import {readFileSync} from 'node:fs';
import {UserError} from '../errors.ts';

/** Bits of CapEff, from linux/capability.h: those that eBPF and reading about processes ask for. */
const capabilities: Readonly<Record<string, number>> = {
  CAP_DAC_OVERRIDE: 1,
  CAP_DAC_READ_SEARCH: 2,
  CAP_SYS_PTRACE: 19,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_RESOURCE: 24,
  CAP_SYSLOG: 34,
  CAP_PERFMON: 38,
  CAP_BPF: 39,
};

export function heldCapabilities(): ReadonlySet<string> {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
  return new Set(Object.keys(capabilities).filter((name) => (effective & (1n << BigInt(capabilities[name] ?? 0))) !== 0n));
}

/** Names of the capabilities that loading and attaching BPF programs still needs; CAP_SYS_ADMIN stands for all. */
function missingCapabilities(): readonly string[] {
  const held = heldCapabilities();
  return held.has('CAP_SYS_ADMIN') ? [] : ['CAP_BPF', 'CAP_PERFMON'].filter((name) => !held.has(name));
}

export const privilegeHint =
  'run it as root: sudo tsbpftop\nor give a copy of node the capabilities: setcap cap_bpf,cap_perfmon,cap_dac_read_search+ep NODE';

/** 'CAP_BPF and CAP_PERFMON are missing', or undefined when nothing is. */
export function whatIsMissing(): string | undefined {
  const missing = missingCapabilities();
  return missing.length === 0 ? undefined : `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`;
}

/** @throws UserError when this process may not load BPF programs */
export function requirePrivilege(): void {
  const missing = whatIsMissing();
  if (missing !== undefined) throw new UserError(`cannot load eBPF programs: ${missing}`, {hint: privilegeHint});
}
