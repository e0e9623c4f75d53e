// What bundled views count of the acts of test/fixtures/workloads/acts.c: here, and in the kernels under QEMU.
import type {Expectation} from './expectations.ts';

/** arm64 has no call that a newer one can do: libc makes the same of those. */
const newer: Readonly<Record<string, string>> = {
  rename: 'renameat',
  unlink: 'unlinkat',
  mkdir: 'mkdirat',
  rmdir: 'unlinkat',
  poll: 'ppoll',
  epoll_wait: 'epoll_pwait',
  pause: 'ppoll',
};
const arm64 = process.arch === 'arm64';
const call = (name: string): string => (arm64 ? (newer[name] ?? name) : name);

/** What an act of test/fixtures/workloads/acts.c does, as seen by the views, when only its own task is counted. */
export const byComm: readonly (readonly [act: string, n: number, expected: readonly Expectation[]])[] = [
  [
    'rename',
    50,
    [
      ['openat', {}, {count: 50}],
      ['openat-files', {}, {count: 50}],
      ['file-changes', {func: call('rename')}, {count: 100}],
      ['file-changes', {func: call('unlink')}, {count: arm64 ? 51 : 50}], // there also what removes its own folder
    ],
  ],
  [
    'mkdir',
    30,
    [
      ['file-changes', {func: call('mkdir')}, {count: 31}], // and its own folder
      ['file-changes', {func: call('rmdir')}, {count: 31}],
    ],
  ],
  [
    'stat',
    70,
    [
      ['stat-files', {path: '/etc/passwd'}, {count: arm64 ? 70 : 210}],
      ['stat-calls', {func: 'newfstatat'}, {count: [70, 72]}], // libc asks of its output once
    ],
  ],
  [
    'mount',
    25,
    [
      ['mounts', {func: 'umount'}, {count: 25}],
      ['mounts', {func: 'mount'}, {count: 26}], // and one to make the tree private
      ['capabilities', {capability: 'CAP_SYS_ADMIN'}, {count: [51, 500]}], // at each of both, perhaps more than once
    ],
  ],
  [
    'pipe',
    300,
    [
      ['read-latency', {}, {count: 300}],
      ['read-bytes', {}, {count: 300, sum: 3000}],
      ['write-latency', {}, {count: 301}], // and 'done'
      ['write-bytes', {}, {count: 301, sum: 3005}],
      ['syscalls', {syscall: 'read'}, {count: 300}],
      ['syscall-latency', {syscall: 'read'}, {count: 300}],
    ],
  ],
  [
    'write',
    20,
    [
      ['fsync-latency', {func: 'fsync'}, {count: 20}],
      ['write-bytes', {}, {count: 21, sum: 20 * 4096 + 5}],
    ],
  ],
  [
    'refused',
    15,
    [
      ['connect-errors', {error: 'ECONNREFUSED'}, {count: 15}],
      ['syscall-errors', {syscall: 'connect', error: 'ECONNREFUSED'}, {count: 15}],
      ['tcp-connect', {to: '127.0.0.1'}, {count: 15}],
      ['tcp-connect-latency', {to: '127.0.0.1', became: 'failed'}, {count: 15}],
    ],
  ],
  [
    'tcp',
    25,
    [
      ['tcp-connect', {to: '127.0.0.1'}, {count: 25}],
      ['tcp-connect-latency', {became: 'established'}, {count: 25}],
      ['accepts', {}, {count: 25}],
      ['tcp-traffic', {direction: 'sent'}, {count: 25, sum: 25_000}],
      ['tcp-traffic', {direction: 'received'}, {count: 25, sum: 25_000}],
      ['tcp-peers', {direction: 'sent', peer: '127.0.0.1'}, {count: 25, sum: 25_000}],
      ['tcp-peers', {direction: 'received', peer: '127.0.0.1'}, {count: 25, sum: 25_000}],
    ],
  ],
  [
    'udp',
    60,
    [
      ['udp', {direction: 'sent'}, {count: 120, sum: 12_000}], // half of them come back as errors, and are not received
      ['udp', {direction: 'received'}, {count: 60, sum: 6000}],
    ],
  ],
  [
    'mapped', // whatever the family of the socket, each is counted once, and the peers are those of all
    20,
    [
      ['udp', {direction: 'sent'}, {count: 20, sum: 2000}],
      ['udp', {direction: 'received'}, {count: 20, sum: 2000}],
      ['tcp-peers', {direction: 'sent', peer: '127.0.0.1'}, {count: 20, sum: 20_000}],
      ['tcp-peers', {direction: 'received', peer: '127.0.0.1'}, {count: 20, sum: 20_000}],
      ['tcp-peers6', {direction: 'received'}, {count: 20, sum: 20_000}],
    ],
  ],
  ['resolve', 12, [['dns-latency', {name: 'localhost'}, {count: 12}]]],
  ['poll', 30, [['poll-waits', {func: call('poll')}, {count: 30, sum: [60e6, 60e9]}]]], // of 2 ms each, or later
  ['epoll', 20, [['poll-waits', {func: call('epoll_wait')}, {count: 20, sum: [40e6, 40e9]}]]],
  ['sleep', 20, [['sleeps', {}, {count: 20, sum: [40e6, 40e9]}]]],
  ['futex', 15, [['lock-waits', {}, {count: 15, sum: [30e6, 30e9]}]]],
  [
    'setuid',
    15,
    [
      ['setuids', {was: 'root', is: 'root', result: '0'}, {count: 15}],
      ['setuids', {result: '0'}, {count: 45}],
    ],
  ],
  ['flock', 15, [['file-locks', {}, {count: 7}]]], // and no unlocking
  [
    'mmap',
    40,
    [
      ['mmap', {}, {count: 40, sum: 40 * 8192}],
      ['ioctls', {request: '0x5401'}, {count: 1}], // libc asks whether its output is a terminal
    ],
  ],
  ['brk', 40, [['brk', {}, {count: [40, 42]}]]], // and the heap of libc
  [
    'touch',
    500,
    [
      ['page-faults', {}, {count: [500, 560]}], // and the pages of the program itself
      ['page-allocs', {order: 0}, {count: [500, 600]}], // and page tables
    ],
  ],
  [
    'fork',
    33,
    [
      ['forks', {}, {count: 33}],
      ['exits', {status: '3'}, {count: 33}],
      ['exits', {status: '0'}, {count: 1}],
    ],
  ],
  [
    'again', // the call in which a thread ends is not one of the next with its number, nor is how that begins the end of one
    50,
    [
      ['syscall-latency', {syscall: 'exit_group'}, {count: 0}],
      ['syscall-latency', {syscall: 'clone3'}, {count: 50}],
      ['exits', {status: '3'}, {count: [40, 50]}], // another may have the number meanwhile
    ],
  ],
  [
    'threads', // what became another program has not ended, and what ended has its first thread's name
    12,
    [
      ['exits', {}, {count: 25}],
      ['exits', {status: '4'}, {count: 12}],
      ['exits', {status: '5'}, {count: 12}], // once, however many threads are ending
      ['exits', {status: '0'}, {count: 1}],
    ],
  ],
  // the return to what a signal interrupted is no call that failed
  [
    'interrupt',
    20,
    [
      ['syscall-errors', {error: 'EINTR'}, {count: 0}],
      ['syscall-errors', {syscall: call('pause'), error: 'ERESTARTNOHAND'}, {count: 20}],
    ],
  ],
  // and what else it waited for; on a busy machine the 2 ms may be over before the task leaves the CPU
  ['sleep', 40, [['off-cpu', {}, {count: [30, 60], sum: [60e6, 80e9]}]]],
  ['sleep', 40, [['off-cpu-user', {}, {count: [30, 60], sum: [60e6, 80e9]}]]],
  ['spin', 500, [['cpu-stacks', {}, {count: [20, 150]}]]], // 99 a second for half a second of CPU time, or of a slower clock
  ['spin', 500, [['cpu-user-stacks', {}, {count: [20, 150]}]]],
  ['signal', 45, [['signals', {signal: 'SIGUSR1', by: 'kill'}, {count: 45}]]],
  [
    'spin',
    200,
    [
      ['cpu-time', {}, {sum: [199e6, 2e9]}], // of CPU time, what beginning and ending take, and what a busy host takes from a guest
      ['cpu-time-threads', {}, {sum: [199e6, 2e9]}],
      ['cgroup-cpu', {}, {sum: [199e6, 2e9]}],
      ['on-cpu', {}, {count: [1, 40_000], sum: [150e6, 2e9]}], // as it left the CPU; under its own name
    ],
  ],
  ['migrate', 40, [['migrations', {from: 0, to: 1}, {count: [19, 40]}]]], // the scheduler may move it too
  [
    'pingpong',
    400,
    [
      ['context-switches', {}, {count: [400, 40_000]}], // each side waits n times, unless the other was faster
      ['runq-latency', {}, {count: [400, 40_000]}],
      ['runq-by-cpu', {}, {count: [400, 40_000]}],
      ['wakeups', {}, {count: [200, 40_000]}], // who is woken before he slept needs no wake-up
    ],
  ],
];

const sampled: ReadonlySet<string> = new Set(['cpu-stacks', 'cpu-user-stacks']);
/** Of a view from which nothing was lost: of timed samples none is exact. */
export const statusOf = (view: string): 'exact' | 'approximate' => (sampled.has(view) ? 'approximate' : 'exact');
