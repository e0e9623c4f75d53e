// Which number this process has in the kernel, where it has another one here: in a pid namespace of its own, as in a container.
// Nothing in /proc tells it inside; a BPF program does, of a call that no other process makes.
import {sharesNumbers} from '../../kernel/processes.ts';
import type {LiveMachine} from '../../kernel/machine.ts';
import type {Addon} from '../../native/contract.ts';
import {parsePreset} from '../../preset/load.ts';
import {planOf} from '../../preset/plan.ts';
import {variantsOf} from '../../preset/variants.ts';

/** Above all that a process can have: the call does nothing but fail. */
const highestPid = 2 ** 22;

/** What `self` is from then on. Where it cannot be known, no process: then what tsbpftop itself does is counted too. */
export async function learnOwnNumber(machine: LiveMachine, addon: Addon): Promise<void> {
  if (machine.knowsSelf) return;
  machine.self = sharesNumbers() ? process.pid : ((await numberOf(machine, addon).catch(() => undefined)) ?? 0);
  machine.knowsSelf = true;
}

async function numberOf(machine: LiveMachine, addon: Addon): Promise<number | undefined> {
  const nobody = highestPid + 1 + Math.floor(Math.random() * 2 ** 29);
  const text = {name: 'own-number', attach: 'syscall:kill', where: `args.pid == ${nobody}`, by: ['pid'], measure: 'count', maxKeys: 16};
  const loaded = parsePreset(JSON.stringify(text), 'own-number');
  const [variant] = loaded.ok ? variantsOf(loaded.preset) : [];
  if (!loaded.ok || variant === undefined) return undefined;
  const session = await addon.openSession({...planOf(loaded.preset, variant, machine, {}).session, statistics: false});
  try {
    try {
      process.kill(nobody, 0);
    } catch {
      // there is no such process
    }
    const {count, keys} = await session.read('counts');
    return count === 1 ? new DataView(keys.buffer, keys.byteOffset, keys.byteLength).getUint32(0, true) : undefined;
  } finally {
    await session.close();
  }
}
