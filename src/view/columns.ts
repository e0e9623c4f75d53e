// THE table of a view's columns: what the screen and the text output show of a row, in which order, and which columns
// go first when the width is short. Pure.
import type {Row, ViewShape} from '../decode/frame.ts';
import {percentiles} from '../decode/sort.ts';
import {bucketText, grouped, inRateColumn, rateText, valueText} from './units.ts';

export interface Column {
  /** Name that sorting takes; '' when the column cannot be sorted by. */
  readonly sort: string;
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Columns of the highest number are dropped first where the width is short. */
  readonly drop: number;
  /** `share`: of the view's total, 0 to 1. */
  readonly text: (row: Row, share: number) => string;
}

/** ns of running time a second as a share of one CPU. */
const cpuText = (rate: number | undefined): string => (rate === undefined ? '-' : (rate / 1e7).toFixed(2));

const countColumns: readonly Column[] = [
  {
    sort: 'rate',
    title: 'RATE/s',
    align: 'right',
    drop: 1,
    text: (row) => inRateColumn(row.rate[0] === undefined ? '-' : rateText(row.rate[0])),
  },
  {
    sort: 'delta',
    title: 'DELTA',
    align: 'right',
    drop: 4,
    text: (row) => (row.delta[0] === undefined ? '-' : grouped(row.delta[0])),
  },
  {sort: 'total', title: 'TOTAL', align: 'right', drop: 2, text: (row) => grouped(row.total[0] ?? 0)},
];

/** Of what lasts: how much there is, and whether that is more or less than at the refresh before. */
const lastingColumns: readonly Column[] = [
  {sort: 'total', title: 'NOW', align: 'right', drop: 1, text: (row) => grouped(row.total[0] ?? 0)},
  {
    sort: 'delta',
    title: 'CHANGE',
    align: 'right',
    drop: 2,
    text: ({delta: [change]}) => (change === undefined ? '-' : `${change > 0 ? '+' : ''}${grouped(change)}`),
  },
];

export function columnsOf(shape: ViewShape): readonly Column[] {
  const keys: Column[] = shape.keys.map((key, i) => ({
    sort: key.name,
    title: key.title,
    align: key.align,
    drop: 0,
    text: (row) => row.key[i]?.text ?? '',
  }));
  const counts: Column[] =
    shape.measures.length === 0
      ? []
      : [
          ...(shape.lasting === true ? lastingColumns : countColumns),
          {sort: '', title: '%', align: 'right', drop: 3, text: (_, share) => (share * 100).toFixed(1)},
        ];
  const measures: Column[] = shape.measures.slice(1).map((measure, i) => ({
    sort: measure.name,
    title: measure.title,
    align: 'right',
    drop: 1,
    text: (row) => (measure.shown === 'cpu' ? cpuText(row.rate[i + 1]) : valueText(row.total[i + 1] ?? 0, measure.unit)),
  }));
  const {hist} = shape;
  const spread: Column[] =
    hist === undefined
      ? []
      : percentiles.map((name, i) => ({
          sort: name,
          title: name.toUpperCase(),
          align: 'right',
          drop: i === 1 ? 2 : 1,
          text: (row) => bucketText(row.hist?.[name], hist.unit),
        }));
  return [...keys, ...counts, ...measures, ...spread];
}
