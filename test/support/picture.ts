// A terminal's screen as SVG: what the README shows is what the program painted.
import {ink, palette, paper, type Run, svgOfRuns} from '../../src/output/svg.ts';
import type {Term} from './term.ts';

export function svgOf({screen}: Term): string {
  return svgOfRuns(
    Array.from({length: screen.rows}, (_, y) => runsOf(screen, y)),
    screen.cols,
  );
}

type Drawn = {-readonly [Name in keyof Run]: Run[Name]} & {readonly style: string};

function runsOf(screen: Term['screen'], y: number): readonly Run[] {
  const buffer = screen.buffer.active;
  const row = buffer.getLine(buffer.viewportY + y);
  const runs: Drawn[] = [];
  for (let column = 0; column < screen.cols; column++) {
    const at = row?.getCell(column);
    if (at === undefined || at.getWidth() === 0) continue;
    const [front, behind] = [
      at.isFgDefault() ? ink : (palette[at.getFgColor()] ?? ink),
      at.isBgDefault() ? undefined : palette[at.getBgColor()],
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
