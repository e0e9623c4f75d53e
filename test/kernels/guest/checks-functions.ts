// Kernel functions: entries, instructions, returns, trampolines, spans; counts and measures of known calls of vfs_read.
import assert from 'node:assert/strict';
import {totals, work} from './bench.ts';
import type {Check} from './checks.ts';

const n = 500;
const whole = ['whole'] as const;
const mine = "comm == 'wl-read'";
const read = (): void => work('calls', 'wl-read', n);

export const functionChecks: readonly Check[] = [
  {
    rule: 'tracepoint',
    phases: whole,
    run: async (bench) => {
      const line = await bench.counted({attach: 'tracepoint:syscalls:sys_enter_openat', by: ['comm'], where: mine}, read);
      assert.deepEqual(totals(line, {comm: 'wl-read'}), [{count: n}]);
    },
  },
  {
    rule: 'kprobe',
    phases: whole,
    run: async (bench) => {
      const line = await bench.counted({attach: 'kprobe:vfs_read', by: ['comm'], where: mine, measure: ['count', 'sum(args.count)']}, read);
      assert.deepEqual(totals(line, {comm: 'wl-read'}), [{count: n, sum: 10 * n}]);
    },
  },
  {
    rule: 'kretprobe',
    phases: whole,
    run: async (bench) => {
      const line = await bench.counted({attach: 'kretprobe:vfs_read', where: mine, measure: ['count', 'sum(retval)', 'min(retval)']}, read);
      assert.deepEqual(totals(line, {}), [{count: n, sum: 10 * n, min: 10}]);
    },
  },
  {
    rule: 'fentry',
    phases: whole,
    run: async (bench) => {
      const line = await bench.counted({attach: 'fentry:vfs_read', where: mine, measure: ['count', 'sum(args.count)']}, read);
      assert.deepEqual(totals(line, {}), [{count: n, sum: 10 * n}]);
    },
  },
  {
    rule: 'span of a kprobe by file name',
    phases: whole,
    run: async (bench) => {
      const line = await bench.counted(
        {
          span: 'kprobe:vfs_read',
          where: mine,
          by: [{field: 'from.args.file.f_path.dentry.d_name.name', title: 'FILE'}],
          measure: ['hist(duration)', 'sum(retval)'],
        },
        read,
      );
      assert.deepEqual(totals(line, {file: 'passwd'}), [{count: n, sum: 10 * n}]);
    },
  },
];
