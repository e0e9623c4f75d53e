// What `doctor` makes of a machine's facts: by a table of machines that differ from a healthy one in one thing.
import assert from 'node:assert/strict';
import test from 'node:test';
import {canRun, diagnose} from '../../src/commands/diagnosis.ts';
import type {Grade} from '../../src/commands/finding.ts';
import type {Facts} from '../../src/kernel/facts.ts';

const healthy: Facts = {
  kernel: '6.12.48-amd64',
  architecture: 'x64',
  root: true,
  capabilities: new Set([
    'CAP_SYS_ADMIN',
    'CAP_BPF',
    'CAP_PERFMON',
    'CAP_SYS_PTRACE',
    'CAP_DAC_READ_SEARCH',
    'CAP_SYSLOG',
    'CAP_SYS_RESOURCE',
  ]),
  sysfs: true,
  btfBytes: 5_000_000,
  btfFile: {path: '/boot/vmlinux-6.1.0', there: false},
  tracefs: {folder: '/sys/kernel/tracing', readable: true, categories: 120},
  syscallTracepoints: true,
  perfPmus: ['kprobe', 'uprobe', 'software', 'cpu'],
  trials: {
    tracepoint: 'works',
    rawtracepoint: 'works',
    kprobe: 'works',
    fentry: 'works',
    uprobe: 'works',
    software: 'works',
    hardware: 'works',
    cookie: 'works',
    uprobeMulti: 'works',
    kprobeMulti: 'works',
    batch: 'works',
  },
  sysctl: {perfEventParanoid: '2', kptrRestrict: '0', unprivilegedBpf: '2', jit: '1', statistics: '0', kprobesOptimization: '1'},
  lockdown: 'none',
  lockedMemory: undefined,
  pidNamespace: 'initial',
  container: undefined,
  cgroup: '/sys/fs/cgroup',
  clang: '/usr/bin/clang',
  terminal: {tty: true, columns: 120, lines: 40, type: 'xterm-256color', locale: 'en_US.UTF-8'},
};
const none: Facts['trials'] = {
  tracepoint: undefined,
  rawtracepoint: undefined,
  kprobe: undefined,
  fentry: undefined,
  uprobe: undefined,
  software: undefined,
  hardware: undefined,
  cookie: undefined,
  uprobeMulti: undefined,
  kprobeMulti: undefined,
  batch: undefined,
};

test('of a healthy machine nothing is to be mended', () => {
  for (const finding of diagnose(healthy))
    assert.deepEqual([finding.fact, finding.grade, finding.means, finding.fix], [finding.fact, 'good', '', '']);
  assert.ok(canRun(healthy));
});

const machines: readonly (readonly [what: string, facts: Partial<Facts>, fact: string, grade: Grade, means: RegExp, runs: boolean])[] = [
  ['an old kernel', {kernel: '4.19.0'}, 'kernel', 'bad', /made for Linux 5\.10/, false],
  ['no privilege', {capabilities: new Set(), root: false, trials: none}, 'CAP_BPF', 'bad', /no program can be loaded/, false],
  ['CAP_BPF without CAP_PERFMON', {capabilities: new Set(['CAP_BPF']), root: false}, 'CAP_PERFMON', 'bad', /attached to nothing/, false],
  [
    'two capabilities',
    {capabilities: new Set(['CAP_BPF', 'CAP_PERFMON']), root: false},
    'CAP_DAC_READ_SEARCH',
    'limit',
    /tracefs is for root alone/,
    true,
  ],
  ['only CAP_SYS_ADMIN', {capabilities: new Set(['CAP_SYS_ADMIN'])}, 'CAP_BPF', 'good', /^$/, true],
  ['no BTF', {btfBytes: undefined}, 'BTF', 'limit', /arguments by name/, true],
  [
    'types in a file',
    {btfBytes: undefined, btfFile: {path: '/boot/v', there: true}},
    'BTF',
    'limit',
    /fentry and fexit are not there; all else is/,
    true,
  ],
  ['no BTF, and so no trampolines', {btfBytes: undefined}, 'fentry, fexit', 'limit', /take kprobes/, true],
  ['no /sys', {sysfs: false, btfBytes: undefined}, 'sysfs', 'bad', /number of CPUs/, false],
  ['tracefs not mounted', {tracefs: {folder: undefined, readable: false, categories: 0}}, 'tracefs', 'limit', /not found/, true],
  ['a kernel without kprobes', {perfPmus: ['uprobe']}, 'kprobes', 'limit', /take fentry/, true],
  ['no uprobe-multi', {trials: {...healthy.trials, uprobeMulti: {refused: 'EINVAL'}}}, 'uprobe-multi', 'limit', /one by one/, true],
  ['no batches', {trials: {...healthy.trials, batch: {refused: 'key by key'}}}, 'map batch operations', 'limit', /take longer/, true],
  [
    'batches that could not be tried',
    {trials: {...healthy.trials, batch: {refused: 'ENOENT'}}},
    'map batch operations',
    'limit',
    /raw tracepoints above/,
    true,
  ],
  ['no cookies', {trials: {...healthy.trials, cookie: {refused: 'EINVAL'}}}, 'attach cookies', 'limit', /as exact/, true],
  ['a refused trampoline', {trials: {...healthy.trials, fentry: {refused: 'EPERM'}}}, 'fentry, fexit', 'limit', /cannot be used/, true],
  [
    'every attach refused',
    {trials: Object.fromEntries(Object.keys(none).map((name) => [name, {refused: 'EPERM'}])) as unknown as Facts['trials']},
    'tracepoints',
    'limit',
    /cannot run/,
    false,
  ],
  ['a virtual machine', {trials: {...healthy.trials, hardware: {refused: 'ENOENT'}}}, 'hardware events', 'limit', /virtual machines/, true],
  ['hidden addresses', {sysctl: {...healthy.sysctl, kptrRestrict: '2'}}, 'kptr_restrict', 'limit', /addresses in place of names/, true],
  ['lockdown for confidentiality', {lockdown: 'confidentiality'}, 'lockdown', 'bad', /forbids/, false],
  ['lockdown for integrity', {lockdown: 'integrity'}, 'lockdown', 'good', /^$/, true],
  [
    'little locked memory on an old kernel',
    {kernel: '5.10.0-30-amd64', lockedMemory: 65_536, capabilities: new Set(['CAP_SYS_ADMIN'])},
    'locked memory',
    'limit',
    /maps of more/,
    true,
  ],
  ['little locked memory since 5.11', {lockedMemory: 65_536}, 'locked memory', 'good', /^$/, true],
  ['an interpreter', {sysctl: {...healthy.sysctl, jit: '0'}}, 'JIT compiler', 'limit', /several times/, true],
  ['a pid namespace', {pidNamespace: 'other'}, 'pid namespace', 'limit', /do not match/, true],
  ['a container', {container: 'docker'}, 'container', 'limit', /what it was given/, true],
  ['cgroups of the first version', {cgroup: undefined}, 'cgroup', 'limit', /need v2/, true],
  ['cgroups of both versions', {cgroup: '/sys/fs/cgroup/unified'}, 'cgroup', 'good', /^$/, true],
  ['no compiler', {clang: undefined}, 'clang', 'limit', /"source"/, true],
  ['a tiny terminal', {terminal: {...healthy.terminal, columns: 30}}, 'terminal', 'limit', /40x8/, true],
  ['a locale without UTF-8', {terminal: {...healthy.terminal, locale: 'C'}}, 'locale', 'limit', /ASCII/, true],
  ['no locale', {terminal: {...healthy.terminal, locale: ''}}, 'locale', 'limit', /other signs/, true],
];
for (const [what, facts, fact, grade, means, runs] of machines)
  test(`${what}: '${fact}' is ${grade}, and views ${runs ? 'can' : 'cannot'} run`, () => {
    const machine = {...healthy, ...facts};
    const finding = diagnose(machine).find((each) => each.fact === fact);
    assert.equal(finding?.grade, grade);
    assert.match(finding?.means ?? '', means);
    assert.equal(canRun(machine), runs);
  });

test('every finding that is no good says what it means', () => {
  const worst: Facts = {
    ...healthy,
    capabilities: new Set(),
    trials: none,
    btfBytes: undefined,
    clang: undefined,
    container: 'lxc',
    cgroup: undefined,
    root: false,
  };
  for (const {fact, grade, means} of diagnose(worst)) assert.ok(grade === 'good' || means !== '', fact);
});
