// Painted lines as a picture: SVG of a terminal's screen. Colours are those of a dark theme, since an SVG does not know the
// reader's own. Takes lines with escape sequences as ui/theme.ts makes them.
import {widthOf} from '../view/fit.ts';

export const palette = [
  '#1c1c1c',
  '#e05561',
  '#8cc265',
  '#d18f52',
  '#4aa5f0',
  '#c162de',
  '#42b3c2',
  '#d7dae0',
  '#6b7280',
  '#ff616e',
  '#a5e075',
  '#f0a45d',
  '#4dc4ff',
  '#de73ff',
  '#4cd1e0',
  '#ffffff',
];
export const [ink, paper] = ['#d7dae0', '#16181d'];
const [cell, line, margin] = [8.43, 18, 12];

/** Text of one look. */
export interface Run {
  readonly column: number;
  readonly text: string;
  readonly width: number;
  readonly fill: string;
  readonly back: string | undefined;
  readonly bold: boolean;
  readonly underlined?: boolean;
}

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (character) => ({'&': '&amp;', '<': '&lt;', '>': '&gt;'})[character] ?? '');

export function svgOfRuns(lines: readonly (readonly Run[])[], columns: number): string {
  const shapes = lines.flatMap((runs, y) => runs.flatMap((run) => shapesOf(run, margin + y * line)));
  const [width, height] = [Math.ceil(columns * cell + 2 * margin), lines.length * line + 2 * margin];
  const font = "'DejaVu Sans Mono','JetBrains Mono',Menlo,Consolas,monospace";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="${font}" font-size="14" xml:space="preserve"><style>text{white-space:pre}</style><rect width="${width}" height="${height}" rx="8" fill="${paper}"/>${shapes.join('')}</svg>\n`;
}

function shapesOf({column, text, width: cells, fill, back, bold, underlined}: Run, top: number): readonly string[] {
  const [x, width] = [(margin + column * cell).toFixed(1), (cells * cell).toFixed(1)];
  const style = `${bold ? ' font-weight="bold"' : ''}${underlined === true ? ' text-decoration="underline"' : ''}`;
  return [
    ...(back === undefined ? [] : [`<rect x="${x}" y="${top}" width="${width}" height="${line}" fill="${back}"/>`]),
    ...(text.trim() === '' ? [] : [`<text x="${x}" y="${top + 13}" textLength="${width}" fill="${fill}"${style}>${escaped(text)}</text>`]),
  ];
}

/** @param lines painted: text with select-graphic-rendition sequences, and no others */
export function svgOf(lines: readonly string[], columns: number): string {
  return svgOfRuns(lines.map(runsOf), columns);
}

interface Look {
  readonly front: number | undefined;
  readonly behind: number | undefined;
  readonly bold: boolean;
  readonly underlined: boolean;
  readonly inverse: boolean;
}
const plain: Look = {front: undefined, behind: undefined, bold: false, underlined: false, inverse: false};

function runsOf(painted: string): readonly Run[] {
  const runs: Run[] = [];
  let look = plain;
  let column = 0;
  // text and codes in turn
  for (const [i, part] of painted.split(/\u001B\[([\d;]*)m/).entries()) {
    if (i % 2 === 1) look = part.split(';').reduce(changed, look);
    else if (part !== '') {
      const width = widthOf(part);
      const [front, behind] = [
        look.front === undefined ? ink : (palette[look.front] ?? ink),
        look.behind === undefined ? undefined : palette[look.behind],
      ];
      const [fill, back] = look.inverse ? [behind ?? paper, front] : [front, behind];
      runs.push({column, text: part, width, fill, back, bold: look.bold, underlined: look.underlined});
      column += width;
    }
  }
  return runs;
}

function changed(look: Look, code: string): Look {
  const number = Number(code);
  if (number === 0) return plain;
  if (number === 1) return {...look, bold: true};
  if (number === 4) return {...look, underlined: true};
  if (number === 7) return {...look, inverse: true};
  if (number >= 30 && number <= 37) return {...look, front: number - 30};
  if (number >= 90 && number <= 97) return {...look, front: number - 82};
  if (number >= 40 && number <= 47) return {...look, behind: number - 40};
  return look;
}
