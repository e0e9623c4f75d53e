// `tsbpftop record FILE [VIEW ...]`: every refresh as a line of the file, as --json prints them, with what a replay needs.
// Needs no terminal. What was written is whole at any time, however it ends.
import {gzipSync} from 'node:zlib';
import {UserError} from '../errors.ts';
import {sortRows} from '../decode/sort.ts';
import {headerLine, recordedLine} from '../output/recording.ts';
import {si} from '../view/units.ts';
import {printedViews} from './presets/chosen-views.ts';
import {dropPrivileges} from './process/drop-privileges.ts';
import {findPresets} from './presets/find-presets.ts';
import {type Invocation, surroundings} from './invocation.ts';
import {createFile, requireNew} from './files/new-file.ts';
import {inexactLines, openPrinted} from './live/open-printed.ts';
import type {OpenView} from './live/open-view.ts';
import {originOf} from './recording/origin.ts';
import {refreshes} from './live/refreshes.ts';
import {tell} from './process/safe-lines.ts';
import {commandOf, tellEnd} from './process/watched.ts';
import {atItsEnd, stopSignal} from './process/standard-output.ts';

export async function recordCommand(invocation: Invocation): Promise<number> {
  const {words, force, owner} = invocation;
  const [file, ...names] = words;
  if (file === undefined || (names.length === 0 && findPresets(invocation.places).presets.some(({name}) => name === file)))
    throw new UserError(file === undefined ? 'record wants a file' : `record wants a file before the view '${file}'`, {
      hint: `tsbpftop record recording.ndjson ${file ?? 'VIEW ...'}`,
      status: 2,
    });
  requireNew(file, force);
  const chosen = printedViews({...invocation, words: names});
  const started = await commandOf(invocation, false);
  const stop = stopSignal(started?.ended);
  process.on('SIGXFSZ', () => undefined); // the write fails, and says so

  const views: OpenView[] = [];
  let status = 0;
  try {
    const around = surroundings(invocation, started);
    for (const preset of chosen) views.push(await openPrinted(preset, around, stop));
    const target = createFile(file, owner, force);
    // the kernel tells how large a program is only to who may load it
    const headers = views.map((view) => headerLine(view.plan.shape, originOf(view, invocation)));
    dropPrivileges(views);
    let lines = 0;
    try {
      const write = (text: string): void => {
        const data = Buffer.from(`${text}\n`);
        // a member of its own each time: what is there can be unpacked whole
        target.write(file.endsWith('.gz') ? gzipSync(data) : data);
      };
      for (const header of headers) write(header);
      tell(`recording ${views.map(({preset}) => preset.name).join(', ')} to '${file}'; Ctrl-C ends it`);
      const last = await refreshes(views, {...invocation, begin: started?.begin}, stop, (frame, shape) => {
        const rows = sortRows(frame.rows, shape, invocation.sort ?? shape.sort).slice(0, invocation.top ?? frame.rows.length);
        write(recordedLine({...frame, rows}, shape));
        lines++;
      });
      if (stop.reason === atItsEnd) status = await tellEnd(started);
      inexactLines(last).forEach(tell);
    } catch (error) {
      if (error instanceof UserError && lines > 0)
        throw new UserError(error.message, {hint: `${summary(lines, target.bytes)} before that can be replayed`, status: error.status});
      throw error;
    } finally {
      target.close();
    }
    tell(`wrote ${summary(lines, target.bytes)} to '${file}'; tsbpftop replay shows it`);
  } finally {
    await Promise.all(views.map(({session}) => session.close()));
    await started?.close();
  }
  return status;
}

const summary = (lines: number, bytes: number): string => `${lines} ${lines === 1 ? 'refresh' : 'refreshes'} (${si(bytes, 'B')})`;
