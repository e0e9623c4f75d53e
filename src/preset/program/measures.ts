// Where the words of a value are: the count, then what each measure adds. Plans what fill.ts makes the program count and
// decode/records reads back. Pure.
import {slotCount} from '../../decode/buckets.ts';
import type {MeasureColumn, Scale, Unit} from '../../decode/frame.ts';
import type {HistField, MeasureField} from '../../decode/layout.ts';
import {namedMeasure, unique} from '../column-names.ts';
import type {Condition, Expr, MeasureCall} from '../expr.ts';
import {exprId, lastWord, splitFrom} from '../expr-parts.ts';
import {type Attempt, WrongPreset} from '../fault.ts';
import {type Ends, fieldAt} from './ends.ts';
import {shapeOf, shapes} from './key-format.ts';
import type {Preset} from '../preset.ts';

export interface MeasureLayout {
  readonly valueSize: number;
  /** Words of the value that are maxima. */
  readonly maxWords: readonly number[];
  readonly fields: readonly MeasureField[];
  readonly hist?: HistField;
  readonly columns: readonly MeasureColumn[];
  readonly parts: readonly MeasurePart[];
}

/** One entry of config.measures. */
export interface MeasurePart {
  readonly at: string;
  readonly operation: string;
  readonly expr: Expr;
  readonly word: number;
  readonly slots: number;
  readonly bias: bigint;
  readonly low: bigint;
  readonly width: bigint;
  readonly unit: Unit;
  /** Of events of which this holds alone. */
  readonly where?: Condition;
}

const valueWords = 320; // VALUE_WORDS of probe.h
const signBit = 1n << 63n;
const one: Expr = {kind: 'integer', value: 1n};
/** Both are kept so that the greater word wins: a minimum as its complement. */
const extremes = {min: 'OPERATION_MIN', max: 'OPERATION_MAX'} as const;

export function measureLayout(preset: Preset, ends: Ends, attempt: Attempt): MeasureLayout {
  const lasting = preset.until !== undefined;
  let words = lasting ? 2 : 1;
  const fields: MeasureField[] = [{name: 'count', title: 'COUNT', op: 'count', unit: 'count', word: 0, signed: false}];
  if (lasting) fields.push({name: 'age', title: 'AGE', op: 'max', unit: 'ns', word: 1, signed: false, plain: true});
  const parts: MeasurePart[] = [];
  let hist: HistField | undefined;
  const sums = new Map<string, number>();
  for (const {at, value} of preset.measures) {
    const {call} = value;
    /** Where in the value it is added. */
    const add = (part: Pick<MeasurePart, 'operation' | 'expr' | 'unit'> & Partial<MeasurePart>): number => {
      const word = words;
      words += Math.max(part.slots ?? 0, 1);
      parts.push({slots: 0, bias: 0n, low: 0n, width: 1n, ...part, at, word});
      return word;
    };
    if (call.op === 'count') {
      if (call.where === undefined) continue; // word 0
      const word = add({operation: 'OPERATION_SUM', expr: one, unit: 'count', where: call.where});
      fields.push({...namedMeasure(value), op: 'sum', unit: 'count', word, signed: false});
      continue;
    }
    attempt(at, () => {
      const signed = isSigned(call.of, ends);
      const bias = signed ? signBit : 0n;
      // a duration is ns whatever else the view measures
      const unit = lastWord(call.of) === 'duration' ? 'ns' : (preset.unit ?? 'none');
      const addWord = (operation: string, more: Partial<MeasurePart> = {}): number => add({operation, expr: call.of, unit, bias, ...more});
      switch (call.op) {
        case 'sum':
        case 'avg': {
          const id = exprId(call.of);
          const word = sums.get(id) ?? addWord('OPERATION_SUM');
          sums.set(id, word);
          fields.push({...namedMeasure(value), op: call.op, unit, word, signed});
          return;
        }
        case 'min':
        case 'max':
          fields.push({...namedMeasure(value), op: call.op, unit, word: addWord(extremes[call.op]), signed});
          return;
        case 'hist':
        case 'lhist': {
          if (lasting)
            throw new WrongPreset(
              'a histogram is of what came, and this view shows what lasts',
              'sum(E), avg(E), min(E) and max(E) are of what lasts',
            );
          if (hist !== undefined) throw new WrongPreset('a view has one histogram, and this is a second');
          const scale = scaleOf(call);
          const slots = slotCount(scale);
          if (words + slots > valueWords) throw new WrongPreset(`${slots} buckets are too many: at most ${valueWords - words} fit`);
          if (call.op === 'lhist' && call.min < 0n && !signed)
            throw new WrongPreset(`lhist begins below zero, and '${value.text}' measures an unsigned value`, 'cast it: i64(E)');
          const word =
            call.op === 'lhist'
              ? addWord('OPERATION_LINEAR', {slots, low: BigInt.asUintN(64, call.min) ^ bias, width: call.step})
              : addWord('OPERATION_LOG2', {slots});
          hist = {scale, unit, word, slots, signed};
        }
      }
    });
  }
  const names = unique(fields.map((field) => field.name));
  const named = fields.map((field, i) => ({...field, name: names[i] ?? field.name}));
  return {
    valueSize: words * 8,
    maxWords: fields.filter(({op}) => op === 'min' || op === 'max').map(({word}) => word),
    fields: named,
    ...(hist === undefined ? {} : {hist}),
    columns: named.map(({name, title, op, unit}) => ({name, title, op, unit})),
    parts,
  };
}

function scaleOf(call: MeasureCall): Scale {
  if (call.op !== 'lhist') return {kind: 'log2'};
  if ((call.max - call.min) % call.step !== 0n)
    throw new WrongPreset(`lhist: MAX - MIN (${call.max - call.min}) is no multiple of STEP (${call.step})`);
  return {kind: 'linear', min: Number(call.min), max: Number(call.max), step: Number(call.step)};
}

function isSigned(expr: Expr, ends: Ends): boolean {
  const {from, expr: plain} = splitFrom(expr);
  const field = fieldAt(ends, plain, from);
  if (field.kind === 'integer') return field.signed;
  if (field.kind === 'constant') return field.value < 0n;
  throw new WrongPreset(`a number is measured, and this is ${shapes[shapeOf(field)][0]}`);
}
