// Numbers as people read them: thousands, scaled units, bucket bounds. Pure.
import type {Bucket, Count, Unit} from '../decode/frame.ts';
import {scaled} from '../decode/scaled.ts';

/** 612334 → 612,334 */
export function grouped(count: Count): string {
  if (typeof count === 'number' && !Number.isInteger(count)) return grouped(Math.trunc(count)) + (Math.abs(count) % 1).toFixed(1).slice(1);
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** HH:MM:SS, where we are. */
export const timeText = (time: number): string => new Date(time).toTimeString().slice(0, 8);

/** A rate, three digits or more: 0.5, 97.3, 8,201. What is not zero does not look like it. */
export function rateText(rate: number): string {
  if (rate < 0) return `-${rateText(-rate)}`;
  if (rate >= 99.95) return grouped(Math.round(rate));
  return rate.toFixed(rate > 0 && rate < 0.05 ? 2 : 1);
}

/** Whole numbers stand above the whole part of those with a decimal. */
export const inRateColumn = (text: string): string => (text.includes('.') ? text : `${text}  `);

/** 12431 → 12.4k */
export function si(value: number, unit = ''): string {
  const steps = ['', 'k', 'M', 'G', 'T'];
  let amount = value;
  let step = 0;
  while (Math.abs(amount) >= 999.5 && step < steps.length - 1) {
    amount /= 1000;
    step++;
  }
  const digits = step === 0 && Number.isInteger(amount) ? 0 : Math.abs(amount) >= 99.95 ? 0 : 1;
  return `${amount.toFixed(digits)}${unit === '' ? '' : ' '}${steps[step]}${unit}`;
}

const scales: Readonly<Record<Unit, {readonly step: number; readonly names: readonly string[]}>> = {
  ns: {step: 1000, names: ['ns', 'µs', 'ms', 's']},
  us: {step: 1000, names: ['µs', 'ms', 's']},
  ms: {step: 1000, names: ['ms', 's']},
  bytes: {step: 1024, names: ['B', 'K', 'M', 'G', 'T', 'P', 'E']},
  count: {step: 1000, names: ['', 'k', 'M', 'G', 'T', 'P', 'E']},
  none: {step: 1000, names: ['', 'k', 'M', 'G', 'T', 'P', 'E']},
};

/** A measured value with its unit, three digits: 1.05 ms, 4.00 K, 812. */
export const valueText = (value: Count, unit: Unit): string => scaled(value, scales[unit].step, scales[unit].names);

/** A bucket's bound: whole, since bounds of log2 buckets are powers of two and rounding would move them apart. */
export function boundText(bound: Count | null, unit: Unit, infinite: string): string {
  if (bound === null) return infinite;
  const {step, names} = scales[unit];
  let amount = Number(bound);
  let scale = 0;
  while (Math.abs(amount) >= step && scale < names.length - 1) {
    amount /= step;
    scale++;
  }
  const text = Number.isInteger(amount) ? String(amount) : amount.toFixed(Math.abs(amount) < 10 ? 1 : 0);
  return `${text}${names[scale] ?? ''}`;
}

/** 1.0-2.0µs: the bucket in which a percentile lies. */
export function bucketText(bucket: Bucket | undefined, unit: Unit): string {
  if (bucket === undefined) return '-';
  const [low, high] = [boundText(bucket.low, unit, '-∞'), boundText(bucket.high, unit, '∞')];
  const unitOf = (text: string): string => /[^\d.]*$/.exec(text)?.[0] ?? '';
  return unitOf(low) === unitOf(high) && low !== '0' ? `${low.slice(0, low.length - unitOf(low).length)}-${high}` : `${low}-${high}`;
}
