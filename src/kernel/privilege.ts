// What this process may do, from /proc/self/status, and how to get what is missing.
import {readFileSync} from 'node:fs';
import {UserError} from '../errors.ts';

/** Bits of CapEff, from linux/capability.h: those that eBPF and reading about processes ask for. */
export const capabilities = {
  CAP_DAC_OVERRIDE: 1,
  CAP_DAC_READ_SEARCH: 2,
  CAP_SYS_PTRACE: 19,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_RESOURCE: 24,
  CAP_SYSLOG: 34,
  CAP_PERFMON: 38,
  CAP_BPF: 39,
  CAP_CHECKPOINT_RESTORE: 40,
} as const;
export type CapabilityName = keyof typeof capabilities;

export function heldCapabilities(): ReadonlySet<string> {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
  return new Set(
    Object.entries(capabilities)
      .filter(([, bit]) => (effective & (1n << BigInt(bit))) !== 0n)
      .map(([name]) => name),
  );
}

/** Names of the capabilities that loading and attaching BPF programs still needs; CAP_SYS_ADMIN stands for all. */
function missingCapabilities(held: ReadonlySet<string>): readonly string[] {
  return held.has('CAP_SYS_ADMIN') ? [] : ['CAP_BPF', 'CAP_PERFMON'].filter((name) => !held.has(name));
}

/** What CAP_BPF and CAP_PERFMON are not enough for, by what was tried. */
const forAdministrators: readonly {readonly tried: RegExp; readonly what: string}[] = [
  {tried: /^attach u(ret)?probe:/, what: 'a probe in a user program, where it cannot be attached by uprobe-multi (6.6)'},
  {tried: /^(enable statistics|read programs|read map|open map)/, what: 'programs and maps of others'},
];

const hintOf = (capabilities: readonly string[]): string =>
  [
    'run it as root: sudo tsbpftop',
    `or give the program the capabilities: setcap ${capabilities.join(',').toLowerCase()}+ep FILE   (the single executable, or a copy of node)`,
    `or in a systemd unit: AmbientCapabilities=${capabilities.join(' ')}`,
    'or allow sudo by a line of sudoers: USER ALL=(root) /usr/bin/tsbpftop   (which is to trust USER as root)',
  ].join('\n');

const enough = ['CAP_BPF', 'CAP_PERFMON', 'CAP_DAC_READ_SEARCH'];
/** Without them something has no name. */
const forNames = ['CAP_SYS_PTRACE', 'CAP_SYSLOG'];
export const privilegeHint = hintOf(enough);

interface Missing {
  /** 'CAP_BPF and CAP_PERFMON are missing' */
  readonly what: string;
  readonly hint: string;
}

/** undefined: nothing is. @param tried the operation and its object, where one was refused */
export function missingFor(tried: string, held = heldCapabilities()): Missing | undefined {
  const missing = missingCapabilities(held);
  if (missing.length > 0) return {what: `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`, hint: privilegeHint};
  const admin = held.has('CAP_SYS_ADMIN') ? undefined : forAdministrators.find((each) => each.tried.test(tried));
  if (admin === undefined) return undefined;
  return {what: `CAP_SYS_ADMIN is missing, which this kernel asks for: ${admin.what}`, hint: hintOf([...enough, 'CAP_SYS_ADMIN'])};
}

/** How all that views need is given at once; undefined: nothing of it is missing. */
export function howToGiveAll(held: ReadonlySet<string>): string | undefined {
  const wanted = [...enough, ...forNames];
  const lacking = wanted.filter((name) => !held.has(name) && !(held.has('CAP_SYS_ADMIN') && ['CAP_BPF', 'CAP_PERFMON'].includes(name)));
  return lacking.length === 0 ? undefined : hintOf(wanted);
}

/** Of what no program can be loaded without. */
export const whatIsMissing = (): string | undefined => missingFor('')?.what;

/** @throws UserError when this process may not load BPF programs */
export function requirePrivilege(): void {
  const missing = whatIsMissing();
  if (missing !== undefined) throw new UserError(`cannot load eBPF programs: ${missing}`, {hint: privilegeHint});
}

/** Whether a filter decides which system calls this process may make: engines of containers set one that forbids bpf(2). */
export function underSeccomp(): boolean {
  return /^Seccomp:\s*2$/m.test(readFileSync('/proc/self/status', 'utf8'));
}

/** Whether folders of root's alone can be read: tracefs is one. */
export function readsRootsFolders(held = heldCapabilities()): boolean {
  return process.getuid?.() === 0 || held.has('CAP_DAC_READ_SEARCH') || held.has('CAP_DAC_OVERRIDE');
}
