// What watching costs, for docs and lists: by the kind of probe, as measured (net of the statistics clock) on x86-64.
import type {Preset, ProbeSpec} from './preset.ts';

const kindOf = (probe: string): string => probe.slice(0, probe.indexOf(':'));

/** Cost of one event of a view, in words. */
export function costOf(preset: Preset): string {
  const {own, probes} = preset;
  if (own !== undefined) return own.kind === 'programs' ? 'about 50 ns at each run of every BPF program' : 'as its program does';
  const choices = probes.kind === 'pair' ? [...probes.from, ...probes.to] : probes.probes;
  const specs: readonly ProbeSpec[] = choices.flatMap((choice) => choice.alternatives[0] ?? []);
  const kinds = new Set(specs.map((spec) => kindOf(spec.probe)));
  if (kinds.has('profile')) return 'a few µs a sample';
  if (kinds.has('uprobe') || kinds.has('uretprobe') || kinds.has('usdt'))
    return probes.kind === 'attach' ? '1 to 11 µs a call' : '2 to 20 µs a call';
  const everyCall = specs.some((spec) => /^(raw)?tracepoint:(raw_syscalls:)?sys_(enter|exit)$/.test(spec.probe));
  const cost = probes.kind === 'attach' ? '0.1 to 0.3 µs an event' : '0.3 to 0.6 µs a pair';
  return everyCall ? `${cost}, at every system call` : cost;
}
