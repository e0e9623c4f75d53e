// The bundled views on workloads of known numbers: the same expectations as on the kernel that runs the tests, and those of
// views whose probes it does not have.
import assert from 'node:assert/strict';
import {byComm, statusOf} from '../../support/acts.ts';
import {check, type Expectation} from '../../support/expectations.ts';
import {Skip, work} from './bench.ts';
import type {Check} from './checks.ts';

/** What the small system of the guest cannot do, or what is of the C library there. */
const notHere: ReadonlySet<string> = new Set(['resolve', 'mount', 'brk']);

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
      ['file-latency', {file: 'from', kind: 'write'}, {count: 20}],
    ],
  ],
];

export const viewChecks: readonly Check[] = [...byComm, ...ofFunctions].flatMap(([act, n, expected]) =>
  notHere.has(act)
    ? []
    : [...new Set(expected.map(([view]) => view))].map(
        (view): Check => ({
          rule: `view ${view} counts '${act}'`,
          phases: ['whole'],
          async run(bench) {
            const name = `wl-${act}`;
            const line = await bench.view(view, {comm: name}, () => work('acts', name, act, n));
            if (line === undefined) throw new Skip('this kernel has no probe for it');
            for (const each of expected) if (each[0] === view) check(act, each, line.rows);
            assert.equal(line.status, statusOf(view), JSON.stringify(line.lost));
          },
        }),
      ),
);
