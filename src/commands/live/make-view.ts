// What the screen's builder asks of the machine: probes by a part of their name, the fields of one, and a view made of parts.
// The parts become the JSON of a preset, which goes the same road as a file.
import {explain, UserError} from '../../errors.ts';
import {safeString} from '../../decode/safe-text.ts';
import {PresetFault} from '../../preset/fault.ts';
import {listPoints, searchesOf} from '../../preset/points/list-points.ts';
import {groupFields} from '../../preset/fields.ts';
import {parsePreset} from '../../preset/load.ts';
import type {Preset} from '../../preset/preset.ts';
import {type Point, returnFields} from '../../preset/points/point.ts';
import {pointsOf} from '../../preset/probes.ts';
import type {Choice, Parts} from '../../view/builder.ts';
import {type Surroundings, whyNot} from './open-view.ts';
import {nameOf} from '../line/view-flags.ts';

/** Nobody looks through more; typing on narrows them. */
const mostFound = 300;

const options = {allowGoUretprobe: false, leaveOut: () => undefined};

/** Probes that have the text in their name, the shortest first: what is called so before what has it somewhere. */
export function findProbes(query: string, {machine}: Surroundings): readonly Choice[] {
  const found: Point[] = [];
  try {
    for (const search of searchesOf(query)) {
      try {
        found.push(...listPoints(search, machine, options));
      } catch (error) {
        if (!(error instanceof PresetFault)) throw error; // none of this type
      }
    }
  } catch (error) {
    if (!(error instanceof PresetFault)) throw error; // no such type: nothing is found
  }
  return found
    .sort((a, b) => a.func.length - b.func.length || (a.probe < b.probe ? -1 : 1))
    .slice(0, mostFound)
    .map((point) => ({text: point.probe, says: pointSays(point)}));
}

/** Without the number that all events of one system call share. */
const fieldsOf = ({context}: Point) => context.fields().filter(({name}) => name !== 'args.__syscall_nr');

const pointSays = (point: Point): string => {
  const names = fieldsOf(point).map(({name}) => name.replace(/^args\./, ''));
  return safeString(
    `${names.slice(0, 6).join(', ')}${names.length > 6 ? ' …' : ''}${point.exit === undefined ? '' : '   (has a duration)'}`,
  );
};

/** Fields that every event has. */
const common: readonly Choice[] = groupFields.map(([text, says]) => ({text, says}));

/** @throws PresetFault, with the reason why there is no such probe */
export function describeProbe(probe: string, {machine}: Surroundings): {readonly fields: readonly Choice[]; readonly spans: boolean} {
  const [point] = pointsOf(probe, machine, options);
  if (point === undefined) throw new PresetFault(`no probe '${probe}'`);
  const spans = point.exit !== undefined;
  const number = (type: string): boolean => !/\*|\[|char\b|struct |union /.test(type);
  return {
    fields: [
      ...[...fieldsOf(point), ...returnFields(point)].map(({name, type}) => ({text: name, says: safeString(type), number: number(type)})),
      ...common,
    ],
    spans,
  };
}

/** @throws UserError with the first fault, in words that fit a line */
export function makeView({probe, by, where, measure, name}: Parts, taken: (name: string) => boolean, around: Surroundings): Preset {
  const measures = measure.length === 0 ? ['count'] : measure;
  // what is there at the return alone, or takes time, is of the whole call
  const ofCall = [...by, ...measures, where].some((text) => /\bduration\b|\bretval\b|\bargs\.ret\b/.test(text)) && hasExit(probe, around);
  const json = {
    name: name === '' ? freeName(nameOf(probe), taken) : name,
    ...(ofCall ? {span: probe} : {attach: probe}),
    ...(by.length > 0 ? {by: by.map((text) => (ofCall && isArgument(text) ? `from.${text}` : text))} : {}),
    ...(where === '' ? {} : {where}),
    measure: measures.length === 1 ? measures[0] : measures,
  };
  const loaded = parsePreset(`${JSON.stringify(json, null, 2)}\n`, 'the view made here');
  if (!loaded.ok) throw new UserError(loaded.faults.map(({message}) => message).join('; '));
  if (name !== '' && taken(name)) throw new UserError(`there is a view '${name}' already`);
  const error = whyNot(loaded.preset, around);
  if (error !== undefined) throw error;
  return loaded.preset;
}

/** Of a call, arguments are there at its entry alone. */
const isArgument = (text: string): boolean => /^(args\.(?!ret\b)|arg\d|str\(arg)/.test(text);

const hasExit = (probe: string, {machine}: Surroundings): boolean => {
  try {
    return pointsOf(probe, machine, options)[0]?.exit !== undefined;
  } catch (error) {
    if (error instanceof PresetFault) return false;
    throw error;
  }
};

function freeName(wanted: string, taken: (name: string) => boolean): string {
  for (let i = 1; ; i++) {
    const name = i === 1 ? wanted : `${wanted}-${i}`;
    if (!taken(name)) return name;
  }
}

/** A failure as one line of the screen. */
export function lineOf(error: unknown): string {
  if (error instanceof UserError)
    return explain(error)
      .replace(/^tsbpftop: /, '')
      .trim()
      .replaceAll('\n', '; ');
  if (error instanceof PresetFault) return error.hint === '' ? error.message : `${error.message}; ${error.hint.split('\n')[0]}`;
  throw error;
}
