// What this process may do, from /proc/self/status, and how to get what is missing.
import {readFileSync} from 'node:fs';
import {UserError} from '../errors.ts';

/** Bits of CapEff, from linux/capability.h. */
const capabilities = {CAP_SYS_ADMIN: 21, CAP_PERFMON: 38, CAP_BPF: 39} as const;

/** Names of the capabilities that loading and attaching BPF programs still needs; CAP_SYS_ADMIN stands for all. */
function missingCapabilities(): readonly string[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
  const has = (bit: number): boolean => (effective & (1n << BigInt(bit))) !== 0n;
  if (has(capabilities.CAP_SYS_ADMIN)) return [];
  return (['CAP_BPF', 'CAP_PERFMON'] as const).filter((name) => !has(capabilities[name]));
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
