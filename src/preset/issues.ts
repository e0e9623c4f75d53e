// What zod found wrong in a preset file, as faults in our words: what was expected, what was found, and which name is near. Pure.
import type * as z from 'zod';
import {nearest} from '../errors.ts';
import type {Fault} from './fault.ts';

type Issue = z.core.$ZodIssue;

/** Members of what stands inside a preset, by the member that holds it: near names for one that there is not. */
const point = ['probe', 'where', 'match', 'firstOf'];
const innerMembers: Readonly<Record<string, readonly string[]>> = {
  attach: point,
  firstOf: point,
  from: point,
  to: point,
  span: ['from', 'to', 'match', 'firstOf'],
  match: ['from', 'to'],
  by: ['field', 'title', 'format', 'map'],
  measure: ['measure', 'title'],
  filter: ['pid', 'comm', 'cgroup'],
  drill: ['to', 'by'],
  table: ['map', 'from', 'columns'],
  columns: ['field', 'title', 'format', 'map', 'measure', 'hist', 'slots', 'min', 'step', 'unit'],
};

/** zod's issues in our words: what was expected, what was found. */
export function issueFaults(issue: Issue, root: unknown, members: readonly string[]): readonly Fault[] {
  const pointer = issue.path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  const found = foundAt(root, issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => {
        const holder = issue.path.findLast((part) => typeof part === 'string');
        const names = holder === undefined ? members : (innerMembers[String(holder)] ?? []);
        const [near] = key.length === 1 ? [] : nearest(key, names, 1);
        return {pointer: `${pointer}/${key}`, message: `unknown member '${key}'`, ...(near === undefined ? {} : meant(near))};
      });
    case 'invalid_union': {
      const best = bestOf(issue);
      const deep = best.filter((each) => each.path.length > 0 || each.code === 'unrecognized_keys');
      if (deep.length > 0)
        return withoutRenamed(deep.flatMap((each) => issueFaults({...each, path: [...issue.path, ...each.path]} as Issue, root, members)));
      return [{pointer, message: `expected ${expectation(issue)}, found ${found}`, ...nearValue(issue, foundText(root, issue.path))}];
    }
    default:
      return [{pointer, message: `expected ${expectation(issue)}, found ${found}`, ...nearValue(issue, foundText(root, issue.path))}];
  }
}

const meant = (near: string): Pick<Fault, 'hint'> => ({hint: `did you mean '${near}'?`});

/** Of the alternatives the one that came furthest says most; of those the one to which least is strange. */
function bestOf({errors}: Extract<Issue, {code: 'invalid_union'}>): readonly Issue[] {
  const flat = errors.map((issues) =>
    issues.flatMap((issue): readonly Issue[] => {
      if (issue.code !== 'invalid_union') return [issue];
      const inner = bestOf(issue).map((each) => ({...each, path: [...issue.path, ...each.path]}) as Issue);
      return inner.some((each) => each.path.length > 0 || each.code === 'unrecognized_keys') ? inner : [issue];
    }),
  );
  const strange = (issues: readonly Issue[]): number =>
    issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
  return [...flat].sort((a, b) => depth(b) - depth(a) || strange(a) - strange(b) || a.length - b.length)[0] ?? [];
}

/** How far into the value an alternative goes; a member that is strange is one that was looked at. */
const depth = (issues: readonly Issue[]): number =>
  Math.max(0, ...issues.map((issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)));

/** A member by a wrong name is one fault, and not two: the name that it should have is not missing as well. */
function withoutRenamed(faults: readonly Fault[]): readonly Fault[] {
  const named = new Set(faults.map(({hint}) => /^did you mean '(.*)'\?$/.exec(hint ?? '')?.[1]));
  return faults.filter(({pointer, message}) => !(message.endsWith('found nothing') && named.has(pointer.split('/').pop())));
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'object' ? 'an object' : issue.expected === 'array' ? 'a list' : `a ${issue.expected}`;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
      return issue.format === 'template_literal' ? 'enum:NAME' : issue.message;
    case 'too_small':
      return issue.origin === 'string'
        ? 'a longer text'
        : `at least ${issue.minimum}${issue.origin === 'array' ? (issue.minimum === 1 ? ' entry' : ' entries') : ''}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `at most ${issue.maximum} characters`
        : `at most ${issue.maximum}${issue.origin === 'array' ? ' entries' : ''}`;
    case 'invalid_union':
      return [...new Set(issue.errors.flat().map(expectation))].join(' or ');
    default:
      return issue.message;
  }
}

/** The allowed word that is nearest to the one that was found. */
function nearValue(issue: Issue, found: string | undefined): Pick<Fault, 'hint'> | undefined {
  if (found === undefined) return undefined;
  const words = valuesOf(issue);
  const [near] = nearest(found, words, 1);
  return near === undefined ? undefined : meant(near);
}

const valuesOf = (issue: Issue): readonly string[] =>
  issue.code === 'invalid_value' ? issue.values.map(String) : issue.code === 'invalid_union' ? issue.errors.flat().flatMap(valuesOf) : [];

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let at: unknown = root;
  for (const part of path) at = typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined;
  return at;
}

function foundText(root: unknown, path: readonly PropertyKey[]): string | undefined {
  const at = valueAt(root, path);
  return typeof at === 'string' ? at : undefined;
}

function foundAt(root: unknown, path: readonly PropertyKey[]): string {
  const at = valueAt(root, path);
  if (at === undefined) return 'nothing';
  const text = JSON.stringify(at) ?? String(at);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
