// Parts of the screen that Ink lays out and does not fill: it gets a mark for each of their lines, and what stands in a line is
// put there when it is painted. So Ink neither measures nor wraps what changes with every refresh.
import {Text} from 'ink';
import {memo} from 'react';

type Name = 'head' | 'body' | 'foot';

/** For private use: no text on the screen is one of these alone. */
const marks: Readonly<Record<Name, string>> = {
  head: '\uE000',
  body: '\uE001',
  foot: '\uE002',
};
const names = Object.keys(marks) as readonly Name[];

export const Area = memo(({name, lines}: {readonly name: Name; readonly lines: number}) => (
  <Text>{new Array<string>(lines).fill(marks[name]).join('\n')}</Text>
));

/** A line of the layout: as Ink has it, or the n-th of an area. */
export type LaidLine = string | {readonly area: Name; readonly index: number};

export function laidLines(frame: string): readonly LaidLine[] {
  const next = {head: 0, body: 0, foot: 0};
  return frame.split('\n').map((line) => {
    const area = names.find((name) => marks[name] === line);
    return area === undefined ? line : {area, index: next[area]++};
  });
}
