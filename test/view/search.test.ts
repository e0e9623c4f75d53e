// A newcomer types a symptom, an error, or the tool that he knows, and the view that answers is among the first three.
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {test} from 'node:test';
import {type Searched, search} from '../../src/view/search.ts';

const folder = new URL('../../presets/', import.meta.url);
const bundled = readdirSync(folder)
  .filter((file) => file !== 'preset.schema.json')
  .map((file) => ({title: '', ...JSON.parse(readFileSync(new URL(file, folder), 'utf8'))}) as Searched);
const named = (query: string): readonly string[] => search(bundled, query).map(({entry}) => entry.name);

/** What is typed: the views of which one has to be among the first three. */
const asked: Readonly<Record<string, string>> = {
  'slow disk': 'block-latency disks block-io',
  'disk latency': 'block-latency disks',
  iotop: 'block-io file-io',
  iostat: 'disks',
  throttle: 'cpu-throttled',
  quota: 'cpu-throttled',
  'cpu limit': 'cpu-throttled',
  dns: 'dns-latency',
  resolver: 'dns-latency',
  'name lookup': 'dns-latency',
  retransmit: 'tcp-retransmits',
  'packet loss': 'tcp-retransmits packet-drops drop-reasons',
  'who deletes my file': 'file-changes',
  delete: 'file-changes',
  remove: 'file-changes',
  rename: 'file-changes',
  'which process writes': 'write-bytes file-io block-io',
  writes: 'write-bytes write-latency file-io',
  'who writes': 'write-bytes file-io',
  lock: 'lock-waits kernel-locks file-locks',
  mutex: 'lock-waits kernel-locks',
  contention: 'lock-waits kernel-locks',
  futex: 'lock-waits',
  deadlock: 'lock-waits',
  kill: 'signals oom-kills',
  'who kills': 'signals oom-kills',
  sigkill: 'signals',
  killed: 'oom-kills signals',
  oom: 'oom-kills',
  'out of memory': 'oom-kills',
  'memory leak': 'malloc malloc-stacks brk mmap',
  leak: 'malloc malloc-stacks fd-leaks',
  'file descriptor': 'openat',
  'too many open files': 'open-errors',
  EMFILE: 'open-errors syscall-errors',
  'not found': 'open-errors open-error-files',
  ENOENT: 'open-errors open-error-files',
  'no such file': 'open-errors open-error-files',
  'missing file': 'open-error-files open-errors',
  config: 'open-error-files openat-files',
  'permission denied': 'open-errors syscall-errors capabilities',
  refused: 'connect-errors tcp-connect-latency',
  'connection refused': 'connect-errors tcp-connect-latency',
  timeout: 'connect-errors tcp-connect-latency',
  connect: 'tcp-connect tcp-connect-latency connect-errors',
  'fork bomb': 'forks exec',
  fork: 'forks',
  spawn: 'exec forks',
  exec: 'exec exec-commands',
  'new processes': 'exec forks exec-commands',
  crash: 'exits signals',
  segfault: 'exits signals',
  exit: 'exits',
  fsync: 'fsync-latency',
  sync: 'fsync-latency',
  flush: 'fsync-latency',
  strace: 'syscalls syscall-latency',
  'strace -c': 'syscall-latency syscalls',
  syscall: 'syscalls',
  'perf top': 'cpu-stacks cpu-user-stacks',
  flame: 'cpu-user-stacks cpu-stacks',
  flamegraph: 'cpu-user-stacks cpu-stacks',
  profile: 'cpu-stacks cpu-user-stacks',
  'hot function': 'cpu-user-stacks cpu-stacks functions',
  cpu: 'cpu-time',
  'cpu usage': 'cpu-time cgroup-cpu',
  top: 'cpu-time',
  'run queue': 'runq-latency',
  'scheduler latency': 'runq-latency',
  'cpu wait': 'runq-latency',
  'load average': 'runq-length runq-latency off-cpu',
  steal: 'runq-latency',
  container: 'cgroup-cpu container-calls',
  docker: 'cgroup-cpu container-calls',
  kubernetes: 'cgroup-cpu container-calls',
  pod: 'cgroup-cpu container-calls',
  service: 'cgroup-cpu',
  swap: 'swap-ins',
  'page fault': 'page-faults',
  'page cache': 'page-cache',
  'cache miss': 'page-cache',
  bandwidth: 'net-devices tcp-peers tcp-traffic',
  traffic: 'tcp-traffic tcp-peers',
  'who talks': 'tcp-peers',
  nethogs: 'tcp-traffic tcp-peers',
  tcpdump: 'tcp-peers',
  tls: 'tls-latency',
  ssl: 'tls-latency',
  https: 'tls-latency',
  sql: 'postgres-queries',
  'slow query': 'postgres-queries',
  interrupt: 'hardirq softirq',
  irq: 'hardirq softirq',
  ping: 'tcp-rtt',
  'round trip': 'tcp-rtt',
  rtt: 'tcp-rtt',
  drop: 'packet-drops drop-reasons',
  accept: 'accepts tcp-accepts',
  listen: 'tcp-accepts accepts',
  gc: 'python-gc',
  garbage: 'python-gc',
  sleep: 'sleeps',
  wait: 'off-cpu off-cpu-user',
  blocked: 'off-cpu off-cpu-user calls-now calls-now-threads',
  iowait: 'off-cpu block-latency',
  open: 'openat openat-files',
  mkdir: 'file-changes',
  cron: 'exec exec-commands',
  sudo: 'setuids',
  root: 'setuids',
  security: 'capabilities setuids',
  mount: 'mounts',
  nfs: 'nfs-latency',
  zombie: 'exits',
  read: 'read-latency',
  'slow read': 'read-latency file-latency',
  'slow writes': 'write-latency file-latency',
};
for (const [query, views] of Object.entries(asked))
  test(`'${query}' finds ${views.replaceAll(' ', ' or ')} among the first three`, () => {
    const first = named(query).slice(0, 3);
    assert.ok(
      views.split(' ').some((view) => first.includes(view)),
      `found ${first.join(', ') || 'nothing'}`,
    );
  });

test('words of one view are no sentence of another: what is rare tells more than what most have', () => {
  assert.equal(named('which process deletes my files')[0], 'file-changes');
});

test('the forms of a word, and one that is still being typed, find the same', () => {
  for (const query of ['retransmit', 'retransmits', 'retransmitted', 'retransm']) assert.equal(named(query)[0], 'tcp-retransmits', query);
});

test('a slip of a finger finds what was meant', () => {
  assert.equal(named('retransmti')[0], 'tcp-retransmits');
  assert.equal(named('postgrse')[0], 'postgres-queries');
});

test('where no word is found, letters of a name in their order are', () => {
  assert.equal(named('rdlat')[0], 'read-latency');
  assert.deepEqual(named('zzzz'), []);
});

test('no bundled view has a word twice', () => {
  for (const {name, words = []} of bundled) {
    assert.equal(new Set(words.map((word) => word.toLowerCase())).size, words.length, name);
  }
});
