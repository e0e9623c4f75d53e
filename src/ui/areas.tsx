// Parts of the screen that Ink lays out and does not fill: it gets a mark for each of their lines, and what stands in a line is
// put there when the screen is painted. So Ink neither measures nor wraps what changes with every refresh.
import {Text} from 'ink';
import {memo} from 'react';

/** Of the screen's lines, which are in which area. */
export interface Areas {
  readonly head: readonly string[];
  readonly body: readonly string[];
  readonly foot: readonly string[];
}
type Name = keyof Areas;

/** For private use: no text on the screen is one of these alone. */
const marks: Readonly<Record<Name, string>> = {
  head: '\uE000',
  body: '\uE001',
  foot: '\uE002',
};
const marked = new Map(Object.entries(marks).map(([name, mark]) => [mark, name as Name]));

export const Area = memo(({name, lines}: {readonly name: Name; readonly lines: number}) => (
  <Text>{new Array<string>(lines).fill(marks[name]).join('\n')}</Text>
));

/** The lines that Ink laid out, with those of the areas where their marks are. */
export function filled(laid: readonly string[], areas: Areas): readonly string[] {
  const next = {head: 0, body: 0, foot: 0};
  return laid.map((line) => {
    const name = marked.get(line);
    return name === undefined ? line : (areas[name][next[name]++] ?? '');
  });
}
