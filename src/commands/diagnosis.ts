// THE table of what `doctor` tells: from the facts of a machine to findings, each with what it means for presets and what
// mends it. Pure: kernel/facts.ts gathers, a test gives literals.
import type {Facts, SysctlName, Trial} from '../kernel/facts.ts';
import {bad, type Finding, good, limit, type Told} from './finding.ts';
import {terminalKind} from './process/terminal-kind.ts';

type Rule = (facts: Facts) => Told;

const mayAll = ({capabilities}: Facts): boolean => capabilities.has('CAP_SYS_ADMIN');
const asRoot = 'run it as root: sudo tsbpftop';
/** setcap replaces what was given before: all are named in one line. */
const asRootOrGiven = `${asRoot}, or give it with the others, as below`;
const capability =
  (name: string, means: string, need: 'bad' | 'limit'): Rule =>
  (facts) => {
    if (facts.capabilities.has(name)) return good('held');
    if (mayAll(facts) && (name === 'CAP_BPF' || name === 'CAP_PERFMON')) return good('not held; CAP_SYS_ADMIN stands for it');
    return need === 'bad' ? bad('missing', means, asRootOrGiven) : limit('missing', means, asRootOrGiven);
  };

/** A trial: what works, what the kernel said, or that it could not be tried. */
const trial = (outcome: Trial, means: string, fix = ''): Told =>
  outcome === undefined
    ? limit('not tried: nothing can be loaded', 'see the capabilities above')
    : outcome === 'works'
      ? good('attached, and let go')
      : limit(`refused: ${outcome.refused}`, means, fix);

const sysctl = (facts: Facts, name: SysctlName): string => facts.sysctl[name] ?? 'not there';
const version = (facts: Facts): number => {
  const [major = 0, minor = 0] = facts.kernel.split('.').map((part) => Number.parseInt(part, 10) || 0);
  return major * 1000 + minor;
};

const rules: readonly (readonly [fact: string, rule: Rule])[] = [
  [
    'kernel',
    (facts) =>
      version(facts) >= 5010
        ? good(`${facts.kernel}, ${facts.architecture}`)
        : bad(`${facts.kernel}, ${facts.architecture}`, 'the bundled program is made for Linux 5.10 and newer', 'a newer kernel'),
  ],
  ['CAP_BPF', capability('CAP_BPF', 'no program can be loaded', 'bad')],
  ['CAP_PERFMON', capability('CAP_PERFMON', 'programs can be loaded, and attached to nothing', 'bad')],
  [
    'CAP_SYS_ADMIN',
    (facts) =>
      mayAll(facts)
        ? good('held')
        : limit(
            'missing',
            'the cost of probes (run-time statistics) cannot be told; maps and programs of others cannot be opened; uprobes only by uprobe-multi (6.6)',
            asRoot,
          ),
  ],
  ['CAP_SYS_PTRACE', capability('CAP_SYS_PTRACE', "exe, cmdline and user symbols of other users' processes are not read", 'limit')],
  [
    'CAP_DAC_READ_SEARCH',
    (facts) =>
      facts.capabilities.has('CAP_DAC_READ_SEARCH') || facts.capabilities.has('CAP_DAC_OVERRIDE')
        ? good('held')
        : limit('missing', 'tracefs is for root alone: tracepoints by name and wildcard are not found', asRootOrGiven),
  ],
  [
    'sysfs',
    ({sysfs}) =>
      sysfs
        ? good('mounted')
        : bad(
            'not mounted, or hidden',
            'what is counted cannot be read, as the number of CPUs is told there; BTF and tracefs are there, too',
            'mount -t sysfs sysfs /sys   (as root), or give the container /sys',
          ),
  ],
  [
    'BTF',
    ({btfBytes, btfFile, sysfs}) =>
      btfBytes === undefined
        ? btfFile.there
          ? limit(`none of the kernel's own; types are read from ${btfFile.path}`, 'fentry and fexit are not there; all else is')
          : limit(
              sysfs ? 'none (CONFIG_DEBUG_INFO_BTF)' : 'unknown',
              "fentry, arguments by name (args.NAME) and struct members are not there; tracepoints' fields and arg0 … are",
              sysfs
                ? `a distribution's kernel of the last years has it; or its types, made of its debug package by 'pahole --btf_encode_detached=${btfFile.path} VMLINUX'`
                : 'see sysfs above',
            )
        : good(`${(btfBytes / 1e6).toFixed(1)} MB of types`),
  ],
  [
    'tracefs',
    ({tracefs, root}) =>
      tracefs.readable
        ? good(`${tracefs.folder}, ${tracefs.categories} categories`)
        : tracefs.folder === undefined
          ? limit('not mounted', 'tracepoints are not found', 'mount -t tracefs tracefs /sys/kernel/tracing')
          : limit(
              `${tracefs.folder}, not readable`,
              'tracepoints are not found',
              root ? 'mount -t tracefs tracefs /sys/kernel/tracing' : asRoot,
            ),
  ],
  [
    'system call tracepoints',
    ({syscallTracepoints, tracefs}) =>
      syscallTracepoints
        ? good('there')
        : limit(
            tracefs.readable ? 'none (CONFIG_FTRACE_SYSCALLS)' : 'unknown',
            'syscall: and tracepoint:syscalls: cannot be used',
            tracefs.readable ? 'rawtracepoint:sys_enter works without' : '',
          ),
  ],
  [
    'tracepoints',
    ({trials}) =>
      trial(trials.tracepoint, 'presets on tracepoints and system calls cannot run', 'see perf_event_paranoid and lockdown below'),
  ],
  ['raw tracepoints', ({trials}) => trial(trials.rawtracepoint, 'presets on raw tracepoints (scheduler, system calls) cannot run')],
  [
    'kprobes',
    ({trials, perfPmus}) =>
      perfPmus.includes('kprobe')
        ? trial(trials.kprobe, 'kprobe: and kretprobe: cannot be used; presets with firstOf take fentry')
        : limit('none (CONFIG_KPROBE_EVENTS)', 'kprobe: and kretprobe: cannot be used; presets with firstOf take fentry or another way'),
  ],
  [
    'fentry, fexit',
    ({trials, btfBytes}) =>
      btfBytes === undefined
        ? limit('no BTF', 'fentry: and fexit: cannot be used; presets with firstOf take kprobes')
        : trial(trials.fentry, 'fentry: and fexit: cannot be used; presets with firstOf take kprobes'),
  ],
  [
    'uprobes',
    ({trials, perfPmus}) =>
      perfPmus.includes('uprobe')
        ? trial(trials.uprobe, 'uprobe:, uretprobe: and usdt: cannot be used')
        : limit('none (CONFIG_UPROBE_EVENTS)', 'uprobe:, uretprobe: and usdt: cannot be used'),
  ],
  ['software events', ({trials}) => trial(trials.software, 'profile: and software: cannot be used', 'see perf_event_paranoid below')],
  ['hardware events', ({trials}) => trial(trials.hardware, 'hardware: cannot be used: virtual machines often have no counters')],
  [
    'attach cookies',
    ({trials}) => trial(trials.cookie, 'each function of a wildcard has a program of its own: slower to attach, and as exact'),
  ],
  [
    'uprobe-multi',
    ({trials}) =>
      trial(trials.uprobeMulti, 'uprobes of a wildcard are attached one by one, which takes a while for hundreds; Linux 6.6 can do better'),
  ],
  [
    'kprobe-multi',
    ({trials}) =>
      trial(
        trials.kprobeMulti,
        'kprobes of a wildcard are attached one by one, which takes a while for hundreds; Linux 5.18 can do better',
      ),
  ],
  [
    'map batch operations',
    ({trials: {batch}}) =>
      batch === 'works'
        ? good('a map was read by them')
        : batch === undefined || batch.refused !== 'key by key'
          ? limit('not tried: no map can be filled', 'see raw tracepoints above')
          : limit(
              'refused: a map was read key by key',
              'large maps take longer to read, and one whose keys come and go meanwhile may be read incompletely, which its view tells',
              'a seccomp profile may forbid them: docker run --security-opt seccomp=unconfined',
            ),
  ],
  [
    'perf_event_paranoid',
    (facts) => {
      const value = sysctl(facts, 'perfEventParanoid');
      if (mayAll(facts) || facts.capabilities.has('CAP_PERFMON') || Number(value) < 2) return good(value);
      return limit(value, 'without CAP_PERFMON, perf events are refused', asRoot);
    },
  ],
  [
    'kptr_restrict',
    (facts) => {
      const value = sysctl(facts, 'kptrRestrict');
      if (value === '0' || (value === '1' && (facts.capabilities.has('CAP_SYSLOG') || facts.root))) return good(value);
      return limit(value, 'kernel stacks and ksym show addresses in place of names', 'sysctl kernel.kptr_restrict=1, and run it as root');
    },
  ],
  [
    'unprivileged_bpf_disabled',
    (facts) =>
      good(
        `${sysctl(facts, 'unprivilegedBpf')}${facts.capabilities.has('CAP_BPF') || mayAll(facts) ? '' : '; tsbpftop needs CAP_BPF in any case'}`,
      ),
  ],
  [
    'lockdown',
    ({lockdown}) =>
      lockdown === 'confidentiality'
        ? bad(
            lockdown,
            'the kernel forbids programs to read its memory: nothing can run',
            'boot without lockdown=confidentiality; Secure Boot may force it',
          )
        : lockdown === 'integrity'
          ? good('integrity: reading is allowed')
          : good(lockdown ?? 'not built in'),
  ],
  [
    'locked memory',
    (facts) =>
      facts.lockedMemory === undefined || version(facts) >= 5011
        ? good(version(facts) >= 5011 ? 'counted by cgroup (since 5.11)' : 'no limit')
        : facts.capabilities.has('CAP_SYS_RESOURCE')
          ? good(`${facts.lockedMemory} bytes, which tsbpftop raises`)
          : limit(`${facts.lockedMemory} bytes`, 'maps of more than that are refused', 'ulimit -l unlimited, as root'),
  ],
  [
    'JIT compiler',
    (facts) => {
      const value = sysctl(facts, 'jit');
      return value === '0'
        ? limit('off', 'programs are interpreted: each event costs several times as much', 'sysctl net.core.bpf_jit_enable=1')
        : good(value === 'not there' ? 'always on, or not for this user to see' : 'on');
    },
  ],
  [
    'run-time statistics',
    (facts) =>
      mayAll(facts)
        ? good(facts.sysctl.statistics === '1' ? 'on for all' : 'switched on while a view is open')
        : limit(
            'not for this user',
            "the cost of probing is shown as 0, unless 'kernel.bpf_stats_enabled' is 1",
            'sysctl kernel.bpf_stats_enabled=1',
          ),
  ],
  [
    'pid namespace',
    ({pidNamespace}) =>
      pidNamespace === 'other'
        ? limit(
            "not the machine's",
            'pid and tid are those of the machine, so that -p and self do not match what ps shows here',
            'docker run --pid=host',
          )
        : good(pidNamespace === 'initial' ? "the machine's" : 'unknown'),
  ],
  [
    'container',
    ({container}) =>
      container === undefined
        ? good('none')
        : limit(
            container,
            'it sees what it was given: the capabilities above, and /sys/kernel/tracing',
            '--privileged --pid=host -v /sys/kernel/tracing:/sys/kernel/tracing',
          ),
  ],
  [
    'cgroup',
    ({cgroup}) =>
      cgroup === undefined
        ? limit('v1 alone', '--cgroup and the names of the field cgroup need v2', 'systemd.unified_cgroup_hierarchy=1 on the boot line')
        : good(`v2 at ${cgroup}`),
  ],
  [
    'clang',
    ({clang}) =>
      clang === undefined
        ? limit('none', 'presets with "source" cannot be compiled; those with "object" can run', 'apt-get install clang')
        : good(clang),
  ],
  [
    'terminal',
    ({terminal}) =>
      !terminal.tty
        ? good('none: -b and --json need none')
        : terminal.columns < 40 || terminal.lines < 8 || !terminalKind(terminal.type, terminal.locale).screen
          ? limit(
              `${terminal.type} ${terminal.columns}x${terminal.lines}`,
              'the screen needs 40x8, and a cursor that can be placed',
              'a larger window, or -b',
            )
          : good(`${terminal.type || 'unknown'} ${terminal.columns}x${terminal.lines}`),
  ],
  [
    'locale',
    ({terminal}) =>
      /utf-?8/i.test(terminal.locale)
        ? good(terminal.locale)
        : terminal.locale === ''
          ? limit('not set', 'taken for UTF-8: bars and arrows may come out as other signs', 'LANG=C.UTF-8, or --ascii')
          : limit(terminal.locale, 'bars and arrows are drawn in ASCII', 'LANG=C.UTF-8'),
  ],
];

export function diagnose(facts: Facts): readonly Finding[] {
  return rules.map(([fact, rule]) => ({fact, ...rule(facts)}));
}

/** Something can run: no finding forbids all, and one type of probe was attached, or could not be tried. */
export function canRun(facts: Facts): boolean {
  if (diagnose(facts).some(({grade}) => grade === 'bad')) return false;
  const outcomes = Object.values(facts.trials);
  return outcomes.some((outcome) => outcome === 'works');
}
