// Names of a view's columns, as its preset makes them, and of the view by them: no two have one. Pure.
import {sortNames} from '../decode/sort.ts';
import {exprId} from './expr-parts.ts';
import type {Fault} from './fault.ts';
import type {ByField, Measure, Preset} from './preset.ts';

/** Equal names get a number: sum, sum2. */
export function unique(names: readonly string[]): readonly string[] {
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((each) => each === name).length;
    return before === 0 ? name : `${name}${before + 1}`;
  });
}

/** As it is called in JSON, and above its column: by its title, or by what it does; a count of some events by what they are. */
export function namedMeasure({call, text, title}: Measure): {readonly name: string; readonly title: string} {
  if (title !== undefined) return {name: title.toLowerCase(), title};
  if (call.op !== 'count' || call.where === undefined) return {name: call.op, title: call.op.toUpperCase()};
  const condition = text
    .replace(/^\s*count\s*\(|\)\s*$/g, '')
    .replace(/\s+/g, '')
    .replace(/\bargs\./g, '');
  return {name: condition, title: condition.toUpperCase()};
}

/** Names that `sort` takes. */
/** @param lasting the view is of what lasts, and has an age */
export function columnNames(by: readonly ByField[], measures: Preset['measures'], lasting: boolean): readonly string[] {
  const ops = measures.map(({value}) => value.call.op);
  const numbers = measures.filter(
    ({value: {call}}) => call.op !== 'hist' && call.op !== 'lhist' && (call.op !== 'count' || call.where !== undefined),
  );
  const named = (names: readonly string[]) => unique(names).map((name) => ({name}));
  const own = lasting ? ['count', 'age'] : ['count'];
  const hist = ops.find((op) => op === 'hist' || op === 'lhist');
  return sortNames({
    keys: named(by.map(({name}) => name)),
    measures: named([...own, ...numbers.map(({value}) => namedMeasure(value).name)]),
    hist,
  });
}

export const defaultTitle = (name: string, by: readonly ByField[]): string =>
  by.length === 0 ? name : `${name} by ${by.map((field) => field.name).join(', ')}`;

/** The same field twice would be one column for two. */
export function repeated(by: readonly ByField[]): readonly Fault[] {
  const id = ({from, expr, format}: ByField): string => `${from} ${exprId(expr)} ${format}`;
  return by.flatMap((field, i) => {
    const first = by.slice(0, i).find((each) => id(each) === id(field));
    return first === undefined ? [] : [{pointer: field.at, message: `'${field.text}' is there already`, hint: `as ${first.at}`}];
  });
}
