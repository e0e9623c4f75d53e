// Single events of one row as they happen: what the screen keeps of them, and the lines below the table. Pure.
import type {Count, Unit} from '../decode/frame.ts';
import {fit, pad, widthOf} from './fit.ts';
import {cropLine} from './lines.ts';
import {type Line, seg} from './styles.ts';
import {grouped, valueText} from './units.ts';

/** A number that each event of a view carries. */
export interface TailColumn {
  readonly title: string;
  readonly unit: Unit;
}

export interface TailEvent {
  /** HH:MM:SS.micros, the machine's own time. */
  readonly time: string;
  readonly comm: string;
  readonly pid: number;
  readonly tid: number;
  readonly values: readonly Count[];
}

export interface TailState {
  /** Of which view, and which row: its key, raw. */
  readonly view: string;
  readonly row: string;
  readonly label: string;
  readonly columns: readonly TailColumn[];
  /** The newest last. */
  readonly events: readonly TailEvent[];
  readonly seen: number;
  /** What came faster than it could be read. */
  readonly unsent: number;
  readonly failure?: string;
}

/** Events kept: more than any screen has lines. */
const mostKept = 200;

export function tailed(tail: TailState, events: readonly TailEvent[], columns: readonly TailColumn[], unsent: number): TailState {
  return {...tail, columns, events: [...tail.events, ...events].slice(-mostKept), seen: tail.seen + events.length, unsent};
}

const timeWidth = 15;
const idWidth = 8;
const commWidth = 16;
const valueWidth = 12;

/** Title, headings, and the newest events, the last at the bottom. */
export function tailLines(tail: TailState, width: number, lines: number, ascii: boolean): readonly Line[] {
  const mark = tail.unsent > 0 ? `  ${ascii ? '!' : '⚠'} ${grouped(tail.unsent)} came too fast to be shown` : '';
  const whole: Line = [
    seg(` events of ${fit(tail.label, Math.max(8, Math.min(widthOf(tail.label), width - 40)))} `, 'title'),
    seg(`  ${grouped(tail.seen)} seen`, 'dim'),
    seg(mark, 'bad'),
  ];
  const title = cropLine(whole, width);
  if (tail.failure !== undefined) return [title, [seg(`  ${tail.failure}`, 'bad')]];
  // what was measured says most, then which task it was
  const numbers = tail.columns.length * (valueWidth + 1);
  const wide = width >= timeWidth + commWidth + 2 * (idWidth + 1) + 2 + numbers;
  const comms = wide ? commWidth : 10;
  const cells = (time: string, comm: string, pid: string, tid: string, values: readonly string[]): string =>
    fit(
      [
        ` ${pad(time, timeWidth, 'left')}`,
        fit(comm, comms),
        ...(wide || width >= timeWidth + comms + idWidth + 3 + numbers ? [pad(pid, idWidth, 'right')] : []),
        ...(wide ? [pad(tid, idWidth, 'right')] : []),
        ...values.map((each) => pad(each, valueWidth, 'right')),
      ].join(' '),
      width,
    );
  const heading: Line = [
    seg(
      cells(
        'TIME',
        'COMM',
        'PID',
        'TID',
        tail.columns.map(({title: name}) => name),
      ),
      'heading',
    ),
  ];
  const room = Math.max(0, lines - 2);
  const shown = tail.events.slice(-room);
  const rows: Line[] = shown.map(({time, comm, pid, tid, values}) => [
    seg(
      cells(
        time,
        comm,
        String(pid),
        String(tid),
        values.map((value, i) => valueText(value, tail.columns[i]?.unit ?? 'none')),
      ),
    ),
  ]);
  return [title, heading, ...(rows.length > 0 ? rows : [[seg('  none yet', 'dim')]])];
}
