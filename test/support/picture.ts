// A terminal's screen as SVG: what the README shows is what the program painted.
import type {Term} from './term.ts';

const base16 = [
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
const [ink, paper] = ['#d7dae0', '#16181d'];
const [cell, line, margin] = [8.43, 18, 12];

interface Run {
  readonly column: number;
  readonly style: string;
  readonly fill: string;
  readonly back: string | undefined;
  readonly bold: boolean;
  text: string;
  width: number;
}

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (character) => ({'&': '&amp;', '<': '&lt;', '>': '&gt;'})[character] ?? '');

export function svgOf({screen}: Term): string {
  const shapes: string[] = [];
  for (let y = 0; y < screen.rows; y++)
    for (const run of runsOf(screen, y)) {
      const [x, top, width] = [(margin + run.column * cell).toFixed(1), margin + y * line, (run.width * cell).toFixed(1)];
      if (run.back !== undefined) shapes.push(`<rect x="${x}" y="${top}" width="${width}" height="${line}" fill="${run.back}"/>`);
      if (run.text.trim() !== '')
        shapes.push(
          `<text x="${x}" y="${top + 13}" textLength="${width}" fill="${run.fill}"${run.bold ? ' font-weight="bold"' : ''}>${escaped(run.text)}</text>`,
        );
    }
  const [width, height] = [Math.ceil(screen.cols * cell + 2 * margin), screen.rows * line + 2 * margin];
  const font = "'DejaVu Sans Mono','JetBrains Mono',Menlo,Consolas,monospace";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="${font}" font-size="14" xml:space="preserve"><style>text{white-space:pre}</style><rect width="${width}" height="${height}" rx="8" fill="${paper}"/>${shapes.join('')}</svg>\n`;
}

function runsOf(screen: Term['screen'], y: number): readonly Run[] {
  const buffer = screen.buffer.active;
  const row = buffer.getLine(buffer.viewportY + y);
  const runs: Run[] = [];
  for (let column = 0; column < screen.cols; column++) {
    const at = row?.getCell(column);
    if (at === undefined || at.getWidth() === 0) continue;
    const [front, behind] = [
      at.isFgDefault() ? ink : (base16[at.getFgColor()] ?? ink),
      at.isBgDefault() ? undefined : base16[at.getBgColor()],
    ];
    const [fill, back] = at.isInverse() ? [behind ?? paper, front] : [front, behind];
    const style = `${fill}${back}${at.isBold()}`;
    const last = runs.at(-1);
    if (last === undefined || last.style !== style)
      runs.push({column, style, fill, back, bold: at.isBold() !== 0, text: at.getChars() || ' ', width: at.getWidth()});
    else {
      last.text += at.getChars() || ' ';
      last.width += at.getWidth();
    }
  }
  return runs;
}
