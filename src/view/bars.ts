// Bars and sparklines out of block characters, or of ASCII. Pure.
import type {Bucket, HistColumn, Histogram} from '../decode/frame.ts';
import {pad, widthOf} from './fit.ts';
import {type Line, seg} from './styles.ts';
import {boundText, grouped} from './units.ts';

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const levels = '▁▂▃▄▅▆▇█';
const asciiLevels = '_.-=+*#@';

/** `share` of `width` columns, in eighths of one. */
export function bar(share: number, width: number, ascii: boolean): string {
  const filled = Math.max(0, Math.min(1, share)) * width;
  if (ascii) return '#'.repeat(Math.round(filled));
  const whole = Math.floor(filled);
  const rest = eighths[Math.floor((filled - whole) * 8)] ?? '';
  // what is not zero is seen
  return filled > 0 && whole === 0 && rest === '' ? '▏' : '█'.repeat(whole) + rest;
}

export function sparkline(values: readonly (number | undefined)[], ascii: boolean): string {
  const marks = ascii ? asciiLevels : levels;
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i] ?? 0);
  // of each row at each refresh: no lists in between
  let line = '';
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const level = most === 0 || value === 0 ? 0 : Math.min(7, Math.ceil(((value ?? 0) / most) * 8) - 1);
    line += value === undefined ? ' ' : (marks[level] ?? '');
  }
  return line;
}

/** The selected row's buckets: the session's as a bar, the interval's count and bar on top of it. */
export function histogramLines(hist: Histogram, column: HistColumn, width: number, lines: number, ascii: boolean): readonly Line[] {
  const all = filledOut(hist.total, column);
  if (all.length === 0) return [[seg(' no values yet', 'dim')]];
  const now = new Map(hist.delta.map((bucket) => [String(bucket.low), bucket.count]));
  const shown = crowded(
    all.map((bucket) => ({...bucket, recent: now.get(String(bucket.low)) ?? 0, mark: mark(hist, bucket)})),
    lines,
  );
  const labels = shown.map((bucket) => `${boundText(bucket.low, column.unit, '-∞')} … ${boundText(bucket.high, column.unit, '∞')}`);
  const labelWidth = Math.max(...labels.map(widthOf));
  const most = Math.max(...shown.map((bucket) => bucket.count));
  const mostNow = Math.max(1, ...shown.map(({recent}) => recent));
  const countWidth = Math.max(5, widthOf(grouped(most)));
  const nowWidth = Math.max(4, widthOf(grouped(mostNow)) + 1);
  const space = Math.max(4, width - labelWidth - countWidth - nowWidth - 7);
  const sum = hist.total.reduce((total, bucket) => total + bucket.count, 0);
  return shown.map((bucket, i) => {
    const {recent} = bucket;
    const length = Math.max(bucket.count > 0 ? 1 : 0, Math.round((bucket.count / most) * space));
    // the interval's share of this bucket, at the front of its bar
    const front = bucket.count === 0 || recent === 0 ? 0 : Math.max(1, Math.round((recent / bucket.count) * length));
    const [solid, light] = ascii ? ['#', '-'] : ['█', '░'];
    return [
      seg(` ${pad(labels[i] ?? '', labelWidth, 'right')} `, bucket.count > 0 ? 'plain' : 'dim'),
      seg(`${bucket.mark.padEnd(3)} `, 'bold'),
      seg(solid.repeat(front), 'bar'),
      seg(light.repeat(length - front), 'barTotal'),
      seg(' '.repeat(space - length)),
      seg(` ${pad(recent === 0 ? '' : `+${grouped(recent)}`, nowWidth, 'right')}`),
      seg(` ${pad(grouped(bucket.count), countWidth, 'right')}`, sum > 0 && bucket.count > 0 ? 'value' : 'dim'),
    ];
  });
}

/** The percentile that lies in the bucket; of several, the highest. */
function mark(hist: Histogram, bucket: Bucket): string {
  if (bucket.count === 0) return '';
  return (['p99', 'p90', 'p50'] as const).find((name) => hist[name]?.low === bucket.low) ?? '';
}

/** Empty buckets between the filled ones, so that distance is seen. */
function filledOut(buckets: readonly Bucket[], column: HistColumn): readonly Bucket[] {
  const result: Bucket[] = [];
  for (const bucket of buckets) {
    let last = result.at(-1);
    for (let i = 0; i < 64 && last !== undefined && last.high !== null && bucket.low !== null && last.high < bucket.low; i++) {
      const low = last.high;
      const high: number | bigint =
        column.scale.kind === 'linear' || column.scale.kind === 'steps'
          ? Number(low) + column.scale.step
          : low === 0
            ? 1
            : typeof low === 'bigint'
              ? low * 2n
              : low * 2;
      result.push({low, high, count: 0});
      last = result.at(-1);
    }
    result.push(bucket);
  }
  return result;
}

/** A bar: of a bucket, or of several at an end that have no room of their own. */
interface Bar extends Bucket {
  /** Of this interval. */
  readonly recent: number;
  readonly mark: string;
}

/** Where there is no room for all, the stretch with most of the values, and a bar each for what is below and above it. */
function crowded(bars: readonly Bar[], lines: number): readonly Bar[] {
  if (bars.length <= lines) return bars;
  let [best, until, most] = [0, 0, -1];
  for (let from = 0; from < bars.length; from++) {
    const room = lines - (from > 0 ? 1 : 0);
    const to = from + room >= bars.length ? bars.length : from + room - 1;
    const sum = bars.slice(from, to).reduce((total, {count}) => total + count, 0);
    if (sum > most) [best, until, most] = [from, to, sum];
  }
  return [...together(bars.slice(0, best)), ...bars.slice(best, until), ...together(bars.slice(until))];
}

function together(bars: readonly Bar[]): readonly Bar[] {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return [];
  const sum = (of: (bar: Bar) => number): number => bars.reduce((total, bar) => total + of(bar), 0);
  const marked = bars.findLast((bar) => bar.mark !== '');
  return [{low: first.low, high: last.high, count: sum(({count}) => count), recent: sum(({recent}) => recent), mark: marked?.mark ?? ''}];
}
