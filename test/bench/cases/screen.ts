// The screen in a pty of 200x60: what a refresh costs in CPU, what an idle view costs, how soon a key is answered.
import {setTimeout as delay} from 'node:timers/promises';
import {compiled, presetFile, Running, Screen, tsbpftopScreen} from '../contenders.ts';
import {cpuNs, figureOf, residentMb, type Result} from '../measure.ts';
import {has} from '../peers.ts';

const [columns, lines] = [200, 60];
export const view = (name: string, keys: number) => ({
  name,
  attach: 'tracepoint:syscalls:sys_enter_lseek',
  where: "comm == 'bench-loop'",
  by: ['comm', 'args.offset'],
  measure: 'count',
  maxKeys: keys,
});

/** CPU milliseconds a second, in each of so many parts of two seconds, after the first seconds have compiled the code. */
async function cpuPerSecond(pid: number, warm: number, seconds: number): Promise<readonly number[]> {
  await delay(warm * 1000);
  const parts: number[] = [];
  for (let left = seconds; left > 0; left -= 2) {
    const before = cpuNs(pid);
    const begun = performance.now();
    await delay(2000);
    parts.push((cpuNs(pid) - before) / 1e6 / ((performance.now() - begun) / 1000));
  }
  return parts;
}

/** Seconds. V8 collects all garbage of the start once, 8 s after it (40 to 50 ms of CPU): that is no refresh. */
const warmUp = 12;

export async function refreshes(seconds: number): Promise<readonly Result[]> {
  const loops = compiled('loops');
  const file = presetFile(view('rows', 4096));
  const open = () => tsbpftopScreen(columns, lines, '--presets', file, 'rows');
  const cpuOf = async (screen: Screen, ready: RegExp): Promise<readonly number[]> => {
    await screen.until(ready);
    const cpu = await cpuPerSecond(screen.pty.pid, warmUp, seconds);
    await screen.stop();
    return cpu;
  };
  const idle = figureOf(await cpuOf(open(), /exact/));
  const htop = figureOf(has('htop') ? await cpuOf(new Screen('htop', ['-d', '10'], columns, lines), /Quit/) : []);
  const busy = new Running(loops, ['spread', String(seconds + 30), '1000']);
  const all = await cpuOf(open(), /exact/);
  await busy.stop();

  const peersOf = (reach: number): Result['peers'] => (has('htop') ? [{name: 'htop', figure: htop, reach}] : []);
  return [
    {
      what: 'CPU of a refresh at 200x60, every row changing, less idle',
      unit: 'ms',
      ours: figureOf(all.map((each) => each - idle.median)),
      peers: peersOf(2),
      note: `htop: its whole refresh, ${htop.median.toFixed(1)} ms`,
    },
    {
      what: 'CPU of an idle view, a refresh a second',
      unit: 'ms a second',
      ours: idle,
      peers: peersOf(1),
      note: `from ${warmUp} s after the start on`,
    },
  ];
}

export async function keys(runs: number): Promise<readonly Result[]> {
  const cold: number[] = [];
  const warm: number[] = [];
  for (let run = 0; run < runs; run++) {
    const screen = tsbpftopScreen(columns, lines, 'openat', 'syscalls', 'read-latency');
    await screen.until(/openat by comm[\s\S]*exact/);
    const press = async (key: string, wanted: RegExp): Promise<number> => {
      const begun = performance.now();
      screen.pty.write(key);
      return screen.until(wanted, begun);
    };
    cold.push(await press('2', /system calls by comm[\s\S]*keys/));
    await press('1', /openat by comm[\s\S]*keys/);
    warm.push(await press('2', /system calls by comm[\s\S]*keys/));
    await screen.stop();
  }
  return [
    {what: 'a key to the full frame of a view never opened before', unit: 'ms', ours: figureOf(cold), peers: [], reach: '60 ms'},
    {
      what: 'a key to the full frame of a view that is still attached',
      unit: 'ms',
      ours: figureOf(warm),
      peers: [],
      reach: 'one frame (50 ms)',
    },
  ];
}

/** Keys that are answered while a map of a million keys is read all the time. */
export async function keysWhileReading(runs: number): Promise<readonly Result[]> {
  const loops = compiled('loops');
  const file = presetFile(view('million', 1_048_576));
  const screen = tsbpftopScreen(columns, lines, '-d', '0.1', '--presets', file, 'million');
  await screen.until(/exact/);
  const before = residentMb(screen.pty.pid);
  await new Promise<void>((resolve) => new Running(loops, ['keys', '60', '1000000', '1000000']).child.on('close', () => resolve()));
  await screen.until(/1,000,000\/|1000000\//);
  await delay(3000);
  const times: number[] = [];
  for (let run = 0; run < runs * 10; run++) {
    const mark = (text: string): string => (/^.*▌.*$/m.exec(text)?.[0] ?? '').slice(0, 60);
    const begun = performance.now();
    const was = screen
      .text()
      .split('\n')
      .findIndex((line) => mark(line) !== '');
    screen.pty.write(run % 2 === 0 ? 'j' : 'k');
    while (
      screen
        .text()
        .split('\n')
        .findIndex((line) => mark(line) !== '') === was &&
      performance.now() - begun < 5000
    )
      await delay(2);
    times.push(performance.now() - begun);
    await delay(37);
  }
  const after = residentMb(screen.pty.pid);
  await screen.stop();
  const worst = Math.max(...times);
  return [
    {
      what: 'a key to its frame while a million keys are read without a pause',
      unit: 'ms',
      ours: figureOf(times),
      peers: [],
      reach: '50 ms',
      note: `the slowest of ${times.length}: ${worst.toFixed(0)} ms`,
    },
    {
      what: 'memory with a million keys, above the empty view',
      unit: 'MB',
      ours: figureOf([after - before]),
      peers: [{name: 'the map’s own (80 bytes a key)', figure: figureOf([80]), reach: 3}],
    },
  ];
}
