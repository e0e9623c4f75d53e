// A view's order in terms of a record's bytes, so that the addon can choose the first rows of a map that has more than
// anyone will look at. sort.ts orders what was chosen.
import type {FilterField, SampleOrder, SampleQuery} from '../native/contract.ts';
import type {KeyField, RecordLayout} from './layout.ts';
import {isPercentile} from './sort.ts';

const shares = {p50: 0.5, p90: 0.9, p99: 0.99, max: 1} as const;

/** What a screen or an output wants of a view. */
export interface Wanted {
  /** One of sortNames, '-' in front for descending. */
  readonly sort: string;
  /** Rows, at most. */
  readonly limit: number;
  /** Rows that have this text in their key; '' for all. */
  readonly filter: string;
  /** Only rows to which something came: the others are as they were. */
  readonly changed?: boolean;
}

export function queryOf(layout: RecordLayout, {sort, limit, filter, changed = false}: Wanted): SampleQuery {
  const order = orderOf(layout, sort);
  const sums = layout.lasting ? [] : sumsOf(layout); // those of what lasts are made anew at each read
  if (filter === '') return changed ? {order, limit, sums, changed} : {order, limit, sums};
  const fieldOf = ({offset, size, kind, signed}: KeyField): FilterField => ({offset, size, text: kind === 'string', signed});
  const fields = [...layout.key.map(fieldOf), ...(layout.labels ?? []).map((label) => ({...fieldOf(label), value: true}))];
  return {order, limit, sums, filter: {text: filter.toLowerCase(), fields}};
}

/** Words that sums are kept in, each once. */
export const sumsOf = ({measures}: RecordLayout): readonly {readonly word: number; readonly signed: boolean}[] =>
  measures
    .filter(({op}, i) => (op === 'sum' || op === 'avg') && measures.findIndex(({word}) => word === measures[i]?.word) === i)
    .map(({word, signed}) => ({word, signed}));

function orderOf(layout: RecordLayout, sort: string): SampleOrder {
  const descending = sort.startsWith('-');
  const name = descending ? sort.slice(1) : sort;
  const key = layout.key.find((field) => field.name === name);
  if (key !== undefined) {
    const by = key.kind === 'string' ? 'text' : key.signed ? 'signedInteger' : 'integer';
    return {by, offset: key.offset, size: key.size, descending};
  }
  const label = layout.labels?.find((field) => field.name === name);
  if (label !== undefined)
    return label.kind === 'string'
      ? {by: 'none', descending}
      : {by: label.signed ? 'signedWord' : 'word', word: label.offset / 8, descending};
  if (name === 'total') return {by: 'word', word: 0, descending};
  const measure = layout.measures.find((field) => field.name === name);
  if (measure !== undefined) {
    const {op, word, signed, plain, shown} = measure;
    if (shown === 'cpu') return {by: 'delta', word, descending};
    switch (op) {
      case 'count':
        return {by: 'word', word, descending};
      case 'sum':
        return {by: signed ? 'signedWord' : 'word', word, descending};
      case 'avg':
        return {by: signed ? 'averageSigned' : 'average', word, descending};
      case 'max':
        return {by: plain && signed ? 'signedWord' : 'word', word, descending}; // ours is kept with its sign bit turned
      case 'min':
        return {by: 'complement', word, descending};
    }
  }
  if (layout.hist !== undefined && isPercentile(name))
    return {by: 'share', word: layout.hist.word, slots: layout.hist.slots, share: shares[name], descending};
  return {by: 'delta', word: 0, descending};
}
