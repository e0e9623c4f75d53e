// The whole process: how soon it shows something, what memory it takes, how long a thousand functions take to attach.
import {execFileSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {bpftrace, compiled, folder, presetFile, type Running, Screen, tsbpftop, tsbpftopScreen, workload} from '../contenders.ts';
import {type Figure, figureOf, inTurn, residentMb, type Result} from '../measure.ts';
import {has} from '../peers.ts';

const figure = (figures: Readonly<Record<string, Figure>>, name: string): Figure =>
  figures[name] ?? {median: Number.NaN, spread: 0, runs: 0};
const peer = (figures: Readonly<Record<string, Figure>>, name: string, reach?: number): Result['peers'] =>
  figures[name] === undefined ? [] : [{name, figure: figure(figures, name), ...(reach === undefined ? {} : {reach})}];

const firstPrint = 'BEGIN { printf("ready\\n"); } tracepoint:syscalls:sys_enter_openat { @[comm] = count(); }';

export async function starts(runs: number): Promise<readonly Result[]> {
  const started = async (running: Running, text: string): Promise<number> => {
    const ms = await running.until(text);
    await running.stop('SIGKILL'); // bpftrace, just begun, may not hear of a SIGINT
    return ms;
  };
  const drawn = async (screen: Screen, wanted: RegExp): Promise<number> => {
    const ms = await screen.until(wanted);
    await screen.stop();
    return ms;
  };
  const figures = await inTurn(
    {
      batch: () => started(tsbpftop('--json', 'openat'), '\n'),
      screen: () => drawn(tsbpftopScreen(200, 60, 'openat'), /exact[\s\S]*quit/),
      ...(has('bpftrace') ? {bpftrace: () => started(bpftrace(firstPrint), 'ready')} : {}),
      ...(has('htop') ? {htop: () => drawn(new Screen('htop', [], 200, 60), /F10[\s\S]*Quit|Quit/)} : {}),
    },
    runs,
  );
  return [
    {what: 'start to the first rows (batch, openat)', unit: 'ms', ours: figure(figures, 'batch'), peers: peer(figures, 'bpftrace', 0.5)},
    {
      what: 'start to the first full frame (screen at 200x60, openat)',
      unit: 'ms',
      ours: figure(figures, 'screen'),
      peers: [...peer(figures, 'bpftrace', 0.5), ...peer(figures, 'htop')],
    },
  ];
}

/** Memory after a minute with 10,240 keys of which a thousand change a second; `seconds` instead of a minute for a quick look. */
export async function memory(seconds: number): Promise<readonly Result[]> {
  const loops = compiled('loops');
  const file = presetFile({
    name: 'keys',
    attach: 'tracepoint:syscalls:sys_enter_lseek',
    where: "comm == 'bench-loop'",
    by: ['comm', 'args.offset'],
    measure: 'count',
    maxKeys: 16_384,
  });
  const after = async (running: Running, ready: string): Promise<number> => {
    await running.until(ready);
    await workload(loops, 'spread', seconds, 10_240);
    await delay(500);
    const mb = residentMb(running.pid);
    await running.stop();
    return mb;
  };
  const figures = await inTurn(
    {
      tsbpftop: () => after(tsbpftop('--json', '--presets', file, 'keys'), '\n'),
      ...(has('bpftrace')
        ? {
            bpftrace: () =>
              after(
                bpftrace(
                  'BEGIN { printf("ready\\n"); } tracepoint:syscalls:sys_enter_lseek /comm == "bench-loop"/ { @[comm, args->offset] = count(); } interval:s:1 { print(@); }',
                ),
                'ready',
              ),
          }
        : {}),
    },
    1,
  );
  return [
    {
      what: `memory after ${seconds} s with 10,240 keys, printed every second`,
      unit: 'MB',
      ours: figure(figures, 'tsbpftop'),
      peers: peer(figures, 'bpftrace', 0.8),
    },
  ];
}

/** Seconds after which a detaching is not waited for: bpftrace 0.17 takes minutes where the kernel detaches one function after the other. */
const patience = 20;

/** The last of all cases: what could not be waited for is still being detached after it. */
export async function wildcard(runs: number): Promise<readonly Result[]> {
  const source = path.join(folder, 'thousand.c');
  const program = path.join(folder, 'thousand');
  const functions = Array.from({length: 1000}, (_, i) => `__attribute__((noinline)) int bench_f${i}(int n) { return n + ${i}; }`);
  writeFileSync(source, `${functions.join('\n')}\nint main() { return 0; }\n`);
  execFileSync('gcc', ['-O1', '-o', program, source]);
  const file = presetFile({name: 'thousand', attach: `uprobe:${program}:bench_f*`, by: ['func'], measure: 'count', maxProbes: 1000});
  const detached = new Map<string, number[]>();
  const never = new Set<string>();
  const attached = async (name: string, running: Running, ready: string): Promise<number> => {
    const ms = await running.until(ready);
    const begun = performance.now();
    const ended = await running.stop('SIGINT', patience * 1000);
    detached.set(name, [...(detached.get(name) ?? []), performance.now() - begun]);
    if (!ended) never.add(name);
    return ms;
  };
  const ours: number[] = [];
  for (let run = 0; run < runs; run++) ours.push(await attached('tsbpftop', tsbpftop('--json', '--presets', file, 'thousand'), '\n'));
  // after all of ours, and not again where it was not waited for: what is still being detached would hold up the others.
  // Its END would print too soon or too late: the first refresh of an interval probe comes when all is attached
  const script = `uprobe:${program}:bench_f* { @[func] = count(); } interval:ms:1 { printf("ready\\n"); }`;
  const theirs: number[] = [];
  while (has('bpftrace') && theirs.length < runs && !never.has('bpftrace'))
    theirs.push(await attached('bpftrace', bpftrace(script), 'ready'));
  const gone = (name: string): Figure => ({...figureOf(detached.get(name) ?? []), ...(never.has(name) ? {atLeast: true} : {})});
  return [
    {
      what: 'start until 1,000 functions are attached by a wildcard',
      unit: 'ms',
      ours: figureOf(ours),
      peers: has('bpftrace') ? [{name: 'bpftrace', figure: figureOf(theirs), reach: 1}] : [],
    },
    {
      what: 'SIGINT until they are detached and the process has ended',
      unit: 'ms',
      ours: gone('tsbpftop'),
      peers: has('bpftrace') ? [{name: 'bpftrace', figure: gone('bpftrace'), reach: 1}] : [],
    },
  ];
}
