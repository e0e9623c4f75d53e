// The columns of a table whose preset names none: every member of the key; of the value integers as measures, the first
// array of them as a histogram, all else as it is. Pure.
import type {MapShape} from '../../native/contract.ts';
import {kindOf, type Member, membersOf} from './members.ts';
import type {OwnColumn} from './own-schema.ts';

/** Of the key, and of the value: more are asked for by name. A damaged or foreign type may have tens of thousands. */
const mostColumns = 64;
/** Elements of a key's array that are told one by one. */
const mostElements = 16;

export function defaultColumns(map: MapShape): readonly OwnColumn[] {
  const hasTypes = map.value !== undefined;
  const ofKey = membersOf(map, 'key').flatMap((member) => keyColumns(member, map.key !== undefined));
  let spread = false;
  const ofValue = membersOf(map, 'value').flatMap((member): readonly OwnColumn[] => {
    if (member.overlaps) return [];
    switch (kindOf(member)) {
      case 'integer':
        // a pointer or a name counts nothing
        return [{field: member.path, ...(member.type.kind === 'int' && member.type.bool !== true ? {measure: true} : {})}];
      case 'text':
        return [{field: member.path}];
      case 'integers': {
        if (!hasTypes) return elements(member, 'hex');
        if (spread || length(member) < 2 || length(member) > 64) return [];
        spread = true;
        return [{field: member.path, hist: 'log2'}];
      }
      case 'none':
        return [];
    }
  });
  return [...ofKey.slice(0, mostColumns), ...ofValue.slice(0, mostColumns)];
}

function keyColumns(member: Member, hasType: boolean): readonly OwnColumn[] {
  if (member.overlaps) return [];
  switch (kindOf(member)) {
    case 'integer':
    case 'text':
      return [{field: member.path}];
    case 'integers':
      return elements(member, hasType ? undefined : 'hex');
    case 'none':
      return [];
  }
}

const length = ({type}: Member): number => (type.kind === 'array' ? type.length : 0);

const elements = (member: Member, format: 'hex' | undefined): readonly OwnColumn[] =>
  Array.from({length: Math.min(length(member), mostElements)}, (_, i) => ({
    field: `${member.path}[${i}]`,
    ...(format === undefined ? {} : {format}),
  }));
