// Points at kernel functions: entries, instructions and returns by kprobe, entries and returns by trampoline. Leaves out of
// wildcards what cannot or must not be probed, and refuses it by name, each time with the reason.
import type {KernelBtf} from '../../native/contract.ts';
import {kernelFunction, trampoline} from '../program/contexts.ts';
import {PresetFault} from '../fault.ts';
import type {FunctionPlace, Machine} from '../machine.ts';
import {strip} from '../program/places.ts';
import {isPattern, matcher, missing, type Point, type PointOptions} from './point.ts';
import {whyUnsafe} from './unsafe-functions.ts';

type What = 'kprobe' | 'fentry';

export function kprobePoints(rest: string, machine: Machine, retprobe: boolean, options: PointOptions): readonly Point[] {
  const [, pattern = rest, offsetText] = /^(.*)\+(0x[0-9a-fA-F]+|\d+)$/.exec(rest) ?? [];
  const offset = Number(offsetText ?? 0);
  if (offset !== 0 && retprobe) throw new PresetFault(`'kretprobe:${rest}' has an offset: a return has none`);
  if (offset !== 0 && isPattern(pattern))
    throw new PresetFault(`'kprobe:${rest}' has an offset and a wildcard: an offset is of one function`);
  return namesOf(pattern, machine, 'kprobe', options).flatMap((name) => {
    const places = machine.functionPlaces(name);
    if (places.length < 2) return [kprobePoint(name, undefined, offset, retprobe, machine)];
    return places.flatMap(({address, untraced}) => (untraced === true ? [] : [kprobePoint(name, address, offset, retprobe, machine)]));
  });
}

/** `address`: of one of several functions that have the name. */
function kprobePoint(name: string, address: bigint | undefined, offset: number, retprobe: boolean, machine: Machine): Point {
  const at = address === undefined ? '' : ` at 0x${address.toString(16)}`;
  return {
    probe: `${retprobe ? 'kretprobe' : 'kprobe'}:${name}${offset === 0 ? '' : `+${offset}`}${at}`,
    func: name,
    program: 'kprobe',
    site: {kind: 'kprobe', function: name, offset, retprobe, ...(address === undefined ? {} : {address})},
    context: kernelFunction(machine.architecture, machine.btf(), name, {
      place: retprobe ? 'return' : offset === 0 ? 'entry' : 'inside',
      ambiguous: address !== undefined,
    }),
    ...(retprobe || offset !== 0 ? {} : {exit: () => kprobePoint(name, address, 0, true, machine)}),
  };
}

export function trampolinePoints(rest: string, machine: Machine, atExit: boolean, options: PointOptions): readonly Point[] {
  return namesOf(rest, machine, 'fentry', options).map((name) => trampolinePoint(name, atExit, machine));
}

function trampolinePoint(name: string, atExit: boolean, machine: Machine): Point {
  return {
    probe: `${atExit ? 'fexit' : 'fentry'}:${name}`,
    func: name,
    program: atExit ? 'fexit' : 'fentry',
    site: {kind: 'trampoline', function: name},
    context: trampoline(machine.btf(), name, atExit),
    ...(atExit ? {} : {exit: () => trampolinePoint(name, true, machine)}),
  };
}

function namesOf(pattern: string, machine: Machine, what: What, options: PointOptions): readonly string[] {
  const reason = machine.whyNot(what);
  if (reason !== undefined) throw new PresetFault(`${what} cannot work here: ${reason}`);
  const all = machine.kernelFunctions();
  if (all.length === 0) {
    if (isPattern(pattern))
      throw new PresetFault(
        `kernel functions cannot be listed, so '${pattern}' cannot be resolved`,
        'run as root; /proc/kallsyms must show names',
      );
    return [pattern];
  }
  const found = all.filter(matcher(pattern));
  if (found.length === 0) throw notThere(pattern, all, machine, what);
  if (!isPattern(pattern)) {
    const why = whyNot(pattern, machine, what, true);
    if (why !== undefined)
      throw new PresetFault(`'${pattern}' cannot be probed by ${what}: ${why}`, what === 'fentry' ? `kprobe:${pattern} may` : '');
    return found;
  }
  const wanted = found.filter((name) => {
    const why = whyNot(name, machine, what, false);
    if (why !== undefined) options.leaveOut?.({name, reason: why});
    return why === undefined;
  });
  if (wanted.length === 0)
    throw new PresetFault(
      `none of the ${found.length} functions that match '${pattern}' can be probed by ${what}: ${whyNot(found[0] ?? '', machine, what, false)}`,
    );
  return wanted;
}

function notThere(pattern: string, all: readonly string[], machine: Machine, what: What): PresetFault {
  if (!isPattern(pattern) && machine.functionPlaces(pattern).length > 0)
    return new PresetFault(
      `kernel function '${pattern}' is there, and cannot be probed: it is marked notrace, or its code has no place for a probe`,
      `tsbpftop probes '${what}:${pattern.slice(0, 4)}*' lists those that can`,
    );
  return missing('kernel function', pattern, all, `tsbpftop probes '${what}:${pattern.slice(0, 4)}*' lists those that exist`);
}

function whyNot(name: string, machine: Machine, what: What, byName: boolean): string | undefined {
  const unsafe = whyUnsafe(name, byName);
  if (unsafe !== undefined) return unsafe;
  const places = machine.functionPlaces(name);
  if (what === 'kprobe') return machine.kprobeBlacklist().has(name) ? 'the kernel allows no kprobe in it' : whyAmbiguous(places);
  if (places.length > 1) return `${places.length} kernel functions have this name, and a trampoline cannot tell them apart`;
  const btf = machine.btf();
  return btf === undefined ? undefined : whyNoTrampoline(btf, name, byName);
}

function whyAmbiguous(places: readonly FunctionPlace[]): string | undefined {
  if (places.length < 2 || places.every(({address}) => address !== 0n)) return undefined;
  return `${places.length} kernel functions have this name, and their addresses are hidden (kernel.kptr_restrict)`;
}

const mostArguments = 6; // in registers; more are taken on x86 since 6.7, which is tried when a function is asked for by name

/** What a trampoline cannot pass on, so that the kernel refuses it. */
function whyNoTrampoline(btf: KernelBtf, name: string, byName: boolean): string | undefined {
  const id = btf.find('func', name);
  if (id === 0) return "the kernel's BTF does not know it";
  const prototype = btf.type(btf.type(id).type);
  const kindOf = (type: number): string => (type === 0 ? 'void' : btf.type(strip(btf, type)).kind);
  if (prototype.members.some(({type}) => ['struct', 'union', 'float'].includes(kindOf(type)))) return 'it takes a struct by value';
  if (['struct', 'union', 'float'].includes(kindOf(prototype.type))) return 'it returns a struct by value';
  if (prototype.members.some(({type}) => type === 0)) return 'it takes any number of arguments';
  if (!byName && prototype.members.length > mostArguments) return `it has more than ${mostArguments} arguments`;
  return undefined;
}
