// The bundled views on workloads of known numbers: the same expectations as on the kernel that runs the tests, and those of
// views whose probes it does not have.
import assert from 'node:assert/strict';
import {readFileSync, renameSync} from 'node:fs';
import os from 'node:os';
import {byComm, statusOf} from '../../support/acts.ts';
import {check, type Expectation} from '../../support/expectations.ts';
import {Bench, shell, Skip, totals, work} from './bench.ts';
import type {Check} from './checks.ts';

/** What the small system of the guest cannot do, or what is of the C library there. */
const notHere: ReadonlySet<string> = new Set(['resolve', 'mount', 'brk']);

/** Views that take other probes where the kernel has no types. */
const withoutTypes: ReadonlySet<string> = new Set(['cpu-time-threads', 'cpu-time', 'cgroup-cpu', 'tcp-traffic', 'udp']);

const ofFunctions: readonly (readonly [act: string, n: number, expected: readonly Expectation[]])[] = [
  [
    'pipe',
    300,
    [
      ['vfs-latency', {func: 'vfs_read'}, {count: 300}],
      ['vfs-latency', {func: 'vfs_write'}, {count: [300, 301]}], // 'done' goes to /dev/null
      ['functions', {func: 'vfs_read'}, {count: 300}],
    ],
  ],
  [
    'write',
    20,
    [
      ['file-io', {file: 'from', kind: 'write'}, {count: 20, sum: 20 * 4096}],
      ['file-io', {file: 'from'}, {count: 20}], // and no read that failed
      ['file-latency', {file: 'from', kind: 'write'}, {count: 20}],
    ],
  ],
  [
    'vector',
    20,
    [
      ['file-io', {file: 'from', kind: 'write'}, {count: 20, sum: 20 * 4096}],
      ['file-io', {file: 'from', kind: 'read'}, {count: 20, sum: 20 * 4096}],
    ],
  ],
];

const n = 200;

/** Of what is no system call's, or of a program that is another one then. */
const ofOthers: readonly Check[] = [
  ...['block-io', 'disks', 'block-latency'].map(
    (view): Check => ({
      rule: `view ${view} counts writes to a disk, and no command to its controller`,
      phases: ['whole', 'no BTF'],
      async run(bench) {
        const line = await bench.view(view, {}, () => {
          work('kernel', 'wl-disk', 'disk', '/dev/nvme0n1', n);
          work('kernel', 'wl-commands', 'commands', '/dev/nvme0', n);
        });
        if (line === undefined) throw new Error('no view');
        const types = bench.around.machine.btf() !== undefined;
        // whose scheduler passes requests on by a kernel thread, its own comm is not that of who writes
        const those = line.rows.filter(({key}) => types || key['kind'] !== 'other');
        const sum = (name: string): number => those.reduce((all, {total}) => all + Number(total[name] ?? 0), 0);
        assert.deepEqual(
          [...new Set(those.map(({key}) => `${key['disk']} ${key['kind']}`)), sum('count'), sum('sum')],
          [`${types ? 'nvme0n1' : deviceNumber('nvme0n1')} write`, n, view === 'block-latency' ? 0 : 4096 * n],
          JSON.stringify(line.rows),
        );
        assert.equal(line.status, 'exact', JSON.stringify(line.lost));
      },
    }),
  ),
  {
    rule: 'view drop-reasons counts what comes to a closed port',
    phases: ['whole', 'no BTF'],
    async run(bench) {
      const line = await bench.view('drop-reasons', {}, () => work('kernel', 'wl-closed', 'closed', n));
      if (line === undefined) throw new Skip('this kernel tells no reasons');
      const rows = line.rows.filter(({key}) => String(key['reason']).endsWith('NO_SOCKET'));
      assert.equal(
        rows.reduce((sum, {total}) => sum + (total['count'] ?? 0), 0),
        n,
      );
      return `exact; by ${line.opened.plan.points[0]}`;
    },
  },
  {
    rule: 'view exec-commands has whole command lines of programs that end at once',
    phases: ['whole'],
    async run(bench) {
      const line = await bench.view('exec-commands', {}, () => work('acts', 'wl-exec', 'exec', 10));
      if (line === undefined) throw new Error('no view');
      assert.deepEqual(totals(line, {command: 'acts wl-again brk 0'}), [{count: 10}]);
      assert.equal(line.status, 'exact', JSON.stringify(line.lost));
    },
  },
  {
    rule: 'a path that its process has not touched before the call is read at the end of it',
    phases: ['whole', 'no BTF'],
    async run(bench) {
      for (const view of ['openat-files', 'open-error-files']) {
        const line = await bench.view(view, {comm: 'wl-late'}, () => work('late', 'wl-late', 'opens', 100));
        if (line === undefined) throw new Error(`no view '${view}'`);
        const paths = line.rows.filter(({key, total}) => /^\/late\/0\d\d$/.test(String(key['path'])) && total['count'] === 1);
        assert.deepEqual([paths.length, line.rows.length], [100, 100], JSON.stringify(line.rows.slice(0, 5)));
        assert.equal(line.status, 'exact', JSON.stringify(line.lost));
      }
    },
  },
  {
    rule: 'a list of texts ends where it does, without a fault',
    phases: ['whole', 'no BTF'],
    async run(bench) {
      // by a shell: a fork does not map the constants of a program, so that those of its own are read by nobody before the call
      const line = await bench.counted({attach: 'syscall:execve', by: ['args.argv[1]', 'args.argv[4]']}, () =>
        shell('for i in 1 2 3 4 5; do /bin/acts wl-again brk 0; done'),
      );
      assert.deepEqual(totals(line, {argv: 'wl-again', argv2: ''}), [{count: 5}], JSON.stringify(line.rows));
      assert.equal(line.status, 'exact', JSON.stringify(line.lost));
    },
  },
];

/** For the rest of the phase the types are there again: it comes last. */
const typesInFile: Check = {
  rule: 'where the kernel has no types, those of a file do',
  phases: ['no BTF'],
  async run() {
    renameSync('/boot/types', `/boot/vmlinux-${os.release()}`);
    const bench = new Bench();
    for (const [act, n, views] of [
      ['tcp', 25, ['tcp-peers']],
      ['write', 20, ['file-io', 'file-latency']],
      ['spin', 200, ['cpu-time']],
    ] as const) {
      for (const view of views) {
        const line = await bench.view(view, {comm: `wl-${act}`}, () => work('acts', `wl-${act}`, act, n));
        if (line === undefined && view === 'tcp-peers') continue; // by fexit alone, before Linux 6.3
        if (line === undefined) throw new Error(`no view '${view}'`);
        for (const [, , expected] of [...byComm, ...ofFunctions].filter(([name]) => name === act))
          for (const each of expected) if (each[0] === view) check(act, each, line.rows);
        assert.equal(line.status, 'exact', JSON.stringify(line.lost));
      }
    }
    assert.match((await bench.refusal({attach: 'fentry:vfs_read'})) ?? '', /this kernel has no BTF/);
  },
};

const deviceNumber = (disk: string): string => readFileSync(`/sys/block/${disk}/dev`, 'utf8').trim();

export const viewChecks: readonly Check[] = [
  ...ofOthers,
  ...[...byComm, ...ofFunctions].flatMap(([act, n, expected]) =>
    notHere.has(act)
      ? []
      : [...new Set(expected.map(([view]) => view))].map(
          (view): Check => ({
            rule: `view ${view} counts '${act}'`,
            phases: withoutTypes.has(view) ? ['whole', 'no BTF'] : ['whole'],
            async run(bench) {
              const name = `wl-${act}`;
              const line = await bench.view(view, {comm: name}, () => work('acts', name, act, n));
              if (line === undefined) throw new Skip('this kernel has no probe for it');
              for (const each of expected) if (each[0] === view) check(act, each, line.rows);
              assert.equal(line.status, statusOf(view), JSON.stringify(line.lost));
            },
          }),
        ),
  ),
  typesInFile,
];
