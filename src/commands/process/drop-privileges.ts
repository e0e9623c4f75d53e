// What a command that attaches once and then only reads gives up when all is attached: THE table of what reading still needs.
// The screen attaches as long as it runs, and gives up nothing.
import module from 'node:module';
import {once} from '../../decode/once.ts';
import {type LateKind, lateKindsOf} from '../../decode/late.ts';
import {type CapabilityName, capabilities, heldCapabilities} from '../../kernel/privilege.ts';
import type {Addon} from '../../native/contract.ts';
import {isNativeError} from '../live/native-errors.ts';
import type {OpenView} from '../live/open-view.ts';
import {tell} from './safe-lines.ts';

/** Of other users' processes: their mappings, and the files behind them. */
const ofProcesses: readonly CapabilityName[] = ['CAP_SYS_PTRACE', 'CAP_DAC_READ_SEARCH', 'CAP_CHECKPOINT_RESTORE'];

const ofNames: Readonly<Record<LateKind, readonly CapabilityName[]>> = {
  kernelStack: ['CAP_SYSLOG'],
  kernelAddress: ['CAP_SYSLOG'],
  userStack: ofProcesses,
  userAddress: ofProcesses,
  process: ['CAP_SYS_PTRACE'],
};

/** @param gate the kernel asks for CAP_BPF at each read of a map */
export function stillNeeded(
  views: readonly Pick<OpenView, 'preset' | 'plan'>[],
  held: ReadonlySet<string>,
  gate: boolean,
): ReadonlySet<CapabilityName> {
  const needed = new Set<CapabilityName>();
  for (const {preset, plan} of views) {
    for (const kind of lateKindsOf(plan.layout)) for (const name of ofNames[kind]) needed.add(name);
    const {kind} = preset.own ?? {};
    // what others loaded is asked for by its number at each read
    if (kind === 'map' || kind === 'programs') needed.add('CAP_SYS_ADMIN');
    if (kind === 'programs') for (const name of ofProcesses) needed.add(name);
  }
  if (gate) needed.add(held.has('CAP_BPF') ? 'CAP_BPF' : 'CAP_SYS_ADMIN');
  return needed;
}

/** Since Node 22.10. */
const compiled = () => module as {readonly flushCompileCache?: () => void};

/** Gets ready, while views are attached, what giving up wants and what has nothing to do with them. */
export function dropLater(addon: Addon): (views: readonly OpenView[]) => void {
  const gate = once(() => addon.readingNeedsBpf());
  setImmediate(() => {
    void process.stderr.isTTY;
    void compiled().flushCompileCache;
    try {
      gate();
    } catch {
      // it is asked again, and told, when it is wanted
    }
  });
  return (views) => dropPrivileges(views, gate);
}

/** Nothing is opened after this that nobody may not open. One that cannot be given up is told, and no reason to end. */
export function dropPrivileges(views: readonly OpenView[], gate?: () => boolean): void {
  const [first] = views;
  if (first === undefined) return;
  const {addon} = first;
  void process.stderr.isTTY; // a terminal is opened anew when it is first used
  // NODE_COMPILE_CACHE names a folder that nobody may not write to; without it nothing is written
  compiled().flushCompileCache?.();
  try {
    const needed = stillNeeded(views, heldCapabilities(), gate === undefined ? addon.readingNeedsBpf() : gate());
    addon.dropPrivileges([...needed].map((name) => capabilities[name]));
  } catch (error) {
    if (!isNativeError(error)) throw error;
    tell(`privileges could not be given up: ${error.message}`);
  }
}
