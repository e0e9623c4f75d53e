// A preset as it is served: averages and histograms get the sum that they are made of, so that PromQL can make any of them
// over any time. Costs an addition an event.
import {exprId} from '../../preset/expr-parts.ts';
import type {Preset} from '../../preset/preset.ts';

type Measure = Preset['measures'][number];

export function withSums(preset: Preset): {
  readonly preset: Preset;
  /** Which measure column is the sum of what the histogram counts; and whether it is there for that alone. */
  readonly sum?: {readonly measure: number; readonly added: boolean};
} {
  if (preset.own !== undefined) return {preset};
  const measures: Measure[] = preset.measures.map((measure): Measure => {
    const {call} = measure.value;
    return call.op === 'avg' ? {...measure, value: {...measure.value, call: {op: 'sum', of: call.of}}} : measure;
  });
  const unique = measures.filter(({value}, i) => measures.findIndex((each) => each.value.text === value.text || same(each, {value})) === i);
  const hist = unique.find(({value: {call}}) => call.op === 'hist' || call.op === 'lhist');
  // below zero a sum falls, and so is none that a counter could be
  if (hist === undefined || hist.value.call.op === 'count' || (hist.value.call.op === 'lhist' && hist.value.call.min < 0n))
    return {preset: {...preset, measures: unique}};
  const {of} = hist.value.call;
  const sum: Measure = {...hist, value: {...hist.value, call: {op: 'sum', of}}};
  const added = !unique.some((each) => same(each, sum));
  const all = added ? [...unique, sum] : unique;
  // the first column is the count, and the histogram has none
  const columns = all.filter(({value: {call}}) =>
    call.op === 'count' ? call.where !== undefined : call.op !== 'hist' && call.op !== 'lhist',
  );
  const measure = 1 + columns.findIndex((each) => same(each, sum));
  return {preset: {...preset, measures: all}, sum: {measure, added}};
}

const same = ({value: {call: a}}: Pick<Measure, 'value'>, {value: {call: b}}: Pick<Measure, 'value'>): boolean =>
  a.op === 'sum' && b.op === 'sum' && exprId(a.of) === exprId(b.of);
