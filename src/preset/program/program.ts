// Builds one configuration of the bundled program: steps, texts, comparisons and the key, each value read once however
// often it is used. Knows the limits of native/bpf/probe.h from the object's BTF; knows nothing of presets.
import {lengthOf, type Value} from './encode.ts';
import {configOf} from './engine.ts';
import {treeId} from '../expr-parts.ts';
import {WrongPreset} from '../fault.ts';
import type {Machine} from '../machine.ts';
import {Outcomes} from './outcomes.ts';
import {type Base, load, type Place} from './places.ts';
import {emptyStep, type MeasureOperation, outcomeOf, type Step, type Test, type Text, type TextTest} from './step.ts';
import {Texts} from './texts.ts';

/** A value the program has computed: its number among early and late steps. */
export type StepNumber = number;

export type Role = 'ROLE_COUNT' | 'ROLE_START' | 'ROLE_END' | 'ROLE_FORGET';

/** How a word is read, and cut to what is wanted of it. */
interface Cut {
  readonly size: number;
  readonly left: number;
  readonly right: number;
  readonly signed: boolean;
  readonly none: boolean;
}

const wholeWord: Cut = {size: 8, left: 0, right: 0, signed: false, none: false};
const hopsPerStep = 3;
/** TASK_COMM_LEN */
export const commSize = 16;

export class Program {
  private readonly early: Step[] = [];
  private readonly late: Step[] = [];
  private readonly known = new Map<string, StepNumber>();
  private readonly texts: Texts;
  private readonly measures: Value[] = [];
  private comm: {offset: number; compares: number} | undefined;
  private readonly earlySteps: number;
  private readonly limits: {late: number; measures: number};
  private match = 0;
  private kept: StepNumber | undefined;
  private countUnmatched = true;
  /** The end of a call that a filter keeps out ends it all the same. */
  closeFiltered = false;
  /** A start leaves texts of user memory that cannot be read yet to its end. */
  readAgain = false;
  private sureStarts = 0;
  private returns: Readonly<Record<string, Value>> = {};
  private saved = 0;
  private restored = {words: 0, offset: 0};
  readonly role: Role;
  private readonly passOn: boolean;
  private readonly taskComm: number;
  readonly outcomes = new Outcomes();
  private ending: Readonly<Record<string, Value>> = {};

  /** @param passOn perf shares the tracepoint, and is to see the event too */
  constructor(role: Role, passOn: boolean, machine: Machine) {
    this.role = role;
    this.passOn = passOn;
    this.taskComm = machine.abilities.has('taskComm') ? (machine.taskComm ?? 0) : 0;
    const config = configOf(machine);
    this.earlySteps = lengthOf(config, 'early');
    this.texts = new Texts(lengthOf(config, 'strings'), lengthOf(config, 'compares'));
    this.limits = {late: lengthOf(config, 'late'), measures: lengthOf(config, 'measures')};
  }

  /** Reads an integer (or a pointer's value). `early`: before a span's start is looked up. */
  value(place: Place, early = false): StepNumber {
    const loaded = load(place);
    const result = loaded.type.kind === 'integer' ? loaded.type : {size: 8, signed: false};
    const {size, signed} = loaded.read ?? result;
    const width = loaded.bits?.width ?? size * 8;
    // memory is read by its size, zero-extended; registers and what is cast are cut to size
    const {source, size: read} = loaded.base;
    const whole = size === 8 || loaded.hops.length > 0 || (source === 'SOURCE_CONTEXT32' && size === 4) || read === size;
    const clean = loaded.bits === undefined && !signed && whole;
    const right = clean ? 0 : 64 - width;
    const left = clean ? 0 : right - (loaded.bits?.shift ?? 0);
    const cut = {size, left, right, signed, none: loaded.none === true};
    const number = this.chain(loaded.base, loaded.hops, loaded.user, cut, early);
    if (!signed || result.signed || result.size >= 8) return number;
    // u32 of a negative i16: the sign's copies end at 32 bits
    const beyond = 64 - result.size * 8;
    return this.chain({source: 'SOURCE_STEP', index: number}, [], loaded.user, {...wholeWord, left: beyond, right: beyond}, early);
  }

  /** Reads the address at which a text is, and what is to be added to it. */
  private address(place: Place): {readonly step: StepNumber; readonly add: number} {
    const whole = {...wholeWord, none: place.none === true};
    if (place.form === 'value' || place.type.kind === 'pointer') {
      const pointer = load(place);
      return {step: this.chain(pointer.base, pointer.hops, pointer.user, whole, false), add: 0};
    }
    return {step: this.chain(place.base, place.hops, place.user, whole, false), add: place.offset};
  }

  private chain(base: Base, hops: readonly number[], user: boolean, cut: Cut, early: boolean): StepNumber {
    const key = treeId([base, hops, user, cut]);
    const known = this.known.get(key);
    if (known !== undefined && (!early || known < this.earlySteps)) return known;
    // to follow a pointer, or to look at what it is: the first is faster with the pointer as it is
    if (base.asNumber !== undefined && hops.length === 0) return this.chain(base.asNumber, hops, user, cut, early);
    const {plus, asNumber: _, ...plain} = base;
    const start = plus === undefined ? plain : this.scaled(plain, plus, early);
    const first = hops.slice(0, hopsPerStep);
    const rest = hops.slice(hopsPerStep);
    const last = rest.length === 0;
    const number = this.push(
      {
        ...emptyStep,
        ...start,
        constant: start.constant ?? 0n,
        index: start.index ?? 0,
        second: start.second ?? 0,
        size: start.size ?? 0,
        hops: first.length,
        hop_user: user,
        hop_none: cut.none,
        hop: first,
        last_size: last ? cut.size : 8,
        shift_left: last ? cut.left : 0,
        shift_right: last ? cut.right : 0,
        shift_signed: last && cut.signed,
      },
      early,
    );
    const result = last ? number : this.chain({source: 'SOURCE_STEP', index: number}, rest, user, cut, early);
    this.known.set(key, result);
    return result;
  }

  /** base + index * scale, as instructions address memory. */
  private scaled(base: Base, {index, left, right, signed}: NonNullable<Base['plus']>, early: boolean): Base {
    const a = this.chain(base, [], true, wholeWord, early);
    const b = this.chain({source: 'SOURCE_CONTEXT64', index}, [], true, {...wholeWord, left, right, signed}, early);
    return {source: 'SOURCE_SUM', index: a, second: b};
  }

  /** Two values made one: a difference, an order, or a pair of 32-bit halves. */
  combine(
    source: 'SOURCE_COMBINE' | 'SOURCE_DIFFERENCE' | `SOURCE_LESS${'' | '_SIGNED' | '_SIGNED_FIRST' | '_SIGNED_SECOND'}`,
    a: StepNumber,
    b: StepNumber,
    early = false,
  ): StepNumber {
    return this.push({...emptyStep, source, index: a, second: b}, early);
  }

  require(step: StepNumber, test: Test): void {
    let target = this.step(step);
    if (target.test !== 'TEST_NONE')
      target = this.step(this.push({...emptyStep, source: 'SOURCE_STEP', index: step}, step < this.earlySteps));
    const {inside, mask, low, span} = test;
    Object.assign(target, {test: inside ? 'TEST_INSIDE' : 'TEST_OUTSIDE', outcome: outcomeOf(test), mask, low, span});
  }

  keyInteger(step: StepNumber, offset: number): void {
    let target = this.step(step);
    if (target.in_key) target = this.step(this.push({...emptyStep, source: 'SOURCE_STEP', index: step}, false));
    Object.assign(target, {in_key: true, key_offset: offset});
  }

  /** The current task's name, at `offset` of the buffer. Read once. */
  keyComm(offset: number): void {
    this.comm = {compares: 0, ...this.comm, offset};
  }

  /** Reads a text to `offset`, and tests it there. */
  keyText(text: Text, offset: number, tests: readonly TextTest[] = []): void {
    const {size, place} = text;
    const at = place.type.kind === 'pointer' ? place.type.text : undefined;
    if (at?.kind === 'argument') {
      const step = this.chain(place.base, place.hops, place.user, wholeWord, false);
      return this.texts.add({text: 'TEXT_ARGUMENT', step, add: at.number, until: 0, key_offset: offset, size}, tests);
    }
    const {step, add} = this.address(place);
    if (at?.kind === 'command')
      return this.texts.add({text: 'TEXT_COMMAND', step, add: 0, until: this.value(at.until), key_offset: offset, size}, tests);
    const kind = text.exact === true ? 'TEXT_BYTES' : text.user ? 'TEXT_USER' : 'TEXT_KERNEL';
    const again = this.readAgain && kind === 'TEXT_USER';
    this.texts.add({text: kind, step, add, until: 0, key_offset: offset, size, again}, tests);
  }

  /** The stack at the probe, as one word. Taken last of all, when the event has passed every test. */
  keyStack(user: boolean, offset: number): void {
    const text = user ? 'TEXT_USER_STACK' : 'TEXT_KERNEL_STACK';
    this.texts.addStack(text, offset);
  }

  /**
   * Tests a text that the span's start saved, and that is at `offset` again.
   * @param size of one that is read now if the start could not; else 0
   */
  restoredText(offset: number, size: number, tests: readonly TextTest[]): void {
    this.texts.add({text: 'TEXT_RESTORED', step: 0, add: 0, until: 0, key_offset: offset, size}, tests);
  }

  commTests(tests: readonly TextTest[], offset: number): void {
    const bits = this.texts.bitsOf(tests);
    this.comm = {offset, ...this.comm, compares: (this.comm?.compares ?? 0) | bits};
  }

  measure(measure: MeasureOperation): void {
    if (this.measures.length >= this.limits.measures) throw new WrongPreset(`more than ${this.limits.measures} measures`);
    this.measures.push({
      ...measure,
      slots: measure.slots ?? 0,
      bias: measure.bias ?? 0n,
      low: measure.low ?? 0n,
      width: measure.width ?? 1n,
      passes: measure.passes ?? 0n,
    });
  }

  pairBy(step: StepNumber, countUnmatched: boolean, sureStarts: number, returns: Readonly<Record<string, Value>> = {}): void {
    this.match = step;
    this.sureStarts = sureStarts;
    this.countUnmatched = countUnmatched;
    this.returns = returns;
  }

  /** The event is kept by this value, and not counted. */
  keepBy(step: StepNumber): void {
    this.kept = step;
  }

  save(words: number): void {
    this.saved = words;
  }

  restore(words: number, offset: number): void {
    this.restored = {words, offset};
  }

  /** What becomes of an event in the end, as members of the configuration: it is counted or sent. */
  endWith(members: Readonly<Record<string, Value>>): void {
    this.ending = members;
  }

  /** The value of the global `config`. */
  config(): Value {
    return {
      role: this.role,
      match: this.match,
      ...this.returns,
      count_unmatched: this.role === 'ROLE_END' && this.countUnmatched,
      sure_starts: this.sureStarts,
      count_unreturned: this.role === 'ROLE_START' && this.countUnmatched,
      saved_words: this.saved,
      keep: this.kept !== undefined,
      keep_match: this.kept ?? 0,
      restored_words: this.restored.words,
      restored_offset: this.restored.offset,
      comm: this.comm !== undefined,
      comm_offset: this.comm?.offset ?? 0,
      comm_compares: this.comm?.compares ?? 0,
      task_comm: this.comm === undefined ? 0 : this.taskComm,
      close_filtered: this.closeFiltered,
      result: this.passOn,
      early_count: this.early.length,
      late_count: this.late.length,
      string_count: this.texts.all.length,
      measure_count: this.measures.length,
      early: this.early.map((step) => ({...step})),
      late: this.late.map((step) => ({...step})),
      strings: this.texts.all,
      compares: this.texts.compares,
      measures: this.measures,
      passes: this.outcomes.passes,
      ...this.ending,
    };
  }

  private push(step: Step, early: boolean): StepNumber {
    // at one point all steps run in order, so that the early ones serve as well; after a lookup they have run already
    const anywhere = early || (this.role !== 'ROLE_END' && this.late.length === 0);
    if (anywhere && this.early.length < this.earlySteps) return this.early.push(step) - 1;
    if (early) throw new WrongPreset(`the expressions that pair start and end need more than ${this.earlySteps} values`);
    if (this.late.length >= this.limits.late)
      throw new WrongPreset(
        `more values than one program can read (${this.earlySteps + this.limits.late})`,
        'use fewer fields in by, where and measure',
      );
    return this.earlySteps + this.late.push(step) - 1;
  }

  private step(number: StepNumber): Step {
    const step = number < this.earlySteps ? this.early[number] : this.late[number - this.earlySteps];
    if (step === undefined) throw new Error(`no step ${number}`);
    return step;
  }
}
