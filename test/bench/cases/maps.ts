// Reading a map whole: against libbpf's batch lookup in C over a map of the same shape; and what is done with what was read.
import {loadBinding} from '../../../src/native/binding.ts';
import {RecordTable} from '../../../src/decode/records.ts';
import {queryOf} from '../../../src/decode/order.ts';
import {sortRows} from '../../../src/decode/sort.ts';
import {openView} from '../../../src/commands/open-view.ts';
import {LiveMachine} from '../../../src/kernel/machine.ts';
import {liveLookups} from '../../../src/kernel/lookups.ts';
import {parsePreset} from '../../../src/preset/load.ts';
import {compiled, Running, workload} from '../contenders.ts';
import {figureOf, type Result} from '../measure.ts';

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
      const {session, plan} = await openView(loaded.preset, {addon, machine, filters: {}});
      await new Promise<void>((resolve) =>
        new Running(loops, ['keys', '60', String(keys), String(keys)]).child.on('close', () => resolve()),
      );
      const table = new RecordTable(plan.layout, liveLookups());
      const query = queryOf(plan.layout, {sort: '-rate', limit: 60, filter: ''});
      const [read, sampled, byC]: [number[], number[], number[]] = [[], [], []];
      for (let run = 0; run < runs; run++) {
        let begun = performance.now();
        await session.read('counts');
        read.push(performance.now() - begun);
        begun = performance.now();
        const sample = await session.sample('counts', query);
        sortRows(table.update(sample, 1), plan.shape, '-rate');
        sampled.push(performance.now() - begun);
        byC.push((await workload(poll, kind, keys, 5)) / 1000);
      }
      await session.close();
      const name = `${keys.toLocaleString('en')} keys, ${kind}`;
      const [ours, reader] = [figureOf(sampled), figureOf(read)];
      results.push(
        {what: `reading ${name}`, unit: 'ms', ours: reader, peers: [{name: 'libbpf in C', figure: figureOf(byC), reach: 1.3}]},
        {
          what: `reading, subtracting, decoding and sorting the top 60 of ${name}`,
          unit: 'ms',
          ours,
          peers: [{name: 'libbpf in C, reading alone', figure: figureOf(byC), reach: 2.6}],
        },
      );
    }
  return results;
}
