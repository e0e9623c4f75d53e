// The command line's filters in a view that is not about the current task: there they are comparisons with what the
// preset names in `filter`. Pure.
import type {Comparison, Expr} from '../expr.ts';
import {PresetFault} from '../fault.ts';
import type {Filters} from './fill.ts';
import type {Located, Preset} from '../preset.ts';

/** The preset with such filters in its `where`, and the filters that remain, about the current task. */
export function ownFilters(preset: Preset, filters: Filters): {readonly preset: Preset; readonly filters: Filters} {
  const own = preset.filter;
  if (own === undefined) return {preset, filters};
  const asked: readonly (readonly [flag: string, name: keyof typeof own, right: Expr])[] = [
    ...(filters.pid === undefined ? [] : [['-p', 'pid', integer(filters.pid)] as const]),
    ...(filters.comm === undefined ? [] : [['--comm', 'comm', {kind: 'bytes', value: latin1(filters.comm)}] as const]),
    ...(filters.cgroup === undefined ? [] : [[filters.command === true ? '-c' : '--cgroup', 'cgroup', integer(filters.cgroup)] as const]),
  ];
  const where = asked.map(([flag, name, right]): Located<Comparison> => {
    const left = own[name];
    if (left === undefined) throw new PresetFault(`${flag} does not apply to this view`, reason(own));
    return {at: `/filter/${name}`, value: {left, operator: '==', right}};
  });
  return {preset: {...preset, where: [...preset.where, ...where]}, filters: {}};
}

/** Bytes, so that a '*' at the end is one. */
const latin1 = (text: string | Uint8Array): string =>
  String.fromCharCode(...(typeof text === 'string' ? new TextEncoder().encode(text) : text));

const integer = (value: number | bigint): Expr => ({kind: 'integer', value: BigInt(value)});

const reason = (own: NonNullable<Preset['filter']>): string => {
  const flags = [own.pid && '-p', own.comm && '--comm', own.cgroup && '--cgroup'].filter((flag) => flag !== undefined);
  return flags.length === 0 ? 'its events belong to no task' : `it can be filtered by ${flags.join(' and ')}`;
};
