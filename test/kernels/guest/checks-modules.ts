// Functions and types of a module: overlayfs, loaded from the kernel's package. N opens of a file on it are N calls of its
// ovl_open. Debian's kernels have BTF of modules since 5.11.
import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {shell, totals, work} from './bench.ts';
import {byTrampoline} from './by-trampoline.ts';
import type {Check} from './checks.ts';

const n = 300;
const where = "comm == 'wl-module'";
const open = (): void => work('kernel', 'wl-module', 'files', '/work/merged', n);
const types = (): boolean => existsSync('/sys/kernel/btf/overlay');

function mounted(): void {
  if (existsSync('/work/merged/file')) return; // a mount of an earlier phase may have gone with its namespace
  shell(
    'cd /work && rm -rf upper work && mkdir -p lower upper work merged && echo text >lower/file && mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged',
  );
}

export const moduleChecks: readonly Check[] = [
  {
    rule: 'kprobe in a module',
    phases: ['whole', 'no BTF', 'lockdown=integrity'],
    async run(bench) {
      mounted();
      const line = await bench.counted({attach: 'kprobe:ovl_open', where, by: ['comm']}, open);
      assert.deepEqual(totals(line, {comm: 'wl-module'}), [{count: n}]);
    },
  },
  {
    rule: 'wildcard of kprobes in a module',
    phases: ['whole'],
    async run(bench) {
      mounted();
      const line = await bench.counted({attach: 'kprobe:ovl_open*', where, by: ['func']}, open);
      assert.deepEqual(totals(line, {func: 'ovl_open'}), [{count: n}]);
      return `exact; ${line.opened.plan.points.length} functions`;
    },
  },
  {
    rule: 'arguments by name in a module, by its BTF',
    phases: ['whole'],
    async run(bench) {
      mounted();
      const by = [
        {field: 'args.file.f_path.dentry.d_name.name', title: 'FILE'},
        {field: '(struct ovl_fs)(args.inode.i_sb.s_fs_info).numlayer', title: 'LAYERS'},
      ];
      if (!types()) {
        assert.match((await bench.refusal({attach: 'kprobe:ovl_open', by})) ?? '', /args.file cannot be read at function 'ovl_open'/);
        return 'refused: this kernel has no BTF of its modules';
      }
      const line = await bench.counted({attach: 'kprobe:ovl_open', where, by}, open);
      assert.deepEqual(totals(line, {file: 'file', layers: 2}), [{count: n}]);
    },
  },
  {
    rule: 'fentry and fexit in a module',
    phases: ['whole'],
    run: byTrampoline(async (bench) => {
      mounted();
      if (!types()) {
        assert.match((await bench.refusal({attach: 'fentry:ovl_open'})) ?? '', /the kernel's BTF does not know it/);
        return 'refused: this kernel has no BTF of its modules';
      }
      const line = await bench.counted(
        {
          span: 'fentry:ovl_open',
          where,
          by: [{field: 'from.args.file.f_path.dentry.d_name.name', title: 'FILE'}],
          measure: ['hist(duration)', 'max(retval)'],
        },
        open,
      );
      assert.deepEqual(totals(line, {file: 'file'}), [{count: n, max: 0}]);
    }),
  },
  {
    rule: 'a struct that has its name by typedef',
    phases: ['whole'],
    async run(bench) {
      const refusal = await bench.refusal({attach: 'kprobe:vfs_open', by: ['(struct no_such_t)arg0.counter']});
      assert.match(refusal ?? '', /the kernel has no struct 'no_such_t'/);
      const counted = await bench.counted(
        {attach: 'kprobe:vfs_open', where, by: [{field: '(struct rwlock_t)arg0.raw_lock.cnts.counter', title: 'N'}]},
        () => work('calls', 'wl-module', n),
      );
      assert.equal(
        counted.rows.reduce((sum, row) => sum + (row.total['count'] ?? 0), 0),
        n,
      );
    },
  },
];
