// What `npm run test:sanitized` looks for leaks in: each road into the addon, often, and all of it given back.
import path from 'node:path';
import {openView} from '../../src/commands/live/open-view.ts';
import {LiveMachine} from '../../src/kernel/machine.ts';
import {loadBinding} from '../../src/native/binding.ts';
import {parsePreset} from '../../src/preset/load.ts';

const {addon, objectPath} = loadBinding();
const machine = new LiveMachine(addon, objectPath, '/usr/bin');
const presets = [
  {name: 'a', attach: 'tracepoint:syscalls:sys_enter_openat', by: ['comm', 'str(args.filename)'], measure: 'count'},
  {name: 'b', span: 'syscall:read', by: ['comm'], measure: ['hist(duration)', 'max(duration)']},
  {name: 'c', attach: 'profile:hz:99', by: ['comm', 'kstack', 'ustack'], measure: 'count'},
  {name: 'd', attach: `uprobe:${process.execPath}:uv_run`, by: ['tid'], measure: 'count'},
];
const addresses = BigUint64Array.from({length: 32}, (_, i) => 0xffffffff81000000n + BigInt(i * 65_536));
let sessions = 0;
for (let round = 0; round < 5; round++) {
  for (const preset of presets) {
    const loaded = parsePreset(JSON.stringify(preset), 'leaks.json');
    if (!loaded.ok) throw new Error(preset.name);
    const {session, plan} = await openView(loaded.preset, {addon, machine, filters: {}});
    await session.read('losses');
    await session.sample('counts', {order: {by: 'delta', word: 0, descending: true}, limit: 10});
    await session.lookup('counts', new Uint8Array(plan.layout.keySize));
    session.programs();
    if (round % 2 === 0) await session.close(); // else it is left to the collector, or to the end
    await addon.openSession({...plan.session, object: '/nonexistent'}).catch(() => undefined);
    await addon.openSession(plan.session, new Uint32Array([1, 0, 0])).catch(() => undefined);
    sessions++;
  }
  await addon.kernelSymbols(addresses);
  await addon.userSymbols(process.pid, addresses);
  addon.readElf(process.execPath);
  try {
    addon.readElf(path.join(import.meta.dirname, 'leaks.ts'));
  } catch {
    // no ELF file
  }
  addon.loadedMaps();
  addon.demangle(['_ZN4node5StartEiPPc']);
}
process.stdout.write(`# ${sessions} sessions opened and closed\n`);
