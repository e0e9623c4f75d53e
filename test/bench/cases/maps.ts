// Reading a map whole, against libbpf's batch lookup in C of the very same map, in turn; and what is done with what was read.
// Each reads once a turn, with a pause before: as at a refresh, neither finds the map in the processor's caches.
import {setTimeout as delay} from 'node:timers/promises';
import {loadBinding} from '../../../src/native/binding.ts';
import {RecordTable} from '../../../src/decode/records.ts';
import {queryOf} from '../../../src/decode/order.ts';
import {sortRows} from '../../../src/decode/sort.ts';
import {openView} from '../../../src/commands/live/open-view.ts';
import {LiveMachine} from '../../../src/kernel/machine.ts';
import {liveLookups} from '../../../src/kernel/lookups.ts';
import {parsePreset} from '../../../src/preset/load.ts';
import {compiled, Conversation, workload} from '../contenders.ts';
import {inTurn, type Result} from '../measure.ts';

const pause = 20; // ms

export async function reading(sizes: readonly number[], runs: number): Promise<readonly Result[]> {
  const poll = compiled('poll', '-lbpf', '-lelf', '-lz');
  const loops = compiled('loops');
  const {addon, objectPath} = loadBinding();
  const machine = new LiveMachine(addon, objectPath, '/usr/bin');
  const results: Result[] = [];
  for (const kind of ['hash', 'percpu'] as const)
    for (const keys of sizes) {
      const preset = {
        name: 'poll',
        attach: 'tracepoint:syscalls:sys_enter_lseek',
        where: "comm == 'bench-loop'",
        by: ['comm', 'args.offset'],
        measure: 'count',
        maxKeys: keys,
        map: kind,
      };
      const loaded = parsePreset(JSON.stringify(preset), 'poll.json');
      if (!loaded.ok) throw new Error('the preset is wrong');
      const others = new Set(addon.loadedMaps().map(({id}) => id));
      const {session, plan} = await openView(loaded.preset, {addon, machine, filters: {}});
      const map = addon.loadedMaps().find(({id, name, maxEntries}) => name === 'counts' && maxEntries === keys && !others.has(id));
      await workload(loops, 'keys', 60, keys, keys);
      const reader = new Conversation(poll, String(map?.id));
      const table = new RecordTable(plan.layout, liveLookups());
      const query = queryOf(plan.layout, {sort: '-rate', limit: 60, filter: ''});
      const timed = async (read: () => Promise<number>): Promise<number> => {
        await delay(pause);
        const begun = performance.now();
        const count = await read();
        if (count !== keys) throw new Error(`read ${count} keys of ${keys}`);
        return performance.now() - begun;
      };
      const {read, sampled, byC} = await inTurn(
        {
          read: () => timed(async () => (await session.read('counts')).count),
          sampled: () =>
            timed(async () => {
              const sample = await session.sample('counts', query);
              sortRows(table.update(sample, 1), plan.shape, '-rate');
              return sample.count;
            }),
          byC: async () => {
            await delay(pause);
            const [count, nanoseconds] = (await reader.ask()).split(' ').map(Number);
            if (count !== keys || nanoseconds === undefined) throw new Error(`C read ${count} keys of ${keys}`);
            return nanoseconds / 1e6;
          },
        },
        keys > 100_000 ? runs : 5 * runs,
      );
      await reader.end();
      await session.close();
      const name = `${keys.toLocaleString('en')} keys, ${kind}`;
      if (read === undefined || sampled === undefined || byC === undefined) throw new Error('nothing was measured');
      results.push(
        {what: `reading ${name}`, unit: 'ms', ours: read, peers: [{name: 'libbpf in C', figure: byC, reach: 1.3}]},
        {
          what: `reading, subtracting, decoding and sorting the top 60 of ${name}`,
          unit: 'ms',
          ours: sampled,
          peers: [{name: 'libbpf in C, reading alone', figure: byC, reach: 2.6}],
        },
      );
    }
  return results;
}
