// Events of the CPU's own counters, where the machine has them: against what the kernel's counters say of a loop of known
// instructions, which the workload asks for itself.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {Skip, totals} from './bench.ts';
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
    // an emulated interrupt takes long, whereupon the kernel would allow fewer and fewer of them
    writeFileSync('/proc/sys/kernel/perf_cpu_time_max_percent', '0');
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
];
