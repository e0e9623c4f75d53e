// Ink paints every frame through a grid of cell objects. Where the
// writes of a frame neither overlap nor are clipped, joining them per row gives the same text ten times cheaper;
// anything else goes to Ink's own code.
import Output from '../../node_modules/ink/build/output.js';
import {widthOf} from '../view/fit.ts';

interface Write {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly transformers: readonly ((text: string, line: number) => string)[];
}
interface Painted {
  readonly output: string;
  readonly height: number;
}
interface InkOutput {
  readonly height: number;
  readonly operations: readonly Write[];
  get(): Painted;
}

// eslint-disable-next-line no-control-regex
const styles = /\u001B\[[\d;]*m/g;

export function installFastOutput(): void {
  const prototype = (Output as unknown as {prototype: InkOutput}).prototype;
  const slow = prototype.get;
  prototype.get = function get(this: InkOutput): Painted {
    return joinRows(this) ?? slow.call(this);
  };
}

export function joinRows({height, operations}: Pick<InkOutput, 'height' | 'operations'>): Painted | undefined {
  const rows = new Array<string>(height).fill('');
  const ends = new Array<number>(height).fill(0);
  for (const operation of operations) {
    if (operation.type !== 'write') return undefined;
    for (const [i, part] of operation.text.split('\n').entries()) {
      const y = operation.y + i;
      const end = ends[y];
      if (end === undefined) continue; // below the last row
      if (operation.x < end) return undefined;
      const text = operation.transformers.reduce((all, transform) => transform(all, i), part);
      rows[y] = `${rows[y] ?? ''}${' '.repeat(operation.x - end)}${text}`;
      ends[y] = operation.x + widthOf(part.replace(styles, ''));
    }
  }
  return {output: rows.map((row) => row.trimEnd()).join('\n'), height};
}
