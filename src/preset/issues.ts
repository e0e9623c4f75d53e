// What zod found wrong in a preset file, as faults in our words: what was expected, what was found. Pure.
import type * as z from 'zod';
import {nearest} from '../errors.ts';
import type {Fault} from './fault.ts';

type Issue = z.core.$ZodIssue;

/** zod's issues in our words: what was expected, what was found. */
export function issueFaults(issue: Issue, root: unknown, members: readonly string[]): readonly Fault[] {
  const pointer = issue.path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  const found = foundAt(root, issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => {
        const near = nearest(key, members, 1);
        return {
          pointer: `${pointer}/${key}`,
          message: `unknown member '${key}'`,
          ...(near[0] === undefined || pointer !== '' ? {} : {hint: `did you mean '${near[0]}'?`}),
        };
      });
    case 'invalid_union': {
      // the alternative that came furthest says most
      const best = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0] ?? [];
      const deep = best.filter((each) => each.path.length > 0 || each.code === 'unrecognized_keys');
      if (deep.length > 0)
        return deep.flatMap((each) => issueFaults({...each, path: [...issue.path, ...each.path]} as Issue, root, members));
      const expected = [...new Set(issue.errors.flat().map(expectation))].join(' or ');
      return [{pointer, message: `expected ${expected}, found ${found}`}];
    }
    default:
      return [{pointer, message: `expected ${expectation(issue)}, found ${found}`}];
  }
}

const depth = (issues: readonly Issue[]): number =>
  Math.max(0, ...issues.map((issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 0.5 : 0)));

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'object' ? 'an object' : issue.expected === 'array' ? 'a list' : `a ${issue.expected}`;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' ? 'a longer text' : `at least ${issue.minimum}${issue.origin === 'array' ? ' entries' : ''}`;
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

function foundAt(root: unknown, path: readonly PropertyKey[]): string {
  let at: unknown = root;
  for (const part of path) at = typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined;
  if (at === undefined) return 'nothing';
  const text = JSON.stringify(at) ?? String(at);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
