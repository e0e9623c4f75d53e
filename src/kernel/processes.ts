// What /proc tells of a process: its program and its command line, read when its number is first seen, and kept. A number
// that is used again is told from the one before by the time it began.
import {closeSync, openSync, readFileSync, readlinkSync, readSync} from 'node:fs';
import {setImmediate as rest} from 'node:timers/promises';

export interface ProcessNames {
  readonly exe: string;
  readonly cmdline: string;
}

const mostProcesses = 10_000;
/** Read between two looks at the keyboard: about 50 µs each. */
const atOnce = 100;
const longestCommandLine = 1000;
/** PF_KTHREAD of linux/sched.h */
const kernelThread = 0x20_0000;
/** /proc counts in hundredths of a second whatever the kernel's own clock, the word in units of 2^20 ns. */
const tick = 10_000_000n;
const unit = 1n << 20n;

export type PidNamespace = 'initial' | 'other' | 'unknown';

/** PROC_PID_INIT_INO of linux/proc_ns.h: the initial one, in which BPF programs number processes. */
const initialNamespace = 'pid:[4026531836]';

export function pidNamespace(): PidNamespace {
  try {
    return readlinkSync('/proc/self/ns/pid') === initialNamespace ? 'initial' : 'other';
  } catch {
    return 'unknown';
  }
}

/** Whether the numbers that BPF programs give are those of our /proc: in a container's own they are other processes'. */
export const sharesNumbers = (): boolean => pidNamespace() === 'initial';

export class Processes {
  private readonly readable = sharesNumbers();
  /** The last used last. undefined: it had ended before it could be read. */
  private readonly known = new Map<bigint, ProcessNames | undefined>();

  get(word: bigint): ProcessNames | undefined {
    return this.known.get(word);
  }

  /** @param words the process's number in the upper half, the time it began in the lower one; 0 there: not known */
  async read(words: ReadonlySet<bigint>): Promise<void> {
    let fresh = 0;
    for (const word of words) {
      if (this.known.has(word)) {
        const names = this.known.get(word);
        this.known.delete(word);
        this.known.set(word, names);
        continue;
      }
      this.known.set(word, this.readable ? readProcess(Number(word >> 32n), word & 0xffff_ffffn) : undefined);
      if (++fresh % atOnce === 0) await rest();
    }
    for (const word of this.known.keys()) {
      if (this.known.size <= Math.max(mostProcesses, words.size)) break;
      this.known.delete(word);
    }
  }
}

function readProcess(pid: number, began: bigint): ProcessNames | undefined {
  try {
    const folder = `/proc/${pid}`;
    const stat = readFileSync(`${folder}/stat`, 'latin1');
    const comm = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // from the third field on
    if (began !== 0n && !isSameTime(began, BigInt(fields[19] ?? '0'))) return undefined;
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    if ((Number(fields[6]) & kernelThread) !== 0) return {exe: `[${comm}]`, cmdline: `[${comm}]`};
    const exe = readlinkSync(`${folder}/exe`);
    return {exe, cmdline: commandLine(startOf(`${folder}/cmdline`)) || `[${comm}]`};
  } catch {
    return undefined;
  }
}

/** A process may make its own as long as its memory: what is shown of it is at the start. */
const start = Buffer.alloc(4 * longestCommandLine + 4);

function startOf(file: string): Uint8Array {
  const fd = openSync(file, 'r');
  try {
    return start.subarray(0, readSync(fd, start, 0, start.length, 0));
  } finally {
    closeSync(fd);
  }
}

/** Words with a NUL behind each, as text. */
export function commandLine(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  const words = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString().replaceAll('\0', ' ');
  return words.length > longestCommandLine ? `${words.slice(0, longestCommandLine)}…` : words;
}

/** Whether a time in units of 2^20 ns, cut to 32 bits, lies within a tick. */
function isSameTime(began: bigint, ticks: bigint): boolean {
  const after = BigInt.asUintN(32, began - (ticks * tick) / unit);
  return after <= tick / unit + 1n;
}
