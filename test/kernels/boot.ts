// Boots one kernel under QEMU and reads what the checks inside say. Their channel is the second serial port, one JSON
// object a line between a begin and an end; the first is the kernel's console, kept for when something goes wrong.
import {spawn} from 'node:child_process';
import {readFileSync, truncateSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import type {Message, Phase, Result} from './guest/protocol.ts';
import type {Kernel} from './kernels.ts';
import {targets} from './targets.ts';

export interface Boot {
  readonly kernel: Kernel;
  /** What was run in it. */
  readonly phases: readonly Phase[];
  readonly release: string;
  readonly seconds: number;
  readonly results: readonly Result[];
  /** Why the run is not whole; undefined when it came to its end. */
  readonly broken?: string;
  /** There was no time left for the rest of it. */
  readonly late: boolean;
}

export interface BootOptions {
  readonly kernel: Kernel;
  readonly phases: readonly Phase[];
  readonly image: string;
  readonly initrd: string;
  /** Folder for console and disk. */
  readonly out: string;
  /** Seconds without a word of it, after which it is taken for ill. */
  readonly silence: number;
  /** When all has to be over, by `performance.now`. */
  readonly end: number;
  readonly only: string;
  readonly each: (result: Result) => void;
}

export async function boot({kernel, phases, image, initrd, out, silence, end, only, each}: BootOptions): Promise<Boot> {
  const words = phases.map((phase) => phase.replaceAll(' ', '-'));
  const [console, disk] = [`console-${kernel.name}-${words[0]}.log`, `disk-${kernel.name}-${words[0]}.img`].map((name) =>
    path.join(out, name),
  ) as [string, string];
  const {emulator} = targets[kernel.architecture];
  writeFileSync(disk, '');
  truncateSync(disk, 64 << 20);
  const begun = performance.now();
  const child = spawn(
    'nice',
    [emulator, ...machine(kernel, image, initrd, disk, console, [`phases=${words.join()}`, ...(only === '' ? [] : [`only=${only}`])])],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const results: Result[] = [];
  let [release, ended, rest, errors] = ['', false, '', ''];
  let [silent, late] = [false, false];
  const timer = setTimeout(() => {
    silent = true;
    child.kill('SIGKILL');
  }, silence * 1000);
  const last = setTimeout(
    () => {
      late = true;
      child.kill('SIGKILL');
    },
    Math.max(end - begun, 0),
  );
  child.stderr.on('data', (data) => (errors += data));
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (data) => {
    const lines = (rest + data).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      timer.refresh();
      const message = read(line);
      if (message === undefined) continue;
      if (message.kind === 'begin') release = message.release;
      else if (message.kind === 'end') ended = true;
      else {
        results.push(message);
        each(message);
      }
    }
  });
  const status = await new Promise<number | null>((resolve) => {
    child.on('error', (error) => {
      errors += error.message;
      resolve(null);
    });
    child.on('close', resolve);
  });
  clearTimeout(timer);
  clearTimeout(last);
  const seconds = (performance.now() - begun) / 1000;
  if (ended) return {kernel, phases, release, seconds, results, late: false};
  const why = silent ? `nothing was heard of it for ${silence} s` : `QEMU ended with ${status}: ${errors.trim()}`;
  return {kernel, phases, release, seconds, results, late, broken: `${why}\n${tail(console)}`};
}

function machine(
  {name, architecture}: Kernel,
  image: string,
  initrd: string,
  disk: string,
  console: string,
  wanted: readonly string[],
): readonly string[] {
  const {machine, parameters, console: consoleName, results, serials} = targets[architecture];
  const words = [
    `console=${consoleName}`,
    'quiet',
    'panic=-1',
    'rdinit=/init',
    ...parameters,
    `results=${results}`,
    `kernel=${name}`,
    ...wanted,
  ];
  return [
    ...machine,
    ...['-smp', '2', '-m', '1536', '-display', 'none', '-monitor', 'none', '-no-reboot', '-nic', 'none'],
    ...['-kernel', image, '-initrd', initrd, '-append', words.join(' ')],
    ...['-serial', `file:${console}`, ...serials],
    ...['-drive', `file=${disk},if=none,id=disk,format=raw`, '-device', 'nvme,drive=disk,serial=1'],
  ];
}

function read(line: string): Message | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Message;
  } catch {
    return undefined;
  }
}

const tail = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-25).join('\n');
  } catch {
    return '';
  }
};
