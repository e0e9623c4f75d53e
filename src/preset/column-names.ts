// Names of a view's columns, as its preset makes them: no two have one. Pure.
import {sortNames} from '../decode/sort.ts';
import type {ByField, Preset} from './preset.ts';

/** Equal names get a number: sum, sum2. */
export function unique(names: readonly string[]): readonly string[] {
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((each) => each === name).length;
    return before === 0 ? name : `${name}${before + 1}`;
  });
}

/** Names that `sort` takes. */
export function columnNames(by: readonly ByField[], measures: Preset['measures']): readonly string[] {
  const ops = measures.map(({value}) => value.call.op);
  const numbers = ops.filter((op) => op !== 'count' && op !== 'hist' && op !== 'lhist');
  const named = (names: readonly string[]) => unique(names).map((name) => ({name}));
  const hist = ops.find((op) => op === 'hist' || op === 'lhist');
  return sortNames({keys: named(by.map(({name}) => name)), measures: named(['count', ...numbers]), hist});
}
