// Points in programs and libraries: functions by symbol, wildcard or file offset.
import {userFunction} from './contexts.ts';
import {PresetFault} from './fault.ts';
import type {Architecture, Machine} from './machine.ts';
import {matcher, missing, type Point, type PointOptions} from './point.ts';

/** ELF's numbers. */
export const machines: Readonly<Record<Architecture, number>> = {x64: 62, arm64: 183};

export function foundFile(file: string, machine: Machine): string {
  const path = machine.findFile(file);
  if (path === undefined)
    throw new PresetFault(`no file '${file}'`, 'FILE is a path, a program on PATH, or a shared library by its bare name: libc');
  return path;
}

export function uprobePoints(rest: string, machine: Machine, retprobe: boolean, options: PointOptions): readonly Point[] {
  const kind = retprobe ? 'uretprobe' : 'uprobe';
  const split = rest.search(/:[^:]*(::[^:]*)*$/); // a C++ symbol has '::' in it
  const file = rest.slice(0, split);
  const symbol = rest.slice(split + 1);
  if (split <= 0 || symbol === '') throw new PresetFault(`'${kind}:${rest}' is not of the form ${kind}:FILE:SYMBOL`);
  const path = foundFile(file, machine);
  const elf = machine.elf(path);
  if (retprobe && elf.go && !options.allowGoUretprobe)
    throw new PresetFault(`'${file}' is a Go program, which a uretprobe can crash`, 'to take the risk: "allowGoUretprobe": true');
  const point = (name: string, offset: number, atReturn: boolean): Point => ({
    probe: `${atReturn ? 'uretprobe' : 'uprobe'}:${path}:${name}`,
    func: name,
    program: 'kprobe',
    site: {kind: 'uprobe', path, offset, semaphore: 0, retprobe: atReturn},
    context: userFunction(machine.architecture, elf.go, atReturn),
    ...(atReturn
      ? {}
      : {
          exit: () => {
            if (elf.go && !options.allowGoUretprobe)
              throw new PresetFault(
                `'${file}' is a Go program: the return of a function is seen by a uretprobe, which can crash it`,
                'to take the risk: "allowGoUretprobe": true',
              );
            return point(name, offset, true);
          },
        }),
  });
  if (/^0x[0-9a-fA-F]+$/.test(symbol)) return [point(symbol, Number(symbol), retprobe)];
  const [, pattern = symbol, plus] = /^(.*)\+(0x[0-9a-fA-F]+|\d+)$/.exec(symbol) ?? [];
  const matches = matcher(pattern);
  const byOffset = new Map<number, string>();
  for (const each of elf.functions) {
    // one probe at one place: of several names for it (read, __read, __libc_read) the plainest is shown
    const known = byOffset.get(each.offset);
    if (matches(each.name) && (known === undefined || plainness(each.name) < plainness(known))) byOffset.set(each.offset, each.name);
  }
  if (byOffset.size === 0) {
    const stripped = elf.symtab
      ? ''
      : `\n'${path}' is stripped: its own functions have no names; install its debug symbols, or use uprobe:FILE:0xOFFSET`;
    throw missing(
      'function',
      pattern,
      elf.functions.map((each) => each.name),
      `tsbpftop probes 'uprobe:${file}:*' lists those that exist${stripped}`,
      ` in '${path}'`,
    );
  }
  const extra = Number(plus ?? 0);
  return [...byOffset].map(([offset, name]) => point(plus === undefined ? name : `${name}+${plus}`, offset + extra, retprobe));
}

const plainness = (name: string): number => (name.match(/_/g)?.length ?? 0) * 100 + (name.startsWith('_') ? 1000 : 0) + name.length;
