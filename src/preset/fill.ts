// Fills one Program for one point: filters first (the cheapest refusals), then the key, then measures. Pure.
import {type Comparison, type Expr, splitFrom} from './expr.ts';
import {PresetFault} from './fault.ts';
import {keyFieldOf, shapeOf, shapes} from './key-format.ts';
import {type Attempt, exprId, type KeyLayout} from './layouts.ts';
import type {Machine} from './machine.ts';
import type {MeasureLayout} from './measures.ts';
import {i64, type Place, placeOf, u64} from './places.ts';
import type {PlannedPoint} from './plan.ts';
import type {Preset} from './preset.ts';
import {commSize, type Program, type StepNumber} from './program.ts';
import type {TextTest} from './step.ts';
import {type Field, mirrored, resolve, testOf, userSpaceOnly} from './resolve.ts';
import type {Variant} from './variants.ts';

/** What the command line adds to every view's `where`. */
export interface Filters {
  readonly pid?: number;
  readonly comm?: string;
  readonly cgroup?: bigint;
}

export interface Match {
  readonly from: Expr;
  readonly to: Expr;
  /** The function is part of the pair: calls of two traced functions of one thread may be nested. */
  readonly byFunction: boolean;
  /** An end without a start is a loss, and not what a start's own `where` left out. */
  readonly countUnmatched: boolean;
}

export interface Scene {
  readonly preset: Preset;
  readonly filters: Filters;
  readonly machine: Machine;
  readonly planned: PlannedPoint;
  readonly key: KeyLayout;
  readonly measures: MeasureLayout;
  readonly match: Match;
  readonly variant: Variant;
  /** How the program knows which point fired. */
  readonly func: 'cookie' | 'constant';
  readonly several: boolean;
}

const tid: Expr = {kind: 'name', name: 'tid'};
/** Where comm goes when only a filter asks for it: behind all that layouts.ts places. */
const commFilterOffset = 256 - commSize;

export function spanMatch(variant: Variant, preset: Preset): Match {
  if (variant.kind !== 'pair') return {from: tid, to: tid, byFunction: true, countUnmatched: true};
  const filtered = preset.probes.kind === 'pair' && variant.from.some((spec) => spec.where.length > 0);
  return {...variant.match, byFunction: false, countUnmatched: !filtered};
}

/** A counting point, or a span's end. False: this point can never pass `where`. */
export function fillEvent(program: Program, scene: Scene, attempt: Attempt): boolean {
  const {preset, planned, key} = scene;
  const end = program.role === 'ROLE_END';
  if (end)
    attempt('/span', () => program.pairBy(matchStep(program, scene, planned.spec.match ?? scene.match.to), scene.match.countUnmatched));
  applyFilters(program, scene, end);
  const writer = new EventWriter(program, scene, end);
  let possible = true;
  // what fails a point's own where is no end: it is tested before the start is looked up, which it leaves alone
  for (const value of planned.spec.where)
    attempt(planned.spec.at, () => {
      possible = writer.compare(value, end) && possible;
    });
  for (const {at, value} of preset.where)
    attempt(at, () => {
      possible = writer.compare(value) && possible;
    });
  if (!possible) return false;
  writer.flushComparedTexts();
  if (end) program.restore(key.restored.words, key.restored.offset);
  preset.by.forEach((by, i) => attempt(by.at, () => writer.keyField(by.expr, by.from, by.format, key.offsets[i] ?? 0)));
  if (preset.by.length === 0) program.keyInteger(program.value(placeOf({source: 'SOURCE_CONSTANT'})), 0);
  for (const part of scene.measures.parts)
    attempt(part.at, () => {
      const {operation, word, slots, bias, low, width} = part;
      program.measure({operation, word, slots, bias, low, width, step: writer.number(part.expr)});
    });
  return true;
}

/** A span's start: what pairs it, what it saves. */
export function fillStart(program: Program, scene: Scene, attempt: Attempt): boolean {
  const {planned, key, variant} = scene;
  attempt('/span', () => program.pairBy(matchStep(program, scene, planned.spec.match ?? scene.match.from), false));
  // pid and tid are the same at both ends of a call, so that the start of a filtered one need not be remembered
  if (variant.kind === 'call')
    applyFilters(program, {...scene, filters: scene.filters.pid === undefined ? {} : {pid: scene.filters.pid}}, false);
  const writer = new EventWriter(program, scene, false);
  let possible = true;
  if (variant.kind === 'pair')
    for (const value of planned.spec.where)
      attempt(planned.spec.at, () => {
        possible = writer.compare(value) && possible;
      });
  if (!possible) return false;
  writer.flushComparedTexts();
  for (const saved of key.saved) attempt(saved.at, () => writer.keyField(saved.expr, false, saved.format, 8 + 8 * saved.word));
  program.save(key.savedWords);
  return true;
}

function matchStep(program: Program, scene: Scene, expr: Expr): StepNumber {
  const field = resolve(expr, scene.planned.point, scene.machine, false);
  if (field.kind !== 'integer') throw new PresetFault('a match is an integer');
  const step = program.value(field.place, true);
  if (!scene.match.byFunction || !scene.several) return step;
  return program.combine('SOURCE_COMBINE', funcStep(program, scene, true), step, true);
}

function funcStep(program: Program, scene: Scene, early: boolean): StepNumber {
  const {func, planned} = scene;
  return program.value(
    func === 'cookie' ? placeOf({source: 'SOURCE_COOKIE'}) : placeOf({source: 'SOURCE_CONSTANT', constant: BigInt(planned.index)}),
    early,
  );
}

/** In a span's end before the lookup, so that another process's unmatched end is not counted as ours. */
function applyFilters(program: Program, scene: Scene, early: boolean): void {
  const {pid, comm, cgroup} = scene.filters;
  const equal = (source: string, value: bigint): void => {
    const test = testOf('==', value, false);
    if (test !== undefined) program.require(program.value(placeOf({source}), early), test);
  };
  if (pid !== undefined) equal('SOURCE_PID', BigInt(pid));
  if (cgroup !== undefined) equal('SOURCE_CGROUP', cgroup);
  if (comm !== undefined) program.commTests([{value: comm, prefix: false, equal: true}], commOffset(scene));
}

function commOffset(scene: Scene): number {
  const {preset, key} = scene;
  const i = preset.by.findIndex((by) => !by.from && by.expr.kind === 'name' && by.expr.name === 'comm');
  return i >= 0 ? (key.offsets[i] ?? 0) : commFilterOffset;
}

type Side = {readonly id: string; readonly from: boolean; readonly field: Field; readonly savedWord: number};

/** A constant in the byte order of what it is compared with. */
function inOrder({place: {type}}: Extract<Field, {kind: 'integer'}>, operator: Comparison['operator'], value: bigint): bigint {
  if (type.kind !== 'integer' || type.big !== true) return value;
  if (operator !== '==' && operator !== '!=')
    throw new PresetFault(`a value in the network's byte order is compared with == and != only, not '${operator}'`);
  const bytes = Array.from({length: type.size}, (_, i) => (value >> BigInt(8 * i)) & 255n);
  return bytes.reduce((all, byte) => (all << 8n) | byte, 0n);
}

function requireKernel(expr: Expr): void {
  const {expr: plain} = splitFrom(expr);
  if (plain.kind !== 'name' || !Object.hasOwn(userSpaceOnly, plain.name)) return;
  const what = plain.name.endsWith('stack') ? "a stack's functions are" : 'it is';
  throw new PresetFault(`'${plain.name}' cannot be compared: ${what} known in user space only`, userSpaceOnly[plain.name] ?? '');
}

class EventWriter {
  private readonly program: Program;
  private readonly scene: Scene;
  private readonly end: boolean;
  private readonly textTests = new Map<string, {readonly side: Side; readonly tests: TextTest[]}>();

  constructor(program: Program, scene: Scene, end: boolean) {
    this.program = program;
    this.scene = scene;
    this.end = end;
  }

  /** Adds a comparison. False: it is false of every event at this point. */
  compare(given: Comparison, early = false): boolean {
    for (const each of [given.left, given.right]) requireKernel(each);
    const first = this.side(given.left);
    const swap = first.field.kind === 'literal' || first.field.kind === 'constant';
    const {left, operator, right} = swap ? mirrored(given) : given;
    const [a, b] = [this.side(left), this.side(right)];
    if (early && (a.from || b.from || a.field.kind === 'text'))
      throw new PresetFault('this cannot be tested before the start is known', "it belongs into the view's own where");
    if (b.field.kind === 'literal') {
      if (operator !== '==' && operator !== '!=') throw new PresetFault(`texts are compared with == and != only, not '${operator}'`);
      const prefix = b.field.value.endsWith('*');
      return this.compareText(a, {value: prefix ? b.field.value.slice(0, -1) : b.field.value, prefix, equal: operator === '=='});
    }
    if (b.field.kind === 'constant') {
      if (a.field.kind === 'constant') throw new PresetFault('two constants are compared');
      if (a.field.kind !== 'integer')
        throw new PresetFault(`a text is compared with the number ${b.field.value}`, "a text is written in single quotes: comm == 'sh'");
      const test = testOf(operator, inOrder(a.field, operator, b.field.value), a.field.signed);
      if (test !== undefined) this.program.require(this.numberOf(a, early), test);
      return true;
    }
    if (a.field.kind !== 'integer' || b.field.kind !== 'integer')
      throw new PresetFault('two texts are compared: one of them must be in single quotes');
    this.compareNumbers(a, operator, b, a.field.signed && b.field.signed, early);
    return true;
  }

  private compareNumbers(a: Side, operator: Comparison['operator'], b: Side, signed: boolean, early: boolean): void {
    const [x, y] = [this.numberOf(a, early), this.numberOf(b, early)];
    const less = signed ? 'SOURCE_LESS_SIGNED' : 'SOURCE_LESS';
    const zero = {mask: (1n << 64n) - 1n, low: 0n, span: 0n};
    switch (operator) {
      case '==':
      case '!=':
        return this.program.require(this.program.combine('SOURCE_DIFFERENCE', x, y, early), {...zero, inside: operator === '=='});
      case '<':
      case '>=':
        return this.program.require(this.program.combine(less, x, y, early), {...zero, inside: operator === '>='});
      case '>':
      case '<=':
        return this.program.require(this.program.combine(less, y, x, early), {...zero, inside: operator === '<='});
      case '&':
        throw new PresetFault("the right side of '&' is a number");
    }
  }

  private compareText(side: Side, test: TextTest): boolean {
    switch (side.field.kind) {
      case 'func': {
        const {func} = this.scene.planned.point;
        return (test.prefix ? func.startsWith(test.value) : func === test.value) === test.equal;
      }
      case 'comm':
        if (!side.from) {
          this.program.commTests([test], commOffset(this.scene));
          return true;
        }
        break;
      case 'text':
        break;
      default:
        throw new PresetFault(`a number is compared with the text '${test.value}'`);
    }
    const known = this.textTests.get(side.id);
    if (known === undefined) this.textTests.set(side.id, {side, tests: [test]});
    else known.tests.push(test);
    return true;
  }

  /** Texts that are compared and are no key field themselves. */
  flushComparedTexts(): void {
    const {key, preset} = this.scene;
    for (const [id, {side, tests}] of this.textTests) {
      if (side.from) this.program.testRestored(key.restored.offset + 8 * side.savedWord, tests);
      else if (
        side.field.kind === 'text' &&
        !preset.by.some((by) => !by.from && exprId(by.expr) === id && this.program.role !== 'ROLE_START')
      )
        this.program.keyText(side.field.text, key.scratch.get(id) ?? 0, tests);
    }
  }

  private keyPair(high: Place, low: Place, offset: number): void {
    this.program.keyInteger(this.program.combine('SOURCE_COMBINE', this.program.value(high), this.program.value(low)), offset);
  }

  keyField(expr: Expr, from: boolean, format: string | undefined, offset: number): void {
    if (from) return; // the restored words hold it
    const field = keyFieldOf(resolve(expr, this.scene.planned.point, this.scene.machine, this.end), format);
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
        return this.program.keyInteger(this.program.value(field.place), offset);
      case 'constant':
        return this.program.keyInteger(
          this.program.value(placeOf({source: 'SOURCE_CONSTANT', constant: BigInt.asUintN(64, field.value)}, i64)),
          offset,
        );
      case 'literal':
        throw new PresetFault(`a field is expected, not the text '${field.value}'`);
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
    if (field.kind !== 'integer') throw new PresetFault(`a number is expected, and this is ${shapes[shapeOf(field)][0]}`);
    return this.program.value(side.from ? placeOf({source: 'SOURCE_SAVED', index: side.savedWord}, u64) : field.place, early);
  }

  private side(expr: Expr): Side {
    const {from, expr: plain} = splitFrom(expr);
    if (!from) return {id: exprId(expr), from, field: resolve(plain, this.scene.planned.point, this.scene.machine, this.end), savedWord: 0};
    const saved = this.scene.key.saved.find((each) => each.id === exprId(plain));
    if (saved === undefined) throw new PresetFault("'from' belongs to a span: here is none");
    return {id: exprId(expr), from, field: saved.field, savedWord: saved.word};
  }
}
