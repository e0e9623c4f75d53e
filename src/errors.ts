// The kinds of failure, and how each is told to the user. A UserError is the user's situation: one message, a hint, no
// stack. Anything else that reaches cli.ts is our bug and is shown with its stack.

/** `operation object: cause`, and what to try. `status`: 1 it could not be done, 2 the command line or a preset is wrong. */
export class UserError extends Error {
  readonly hint: string;
  readonly status: 1 | 2;

  constructor(message: string, options: {readonly hint?: string; readonly status?: 1 | 2} = {}) {
    super(message);
    this.name = 'UserError';
    this.hint = options.hint ?? '';
    this.status = options.status ?? 1;
  }
}

/** The kernel, or libbpf, refused. `log` is whole: what libbpf and the verifier wrote. */
export class BpfError extends UserError {
  readonly operation: string;
  readonly target: string;
  readonly code: string;
  readonly log: string;

  constructor(
    message: string,
    facts: {readonly operation: string; readonly target: string; readonly code: string; readonly log: string},
    hint: string,
  ) {
    super(message, {hint});
    this.name = 'BpfError';
    this.operation = facts.operation;
    this.target = facts.target;
    this.code = facts.code;
    this.log = facts.log;
  }
}

/** What a user reads: `tsbpftop: message`, then the hint, if there is one. */
export const explain = (error: UserError): string =>
  `tsbpftop: ${error.message}\n${error.hint === '' ? '' : `hint: ${error.hint.replaceAll('\n', '\n      ')}\n`}`;

/** Names nearest to `wanted` first (Levenshtein distance; a shared part counts as near), at most `limit`. */
export function nearest(wanted: string, names: Iterable<string>, limit = 3): string[] {
  const near: {readonly name: string; readonly distance: number}[] = [];
  const bound = Math.max(2, Math.floor(wanted.length / 2));
  for (const name of names) {
    const distance = name.includes(wanted) ? (name.length - wanted.length) / 10 : editDistance(wanted, name, bound);
    if (distance <= bound) near.push({name, distance});
  }
  return near
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, limit)
    .map((entry) => entry.name);
}

/** Edits from `a` to `b`, or more than `bound`. */
function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) > bound) return bound + 1;
  let row = Array.from({length: b.length + 1}, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1));
      next.push(cost);
      least = Math.min(least, cost);
    }
    if (least > bound) return bound + 1;
    row = next;
  }
  return row[b.length] ?? bound + 1;
}
