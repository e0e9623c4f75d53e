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

/** Names near to `wanted`, nearest first (Levenshtein distance; a shared part counts as near), at most `limit`. */
export function nearest(wanted: string, names: Iterable<string>, limit = 3): string[] {
  const near: {readonly name: string; readonly distance: number}[] = [];
  let bound = Math.max(2, Math.floor(wanted.length / 2));
  // a kernel has 60,000 functions: once as many near ones as are shown are known, only nearer ones are looked at
  const best: number[] = [];
  const common = commonLetters(wanted);
  for (const name of names) {
    const included = name.includes(wanted);
    // letters that only one of them has need an edit each: most names are done with here
    if (!included && Math.max(wanted.length, name.length) - common(name) > bound) continue;
    const distance = included ? (name.length - wanted.length) / 10 : editDistance(wanted, name, bound);
    if (distance > bound) continue;
    near.push({name, distance});
    best.push(distance);
    if (best.length <= limit) continue;
    best.sort((a, b) => a - b).pop();
    bound = Math.min(bound, best[limit - 1] ?? bound);
  }
  return near
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, limit)
    .map((entry) => entry.name);
}

/** How many letters of a name are in `text` too, in whatever order. */
function commonLetters(text: string): (name: string) => number {
  const letters = new Int16Array(128);
  const count = (array: Int16Array, text: string, i: number): number => array[text.charCodeAt(i) & 127] ?? 0;
  for (let i = 0; i < text.length; i++) letters[text.charCodeAt(i) & 127] = count(letters, text, i) + 1;
  const left = new Int16Array(128);
  return (name) => {
    left.set(letters);
    let common = 0;
    for (let i = 0; i < name.length; i++) {
      const rest = count(left, name, i);
      if (rest === 0) continue;
      common++;
      left[name.charCodeAt(i) & 127] = rest - 1;
    }
    return common;
  };
}

/** Edits from `a` to `b`, or more than `bound`. */
function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) > bound) return bound + 1;
  let row = Array.from({length: b.length + 1}, (_, i) => i);
  let next = row.slice();
  for (let i = 1; i <= a.length; i++) {
    next[0] = i;
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1));
      next[j] = cost;
      least = Math.min(least, cost);
    }
    if (least > bound) return bound + 1;
    [row, next] = [next, row];
  }
  return row[b.length] ?? bound + 1;
}
