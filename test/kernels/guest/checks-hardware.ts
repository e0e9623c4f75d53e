// Events of the CPU's own counters, where the machine has them: against what the kernel's counters say of a loop of known
// instructions, which the workload asks for itself.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, writeFileSync} from 'node:fs';
import {Skip, totals, work} from './bench.ts';
import type {Check} from './checks.ts';
import type {Phase} from './protocol.ts';

const phases: readonly Phase[] = ['whole', 'lockdown=integrity'];
const period = 100_000;
const turns = 20_000_000;

/** What the kernel counted of the loop: by events of its own, without sampling and without BPF. */
function loop(): {readonly instructions: number; readonly cycles: number} {
  const [instructions = 0, cycles = 0] = execFileSync('/bin/loop', ['wl-loop', String(turns)], {encoding: 'utf8'})
    .split(' ')
    .map(Number);
  return {instructions, cycles};
}

/** Sets how many samples a second the kernel allows; left alone it would allow fewer, since an emulated interrupt takes long. */
function allowSamples(perSecond: number): void {
  writeFileSync('/proc/sys/kernel/perf_cpu_time_max_percent', '25');
  writeFileSync('/proc/sys/kernel/perf_event_max_sample_rate', String(perSecond));
  writeFileSync('/proc/sys/kernel/perf_cpu_time_max_percent', '0');
}
const allowed = 100_000; // the kernel's default

const hardware = (event: 'instructions' | 'cycles'): Check => ({
  rule: `hardware:${event}: one of each ${period.toLocaleString('en')}`,
  phases,
  async run(bench) {
    const attach = `hardware:${event}:${period}`;
    const refusal = await bench.refusal({attach});
    if (refusal !== undefined) {
      assert.match(refusal, /cannot attach 'hardware.*': /);
      return `refused: ${refusal.replace(/^.*?': /, '')}`;
    }
    allowSamples(allowed);
    let counted = 0;
    const line = await bench.counted({attach, by: ['comm'], where: "comm == 'wl-loop'"}, () => {
      const all = loop();
      if (event === 'instructions')
        assert.ok(all.instructions >= 2 * turns && all.instructions < 2.5 * turns, `${all.instructions} instructions of ${2 * turns}`);
      counted = all[event];
    });
    const samples = totals(line, {comm: 'wl-loop'})[0]?.['count'] ?? 0;
    // besides the loop there are the process's beginning and end, and the event that was nearly due before
    const [least, most] = [Math.floor(counted / period) - 1, Math.ceil(counted / period) + 8];
    assert.ok(samples >= least && samples <= most, `${samples} samples of ${counted} ${event}, ${JSON.stringify(line.lost)}`);
    return `as many as the kernel counted`;
  },
});

export const hardwareChecks: readonly Check[] = [
  hardware('instructions'),
  hardware('cycles'),
  {
    rule: 'hardware:cache-misses: counted, or refused',
    phases,
    async run(bench) {
      const refusal = await bench.refusal({attach: 'hardware:cache-misses:1000'});
      if (refusal === undefined) throw new Skip('no known number of them to compare with');
      assert.match(refusal, /cannot attach 'hardware.*': /);
      return `refused: ${refusal.replace(/^.*?': /, '')}`;
    },
  },
  {
    rule: 'samples that the kernel keeps back are told',
    phases: ['whole'],
    async run(bench) {
      const sampled = () =>
        bench.counted({attach: 'software:cpu-clock:100000', by: ['comm'], where: "comm == 'wl-clock'"}, () =>
          work('acts', 'wl-clock', 'spin', 200),
        );
      allowSamples(100);
      const few = await sampled().finally(() => allowSamples(allowed)); // one a tick of the kernel
      const all = await sampled();
      const count = (line: typeof all): number => totals(line, {comm: 'wl-clock'})[0]?.['count'] ?? 0;
      // how many an emulated CPU comes to depends on the machine below it
      assert.ok(2 * count(few) < count(all), `${count(few)} and ${count(all)} samples in 200 ms`);
      // an emulated CPU may be late with some of all, too
      assert.ok((few.lost['missed'] ?? 0) > (all.lost['missed'] ?? 0), JSON.stringify([few.lost, all.lost]));
      assert.equal(few.status, 'partial');
      return 'partial';
    },
  },
  {
    rule: 'events of a CPU that was switched off and on are told',
    phases: ['whole'],
    async run(bench) {
      const second = '/sys/devices/system/cpu/cpu1/online';
      if (!existsSync(second)) throw new Skip('its CPUs cannot be switched off');
      for (const attach of ['software:page-faults:1', 'profile:hz:99']) {
        const line = await bench.counted({attach, by: ['cpu']}, () => {
          for (const state of ['0', '1']) writeFileSync(second, state);
        });
        // an emulated CPU may be late with a sample besides
        assert.ok(line.status === 'partial' && (line.lost['missed'] ?? 0) >= 1, `${attach}: ${line.status}, ${JSON.stringify(line.lost)}`);
      }
      return 'partial';
    },
  },
  {
    rule: 'hardware events that outnumber the counters are told',
    phases: ['whole'],
    async run(bench) {
      if ((await bench.refusal({attach: `hardware:instructions:${period}`})) !== undefined) throw new Skip('no counter of instructions');
      const several = (count: number) =>
        bench.counted(
          {attach: Array.from({length: count}, (_, i) => `hardware:instructions:${period + i}`), by: ['comm'], where: "comm == 'wl-loop'"},
          loop,
        );
      const [few, many] = [await several(3), await several(12)];
      assert.deepEqual([few.status, few.lost['missed']], ['approximate', 0]);
      assert.equal(many.status, 'partial');
      assert.ok((many.lost['missed'] ?? 0) > 0, JSON.stringify(many.lost));
      return 'partial';
    },
  },
];
