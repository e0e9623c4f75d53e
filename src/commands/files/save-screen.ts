// Writes what is on the screen to a new file, in the format asked for.
import os from 'node:os';
import path from 'node:path';
import {safeString} from '../../decode/safe-text.ts';
import {UserError} from '../../errors.ts';
import {csvHeader, csvRows} from '../../output/csv.ts';
import {jsonLine} from '../../output/json.ts';
import {svgOf} from '../../output/svg.ts';
import type {SaveRequest} from '../../view/saving.ts';
import {createFile} from './new-file.ts';
import type {Owner} from './safe-folder.ts';

/** @returns the file's whole path, safe to print. @throws UserError */
export function saveScreen(request: SaveRequest, owner: Owner | undefined): string {
  if (request.path === '') throw new UserError('no file is named');
  // as a shell would have it
  const file = path.resolve(request.path.startsWith('~/') ? path.join(os.homedir(), request.path.slice(2)) : request.path);
  const text = contentOf(request);
  const target = createFile(file, owner);
  try {
    target.write(Buffer.from(text));
  } finally {
    target.close();
  }
  return safeString(file);
}

function contentOf({format, lines, columns, data}: SaveRequest): string {
  switch (format) {
    case 'text':
      return lines.map((line) => `${line.replace(/\u001B\[[\d;]*m/g, '').trimEnd()}\n`).join('');
    case 'svg':
      return svgOf(lines, columns);
    case 'csv':
    case 'json': {
      if (data === undefined) throw new UserError('there are no rows on the screen');
      const {frame, shape} = data;
      return format === 'json' ? `${jsonLine(frame, shape)}\n` : csvHeader(shape) + csvRows(frame, shape);
    }
  }
}
