// Presets on programs of others: an object or source of the user's, or what the machine has loaded. Makes Presets of
// them, as load.ts does of those on the bundled program. Pure.
import type {LoadedMap} from '../../native/contract.ts';
import type {Fault} from '../fault.ts';
import {issueFaults} from '../issues.ts';
import {type OwnColumn, type OwnFile, ownSchema} from './own-schema.ts';
import type {Preset} from '../preset.ts';

export interface Own {
  /** map: one that is loaded, watched by `tsbpftop map`. */
  readonly kind: 'object' | 'source' | 'programs' | 'map';
  /** As written: of the object or the source. */
  readonly path: string;
  readonly params: Readonly<Record<string, Param>>;
  /** By program: a probe, 'auto' for its section's, null for none. */
  readonly attach: Readonly<Record<string, string | null>>;
  readonly map?: string;
  readonly columns?: readonly OwnColumn[];
  /** 0: as the program says. */
  readonly maxEntries: number;
  /** Of kind map. */
  readonly loaded?: LoadedMap;
}
export type Param = number | string | boolean;

/** Whether a file is of this kind at all: said before it is checked, so that faults speak of the right members. */
export const isOwn = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ['object', 'source', 'params', 'table'].some((name) => name in value);

export function ownPreset(value: unknown, file: string, json: string): {readonly preset: Preset} | {readonly faults: readonly Fault[]} {
  const checked = ownSchema().safeParse(value);
  if (!checked.success) return {faults: checked.error.issues.flatMap((issue) => issueFaults(issue, value, Object.keys(ownSchema().shape)))};
  const faults = faultsOf(checked.data);
  return faults.length > 0 ? {faults} : {preset: rightOwn(checked.data, file, json)};
}

/** Of a value that is known to be right. */
export function rightOwn(value: unknown, file: string, json: string): Preset {
  const given = value as OwnFile;
  const {object, source, table} = given;
  return presetOf(given, file, json, {
    kind: table?.from !== undefined ? 'programs' : object !== undefined ? 'object' : 'source',
    path: object ?? source ?? '',
    params: given.params ?? {},
    attach: given.attach ?? {},
    ...(table?.map === undefined ? {} : {map: table.map}),
    ...(table?.columns === undefined ? {} : {columns: table.columns}),
    maxEntries: given.maxKeys ?? 0,
  });
}

function faultsOf({object, source, table, params, attach}: OwnFile): readonly Fault[] {
  const faults: Fault[] = [];
  const roots = [object === undefined ? '' : 'object', source === undefined ? '' : 'source', table?.from === undefined ? '' : 'table.from'];
  const found = roots.filter((name) => name !== '');
  if (found.length !== 1)
    faults.push({
      pointer: '',
      message: `expected one of object, source or table.from, found ${found.length === 0 ? 'none' : found.join(' and ')}`,
    });
  if (table?.from === undefined) return faults;
  if (table.map !== undefined) faults.push({pointer: '/table/map', message: "'map' has no meaning beside 'from'"});
  if (params !== undefined) faults.push({pointer: '/params', message: "'params' belong to a program of your own, and 'from' has none"});
  if (attach !== undefined) faults.push({pointer: '/attach', message: "'attach' belongs to a program of your own, and 'from' has none"});
  return faults;
}

type Named = Pick<
  OwnFile,
  'name' | 'title' | 'group' | 'description' | 'words' | 'sort' | 'drill' | 'maxProbes' | 'warning' | 'allowGoUretprobe'
>;

export function presetOf(given: Named, file: string, json: string, own: Own): Preset {
  return {
    name: given.name,
    title: given.title ?? given.name,
    group: given.group ?? 'other',
    description: given.description ?? '',
    ...(given.words === undefined ? {} : {words: given.words}),
    file,
    json,
    own,
    probes: {kind: 'attach', probes: []},
    where: [],
    by: [],
    measures: [],
    sort: given.sort ?? '-rate',
    ...(given.drill === undefined ? {} : {drill: given.drill}),
    maxKeys: own.maxEntries,
    map: 'auto',
    maxProbes: given.maxProbes ?? 1000,
    maxStacks: 0,
    needsPid: false,
    ...(given.warning === undefined ? {} : {warning: given.warning}),
    allowGoUretprobe: given.allowGoUretprobe ?? false,
    allowCppUretprobe: false,
  };
}
