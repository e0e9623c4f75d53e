// Members of a preset that are shown as they stand: made safe before anything else is done with them, since others may have
// written the preset. Expressions stay: what is quoted of them in messages is made safe there.
import {safeString} from '../decode/safe-text.ts';

const shown: ReadonlySet<string> = new Set(['title', 'description', 'warning', 'group']);
const deepest = 20;

/** The same value, with those texts safe; `map` is of numbers and their names. */
export function safeMembers(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > deepest) return value;
  if (Array.isArray(value)) return value.map((each) => safeMembers(each, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]: [string, unknown]) => [
      name,
      typeof each === 'string' && shown.has(name) ? safeString(each) : name === 'map' ? safeNames(each) : safeMembers(each, depth + 1),
    ]),
  );
}

function safeNames(map: unknown): unknown {
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return map;
  return Object.fromEntries(
    Object.entries(map).map(([value, name]: [string, unknown]) => [value, typeof name === 'string' ? safeString(name) : name]),
  );
}
