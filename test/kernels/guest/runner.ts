// Runs the checks of one phase inside a booted kernel, in one process, and says each result on descriptor 3.
import {writeSync} from 'node:fs';
import {Bench, Skip} from './bench.ts';
import {checks} from './checks.ts';
import type {Phase, Result} from './protocol.ts';

const phase = process.argv[2] as Phase;
const only = process.env['ONLY'] ?? '';

const say = (result: Result): void => void writeSync(3, `${JSON.stringify(result)}\n`);
const bench = new Bench();
for (const {rule, phases, run} of checks) {
  if (!phases.includes(phase) || !rule.replaceAll(' ', '-').includes(only)) continue;
  const begun = performance.now();
  const result = (outcome: Result['outcome'], says: string): Result => ({
    kind: 'result',
    phase,
    rule,
    outcome,
    says,
    seconds: Math.round(performance.now() - begun) / 1000,
  });
  try {
    const says = await run(bench);
    say(result('passed', typeof says === 'string' ? says : 'exact'));
  } catch (error) {
    if (error instanceof Skip) say(result('skipped', error.message));
    else
      say(
        result(
          'failed',
          error instanceof Error ? `${error.stack}${'hint' in error ? `\nhint: ${String(error.hint)}` : ''}` : String(error),
        ),
      );
  }
}
