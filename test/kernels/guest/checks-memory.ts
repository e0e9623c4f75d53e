// Memory of a cgroup that runs out: what the views count of it, against the kernel's own counters.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {type Counted, Skip, shell} from './bench.ts';
import type {Check} from './checks.ts';

const disk = '/dev/nvme0n1';

const numberIn = (file: string, name: RegExp): number =>
  [...readFileSync(file, 'utf8').matchAll(name)].reduce((sum, [, value]) => sum + Number(value), 0);
const counter = (name: string): number => numberIn('/proc/vmstat', new RegExp(`^${name} (\\d+)$`, 'gm'));
const total = (line: Counted, name: string, wanted: (key: Counted['rows'][number]['key']) => boolean = () => true): number =>
  line.rows.filter(({key}) => wanted(key)).reduce((sum, row) => sum + (row.total[name] ?? 0), 0);

/** A cgroup that may have 16 MiB, and a disk to swap to; 32 MiB that are touched three times over. */
function inSmallCgroup(): void {
  shell(`mkdir -p /work/cgroup && mount -t cgroup2 none /work/cgroup; cd /work/cgroup && echo +memory >cgroup.subtree_control
    mkdir -p small && echo 16M >small/memory.max && mkswap ${disk} && swapon ${disk} && sh -c 'echo $$ >small/cgroup.procs; exec kernel wl-hog hog 8192 3'
    swapoff ${disk}; umount /work/cgroup`);
}

export const memoryChecks: readonly Check[] = [
  {
    rule: 'in trouble, view swap-ins counts the pages that the kernel has read from swap',
    phases: ['whole'],
    async run(bench) {
      let read = 0;
      const line = await bench.view('swap-ins', {}, () => {
        const before = counter('pswpin');
        inSmallCgroup();
        read = counter('pswpin') - before;
      });
      if (line === undefined) throw new Skip('this kernel has no probe for it');
      assert.ok(read > 1000, `${read} pages`);
      assert.equal(total(line, 'count'), read);
      assert.ok(total(line, 'count', ({comm}) => comm === 'wl-hog') > 0.9 * read);
      assert.equal(line.status, 'exact');
    },
  },
  {
    rule: 'in trouble, view direct-reclaim counts what a task does for its cgroup',
    phases: ['whole'],
    async run(bench) {
      const line = await bench.view('direct-reclaim', {}, inSmallCgroup);
      if (line === undefined) throw new Skip('this kernel has no probe for it');
      const own = ({comm, scarce}: Readonly<Record<string, string | number>>): boolean => comm === 'wl-hog' && scarce === 'cgroup';
      assert.ok(
        total(line, 'count', own) > 10 && total(line, 'sum', own) > 1e6,
        JSON.stringify(line.rows.map(({key, total}) => [key, total])),
      );
      assert.equal(line.status, 'exact');
      return 'counted';
    },
  },
];
