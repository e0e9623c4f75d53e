// Kernel functions: entries, instructions, returns, trampolines, spans, wildcards. Each counts and measures N known calls
// of read(2) with 10 bytes, and what opens the file before.
import assert from 'node:assert/strict';
import os from 'node:os';
import {openView, whyNot} from '../../../src/commands/live/open-view.ts';
import {byTrampoline, hasTrampolines} from './by-trampoline.ts';
import {type Bench, type PresetText, Skip, shell, totals, work} from './bench.ts';
import type {Check} from './checks.ts';
import type {Phase} from './protocol.ts';

const n = 500;
const everywhere: readonly Phase[] = ['whole', 'no batch reads', 'lockdown=integrity'];
const whole: readonly Phase[] = ['whole'];
const noTypes: readonly Phase[] = ['no BTF'];
const where = "comm == 'wl-read'";
const read = (): void => work('calls', 'wl-read', n);

/** The totals of a preset's only row, or of the rows with that key. */
const counted = async (bench: Bench, text: PresetText, key: Readonly<Record<string, string | number>> = {}) =>
  totals(await bench.counted({where, ...text}, read), key);

/** What `retval` and args.NAME are where names are not known: registers. */
const exactly = [{count: n, sum: 10 * n}];

export const functionChecks: readonly Check[] = [
  {
    rule: 'kprobe',
    phases: everywhere,
    run: async (bench) =>
      assert.deepEqual(
        await counted(bench, {attach: 'kprobe:vfs_read', by: ['comm'], measure: ['count', 'sum(args.count)']}, {comm: 'wl-read'}),
        exactly,
      ),
  },
  {
    rule: 'kprobe by registers',
    phases: ['whole', 'no BTF'],
    run: async (bench) => assert.deepEqual(await counted(bench, {attach: 'kprobe:vfs_read', measure: ['count', 'sum(arg2)']}), exactly),
  },
  {
    rule: 'kprobe at an instruction',
    phases: whole,
    async run(bench) {
      const taken: number[] = [];
      const refused: string[] = [];
      for (let offset = 1; offset <= 16 && (taken.length === 0 || refused.length === 0); offset++) {
        const attach = `kprobe:vfs_read+${offset}`;
        const refusal = await bench.refusal({attach});
        if (refusal !== undefined) refused.push(refusal);
        else {
          taken.push(offset);
          assert.deepEqual(await counted(bench, {attach}), [{count: n}], attach);
        }
      }
      assert.ok(taken.length > 0, 'some offset is the start of an instruction');
      assert.ok(refused.length > 0, 'some offset is inside of one');
      for (const each of refused) assert.match(each, /cannot attach 'kprobe:vfs_read\+\d+': /);
    },
  },
  {
    rule: 'CPUs that are possible and not there',
    phases: whole,
    async run(bench) {
      const {possibleCpus} = bench.around.machine;
      if (possibleCpus <= os.cpus().length) throw new Skip('this kernel does not take possible_cpus=8');
      const measure = ['count', 'sum(args.count)', 'min(args.count)', 'max(args.count)'];
      assert.deepEqual(await counted(bench, {attach: 'kprobe:vfs_read', measure, map: 'percpu'}), [
        {count: n, sum: 10 * n, min: 10, max: 10},
      ]);
    },
  },
  {
    rule: 'returns that the kernel has no slot for',
    phases: whole,
    async run(bench) {
      const [processes, each] = [60, 5];
      const line = await bench.counted({span: 'kprobe:hrtimer_nanosleep', where: "comm == 'wl-sleepers'"}, () =>
        work('losses', 'wl-sleepers', 'sleepers', processes),
      );
      const shown = totals(line, {})[0]?.['count'] ?? 0;
      const missed = line.lost['missed'] ?? 0;
      // a call is known to be missed when its thread begins the next one
      assert.ok(missed > 0 && shown + missed >= (each - 1) * processes && shown <= each * processes, `${shown} shown, ${missed} missed`);
      assert.equal(line.status, 'partial');
      return `${shown} counted, ${missed} said to be missed`;
    },
  },
  {
    rule: 'kretprobe',
    phases: everywhere,
    run: async (bench) =>
      assert.deepEqual(
        await counted(bench, {
          attach: 'kretprobe:vfs_read',
          measure: ['count', 'sum(retval)', 'min(retval)', 'max(retval)', 'avg(retval)'],
        }),
        [{count: n, sum: 10 * n, min: 10, max: 10, avg: 10}],
      ),
  },
  {
    rule: 'fentry',
    phases: everywhere,
    run: byTrampoline(async (bench) =>
      assert.deepEqual(await counted(bench, {attach: 'fentry:vfs_read', measure: ['count', 'sum(args.count)']}), exactly),
    ),
  },
  {
    rule: 'fentry by a pointer, which the verifier allows no arithmetic with',
    phases: whole,
    run: byTrampoline(async (bench) => {
      const measure = ['count', 'min(args.file)', 'max(args.file)', 'avg(arg1)', 'hist(args.file)'];
      const line = await bench.counted({attach: 'fentry:vfs_read', by: ['args.file'], where: `${where} && args.file != 0`, measure}, read);
      assert.equal(
        line.rows.reduce((sum, row) => sum + (row.total['count'] ?? 0), 0),
        n,
      );
      for (const {key, total} of line.rows) {
        assert.deepEqual([total['min'], total['max']].map(Number), [Number(key['file']), Number(key['file'])]);
        assert.ok((total['avg'] ?? 0) > 4096, 'the buffer is somewhere');
      }
    }),
  },
  {
    rule: 'fexit sees arguments and the return value',
    phases: everywhere,
    run: byTrampoline(async (bench) =>
      assert.deepEqual(
        await counted(bench, {attach: 'fexit:vfs_read', measure: ['count', 'sum(retval)', 'max(args.count)', 'hist(retval)']}),
        [{count: n, sum: 10 * n, max: 10}],
      ),
    ),
  },
  {
    rule: 'span of kprobe and kretprobe by file name',
    phases: everywhere,
    run: (bench) => byFile(bench, 'kprobe:vfs_read', 'retval'),
  },
  {
    rule: 'span of fentry and fexit by file name',
    phases: everywhere,
    run: byTrampoline((bench) => byFile(bench, 'fentry:vfs_read', 'retval')),
  },
  {
    rule: 'firstOf takes fentry where it works, and kprobe where not',
    phases: ['whole', 'no BTF'],
    async run(bench) {
      const {opened} = await bench.counted({attach: {firstOf: ['fentry:vfs_read', 'kprobe:vfs_read']}, where}, read);
      const works = hasTrampolines(bench);
      assert.deepEqual(opened.plan.shape.probes, [works ? 'fentry:vfs_read' : 'kprobe:vfs_read']);
      assert.equal(opened.refused.length, works ? 0 : 1);
      return opened.plan.shape.probes[0];
    },
  },
  {
    rule: 'args.NAME and fentry without BTF are refused, with the reason',
    phases: noTypes,
    async run(bench) {
      assert.match((await bench.refusal({attach: 'kprobe:vfs_read', by: ['args.count']})) ?? '', /cannot be read at function 'vfs_read'/);
      assert.match((await bench.refusal({attach: 'fentry:vfs_read'})) ?? '', /fentry cannot work here: this kernel has no BTF/);
      return 'refused';
    },
  },
  {
    rule: 'wildcard of kprobes, by function',
    phases: everywhere,
    async run(bench) {
      const line = await bench.counted({attach: ['kprobe:vfs_re*', 'kprobe:vfs_o*'], by: ['func'], where}, read);
      assert.deepEqual(totals(line, {func: 'vfs_read'}), [{count: n}]);
      assert.deepEqual(totals(line, {func: 'vfs_open'}), [{count: n}]);
      const {session, points, relies} = line.opened.plan;
      assert.equal(session.programs.length, 1, 'they share a program');
      const by =
        session.programs[0]?.type === 'kprobe_multi'
          ? 'by kprobe-multi'
          : `one by one, by ${relies.includes('cookie') ? 'cookie' : 'address'}`;
      return `exact; ${points.length} functions ${by}`;
    },
  },
  {
    rule: 'wildcard of spans: each call’s return is its own function’s',
    phases: whole,
    async run(bench) {
      const line = await bench.counted({span: ['kprobe:vfs_re*', 'kprobe:vfs_o*'], by: ['func'], where, measure: ['hist(duration)']}, read);
      for (const func of ['vfs_read', 'vfs_open']) {
        assert.deepEqual(totals(line, {func}), [{count: n}], func);
        const row = line.rows.find((each) => each.key['func'] === func);
        assert.equal(
          row?.hist?.total.reduce((sum, [, , count]) => sum + count, 0),
          n,
        );
      }
    },
  },
  {
    rule: 'wildcard of fentry, by function',
    phases: whole,
    run: byTrampoline(async (bench) => {
      const line = await bench.counted({attach: 'fentry:vfs_re*', by: ['func'], where}, read);
      assert.deepEqual(totals(line, {func: 'vfs_read'}), [{count: n}]);
      return `exact; ${line.opened.plan.points.length} functions, ${line.opened.plan.leftOut.length} left out`;
    }),
  },
  {
    rule: 'functions that must not be probed are left out, and refused by name',
    phases: whole,
    async run(bench) {
      const {opened} = await bench.counted({attach: 'kprobe:*nmi*', maxProbes: 5000}, () => undefined);
      const {leftOut} = opened.plan;
      assert.ok(leftOut.length > 0);
      for (const {name, reason} of leftOut) assert.ok(name.includes('nmi') && reason !== '');
      const barred = [...bench.around.machine.kprobeBlacklist()];
      assert.ok(barred.length > 50, 'the kernel tells which functions it bars');
      // of x86-64 and of arm64, where spin locks may be part of their callers
      const names = ['_raw_spin_lock', 'do_int3', 'queued_spin_lock_slowpath', 'aarch64_insn_patch_text'];
      const there = names.filter((name) => bench.around.machine.functionPlaces(name).length > 0);
      assert.ok(there.length > 1, there.join(' '));
      for (const name of [...there, barred[0]])
        assert.match((await bench.refusal({attach: `kprobe:${name}`})) ?? '', /cannot be probed|is there, and cannot be probed/, name);
      return 'refused';
    },
  },
  {
    rule: 'functions that share a name are all probed, each at its address',
    phases: whole,
    async run(bench) {
      const {machine} = bench.around;
      const listed = shell("sed 's/ .*//' /sys/kernel/tracing/available_filter_functions | sort | uniq -d").trim().split('\n');
      const name = listed.find((each) => machine.functionPlaces(each).length === 2 && /^[a-z]\w+$/.test(each));
      if (name === undefined) throw new Skip('no two functions of one name');
      const {opened} = await bench.counted({attach: `kprobe:${name}`, by: ['func']}, () => undefined);
      assert.equal(opened.plan.points.length, 2);
      if (hasTrampolines(bench)) assert.match((await bench.refusal({attach: `fentry:${name}`})) ?? '', /2 kernel functions have this name/);
      const partly = machine.kernelFunctions().filter((each) => machine.functionPlaces(each).some(({untraced}) => untraced === true));
      for (const each of ['t_stop', ...partly.slice(0, 3)].filter((other) => machine.functionPlaces(other).length > 1))
        assert.equal(await bench.refusal({attach: `kprobe:${each}`}), undefined, each);
      return `both '${name}'`;
    },
  },
  {
    rule: 'a struct by value is refused by fentry, and by kprobe as an argument',
    phases: whole,
    run: byTrampoline(async (bench) => {
      const {machine} = bench.around;
      const btf = machine.btf();
      assert.ok(btf !== undefined);
      const reachable = new Set(machine.kernelFunctions());
      const byValue = btf.functions().find((name) => {
        if (!reachable.has(name) || machine.functionPlaces(name).length !== 1) return false;
        const {members} = btf.type(btf.type(btf.find('func', name)).type);
        return members.some(({type}) => type !== 0 && stripped(btf, type) === 'struct');
      });
      if (byValue === undefined) throw new Skip('no function takes a struct by value');
      assert.match((await bench.refusal({attach: `fentry:${byValue}`})) ?? '', /it takes a struct by value/);
      return `refused ('${byValue}')`;
    }),
  },
];

function argumentsOf({around}: Bench, name: string): number {
  const btf = around.machine.btf();
  return btf === undefined ? 0 : btf.type(btf.type(btf.find('func', name)).type).members.length;
}

function stripped(btf: NonNullable<ReturnType<Bench['around']['machine']['btf']>>, id: number): string {
  const type = btf.type(id);
  return ['typedef', 'const', 'volatile'].includes(type.kind) ? stripped(btf, type.type) : type.kind;
}

async function byFile(bench: Bench, span: string, returned: string): Promise<void> {
  const line = await bench.counted(
    {
      span,
      where: `${where} && ${returned} == 10`,
      by: [{field: 'from.args.file.f_path.dentry.d_name.name', title: 'FILE'}],
      measure: ['hist(duration)', `sum(${returned})`],
    },
    read,
  );
  assert.deepEqual(totals(line, {file: 'passwd'}), exactly);
  const hist = line.rows.find((row) => row.key['file'] === 'passwd')?.hist?.total ?? [];
  assert.equal(
    hist.reduce((sum, [, , count]) => sum + count, 0),
    n,
    'the histogram holds every call',
  );
  assert.equal(line.status, 'exact', JSON.stringify(line.lost));
}

const most = 100;
const sample = 20;

export const speedChecks: readonly Check[] = [
  {
    rule: 'attaching and detaching many functions is bounded in time',
    phases: whole,
    async run(bench) {
      const names = bench.around.machine
        .kernelFunctions()
        .filter((name) => /^ext4_\w+$/.test(name) && bench.around.machine.functionPlaces(name).length === 1);
      const attach = names.slice(0, most).map((name) => `kprobe:${name}`);
      const begun = performance.now();
      const opened = await openView(bench.preset({attach, by: ['func']}), bench.around);
      const attached = performance.now();
      await opened.session.detach();
      const detached = performance.now();
      await opened.session.close();
      if (opened.plan.session.programs[0]?.type !== 'kprobe_multi') {
        const giveUp = new AbortController();
        const again = openView(opened.preset, {...bench.around, signal: giveUp.signal});
        setTimeout(() => giveUp.abort(), 50); // ms: of these, attaching takes many times as many
        await assert.rejects(again, /it was given up/);
      }
      const count = opened.plan.points.length;
      return `${count} functions: ${((attached - begun) / count).toFixed(1)} ms each to attach, ${((detached - attached) / count).toFixed(1)} ms to detach`;
    },
  },
  ...(['kprobe', 'fentry'] as const).map(
    (kind): Check => ({
      rule: `functions picked from all, by ${kind}: attached, or refused before the kernel is asked`,
      phases: whole,
      async run(bench) {
        const all = bench.around.machine.kernelFunctions();
        const picked = Array.from({length: sample}, (_, i) => all[Math.floor(((i + 0.25) * all.length) / sample)] ?? '');
        const presets = picked.map((name) => bench.preset({attach: `${kind}:${name}`}));
        const refused: string[] = [];
        for (const [i, preset] of presets.entries()) {
          if (whyNot(preset, bench.around) !== undefined) continue;
          await openView(preset, bench.around).then(
            ({session}) => session.close(),
            (error: Error) => {
              // how many arguments a trampoline takes is the one thing that the kernel is asked (since 6.7 more than six)
              if (kind === 'kprobe' || argumentsOf(bench, picked[i] ?? '') <= 6) refused.push(`${picked[i]}: ${error.message}`);
            },
          );
        }
        assert.deepEqual(refused, []);
      },
    }),
  ),
];
