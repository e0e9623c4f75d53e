// What those who come from bpftrace write, and how it is said here: hints, for words that this language does not have.

export const prefixes = "texts are compared with == and !=, and * at the end is any rest: comm == 'ngin*'";

const percentiles = 'hist(E) shows p50, p90, p99 and max, each as the bounds of its bucket';

const words: Readonly<Record<string, string>> = {
  probe: "'func' is the function, system call or tracepoint that fired",
  execname: "'comm' is the name of the task",
  username: "'user' is shown by name",
  cgroupid: "'cgroup' is shown by its path",
  nsecs: "time between two events is 'duration' in a span; --events prints when each was",
  elapsed: "time between two events is 'duration' in a span; --events prints when each was",
  strftime: '--events prints when each was',
  printf: '--events prints each event',
  args: "one of them: 'args.NAME'; tsbpftop probes -v PROBE lists them",
  ctx: "arguments are 'args.NAME', or by position 'arg0'",
  stack: "'kstack' is the call chain in the kernel, 'ustack' that in the program",
  kstack: "'kstack' is the whole call chain: without parentheses",
  ustack: "'ustack' is the whole call chain: without parentheses",
  ksym: 'a column says how it is shown: {"field": "arg0", "format": "ksym"}',
  usym: 'a column says how it is shown: {"field": "arg0", "format": "usym"}',
  ntop: 'a column says how it is shown: {"field": "E", "format": "ip"}',
  bswap: 'a column says how it is shown: {"field": "E", "format": "port"}',
  strncmp: prefixes,
  strcontains: prefixes,
  quantize: 'hist(E) is that measure',
  stats: "'avg(E), sum(E)'; the count is always there",
  p50: percentiles,
  p90: percentiles,
  p95: percentiles,
  p99: percentiles,
  percentile: percentiles,
  median: percentiles,
};

const signs: readonly (readonly [sign: string, hint: string])[] = [
  ['!', 'a condition is a comparison: pid != 0'],
  ['/', "a condition stands without slashes: comm == 'cat'"],
  [
    '@',
    "what is grouped by is the field alone: comm, and of several each with a --by of its own; what is counted is the measure: 'count', 'hist(E)'",
  ],
  ['=~', prefixes],
  ['= ', 'equality is =='],
  ['==', 'conditions are for "where"'],
];

/** '' where bpftrace has no such word either. */
export const hintOfWord = (word: string): string => (Object.hasOwn(words, word) ? (words[word] ?? '') : '');

/** @param rest of an expression, from what was not expected on; '' where nothing is known of it */
export const hintOfRest = (rest: string): string => signs.find(([sign]) => rest.startsWith(sign))?.[1] ?? '';

/** Short and former names of probe types, which a one-liner may have; a preset has them in full. */
const shortKinds: Readonly<Record<string, string>> = {
  k: 'kprobe',
  kr: 'kretprobe',
  f: 'fentry',
  fr: 'fexit',
  kfunc: 'fentry',
  kretfunc: 'fexit',
  u: 'uprobe',
  ur: 'uretprobe',
  U: 'usdt',
  t: 'tracepoint',
  rt: 'rawtracepoint',
  p: 'profile',
  s: 'software',
  h: 'hardware',
};

/** 'k:vfs_read' is kprobe:vfs_read. */
export function inFull(probe: string): string {
  const [, kind = ''] = /^\s*(\w+):/.exec(probe) ?? [];
  return Object.hasOwn(shortKinds, kind) ? probe.replace(kind, shortKinds[kind] ?? kind) : probe;
}

const interval = 'a refresh each -d SECONDS is what the screen and -b do; the running tasks are sampled by profile:hz:99';
const begin = 'views begin when their probes are attached';
const end = 'the last refresh is shown when it ends';
const watchpoint = 'there is none; a function that writes there can be probed: uprobe:FILE:SYMBOL';

const otherKinds: Readonly<Record<string, string>> = {
  ...{interval, i: interval},
  ...{BEGIN: begin, begin, END: end, end},
  ...{watchpoint, w: watchpoint},
  iter: 'a program of your own can: "object", or "source"',
};

/** '' where bpftrace has no such type either. */
export const hintOfKind = (kind: string): string =>
  Object.hasOwn(otherKinds, kind) ? (otherKinds[kind] ?? '') : Object.hasOwn(shortKinds, kind) ? `in full: ${shortKinds[kind]}` : '';
