// Chances that come again: numbers from a seed, and values of JSON broken by them.

export type Json = null | boolean | number | string | Json[] | {[name: string]: Json};
export type Random = (below: number) => number;

/** mulberry32 */
export function seeded(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export const pick = <T>(random: Random, all: readonly T[]): T => all[random(all.length)] as T;

/** Stand for what is nested so deep that a recursion does not come out of it: no such value can be made, only its text. */
const deep: Readonly<Record<string, string>> = {
  'deep list': `${'['.repeat(20_000)}1${']'.repeat(20_000)}`,
  'deep object': `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
};

/** Texts that a terminal would obey, numbers at the ends of what numbers are, depths that a recursion does not come out of. */
export const strange: readonly Json[] = [
  null,
  true,
  0,
  -0,
  -1,
  0.5,
  1e21,
  1e308,
  -1e308,
  5e-324,
  2 ** 53,
  '',
  '18446744073709551615',
  '-9223372036854775809',
  '99999999999999999999',
  '1e999',
  '\u001B]0;owned\u0007\u009B31m\u000E\u202Eb\u200B\u007F\u2028',
  '日本語\u0301\u0301\u0301\u0301\uFE0F👩‍👩‍👧',
  '\uD800',
  'x'.repeat(20_000),
  '\u0301'.repeat(5000),
  '\n'.repeat(500),
  '__proto__',
  'constructor',
  '2026-11-23T24:00:00.000Z',
  '+275760-09-13T00:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
  [],
  {},
  [[]],
  Array.from({length: 500}, () => 0),
  Array.from({length: 500}, (_, i) => [i, i + 1, 1]),
  ...Object.keys(deep),
];

/** One place in it, however deep, is another value, is gone, is there twice, or has another's. */
function brokenValue(random: Random, value: Json): Json {
  const places: {readonly holder: Json[] | {[name: string]: Json}; readonly name: string}[] = [];
  const walk = (at: Json, depth: number): void => {
    if (typeof at !== 'object' || at === null || depth > 12) return;
    for (const [name, inside] of Object.entries(at)) {
      places.push({holder: at, name});
      walk(inside as Json, depth + 1);
    }
  };
  walk(value, 0);
  if (places.length === 0) return pick(random, strange);
  const {holder, name} = pick(random, places);
  const set = (to: Json): void => {
    if (Array.isArray(holder)) holder[Number(name)] = to;
    else Object.defineProperty(holder, name, {value: to, enumerable: true, writable: true, configurable: true});
  };
  const other = pick(random, places);
  switch (random(6)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(name), 1);
      else delete holder[name];
      break;
    case 1:
      if (Array.isArray(holder)) holder.splice(Number(name), 0, structuredClone(holder[Number(name)] as Json));
      else Object.defineProperty(holder, String(pick(random, strange)).slice(0, 300), {value: 1, enumerable: true, writable: true});
      break;
    case 2:
      set(structuredClone((Array.isArray(other.holder) ? other.holder[Number(other.name)] : other.holder[other.name]) as Json));
      break;
    default:
      set(structuredClone(pick(random, strange)));
  }
  return value;
}

/** Of a text of JSON, another one. */
export function brokenJson(random: Random, text: string): string {
  if (Object.values(deep).some((nested) => text.includes(nested))) return text;
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return text;
  }
  return Object.entries(deep).reduce(
    (made, [name, nested]) => made.replaceAll(JSON.stringify(name), nested),
    JSON.stringify(brokenValue(random, value)),
  );
}

/** Bytes changed, cut off, repeated. */
export function brokenText(random: Random, text: string): string {
  const at = random(text.length + 1);
  switch (random(5)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + String.fromCharCode(random(random(2) === 0 ? 128 : 65_536)) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + text.slice(at + 1 + random(20));
    case 3:
      return text.slice(0, at) + text.slice(random(text.length), random(text.length)) + text.slice(at);
    default:
      return text.slice(0, at) + pick(random, ['{', '[', '"', '}', ']', ',', ':', '1e999', '-', '\\u0000', 'null']) + text.slice(at);
  }
}
