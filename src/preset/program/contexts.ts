// What a program can read at each kind of probe: arguments by number and by name, and the return value. One function a
// kind of context (that of a tracepoint is in record.ts); probes.ts says which probe has which. Sources: the kernel's pt_regs and
// user_pt_regs, System V and AAPCS64 calling conventions, Go's ABIInternal.
import {once} from '../../decode/once.ts';
import type {KernelBtf} from '../../native/contract.ts';
import {hintOf, PresetFault, WrongPreset} from '../fault.ts';
import type {Architecture} from '../machine.ts';
import {fieldType, i64, type Place, strip, typeName, u64, placeOf} from './places.ts';

export interface Context {
  /** argN */
  argument(index: number): Place;
  /** args.NAME */
  named(name: string): Place;
  retval(): Place;
  /** All that can be read there by name or number, for people and completion. */
  fields(): readonly ContextField[];
}

export interface ContextField {
  /** As it is written in an expression: 'args.filename', 'arg0', 'retval'. */
  readonly name: string;
  /** As C or a cast spells it: 'const char *', 'i32'. */
  readonly type: string;
}

interface Registers {
  readonly arguments: readonly number[];
  readonly go: readonly number[];
  readonly retval: number;
  readonly stack: number;
  /** Bytes from the stack pointer to the first argument that has no register, at a function's first instruction. */
  readonly stackArguments: number;
}

/** Words of the register block that a kprobe or uprobe program gets. */
const registers: Readonly<Record<Architecture, Registers>> = {
  // r15 r14 r13 r12 bp bx r11 r10 r9 r8 ax cx dx si di orig_ax ip cs flags sp
  x64: {arguments: [14, 13, 12, 11, 9, 8], go: [10, 5, 11, 14, 13, 9, 8, 7, 6], retval: 10, stack: 19, stackArguments: 8},
  // x0..x30 sp pc pstate
  arm64: {arguments: [0, 1, 2, 3, 4, 5, 6, 7], go: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], retval: 0, stack: 31, stackArguments: 0},
};

const maxArguments = 12;
const numbered = (count: number): readonly ContextField[] => Array.from({length: count}, (_, i) => ({name: `arg${i}`, type: 'u64'}));
const returned = (type = 'u64'): readonly ContextField[] => [{name: 'retval', type}];
const word = (index: number, type = u64, user = false): Place => placeOf({source: 'SOURCE_CONTEXT64', index}, type, user);

export const no = (what: string, where: string, hint = ''): never => {
  throw new WrongPreset(`${what} cannot be read at ${where}`, hint);
};

/** Arguments of a user function at its entry. Nothing is known of their types. */
export function userFunction(architecture: Architecture, go: boolean, atReturn: boolean, native = true): Context {
  const {arguments: c, go: goRegisters, retval, stack, stackArguments} = registers[architecture];
  const inRegisters = go ? goRegisters : c;
  return {
    argument(index) {
      if (!native) return no(`arg${index}`, 'this function', 'its program is of another architecture, and has its arguments elsewhere');
      if (atReturn) return no(`arg${index}`, 'a uretprobe', 'arguments are there at the entry only: use a span, and from.argN');
      const register = inRegisters[index];
      if (register !== undefined) return word(register, u64, true);
      if (go || index >= maxArguments)
        return no(`arg${index}`, 'this function', `it has arg0 to arg${go ? inRegisters.length - 1 : maxArguments - 1}`);
      const offset = stackArguments + 8 * (index - inRegisters.length);
      return {...word(stack, u64, true), hops: [offset]};
    },
    named: (name) => no(`args.${name}`, 'a user function', 'its arguments have no names: use arg0, arg1 ...'),
    retval: () => (atReturn ? word(retval, u64, true) : no('retval', 'the entry of a function', 'use uretprobe:, or a span')),
    fields: () => (atReturn ? returned() : numbered(go ? inRegisters.length : maxArguments)),
  };
}

/** A kernel function by kprobe or kretprobe: registers, with names and types from BTF. */
export function kernelFunction(
  architecture: Architecture,
  btf: KernelBtf | undefined,
  name: string,
  {place, ambiguous}: {readonly place: 'entry' | 'inside' | 'return'; readonly ambiguous: boolean},
): Context {
  const {arguments: c, retval, stack, stackArguments} = registers[architecture];
  const at = (index: number): Place => {
    if (place === 'return') return no(`arg${index}`, 'a kretprobe', 'arguments are there at the entry only: use a span, and from.argN');
    const register = c[index];
    if (register !== undefined) return word(register); // inside a function too, where it is what the register holds there
    if (place === 'inside') return no(`arg${index}`, 'an instruction inside a function', 'it is on the stack, whose pointer has moved');
    if (index >= maxArguments) return no(`arg${index}`, 'this function', `it has arg0 to arg${maxArguments - 1}`);
    return {...word(stack), hops: [stackArguments + 8 * (index - c.length)]};
  };
  // types are looked up of what is read alone: a wildcard may mean thousands of points
  const prototype = once(() => (ambiguous ? undefined : prototypeOf(btf, 'func', name)));
  const byName = (field: string): Place => {
    if (ambiguous)
      return no(`args.${field}`, `'${name}'`, 'several kernel functions have this name, and BTF describes one: use arg0, arg1 ...');
    if (place === 'inside')
      return no(`args.${field}`, 'an instruction inside a function', 'arguments have names at the entry only: use arg0, arg1 ...');
    return typed(btf, prototype(), field, `function '${name}'`, (index) => at(wordOf(btf, prototype(), index, `function '${name}'`)));
  };
  return {
    argument: at,
    named: byName,
    retval: () =>
      place === 'return'
        ? word(retval, returnType(btf, prototype()))
        : no('retval', 'the entry of a function', 'use kretprobe:, or a span'),
    fields() {
      if (place === 'return') return returned(returnName(btf, prototype()));
      return place === 'entry' && prototype() !== undefined ? named(btf, prototype(), c.length) : numbered(c.length);
    },
  };
}

/** Which word an argument is: its number, unless a struct by value is before it, which takes any number of them. */
function wordOf(btf: KernelBtf | undefined, prototype: Prototype | undefined, index: number, where: string): number {
  const before = prototype?.members.slice(0, index + 1) ?? [];
  const struct = before.find(
    ({type}) => btf !== undefined && type !== 0 && ['struct', 'union', 'float'].includes(btf.type(strip(btf, type)).kind),
  );
  if (struct !== undefined)
    return no(`args.${prototype?.members[index]?.name}`, where, `'${struct.name}' is a struct by value, whose place is not known`);
  return index;
}

/** fentry and fexit: arguments as 64-bit words, then, at the exit, the return value. */
export function trampoline(btf: KernelBtf | undefined, name: string, atExit: boolean): Context {
  const prototype = once(() => prototypeOf(btf, 'func', name));
  const count = (): number => prototype()?.length ?? 0;
  const at = (index: number): Place => trampolineWord(btf, prototype()?.members[index]?.type ?? 0, index);
  return {
    argument: (index) => (index < count() ? at(index) : no(`arg${index}`, `'${name}'`, `it has ${count()} arguments`)),
    named: (field) => typed(btf, prototype(), field, `function '${name}'`, at),
    retval: () =>
      atExit
        ? {...trampolineWord(btf, prototype()?.returns ?? 0, count()), type: returnType(btf, prototype())}
        : no('retval', 'fentry', 'use fexit:, or a span'),
    fields: () => [...named(btf, prototype(), 0), ...(atExit ? returned(returnName(btf, prototype())) : [])],
  };
}

/**
 * A word of a trampoline's context, whose type the verifier knows. It allows no arithmetic with pointers to structs, and before
 * 5.15 no look at others: a helper that reads the context as memory gives either as a number.
 */
function trampolineWord(btf: KernelBtf | undefined, type: number, index: number): Place {
  const known = btf === undefined || type === 0 ? undefined : btf.type(strip(btf, type));
  if (btf === undefined || known?.kind !== 'ptr') return word(index);
  const number = {source: 'SOURCE_CONTEXT_BYTES', index: 8 * index, size: 8};
  const toStruct = ['struct', 'union'].includes(known.type === 0 ? 'void' : btf.type(strip(btf, known.type)).kind);
  return placeOf(toStruct ? {source: 'SOURCE_CONTEXT64', index, asNumber: number} : number);
}

/** A raw tracepoint: its arguments as 64-bit words; names and types from BTF, where the kernel has it. */
export function rawTracepoint(btf: KernelBtf | undefined, name: string): Context {
  // both begin with the handler's own data; only the iterator's parameters have names (5.10 has btf_trace_NAME alone)
  const parameters = once(() => {
    const prototype = prototypeOf(btf, 'func', `__traceiter_${name}`) ?? prototypeOf(btf, 'typedef', `btf_trace_${name}`);
    return prototype && {...prototype, members: prototype.members.slice(1), length: prototype.length - 1};
  });
  return {
    argument(index) {
      if (index >= (parameters()?.length ?? maxArguments))
        return no(`arg${index}`, `rawtracepoint '${name}'`, `it has ${parameters()?.length} arguments`);
      return word(index);
    },
    named: (field) => typed(btf, parameters(), field, `rawtracepoint '${name}'`, (index) => word(index)),
    retval: () => no('retval', 'a tracepoint'),
    fields: () => named(btf, parameters(), maxArguments),
  };
}

interface Prototype {
  readonly members: readonly {readonly name: string; readonly type: number}[];
  readonly length: number;
  readonly returns: number;
}

function prototypeOf(btf: KernelBtf | undefined, kind: 'func' | 'typedef', name: string): Prototype | undefined {
  let id = btf?.find(kind, name) ?? 0;
  for (let i = 0; btf !== undefined && id !== 0 && i < 4; i++) {
    const type = btf.type(id);
    if (type.kind === 'func_proto') return {members: type.members, length: type.members.length, returns: type.type};
    id = type.type;
  }
  return undefined;
}

function typed(
  btf: KernelBtf | undefined,
  prototype: Prototype | undefined,
  field: string,
  where: string,
  at: (index: number) => Place,
): Place {
  if (btf === undefined) return no(`args.${field}`, where, 'this kernel has no BTF, which holds the names: use arg0, arg1 ...');
  if (prototype === undefined) return no(`args.${field}`, where, "the kernel's BTF does not know its arguments: use arg0, arg1 ...");
  const index = prototype.members.findIndex((each) => each.name === field);
  const found = prototype.members[index];
  const names = prototype.members.map((each) => each.name);
  if (found === undefined) throw new PresetFault(`no argument '${field}' in ${where}`, hintOf(field, names));
  return narrow({...at(index), type: fieldType(btf, found.type)});
}

/** The parameters of a prototype; without one, `count` arguments by number. */
const named = (btf: KernelBtf | undefined, prototype: Prototype | undefined, count: number): readonly ContextField[] =>
  btf === undefined || prototype === undefined
    ? numbered(count)
    : prototype.members.map((each) => ({name: `args.${each.name}`, type: typeName(btf, each.type)}));

const returnName = (btf: KernelBtf | undefined, prototype: Prototype | undefined): string =>
  btf === undefined || prototype === undefined ? 'i64' : typeName(btf, prototype.returns);

/** Registers hold narrow integers with undefined upper bits: the type's size cuts them off when the value is used. */
const narrow = (place: Place): Place =>
  place.type.kind === 'chars' ? {...place, type: {kind: 'pointer', to: 0, chars: true, user: false}} : place;

const returnType = (btf: KernelBtf | undefined, prototype: Prototype | undefined) =>
  btf !== undefined && prototype !== undefined && prototype.returns !== 0 ? fieldType(btf, prototype.returns) : i64;

/** Samples: the interrupted program's registers are not given out. */
export const noContext = (what: string): Context => ({
  argument: (index) => no(`arg${index}`, what),
  named: (name) => no(`args.${name}`, what),
  retval: () => no('retval', what),
  fields: () => [],
});
