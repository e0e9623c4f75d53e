// `tsbpftop probes [PATTERN]`: the probe points that match, one a line.
import {safeString} from '../decode/safe-text.ts';
import {UserError} from '../errors.ts';
import {PresetFault} from '../preset/fault.ts';
import {pointsOf, probeTypes} from '../preset/probes.ts';
import {type Invocation, surroundings} from './invocation.ts';

export async function probesCommand(invocation: Invocation): Promise<number> {
  const [pattern] = invocation.words;
  if (pattern === undefined) {
    for (const {spelling, says} of Object.values(probeTypes)) process.stdout.write(`${spelling.padEnd(28)} ${says}\n`);
    return 0;
  }
  const {machine} = surroundings(invocation);
  try {
    const points = pointsOf(pattern, machine, {allowGoUretprobe: true});
    process.stdout.write(`${[...new Set(points.map((point) => safeString(point.probe)))].sort().join('\n')}\n`);
    return 0;
  } catch (error) {
    if (error instanceof PresetFault) throw new UserError(error.message, {hint: error.hint});
    throw error;
  }
}
