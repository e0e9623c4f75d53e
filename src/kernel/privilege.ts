// What this process may do, from /proc/self/status, and how to get what is missing.
import {readFileSync} from 'node:fs';

/** Bits of CapEff, from linux/capability.h. */
const capabilities = {CAP_SYS_ADMIN: 21, CAP_PERFMON: 38, CAP_BPF: 39} as const;

/** Names of the capabilities that loading and attaching BPF programs still needs; CAP_SYS_ADMIN stands for all. */
export function missingCapabilities(): readonly string[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
  const has = (bit: number): boolean => (effective & (1n << BigInt(bit))) !== 0n;
  if (has(capabilities.CAP_SYS_ADMIN)) return [];
  return (['CAP_BPF', 'CAP_PERFMON'] as const).filter((name) => !has(capabilities[name]));
}

export const privilegeHint =
  'run it as root: sudo tsbpftop\nor give a copy of node the capabilities: setcap cap_bpf,cap_perfmon,cap_dac_read_search+ep NODE';
