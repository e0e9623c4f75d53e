// What the section of a program says: where libbpf attaches it, in the words of a preset. Pure.

/** By the section's first part, how the rest is spelled as a probe. Sections that libbpf attaches by themselves; no others. */
const spellings: Readonly<Record<string, (rest: string) => string>> = {
  kprobe: (rest) => `kprobe:${rest}`,
  kretprobe: (rest) => `kretprobe:${rest}`,
  'kprobe.multi': (rest) => `kprobe:${rest}`,
  'kretprobe.multi': (rest) => `kretprobe:${rest}`,
  ksyscall: (rest) => `syscall:${rest}`,
  kretsyscall: (rest) => `syscall:${rest} (return)`,
  uprobe: (rest) => `uprobe:${rest.replace(/^\/\//, '/')}`,
  uretprobe: (rest) => `uretprobe:${rest.replace(/^\/\//, '/')}`,
  usdt: (rest) => `usdt:${rest.replace(/^\/\//, '/')}`,
  tp: (rest) => `tracepoint:${rest.replace('/', ':')}`,
  tracepoint: (rest) => `tracepoint:${rest.replace('/', ':')}`,
  raw_tp: (rest) => `rawtracepoint:${rest}`,
  raw_tracepoint: (rest) => `rawtracepoint:${rest}`,
  tp_btf: (rest) => `rawtracepoint:${rest}`,
  fentry: (rest) => `fentry:${rest}`,
  fexit: (rest) => `fexit:${rest}`,
  fmod_ret: (rest) => `fmod_ret:${rest}`,
  lsm: (rest) => `lsm:${rest}`,
  iter: (rest) => `iter:${rest}`,
};

/** 'tp/sched/sched_switch' → 'tracepoint:sched:sched_switch'; undefined where the section names no place. */
export function probeOf(section: string): string | undefined {
  const plain = section.replace(/^\?/, '');
  const slash = plain.indexOf('/');
  const rest = slash < 0 ? '' : plain.slice(slash + 1);
  // '.s': may sleep; '.w': may write
  const kind = (slash < 0 ? plain : plain.slice(0, slash)).replace(/\.[sw]$/, '');
  const spelled = Object.hasOwn(spellings, kind) ? spellings[kind] : undefined;
  return rest === '' || spelled === undefined ? undefined : spelled(rest);
}
