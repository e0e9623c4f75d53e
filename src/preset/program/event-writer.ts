// What one program compares, puts into the key and measures of an event: the fields of a point as steps. Pure.
import {decidedBy, mirrored, rangeOf, testOf} from './compare.ts';
import {prefixes} from '../bpftrace-words.ts';
import {comparisonsOf, isComparison, type Outcome, passTable} from '../conditions.ts';
import type {Comparison, Condition, Expr} from '../expr.ts';
import {exprId, lastWord, splitFrom, treeId} from '../expr-parts.ts';
import {WrongPreset} from '../fault.ts';
import type {Scene} from './fill.ts';
import {addressRegister} from './func-numbers.ts';
import {bytesOf, integerOf, textOf} from './key-bytes.ts';
import {keyFieldOf, shapeOf, shapes} from './key-format.ts';
import {i64, type Place, placeOf, u64} from './places.ts';
import {commSize, type Program, type StepNumber} from './program.ts';
import {outcomeBits} from './outcomes.ts';
import type {Test, TextTest} from './step.ts';
import {type Field, isLate, keySize, resolve, userSpaceOnly} from '../resolve.ts';

/** Where comm goes when only a filter asks for it: behind all that layouts.ts places. */
const commFilterOffset = 256 - commSize;

export function funcStep(program: Program, scene: Scene, early: boolean): StepNumber {
  const {func, planned, machine} = scene;
  const bases = {
    cookie: {source: 'SOURCE_COOKIE'},
    address: {source: 'SOURCE_CONTEXT64', index: addressRegister[machine.architecture].word},
    constant: {source: 'SOURCE_CONSTANT', constant: planned.number},
  };
  return program.value(placeOf(bases[func]), early);
}

export function commOffset(scene: Scene): number {
  const {preset, key} = scene;
  const i = preset.by.findIndex((by) => !by.from && by.expr.kind === 'name' && by.expr.name === 'comm');
  return i >= 0 ? (key.offsets[i] ?? 0) : commFilterOffset;
}

/** A comparison that is no question at all is a slip, and its view would be empty, or count what it was to leave out. */
function alwaysSame(is: boolean, word: string, constant: bigint, signed: boolean): readonly [string, string] {
  const what = `this is true of ${is ? 'every' : 'no'} event: '${word}' is`;
  if (signed || constant > 0n) return [`${what} a number of fewer bits`, ''];
  return [`${what} read without a sign`, 'cast it to what it is: i32(E) for an int, i64(E) for a long'];
}

type Side = {readonly id: string; readonly from: boolean; readonly field: Field; readonly savedWord: number};
type IntegerSide = Side & {readonly field: Extract<Field, {kind: 'integer'}>};

/** A constant in the byte order of what it is compared with. */
function inOrder({place: {type}}: Extract<Field, {kind: 'integer'}>, operator: Comparison['operator'], value: bigint): bigint {
  if (type.kind !== 'integer' || type.big !== true) return value;
  if (operator !== '==' && operator !== '!=')
    throw new WrongPreset(`a value in the network's byte order is compared with == and != only, not '${operator}'`);
  const bytes = Array.from({length: type.size}, (_, i) => (value >> BigInt(8 * i)) & 255n);
  return bytes.reduce((all, byte) => (all << 8n) | byte, 0n);
}

function requireKernel(expr: Expr): void {
  const {expr: plain} = splitFrom(expr);
  if (plain.kind !== 'name' || !Object.hasOwn(userSpaceOnly, plain.name)) return;
  const what = plain.name.endsWith('stack') ? "a stack's functions are" : 'it is';
  throw new WrongPreset(`'${plain.name}' cannot be compared: ${what} known in user space only`, userSpaceOnly[plain.name] ?? '');
}

export class EventWriter {
  private readonly program: Program;
  private readonly scene: Scene;
  private readonly end: boolean;
  private readonly outcomes = new Map<string, Outcome>();
  private noting: {bit?: number} | undefined;
  private readonly textTests = new Map<string, {readonly side: Side; readonly tests: TextTest[]}>();

  constructor(program: Program, scene: Scene, end: boolean) {
    this.program = program;
    this.scene = scene;
    this.end = end;
  }

  /** Adds a condition. False: it is false of every event at this point. */
  require(condition: Condition, early = false): boolean {
    if (isComparison(condition)) return this.compare(condition, early);
    if (early)
      throw new WrongPreset(
        "which end it is, is told by comparisons joined by '&&' alone",
        'name the probe twice, each with a "where" of its own',
      );
    return this.program.outcomes.want(this.tableOf(condition));
  }

  /** What of the noted outcomes is of events that the condition holds of. */
  tableOf(condition: Condition): bigint {
    const outcomes = new Map<Comparison, Outcome>();
    for (const each of comparisonsOf(condition)) outcomes.set(each, this.outcomeOf(each));
    return passTable(condition, outcomes, outcomeBits);
  }

  /** The same comparison in two conditions is one test. */
  private outcomeOf(comparison: Comparison): Outcome {
    const id = treeId(comparison);
    const known = this.outcomes.get(id);
    if (known !== undefined) return known;
    this.noting = {};
    const passes = this.compare(comparison);
    const {bit} = this.noting;
    this.noting = undefined;
    const outcome = bit === undefined ? passes : {bit};
    this.outcomes.set(id, outcome);
    return outcome;
  }

  /** The bit in which the test of what is compared just now is noted; none: it simply has to pass. */
  private note(): {readonly bit?: number} {
    if (this.noting === undefined) return {};
    this.noting.bit ??= this.program.outcomes.bit();
    return {bit: this.noting.bit};
  }

  private test(step: StepNumber, test: Test): void {
    this.program.require(step, {...test, ...this.note()});
  }

  /** Adds a comparison. False: it is false of every event at this point. */
  private compare(given: Comparison, early = false): boolean {
    for (const each of [given.left, given.right]) requireKernel(each);
    const first = this.side(given.left);
    const swap = first.field.kind === 'literal' || first.field.kind === 'constant';
    const comparison = swap ? mirrored(given) : given;
    const {left, operator, right, mask} = comparison;
    const [a, b] = [this.side(left), this.side(right)];
    if (early && (a.from || b.from || a.field.kind === 'text'))
      throw new WrongPreset('this cannot be tested before the start is known', "it belongs into the view's own where");
    if (b.field.kind === 'literal') {
      if (operator !== '==' && operator !== '!=') throw new WrongPreset(`texts are compared with == and != only, not '${operator}'`);
      const prefix = b.field.value.endsWith('*');
      if (b.field.value.slice(0, -1).includes('*'))
        throw new WrongPreset(`'*' is any rest at the end of a text alone, not as in '${b.field.value}'`, prefixes);
      return this.compareText(a, {value: prefix ? b.field.value.slice(0, -1) : b.field.value, prefix, equal: operator === '=='});
    }
    if (b.field.kind === 'bytes') return this.compareBytes(a, b.field.value);
    if (b.field.kind === 'constant') {
      if (a.field.kind === 'constant') throw new WrongPreset('two constants are compared');
      if (a.field.kind !== 'integer')
        throw new WrongPreset(`a text is compared with the number ${b.field.value}`, "a text is written in single quotes: comm == 'sh'");
      return this.compareConstant({...a, field: a.field}, comparison, b.field.value, early);
    }
    if (mask !== undefined) throw new WrongPreset('bits are compared with a number');
    if (a.field.kind !== 'integer' || b.field.kind !== 'integer')
      throw new WrongPreset('two texts are compared: one of them must be in single quotes');
    this.compareNumbers(a, operator, b, [a.field.signed, b.field.signed], early);
    return true;
  }

  private compareConstant(a: IntegerSide, {left, operator, mask}: Comparison, constant: bigint, early: boolean): boolean {
    const {field} = a;
    const {type} = field.place;
    const bits = type.kind === 'integer' ? type.size * 8 : 64;
    if (mask === undefined) {
      const decided = decidedBy(operator, constant, rangeOf(bits, field.signed));
      if (decided !== undefined) throw new WrongPreset(...alwaysSame(decided, lastWord(left), constant, field.signed));
      const test = testOf(operator, inOrder(field, operator, constant), field.signed);
      if (test !== undefined) this.test(this.numberOf(a, early), test);
      return true;
    }
    const other = (operator === '==' || operator === '!=') && (constant & ~mask) !== 0n;
    const decided = other ? operator === '!=' : decidedBy(operator, constant, {least: 0n, most: BigInt.asUintN(bits, mask)});
    if (decided !== undefined)
      throw new WrongPreset(`this is true of ${decided ? 'every' : 'no'} event: the bits are not those of ${constant}`);
    const test = testOf(operator, inOrder(field, operator, constant), false);
    if (test !== undefined) this.test(this.numberOf(a, early), {...test, mask: inOrder(field, operator, mask)});
    return true;
  }

  private compareNumbers(
    a: Side,
    operator: Comparison['operator'],
    b: Side,
    [signed, other]: readonly [boolean, boolean],
    early: boolean,
  ): void {
    const [x, y] = [this.numberOf(a, early), this.numberOf(b, early)];
    // -1 is less than any number without a sign
    const less = (first: boolean, second: boolean) =>
      first ? (second ? 'SOURCE_LESS_SIGNED' : 'SOURCE_LESS_SIGNED_FIRST') : second ? 'SOURCE_LESS_SIGNED_SECOND' : 'SOURCE_LESS';
    const zero = {mask: (1n << 64n) - 1n, low: 0n, span: 0n};
    switch (operator) {
      case '==':
      case '!=':
        return this.test(this.program.combine('SOURCE_DIFFERENCE', x, y, early), {...zero, inside: operator === '=='});
      case '<':
      case '>=':
        return this.test(this.program.combine(less(signed, other), x, y, early), {...zero, inside: operator === '>='});
      case '>':
      case '<=':
        return this.test(this.program.combine(less(other, signed), y, x, early), {...zero, inside: operator === '<='});
      case '&':
        throw new WrongPreset("the right side of '&' is a number");
    }
  }

  /** Equality with what is in a key. */
  private compareBytes(side: Side, bytes: string): boolean {
    const {field} = side;
    switch (field.kind) {
      case 'integer':
        // a number of a key has eight; the name after --comm, where the preset's filter is none
        if (bytes.length !== 8) throw new WrongPreset('a number is compared with a name');
        this.test(this.numberOf(side), {mask: (1n << 64n) - 1n, low: integerOf(bytes), span: 0n, inside: true});
        return true;
      case 'text': {
        // a text that fills its field may have been cut: a longer field is compared with its beginning, a shorter one with less of it
        const text = textOf(bytes);
        const cut = text.length === bytes.length - 1 && field.text.size > bytes.length;
        return this.compareText(side, {value: bytesOf(text.slice(0, field.text.size - 1)), prefix: cut, equal: true});
      }
      case 'comm':
        return this.compareText(side, {value: bytesOf(textOf(bytes).slice(0, commSize - 1)), prefix: false, equal: true});
      default:
        throw new WrongPreset('this column cannot be compared with a value of another');
    }
  }

  private compareText(side: Side, test: TextTest): boolean {
    if (side.field.kind === 'func') {
      const {func} = this.scene.planned.point;
      const value = String(test.value);
      return (test.prefix ? func.startsWith(value) : func === value) === test.equal;
    }
    const noted = {...test, ...this.note()};
    switch (side.field.kind) {
      case 'comm':
        if (!side.from) {
          this.program.commTests([noted], commOffset(this.scene));
          return true;
        }
        break;
      case 'text':
        break;
      default:
        throw new WrongPreset(`a number is compared with the text '${test.value}'`, 'a number is written without quotes: pid == 1');
    }
    const known = this.textTests.get(side.id);
    if (known === undefined) this.textTests.set(side.id, {side, tests: [noted]});
    else known.tests.push(noted);
    return true;
  }

  /** Texts that are compared and are no key field themselves, and those of the start that may be still to be read. */
  flushComparedTexts(): void {
    const {key, preset} = this.scene;
    for (const {field, word} of this.end ? key.saved : []) {
      const tests = [...this.textTests.values()].flatMap(({side, tests}) => (side.from && side.savedWord === word ? tests : []));
      const size = key.readAgain && isLate(field) ? keySize(field) : 0;
      if (size > 0 || tests.length > 0) this.program.restoredText(key.restored.offset + 8 * word, size, tests);
    }
    for (const [id, {side, tests}] of this.textTests)
      if (
        side.field.kind === 'text' &&
        !side.from &&
        !preset.by.some((by) => !by.from && exprId(by.expr) === id && this.program.role !== 'ROLE_START')
      )
        this.program.keyText(side.field.text, key.scratch.get(id) ?? 0, tests);
  }

  private keyPair(high: Place, low: Place, offset: number): void {
    this.program.keyInteger(this.program.combine('SOURCE_COMBINE', this.program.value(high), this.program.value(low)), offset);
  }

  keyField(expr: Expr, from: boolean, format: string | undefined, offset: number): void {
    if (from) return; // the restored words hold it
    const field = keyFieldOf(resolve(expr, this.scene.planned.point, this.scene.machine, this.end), format, this.scene.machine);
    switch (field.kind) {
      case 'comm':
        return this.program.keyComm(offset);
      case 'address':
        return this.program.keyText(field.text, offset);
      case 'text':
        return this.program.keyText(field.text, offset, this.textTests.get(exprId(expr))?.tests);
      case 'stack':
        return this.program.keyStack(field.user, offset);
      case 'process':
        return this.keyPair(placeOf({source: 'SOURCE_PID'}), field.began ?? placeOf({source: 'SOURCE_CONSTANT', constant: 0n}), offset);
      case 'userAddress':
        this.program.keyInteger(this.program.value(field.place), offset);
        return this.program.keyInteger(this.program.value(placeOf({source: 'SOURCE_PID'})), offset + 8);
      case 'func':
        return this.program.keyInteger(funcStep(this.program, this.scene, false), offset);
      case 'integer':
        if (field.high !== undefined) return this.keyPair(field.high, field.place, offset);
        return this.program.keyInteger(this.program.value(field.place), offset);
      case 'constant':
        return this.program.keyInteger(
          this.program.value(placeOf({source: 'SOURCE_CONSTANT', constant: BigInt.asUintN(64, field.value)}, i64)),
          offset,
        );
      case 'literal':
      case 'bytes':
        throw new WrongPreset(`a field is expected, not the text '${field.value}'`);
    }
  }

  number(expr: Expr): StepNumber {
    return this.numberOf(this.side(expr));
  }

  private numberOf(side: Side, early = false): StepNumber {
    const {field} = side;
    if (field.kind === 'constant')
      return this.program.value(placeOf({source: 'SOURCE_CONSTANT', constant: BigInt.asUintN(64, field.value)}, i64), early);
    if (field.kind === 'func') return funcStep(this.program, this.scene, early);
    if (field.kind !== 'integer') throw new WrongPreset(`a number is expected, and this is ${shapes[shapeOf(field)][0]}`);
    return this.program.value(side.from ? placeOf({source: 'SOURCE_SAVED', index: side.savedWord}, u64) : field.place, early);
  }

  private side(expr: Expr): Side {
    const {from, expr: plain} = splitFrom(expr);
    if (!from) return {id: exprId(expr), from, field: resolve(plain, this.scene.planned.point, this.scene.machine, this.end), savedWord: 0};
    const saved = this.scene.key.saved.find((each) => each.id === exprId(plain));
    if (saved === undefined) throw new WrongPreset("'from' is the start of a span: here is none");
    return {id: exprId(expr), from, field: saved.field, savedWord: saved.word};
  }
}
