// What an event costs: in the kernel, by its own run-time statistics, and to the program that is watched.
import {loadBinding} from '../../../src/native/binding.ts';
import type {AttachSpec, MapSpec, ProgramType, SessionSpec} from '../../../src/native/contract.ts';
import {bespokeObject, bpftrace, compiled, presetFile, type Running, tsbpftop, workload} from '../contenders.ts';
import {inTurn, programRuns, type Result} from '../measure.ts';
import {has} from '../peers.ts';

interface Question {
  readonly what: string;
  /** The bundled view without its filter of tsbpftop itself, which the others have not either. */
  readonly preset: {readonly name: string} & Readonly<Record<string, unknown>>;
  readonly loop: string;
  /** The loop's system call, where it has another name, and how many keys it goes through. */
  readonly call?: string;
  readonly keys?: number;
  readonly bpftrace: string;
  readonly bespoke: readonly {readonly program: string; readonly type: ProgramType; readonly attach: AttachSpec}[];
  readonly map: MapSpec;
  /** Program runs that make one event. */
  readonly runs: number;
}

const tracepoint = (program: string, name: string): Question['bespoke'][number] => ({
  program,
  type: 'tracepoint',
  attach: {kind: 'tracepoint', category: 'syscalls', name, cookie: 0},
});
const map = (name: string, keySize: number, valueSize = 8): MapSpec => ({name, type: 'hash', keySize, valueSize, maxEntries: 10_240});

const questions: readonly Question[] = [
  {
    what: 'openat by comm',
    preset: {name: 'openat', attach: 'tracepoint:syscalls:sys_enter_openat', by: ['comm'], measure: 'count'},
    loop: 'openat',
    bpftrace: 'tracepoint:syscalls:sys_enter_openat { @[comm] = count(); }',
    bespoke: [tracepoint('openat_comm', 'sys_enter_openat')],
    map: map('comms', 16),
    runs: 1,
  },
  {
    what: 'openat by comm and path',
    preset: {name: 'openat-files', attach: 'tracepoint:syscalls:sys_enter_openat', by: ['comm', 'args.filename'], measure: 'count'},
    loop: 'openat',
    bpftrace: 'tracepoint:syscalls:sys_enter_openat { @[comm, str(args->filename)] = count(); }',
    bespoke: [tracepoint('openat_path', 'sys_enter_openat')],
    map: map('paths', 80),
    runs: 1,
  },
  {
    what: 'openat by comm and path, read at the end where it was not in memory before (both ends)',
    preset: {name: 'openat-files', span: 'syscall:openat', by: ['comm', 'from.args.filename'], measure: 'count'},
    loop: 'openat',
    bpftrace:
      'tracepoint:syscalls:sys_enter_openat { @p[tid] = args->filename; } tracepoint:syscalls:sys_exit_openat /@p[tid]/ { @[comm, str(@p[tid])] = count(); delete(@p[tid]); }',
    bespoke: [tracepoint('openat_begin', 'sys_enter_openat'), tracepoint('openat_end', 'sys_exit_openat')],
    map: map('paths', 80),
    runs: 2,
  },
  {
    what: 'system calls by comm and number',
    preset: {name: 'syscalls', attach: 'rawtracepoint:sys_enter', by: ['comm', 'i64(arg1)'], measure: 'count'},
    loop: 'getppid',
    bpftrace: 'tracepoint:raw_syscalls:sys_enter { @[comm, args->id] = count(); }',
    bespoke: [{program: 'syscalls_comm', type: 'raw_tracepoint', attach: {kind: 'raw_tracepoint', name: 'sys_enter'}}],
    map: map('syscalls', 24),
    runs: 1,
  },
  {
    what: 'lseek by offset, of 4000 offsets in turn (half of them have slots)',
    preset: {name: 'offsets', attach: 'tracepoint:syscalls:sys_enter_lseek', by: ['args.offset'], measure: 'count'},
    loop: 'keys',
    call: 'lseek',
    keys: 4000,
    bpftrace: 'tracepoint:syscalls:sys_enter_lseek { @[args->offset] = count(); }',
    bespoke: [tracepoint('lseek_offset', 'sys_enter_lseek')],
    map: map('offsets', 8),
    runs: 1,
  },
  {
    what: 'read(2) latency by comm, histogram (both ends)',
    preset: {name: 'read-latency', span: 'syscall:read', by: ['comm'], measure: 'hist(duration)'},
    loop: 'read',
    bpftrace:
      'tracepoint:syscalls:sys_enter_read { @s[tid] = nsecs; } tracepoint:syscalls:sys_exit_read /@s[tid]/ { @[comm] = hist(nsecs - @s[tid]); delete(@s[tid]); }',
    bespoke: [tracepoint('read_begin', 'sys_enter_read'), tracepoint('read_end', 'sys_exit_read')],
    map: map('latencies', 16, 67 * 8),
    runs: 2,
  },
];

const seconds = 1.5;
/** Of a loop with and without a watcher: a tenth of a microsecond among whole ones, not a few nanoseconds. */
const shortly = 0.6;

const ofQuestion = ({preset}: Question): Running => tsbpftop('--json', '-d', '60', '--presets', presetFile(preset), preset.name);

/** ns of one event: what the programs of a process ran meanwhile. Needs kernel.bpf_stats_enabled, which tsbpftop sets while it runs. */
async function costOf(process: Running, loops: string, question: Question): Promise<number> {
  const before = programRuns(process.pid);
  await workload(loops, question.loop, seconds, question.keys ?? 1);
  const after = programRuns(process.pid);
  return ((after.nanoseconds - before.nanoseconds) / (after.runs - before.runs)) * question.runs;
}

export async function eventCosts(runs: number): Promise<readonly Result[]> {
  const {addon} = loadBinding();
  const [loops, object] = [compiled('loops'), bespokeObject()];
  const open = (bespoke: Question['bespoke'], maps: readonly MapSpec[]) => {
    const begun: MapSpec = {name: 'begun', type: 'hash', keySize: 8, valueSize: 8, maxEntries: 16_384};
    const spec: SessionSpec = {
      object,
      maps: [...maps, begun],
      programs: bespoke.map(({program, type, attach}) => ({program, type, globals: {}, attach: [attach]})),
      statistics: true,
    };
    return addon.openSession(spec);
  };
  const byHand = async (bespoke: Question['bespoke'], maps: readonly MapSpec[], {loop, keys, runs: times}: Question): Promise<number> => {
    const session = await open(bespoke, maps);
    try {
      await workload(loops, loop, seconds, keys ?? 1);
      const programs = session.programs();
      const sum = (name: 'nanoseconds' | 'runs'): number => programs.reduce((all, each) => all + each[name], 0);
      return (sum('nanoseconds') / sum('runs')) * times;
    } finally {
      await session.close();
    }
  };
  const results: Result[] = [];
  for (const question of questions) {
    const figures = await inTurn(
      {
        clock: () => byHand([{program: 'empty', type: 'tracepoint', attach: emptyAttach(question)}], [], question),
        tsbpftop: async () => {
          const ours = ofQuestion(question);
          await ours.until('\n');
          const cost = await costOf(ours, loops, question);
          await ours.stop();
          return cost;
        },
        'C by hand': () => byHand(question.bespoke, [question.map], question),
        ...(has('bpftrace')
          ? {
              bpftrace: async () => {
                const statistics = await open([], []); // keeps the kernel's statistics on
                const theirs = bpftrace(`BEGIN { printf("ready\\n"); } ${question.bpftrace}`);
                await theirs.until('ready');
                const cost = await costOf(theirs, loops, question);
                await theirs.stop();
                await statistics.close();
                return cost;
              },
            }
          : {}),
      },
      runs,
    );
    const net = (name: string) => {
      const figure = figures[name] ?? {median: Number.NaN, spread: 0, runs: 0};
      return {...figure, median: figure.median - (figures['clock']?.median ?? 0)};
    };
    results.push({
      what: `an event in the kernel: ${question.what}`,
      unit: 'ns',
      ours: net('tsbpftop'),
      peers: [
        ...(figures['bpftrace'] === undefined ? [] : [{name: 'bpftrace', figure: net('bpftrace'), reach: 0.5}]),
        {name: 'C by hand', figure: net('C by hand'), reach: 1},
      ],
      note: `less the ${(figures['clock']?.median ?? 0).toFixed(0)} ns that an empty program is said to take`,
    });
  }
  return results;
}

const emptyAttach = (question: Question): AttachSpec => ({
  kind: 'tracepoint',
  category: question.loop === 'getppid' ? 'raw_syscalls' : 'syscalls',
  name: question.loop === 'getppid' ? 'sys_enter' : `sys_enter_${question.call ?? question.loop}`,
  cookie: 0,
});

/** ns that each turn of a loop takes longer while it is watched. */
export async function slowDowns(runs: number): Promise<readonly Result[]> {
  const loops = compiled('loops');
  const results: Result[] = [];
  for (const question of [questions[0], questions[2]]) {
    if (question === undefined) continue;
    const turn = () => workload(loops, question.loop, shortly);
    const watched = async (watcher: Running, ready: string): Promise<number> => {
      await watcher.until(ready);
      const ns = await turn();
      await watcher.stop();
      return ns;
    };
    const figures = await inTurn(
      {
        alone: turn,
        tsbpftop: () => watched(ofQuestion(question), '\n'),
        ...(has('bpftrace') ? {bpftrace: () => watched(bpftrace(`BEGIN { printf("ready\\n"); } ${question.bpftrace}`), 'ready')} : {}),
      },
      runs,
    );
    const more = (name: string) => {
      const figure = figures[name] ?? {median: Number.NaN, spread: 0, runs: 0};
      return {...figure, median: figure.median - (figures['alone']?.median ?? 0)};
    };
    results.push({
      what: `slow-down of a loop of ${question.loop}`,
      unit: 'ns a call',
      ours: more('tsbpftop'),
      peers: figures['bpftrace'] === undefined ? [] : [{name: 'bpftrace', figure: more('bpftrace'), reach: 1}],
      note: `unwatched ${(figures['alone']?.median ?? 0).toFixed(0)} ns; tsbpftop keeps the kernel's statistics on meanwhile, bpftrace does not`,
    });
  }
  return results;
}
