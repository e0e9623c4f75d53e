// Metrics as text: OpenMetrics 1.0, and the older format that Prometheus began with. Knows no views. Numbers are written
// exactly; what a process may have named passes as an escaped label value, never as anything else.
import type {Count} from '../decode/frame.ts';
import {safeString} from '../decode/safe-text.ts';

export type MetricFormat = 'openmetrics' | 'classic';

export const contentTypes: Readonly<Record<MetricFormat, string>> = {
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  classic: 'text/plain; version=0.0.4; charset=utf-8',
};

export interface MetricFamily {
  /** Without the suffix of its samples. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'info';
  readonly unit?: 'seconds' | 'bytes';
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

export interface MetricSample {
  /** As '_total', '_bucket'. */
  readonly suffix: string;
  /** Made by labelText. */
  readonly labels: string;
  /** A number, written. */
  readonly value: string;
}

/** What a client prefers: OpenMetrics where it is asked for, as Prometheus does. */
export function formatOf(accept: string): MetricFormat {
  let best: {readonly format: MetricFormat; readonly quality: number} = {format: 'classic', quality: 0};
  for (const part of accept.split(',')) {
    const [type = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
    const parameter = (name: string): string | undefined => parameters.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
    const open = type === 'application/openmetrics-text' && ['0.0.1', '1.0.0'].includes(parameter('version') ?? '1.0.0');
    if (!open && !['text/plain', 'text/*', '*/*'].includes(type)) continue;
    const quality = Number(parameter('q') ?? 1);
    if (quality > best.quality) best = {format: open ? 'openmetrics' : 'classic', quality};
  }
  return best.format;
}

export function metricText(families: readonly MetricFamily[], format: MetricFormat): string {
  const lines: string[] = [];
  for (const {name, type, unit, help, samples} of families) {
    const open = format === 'openmetrics';
    // the old format has no info, and a counter's own name ends in what its samples do
    const named = !open && type === 'counter' ? `${name}_total` : !open && type === 'info' ? `${name}_info` : name;
    const text = safeString(help).replaceAll('\\', '\\\\');
    lines.push(`# TYPE ${named} ${!open && type === 'info' ? 'gauge' : type}`);
    if (open && unit !== undefined) lines.push(`# UNIT ${named} ${unit}`);
    lines.push(`# HELP ${named} ${open ? text.replaceAll('"', '\\"') : text}`);
    for (const {suffix, labels, value} of samples) lines.push(`${name}${suffix}${labels === '' ? '' : `{${labels}}`} ${value}`);
  }
  if (format === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

/** Label names and their values, as they stand between the braces. */
export const labelText = (labels: readonly (readonly [name: string, value: string])[]): string =>
  labels.map(([name, value]) => `${name}="${escaped(safeString(value))}"`).join(',');

const escaped = (text: string): string =>
  /[\\"\n]/.test(text) ? text.replace(/[\\"\n]/g, (each) => (each === '\n' ? '\\n' : `\\${each}`)) : text;

/** Part of a metric's name, or a label's: what is not allowed becomes '_'. */
export const wordOf = (text: string): string => {
  const word = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return /^[a-z]/.test(word) ? word : `x_${word}`.replace(/_$/, '');
};

/** Names of labels, one for each name given: no two alike, and none that means something by itself. */
export function labelNames(names: readonly string[], reserved: readonly string[]): readonly string[] {
  const taken = new Set(reserved);
  return names.map((name) => {
    const word = wordOf(name);
    let label = word;
    for (let i = 2; taken.has(label); i++) label = `${word}_${i}`;
    taken.add(label);
    return label;
  });
}

/** count / 10^digits, every digit of it. */
export function scaled(count: Count, digits: number): string {
  if (digits === 0) return String(count);
  if (typeof count === 'number' && !Number.isInteger(count)) return String(count / 10 ** digits);
  const sign = count < 0 ? '-' : '';
  const text = String(count)
    .replace('-', '')
    .padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '');
  return `${sign}${text.slice(0, -digits)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** A bucket's end in the one spelling that OpenMetrics has for it, the same in both formats: it is part of a series' name. */
export function canonical(value: number): string {
  const [, exponent = '0'] = /e([+-]\d+)$/.exec(value.toExponential()) ?? [];
  const size = Number(exponent);
  if (value !== 0 && (size < -4 || size >= 21)) {
    const [digits = ''] = value.toExponential().split('e');
    return `${digits}e${size < 0 ? '-' : '+'}${String(Math.abs(size)).padStart(2, '0')}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
