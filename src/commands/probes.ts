// `tsbpftop probes [PATTERN]`: the probe points that match, one a line; with -v what can be read at each.
import {safeJson, safeString} from '../decode/safe-text.ts';
import {UserError} from '../errors.ts';
import {inFull} from '../preset/bpftrace-words.ts';
import type {ContextField} from '../preset/program/contexts.ts';
import {PresetFault} from '../preset/fault.ts';
import {listPoints, type Search, searchesOf} from '../preset/points/list-points.ts';
import {type LeftOut, type Point, returnFields} from '../preset/points/point.ts';
import {isProbeKind, probeTypes} from '../preset/probes.ts';
import {type Invocation, surroundings} from './invocation.ts';
import {tell} from './process/safe-lines.ts';
import {stopSignal, write} from './process/standard-output.ts';

/** Points that are written at once. */
const batchSize = 2000;

export async function probesCommand(invocation: Invocation): Promise<number> {
  const [pattern, ...more] = invocation.words;
  if (pattern === undefined) return types(invocation.json);
  if (more.length > 0)
    throw new UserError(`probes wants one pattern, and ${more.length + 1} are given`, {
      hint: `in quotes, so that the shell leaves it: '${pattern}'`,
      status: 2,
    });
  const {machine} = surroundings(invocation);
  const stop = stopSignal();
  const searches = faultsTold(() => searchesOf(inFull(pattern)), 2);
  const leftOut: LeftOut[] = [];
  const nothing: string[] = [];
  let found = 0;
  for (const search of searches) {
    if (stop.aborted) return 0;
    const options = {allowGoUretprobe: true, allowCppUretprobe: true, leaveOut: (each: LeftOut) => leftOut.push(each)};
    try {
      const points = listPoints(search, machine, options);
      found += points.length;
      await print(points, invocation, stop);
    } catch (error) {
      if (!(error instanceof PresetFault)) throw error;
      if (searches.length === 1) throw new UserError(error.message, {hint: error.hint, status: statusOf(search)});
      // of several types, those that cannot work here are told, and those that have no such name are not
      if (!/^no .* matches|^no .*'$/.test(error.message)) nothing.push(error.message);
    }
  }
  for (const line of [...new Set(nothing)]) tell(line);
  for (const line of reasonsOf(leftOut, invocation.verbose)) tell(line);
  if (found === 0) throw new UserError(`no probe matches '${pattern}'`, {hint: 'tsbpftop probes shows the types of probes'});
  return 0;
}

function types(json: boolean): number {
  for (const [kind, {spelling, says}] of Object.entries(probeTypes))
    process.stdout.write(json ? `${safeJson({kind, spelling, says})}\n` : `${spelling.padEnd(28)} ${says}\n`);
  return 0;
}

const statusOf = ({kind}: Search): 1 | 2 => (isProbeKind(kind) ? 1 : 2);

function faultsTold<T>(work: () => T, status: 1 | 2): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof PresetFault ? new UserError(error.message, {hint: error.hint, status}) : error;
  }
}

async function print(points: readonly Point[], {verbose, json}: Invocation, stop: AbortSignal): Promise<void> {
  const sorted = [...points].sort((a, b) => (a.probe < b.probe ? -1 : a.probe > b.probe ? 1 : 0));
  for (let from = 0; from < sorted.length && !stop.aborted; from += batchSize) {
    const text = sorted
      .slice(from, from + batchSize)
      .map((point) => (json ? jsonOf(point, verbose) : textOf(point, verbose)))
      .join('');
    await write(text, stop);
  }
}

function textOf(point: Point, verbose: boolean): string {
  const line = `${safeString(point.probe)}\n`;
  if (!verbose) return line;
  const fields = shortened(fieldsOf(point));
  const width = Math.max(0, ...fields.map(({name}) => name.length));
  return `${line}${fields.map(({name, type}) => `    ${safeString(name).padEnd(width)}  ${safeString(type)}\n`).join('')}`;
}

/** Arguments that have no names are one line: arg0 … arg11. */
function shortened(fields: readonly ContextField[]): readonly ContextField[] {
  const numbered = fields.filter(({name, type}) => /^arg\d+$/.test(name) && type === fields[0]?.type);
  const [first, last] = [numbered[0], numbered.at(-1)];
  if (first === undefined || last === undefined || numbered.length < 3) return fields;
  return [{name: `${first.name} … ${last.name}`, type: first.type}, ...fields.filter((field) => !numbered.includes(field))];
}

function jsonOf(point: Point, verbose: boolean): string {
  return `${safeJson({probe: safeString(point.probe), func: safeString(point.func), ...(verbose ? {fields: fieldsOf(point)} : {})})}\n`;
}

/** What can be read at the point, and at the return of its call, which a span reads. */
const fieldsOf = (point: Point): readonly ContextField[] => [...point.context.fields(), ...returnFields(point)];

/** What matches and cannot be probed, in one line; with -v, a line a reason. */
function reasonsOf(leftOut: readonly LeftOut[], verbose: boolean): readonly string[] {
  const names = new Map<string, Set<string>>();
  // 2 functions or 13 of one name are one reason
  for (const {name, reason} of leftOut) {
    const key = verbose ? reason.replace(/^\d+ kernel functions/, 'several kernel functions') : '';
    names.set(key, (names.get(key) ?? new Set()).add(name));
  }
  return [...names].map(([reason, all]) => {
    const [first = ''] = all;
    const which =
      all.size === 1 ? `'${safeString(first)}' matches, and is` : `${all.size} functions match, such as '${safeString(first)}', and are`;
    return `${which} not probed: ${verbose ? reason : '-v says why'}`;
  });
}
