// Parts of the screen that Ink lays out and does not fill: it gets a mark for each of their lines, and what stands in a line is
// put there when it is painted. So Ink neither measures nor wraps what changes with every refresh.
import type {Screen} from '../view/screen.ts';

export type AreaName = 'head' | 'body' | 'foot';

/** For private use: no text on the screen is one of these alone. */
export const marks: Readonly<Record<AreaName, string>> = {
  head: '\uE000',
  body: '\uE001',
  foot: '\uE002',
};
const names = Object.keys(marks) as readonly AreaName[];

/** A line of the layout: as Ink has it, or the n-th of an area. */
export type LaidLine = string | {readonly area: AreaName; readonly index: number};

export function laidLines(frame: string): readonly LaidLine[] {
  const next = {head: 0, body: 0, foot: 0};
  return frame.split('\n').map((line) => {
    const area = names.find((name) => marks[name] === line);
    return area === undefined ? line : {area, index: next[area]++};
  });
}

/** The layout where nothing lies over the body: what Ink would make of it, for the frames that are painted before it is there. */
export function plainLayout({head}: Screen, lines: number): readonly LaidLine[] {
  return Array.from({length: lines}, (_, y): LaidLine => {
    if (y === lines - 1) return {area: 'foot', index: 0};
    return y < head.length ? {area: 'head', index: y} : {area: 'body', index: y - head.length};
  });
}
