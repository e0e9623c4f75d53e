// THE table of kernel functions that are not probed, with the reasons. Beside the kernel's own list (its blacklist, and
// what is marked notrace, which ftrace does not list): functions that a BPF program or its probe runs through itself, so
// that calls are missed or never end, and the way into and out of the kernel. Pure.
import {anyOf} from './point.ts';

interface Unsafe {
  readonly patterns: readonly string[];
  readonly reason: string;
  /** Refused also when it is asked for by its name. Else it is left out of wildcards only. */
  readonly always: boolean;
}

const table: readonly Unsafe[] = [
  {
    patterns: [
      'do_nmi',
      'exc_nmi*',
      'nmi_*',
      'default_do_nmi',
      'asm_exc_*',
      'exc_*',
      'asm_*',
      'do_int3*',
      'kprobe_int3_handler',
      'do_error_trap',
      'fixup_bug',
    ],
    reason: 'it runs on the way into the kernel, where a probe can stop the machine',
    always: true,
  },
  {
    patterns: [
      'text_poke*',
      'smp_text_poke*',
      '__text_poke',
      'arch_jump_label*',
      '__jump_label*',
      'arch_*_kprobe*',
      'poke_int3_handler',
      'aarch64_insn_*',
    ],
    reason: "it writes the kernel's code, which is how probes are set",
    always: true,
  },
  {
    patterns: [
      '*queued_spin_lock_slowpath',
      '*queued_*lock_slowpath',
      'pv_*',
      '__pv_*',
      '_raw_*lock*',
      'do_raw_spin_*',
      'lock_acquire',
      'lock_release',
      '*lockdep*',
    ],
    reason: 'BPF maps take this lock: their own calls would be missed, and could lock the machine',
    always: true,
  },
  {
    patterns: [
      '*rcu_read_lock*',
      '*rcu_read_unlock*',
      'rcu_*',
      '__rcu_*',
      'migrate_disable',
      'migrate_enable',
      'preempt_count_*',
      'preempt_schedule*',
      '__preempt_*',
    ],
    reason: 'it runs around every BPF program: calls of its own would be missed',
    always: false,
  },
  {
    patterns: [
      'bpf_*',
      '__bpf_*',
      '___bpf_*',
      '*htab_*',
      '*percpu_freelist*',
      '*pcpu_freelist*',
      '*array_map_*',
      'stack_map_*',
      'get_perf_callchain',
      'perf_callchain*',
      'copy_from_kernel_nofault*',
      'copy_from_user_nofault*',
      'strncpy_from_*_nofault',
    ],
    reason: 'BPF programs run through it themselves: calls of their own would be missed',
    always: false,
  },
  {
    patterns: [
      'trace_*',
      '__trace_*',
      '*ftrace_*',
      '*_trace_*',
      'perf_trace_*',
      'perf_tp_*',
      'kprobe_*',
      'kretprobe_*',
      '*kprobe*',
      '*uprobe*',
      'fprobe_*',
      'rethook_*',
      '*ring_buffer_*',
    ],
    reason: 'it is part of tracing itself',
    always: false,
  },
  {
    patterns: ['*printk*', 'console_*', 'vprintk*', 'serial8250_*'],
    reason: 'what the kernel has to say when something goes wrong goes through it',
    always: false,
  },
];

const compiled = table.map(({patterns, ...rule}) => ({...rule, matches: anyOf(patterns)}));

/** Why a function is not probed; undefined: nothing speaks against it. */
export function whyUnsafe(name: string, byName: boolean): string | undefined {
  return compiled.find((each) => (each.always || !byName) && each.matches(name))?.reason;
}
