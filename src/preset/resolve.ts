// From expressions to what a program reads at one point: an integer, a text, the task's name, or a constant. Pure over
// Machine. Knows names and types; plan.ts decides where in the program and in the key the result goes.
import {type Expr, type IntegerCast, defaultStringLength, maxStringLength} from './expr.ts';
import {lastWord} from './expr-parts.ts';
import {eventFields} from './fields.ts';
import {hintOf, PresetFault, WrongPreset} from './fault.ts';
import type {Machine} from './machine.ts';
import {hintOfWord} from './bpftrace-words.ts';
import {element, member, type Place, strip, placeOf} from './program/places.ts';
import type {Point} from './points/point.ts';
import {commSize} from './program/program.ts';
import type {Text} from './program/step.ts';

export type Field =
  /** `high`: what is in the upper half of its word in the key; the lower one has its number. */
  | {readonly kind: 'integer'; readonly place: Place; readonly signed: boolean; readonly high?: Place}
  | {readonly kind: 'constant'; readonly value: bigint}
  /** 16 bytes, copied as they are. */
  | {readonly kind: 'address'; readonly text: Text}
  | {readonly kind: 'text'; readonly text: Text}
  | {readonly kind: 'comm'}
  | {readonly kind: 'stack'; readonly user: boolean}
  /** Known by its number and, where types are known, the time it began: a number is used again. */
  | {readonly kind: 'process'; readonly began?: Place}
  /** A function of the current process. */
  | {readonly kind: 'userAddress'; readonly place: Place}
  | {readonly kind: 'func'}
  | {readonly kind: 'literal'; readonly value: string}
  /** Bytes of a key, one a character. */
  | {readonly kind: 'bytes'; readonly value: string};

/** What user space makes of a number, so that the kernel cannot compare it; and what to compare instead. */
export const userSpaceOnly: Readonly<Record<string, string>> = {
  exe: "compare comm or pid: comm == 'nginx'",
  cmdline: "compare comm or pid: comm == 'nginx'",
  user: 'compare uid: uid == 0',
  container: 'compare cgroup, or use --cgroup',
  kstack: '',
  ustack: '',
};
/** What a probe has besides. */
const ofProbes = ['retval', 'duration', 'args.NAME', 'arg0 … arg11', 'str(E)', 'from.E'];

export function resolve(expr: Expr, point: Point, machine: Machine, inSpanEnd: boolean): Field {
  const resolver = new Resolver(point, machine, inSpanEnd);
  return resolver.field(expr);
}

class Resolver {
  private readonly point: Point;
  private readonly machine: Machine;
  private readonly inSpanEnd: boolean;

  constructor(point: Point, machine: Machine, inSpanEnd: boolean) {
    this.point = point;
    this.machine = machine;
    this.inSpanEnd = inSpanEnd;
  }

  field(expr: Expr): Field {
    if (expr.kind === 'either')
      return either(
        () => this.field(expr.first),
        () => this.field(expr.second),
      );
    if (expr.kind === 'integer') return {kind: 'constant', value: expr.value};
    if (expr.kind === 'text') return {kind: 'literal', value: expr.value};
    if (expr.kind === 'bytes') return expr;
    if (expr.kind === 'string') return {kind: 'text', text: this.string(this.place(expr.of), expr.length)};
    if (expr.kind === 'name') {
      if (expr.name === 'comm' || expr.name === 'func') return {kind: expr.name};
      if (expr.name === 'kstack' || expr.name === 'ustack') return {kind: 'stack', user: expr.name === 'ustack'};
      if (expr.name === 'exe' || expr.name === 'cmdline') return {kind: 'process', ...this.began()};
      if (expr.name === 'self') return {kind: 'constant', value: BigInt(this.machine.self)};
    }
    const place = this.place(expr);
    const {type} = place;
    switch (type.kind) {
      case 'integer':
        return {kind: 'integer', place, signed: type.signed};
      case 'chars':
        return {
          kind: 'text',
          text: this.string(place, type.size === 0 ? defaultStringLength : Math.min(type.size, defaultStringLength + 1) - 1),
        };
      case 'pointer':
        // what is typed as a pointer to characters is a text by itself; of a plain number str() says so
        if (type.chars)
          return {kind: 'text', text: this.string(place, type.text?.kind === 'command' ? maxStringLength : defaultStringLength)};
        return {kind: 'integer', place: {...place, type: {kind: 'integer', size: 8, signed: false, named: {kind: 'ptr'}}}, signed: false};
      case 'address':
        return {kind: 'address', text: {place, user: place.user, size: 24, exact: true}};
      case 'aggregate':
        throw new WrongPreset(`'${lastWord(expr)}' is a struct or an array: name a member of it`);
    }
  }

  /** In units of 2^20 ns, so that it fits beside the process's number. */
  private began(): {readonly began?: Place} {
    const btf = this.machine.btf();
    if (btf === undefined) return {};
    const began = member(btf, member(btf, this.name('curtask'), 'group_leader'), 'start_boottime');
    return {began: {...began, bits: {shift: 20, width: 44}}};
  }

  private string(place: Place, length: number): Text {
    const size = Math.ceil((length + 1) / 8) * 8;
    const bytes = (place.read ?? (place.type.kind === 'integer' && place.user ? place.type : undefined))?.size ?? 8;
    if (bytes < 8) throw new WrongPreset(`str() wants an address, and this is a number of ${bytes} bytes`);
    const user = place.type.kind === 'pointer' ? place.type.user : place.type.kind === 'integer' && place.user;
    const at = place.type.kind === 'pointer' && place.type.text !== undefined ? {text: place.type.text} : {};
    // an integer holds an address only where it is the value itself
    return {place: place.type.kind === 'chars' ? place : {...place, type: {kind: 'pointer', to: 0, chars: true, user, ...at}}, user, size};
  }

  private place(expr: Expr): Place {
    switch (expr.kind) {
      case 'name':
        return this.name(expr.name);
      case 'member':
        if (expr.of.kind === 'name' && expr.of.name === 'args') return this.point.context.named(expr.name);
        if (expr.of.kind === 'name' && expr.of.name === 'from')
          throw new WrongPreset(`'from.${expr.name}' is of the start of a span: here is none`);
        return member(this.machine.btf(), this.place(expr.of), expr.name);
      case 'index':
        return element(this.machine.btf(), this.place(expr.of), expr.index);
      case 'cast':
        return cast(this.place(expr.of), expr.to);
      case 'struct':
        return this.structure(expr.name, this.place(expr.of));
      case 'either':
        return either(
          () => this.place(expr.first),
          () => this.place(expr.second),
        );
      case 'string':
        throw new WrongPreset('a text has no members and no casts');
      case 'integer':
        return placeOf({source: 'SOURCE_CONSTANT', constant: BigInt.asUintN(64, expr.value)});
      case 'text':
      case 'bytes':
        throw new WrongPreset(`a field is expected, not the text '${expr.value}'`);
    }
  }

  private name(name: string): Place {
    const source = Object.hasOwn(eventFields, name) ? eventFields[name]?.source : undefined;
    if (source !== undefined) return placeOf({source});
    const argument = /^arg(\d{1,2})$/.exec(name);
    if (argument !== null) return this.point.context.argument(Number(argument[1]));
    switch (name) {
      case 'retval':
        return this.point.context.retval();
      case 'duration':
        if (!this.inSpanEnd)
          throw new WrongPreset("'duration' is the time between the ends of a span: here is none", 'use "span" in place of "attach"');
        return placeOf({source: 'SOURCE_DURATION'});
      case 'argv':
        return this.commandLine();
      case 'curtask':
        return this.structure('task_struct', placeOf({source: 'SOURCE_TASK'}));
      case 'ppid':
        return member(this.machine.btf(), member(this.machine.btf(), this.name('curtask'), 'real_parent'), 'tgid');
    }
    throw new WrongPreset(
      `unknown field '${name}'`,
      hintOfWord(name) || hintOf(name, [...Object.keys(eventFields), ...ofProbes], 'it is one of'),
    );
  }

  /** As the task has it in its memory: what it was started with, unless it has written something else there since. */
  private commandLine(): Place {
    const mm = member(this.machine.btf(), this.name('curtask'), 'mm');
    const [from, until] = ['arg_start', 'arg_end'].map((name): Place => ({...member(this.machine.btf(), mm, name), none: true}));
    if (from === undefined || until === undefined) throw new Error('no two ends');
    return {...from, type: {kind: 'pointer', to: 0, chars: true, user: true, text: {kind: 'command', until}}};
  }

  private structure(name: string, place: Place): Place {
    const btf = this.machine.btf();
    if (btf === undefined) throw new PresetFault(`struct ${name} needs the kernel's types, and this kernel has no BTF`);
    // many structs and unions have a name by typedef only
    const id = btf.find('struct', name) || btf.find('union', name) || strip(btf, btf.find('typedef', name));
    if (!['struct', 'union'].includes(btf.type(id).kind)) throw new PresetFault(`the kernel has no struct '${name}'`);
    return {...place, user: false, type: {kind: 'pointer', to: id, chars: false, user: false}};
  }
}

/** The second where this kernel does not have what the first names. */
function either<T>(first: () => T, second: () => T): T {
  try {
    return first();
  } catch (error) {
    if (!(error instanceof PresetFault)) throw error;
    try {
      return second();
    } catch (other) {
      if (!(other instanceof PresetFault)) throw other;
      throw new PresetFault(`${error.message}; ${other.message}`, error.hint);
    }
  }
}

function cast(place: Place, to: IntegerCast): Place {
  const type = {kind: 'integer', size: Number(to.slice(1)) / 8, signed: to.startsWith('i')} as const;
  const {bits, read, ...plain} = place;
  const was = read ?? (place.type.kind === 'integer' ? place.type : undefined);
  if (bits !== undefined && was !== undefined) {
    const whole = bits.width >= type.size * 8;
    const width = whole ? type.size * 8 : bits.width;
    return {...plain, type, bits: {...bits, width}, read: {size: was.size, signed: whole ? type.signed : was.signed}};
  }
  // wider than it is: its own bytes, with its own sign; those behind them are something else
  if (was !== undefined && was.size < type.size) return {...plain, type, read: {size: was.size, signed: was.signed}};
  // narrower than what is in memory: the low bytes, which come first on these machines
  return {...plain, type};
}

/** A text of user memory up to its NUL: its page may be mapped only when the kernel reads it too, later in the call. */
export const isLate = (field: Field): boolean =>
  field.kind === 'text' &&
  field.text.user &&
  field.text.exact !== true &&
  (field.text.place.type.kind !== 'pointer' || field.text.place.type.text === undefined);

/** Bytes that a field takes in the key. */
export function keySize(field: Field): number {
  switch (field.kind) {
    case 'comm':
      return commSize;
    case 'text':
    case 'address':
      return field.text.size;
    case 'userAddress':
      return 16;
    default:
      return 8;
  }
}
