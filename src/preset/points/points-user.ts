// Points in programs and libraries: functions by symbol, wildcard or file offset. Leaves out of wildcards what cannot or must
// not be probed, and refuses it by name, each time with the reason.
import type {ElfFile} from '../../native/contract.ts';
import {userFunction} from '../program/contexts.ts';
import {PresetFault, WrongPreset} from '../fault.ts';
import {type NamedFunction, namedFunctions, withoutParameters} from './function-names.ts';
import {elfMachines, type Machine} from '../machine.ts';
import {isPattern, matcher, missing, type Point, type PointOptions} from './point.ts';
import {whyNoEntry, whyNoReturn} from './unsafe-user-functions.ts';

export function foundFile(file: string, machine: Machine, {pid}: PointOptions): string {
  const path = machine.findFile(file, pid);
  if (path === undefined)
    throw new PresetFault(
      `no file '${file}'${pid === undefined ? '' : `, neither in the root of process ${pid} nor here`}`,
      !file.includes('/') && machine.findFile(`./${file}`) !== undefined
        ? `the file in this folder is ./${file}`
        : 'FILE is a path, a program on PATH, or a shared library by its bare name: libc',
    );
  return path;
}

export function uprobePoints(rest: string, machine: Machine, retprobe: boolean, options: PointOptions): readonly Point[] {
  const kind = retprobe ? 'uretprobe' : 'uprobe';
  const split = rest.search(/:[^:]*(::[^:]*)*$/); // a C++ symbol has '::' in it
  const file = rest.slice(0, split);
  const symbol = rest.slice(split + 1);
  if (split <= 0 || symbol === '') throw new WrongPreset(`'${kind}:${rest}' is not of the form ${kind}:FILE:SYMBOL`);
  const path = foundFile(file, machine, options);
  const elf = machine.elf(path);
  const returns = retprobe || options.returns === true;
  if (returns) requireReturns(file, elf, options);
  const native = elf.machine === elfMachines[machine.architecture];
  const point = (name: string, offset: number, atReturn: boolean, inside = false): Point => ({
    probe: `${atReturn ? 'uretprobe' : 'uprobe'}:${path}:${name}`,
    func: name,
    program: 'kprobe',
    site: {kind: 'uprobe', path, offset, semaphore: 0, retprobe: atReturn},
    context: userFunction(machine.architecture, elf.go, atReturn, native),
    ...(atReturn || inside ? {} : {exit: () => point(name, offset, true)}),
  });
  if (/^0x[0-9a-fA-F]+$/.test(symbol)) return [point(symbol, Number(symbol), retprobe)];
  const [, pattern = symbol, plus] = /^(.*)\+(0x[0-9a-fA-F]+|\d+)$/.exec(symbol) ?? [];
  const found = namedFunctions(pattern, elf.functions, (names) => machine.demangle(names));
  if (found.length === 0) throw notThere(pattern, file, path, elf, machine);
  if (plus !== undefined) {
    const [first] = found;
    if (isPattern(pattern) || first === undefined)
      throw new PresetFault(`'${kind}:${rest}' has an offset and a wildcard: an offset is of one function`);
    if (retprobe) throw new PresetFault(`'uretprobe:${rest}' has an offset: a return has none`);
    return found.map((each) => point(`${each.name}+${plus}`, each.offset + Number(plus), false, true));
  }
  const why = (each: NamedFunction): string | undefined =>
    whyNoEntry(each.firstByte, elf.machine) ?? (returns ? (whyNoReturn(each.symbol) ?? whyNoReturn(each.name)) : undefined);
  const wanted = found.filter((each) => {
    const reason = why(each);
    if (reason === undefined) return true;
    if (!isPattern(pattern))
      throw new PresetFault(`'${each.name}' in '${path}' cannot be ${returns ? 'probed at its return' : 'probed'}: ${reason}`);
    options.leaveOut?.({name: each.name, reason});
    return false;
  });
  if (isPattern(pattern))
    for (const name of new Set(elf.resolvers.filter(matcher(pattern)))) options.leaveOut?.({name, reason: resolverReason});
  const [first] = found;
  if (wanted.length === 0 && first !== undefined)
    throw new PresetFault(`none of the ${found.length} functions of '${path}' that match '${pattern}' can be probed: ${why(first)}`);
  return wanted.map((each) => point(each.name, each.offset, retprobe));
}

const resolverReason = 'it is an IFUNC: its symbol is that of a resolver, which runs once and chooses the function';

/** What a probe at a return does to programs that look at their own stack. */
function requireReturns(file: string, elf: ElfFile, options: PointOptions): void {
  if (elf.go && !options.allowGoUretprobe)
    throw new PresetFault(
      `'${file}' is a Go program: the return of a function is seen by a uretprobe, which can crash it`,
      'to take the risk: "allowGoUretprobe": true',
    );
  if (!elf.go && elf.exceptions && options.allowCppUretprobe !== true)
    throw new PresetFault(
      `'${file}' is of C++ or Rust: the return of a function is seen by a uretprobe, and an exception that passes it ends the program`,
      'entries are safe: "attach": "uprobe:..."; where no exception passes the function: "allowCppUretprobe": true',
    );
}

function notThere(pattern: string, file: string, path: string, elf: ElfFile, machine: Machine): PresetFault {
  const [resolver] = elf.resolvers.filter(matcher(pattern));
  if (resolver !== undefined) {
    const chosen = elf.functions.map((each) => each.name).filter((name) => name.startsWith(`__${resolver}_`));
    return new PresetFault(
      `'${resolver}' in '${path}' cannot be probed: ${resolverReason}`,
      chosen.length > 0
        ? `it may choose ${chosen.slice(0, 6).join(', ')}`
        : 'with debug symbols installed, the functions it chooses from have names',
    );
  }
  const stripped = elf.symtab
    ? ''
    : `\n'${path}' is stripped: its own functions have no names. Install its debug symbols${
        elf.buildId === '' ? '' : ` (/usr/lib/debug/.build-id/${elf.buildId.slice(0, 2)}/${elf.buildId.slice(2)}.debug)`
      }, or use uprobe:FILE:0xOFFSET`;
  return missing(
    'function',
    pattern,
    machine.demangle(elf.functions.map((each) => each.name)).map(withoutParameters),
    `tsbpftop probes 'uprobe:${file}:*' lists those that exist${stripped}`,
    ` in '${path}'`,
  );
}
