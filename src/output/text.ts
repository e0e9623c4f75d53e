// A Frame as a plain table for `-b`: a status line, headings, a line a row. No colour, no width limit: others cut it.
import type {Frame, Lost, ViewShape} from '../decode/frame.ts';
import {columnsOf} from '../view/columns.ts';
import {aligned} from './aligned.ts';

export function textTable(frame: Frame, shape: ViewShape): string {
  const columns = columnsOf(shape);
  const sum = frame.sums.total;
  const cells = frame.rows.map((row) => columns.map((column) => column.text(row, sum === 0 ? 0 : Number(row.total[0] ?? 0) / sum)));
  const lines = aligned([columns.map((column) => column.title), ...cells], (i) => columns[i]?.align ?? 'left');
  return [statusLine(frame, shape), ...lines, ''].join('\n');
}

function statusLine(frame: Frame, shape: ViewShape): string {
  const {keys, cost} = frame;
  return [
    new Date(frame.time).toISOString(),
    shape.title,
    frame.status,
    keys.max === 0 ? `${keys.used} keys` : `${keys.used}/${keys.max} keys`,
    ...lostTexts(frame.lost),
    ...(frame.hosts ?? []).flatMap(({host, state, error}) =>
      state === 'live' ? [] : [`${host} ${state}${error === undefined ? '' : `: ${error}`}`],
    ),
    ...(frame.seq === 0
      ? []
      : [`${cost.events} ${cost.events === 1 ? 'event' : 'events'}, ${cost.nsPerEvent} ns/event, ${cost.cpuPercent} % CPU`]),
  ].join('  ');
}

/** What was lost, in the words of the JSON. */
function lostTexts(lost: Lost): readonly string[] {
  return Object.entries(lost).flatMap(([name, count]) => (count > 0 ? [`${name} ${count}`] : []));
}
