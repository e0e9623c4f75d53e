// A preset on a program of one's own becomes a plan: what is loaded, where it is attached, which map is the table and how
// it is read. Pure over the machine and the object's shape.
import type {ViewShape} from '../../decode/frame.ts';
import type {EventLayout} from '../../decode/layout.ts';
import {sortNames} from '../../decode/sort.ts';
import type {MapShape, MapSpec, ObjectShape, ObjectSpec, OwnProgramSpec, ProgramShape} from '../../native/contract.ts';
import {type Fault, PlanFaults, PresetFault, faultAt, hintOf} from '../fault.ts';
import type {Machine} from '../machine.ts';
import type {Own} from './own.ts';
import {attachmentOf} from './own-attach.ts';
import {paramBytes} from './params.ts';
import type {Plan} from '../plan.ts';
import type {Preset} from '../preset.ts';
import {probeOf} from './sections.ts';
import {mapTypes, tableOf, type TablePlan} from './table.ts';

export interface OwnPlan {
  readonly plan: Plan;
  readonly object: Omit<ObjectSpec, 'bytes'>;
  /** Where each is attached, in words. */
  readonly points: Programs['points'];
  /** Programs that may fail to load or attach: those whose section begins with '?'. */
  readonly optional: ReadonlySet<string>;
}

export function planOwn(preset: Preset, own: Own, shape: ObjectShape, machine: Machine): OwnPlan {
  // what does not fit the object fits it on no machine; whether a place is there, a machine tells
  const unfit: Fault[] = [];
  const {globals, faults: wrongParams} = paramBytes(shape, own.params);
  unfit.push(...wrongParams);
  const faults: Fault[] = [];
  const programs = planPrograms(preset, own, shape.programs, machine, faults);
  const map = tableMap(own, shape.maps, unfit);
  const table = map === undefined ? undefined : tableOf(map, own.columns, false);
  if (table !== undefined) unfit.push(...('faults' in table ? table.faults : sortFaults(preset.sort, table)));
  faults.push(...unfit.map((fault) => ({...fault, wrong: true})));
  if (faults.length > 0 || map === undefined || table === undefined || 'faults' in table) throw new PlanFaults(faults);
  const maxKeys = own.maxEntries || map.maxEntries;
  const points = programs.points.flatMap(({probes}) => probes);
  const maps: readonly MapSpec[] = [
    {name: map.name, type: mapTypes[map.type] ?? 'hash', keySize: map.keySize, valueSize: map.valueSize, maxEntries: maxKeys},
  ];
  return {
    plan: {
      session: {object: own.path, maps, programs: [], statistics: true},
      ...tableParts(preset, table, points),
      maxKeys,
      approximations: mapTypes[map.type]?.startsWith('lru') ? ['an LRU map forgets keys without a word when it is full'] : [],
      relies: [],
      points,
      places: [],
      leftOut: programs.leftOut,
    },
    object: {
      name: preset.name,
      globals,
      programs: programs.specs,
      map: map.name,
      maxEntries: own.maxEntries,
      reading: table.reading,
      statistics: true,
    },
    points: programs.points,
    optional: new Set(shape.programs.filter((program) => program.optional).map((program) => program.name)),
  };
}

function sortFaults(sort: string, table: TablePlan): readonly Fault[] {
  const [wanted, names] = [sort.replace(/^-/, ''), sortNames(table)];
  return names.includes(wanted) ? [] : [{pointer: '/sort', message: `no column '${wanted}'`, hint: hintOf(wanted, names)}];
}

/** Nobody but the bundled program sends single events. */
const noEvents: EventLayout = {size: 0, time: 0, task: 0, comm: 0, values: 0, keyOffset: 0, keySize: 0, key: [], sent: []};

/** What a plan has of a table, whatever feeds it. */
export function tableParts(preset: Preset, table: TablePlan, probes: readonly string[]): Pick<Plan, 'layout' | 'shape' | 'events'> {
  const shape: ViewShape = {
    name: preset.name,
    title: preset.title,
    description: preset.description,
    keys: table.keys,
    measures: table.measures,
    ...(table.hist === undefined ? {} : {hist: table.hist}),
    sort: preset.sort,
    probes,
  };
  return {layout: table.layout, shape, events: noEvents};
}

interface Programs {
  readonly specs: readonly OwnProgramSpec[];
  readonly points: readonly {readonly program: string; readonly probes: readonly string[]}[];
  readonly leftOut: readonly {readonly name: string; readonly reason: string}[];
}

function planPrograms(preset: Preset, own: Own, programs: readonly ProgramShape[], machine: Machine, faults: Fault[]): Programs {
  const specs: OwnProgramSpec[] = [];
  const points: {program: string; probes: readonly string[]}[] = [];
  const leftOut: {name: string; reason: string}[] = [];
  for (const name of Object.keys(own.attach)) {
    if (programs.some((program) => program.name === name)) continue;
    const names = programs.map((program) => program.name);
    faults.push({pointer: `/attach/${name}`, message: `the object has no program '${name}'`, hint: hintOf(name, names), wrong: true});
  }
  for (const program of programs) {
    const {name, section, optional} = program;
    const given = Object.hasOwn(own.attach, name) ? own.attach[name] : undefined;
    const place = probeOf(section);
    if (given === null) leftOut.push({name, reason: 'the preset leaves it out'});
    else if (given === undefined && optional)
      leftOut.push({name, reason: `its section '?${section.replace(/^\?/, '')}' is for those who ask: "attach": {"${name}": "auto"}`});
    else if (given !== undefined && given !== 'auto') {
      try {
        const attachment = attachmentOf(program, given, preset, machine);
        specs.push({program: name, ...attachment.spec});
        points.push({program: name, probes: attachment.points});
      } catch (error) {
        if (!(error instanceof PresetFault)) throw error;
        faults.push(faultAt(`/attach/${name}`, error));
      }
    } else if (place === undefined) {
      // loaded all the same: another program may call it
      specs.push({program: name, attach: []});
      leftOut.push({name, reason: `its section '${section}' says no place: "attach": {"${name}": "PROBE"}`});
    } else {
      specs.push({program: name, attach: [{kind: 'automatic'}]});
      points.push({program: name, probes: [place]});
    }
  }
  if (points.length === 0 && faults.length === 0)
    faults.push({
      pointer: '',
      message: programs.length === 0 ? 'the object has no program' : 'none of the programs is attached',
      hint: leftOut.map(({name, reason}) => `${name}: ${reason}`).join('\n'),
      wrong: true,
    });
  return {specs, points, leftOut};
}

function tableMap(own: Own, maps: readonly MapShape[], faults: Fault[]): MapShape | undefined {
  const candidates = maps.filter((map) => Object.hasOwn(mapTypes, map.type) && map.keySize > 0);
  const names = candidates.map((map) => map.name);
  if (own.map === undefined) {
    if (candidates.length === 1) return candidates[0];
    faults.push({
      pointer: '/table',
      message:
        candidates.length === 0 ? 'the object has no hash or array map' : `the object has ${candidates.length} maps: which is the table?`,
      hint: candidates.length === 0 ? '' : `"table": {"map": "${names[0]}"}; it has ${names.join(', ')}`,
    });
    return undefined;
  }
  const found = candidates.find((map) => map.name === own.map);
  if (found !== undefined) return found;
  const other = maps.find((map) => map.name === own.map);
  faults.push({
    pointer: '/table/map',
    message: other === undefined ? `the object has no map '${own.map}'` : `map '${own.map}' is of a kind that has no rows`,
    hint: hintOf(own.map, names) || 'it has no hash or array map',
  });
  return undefined;
}
