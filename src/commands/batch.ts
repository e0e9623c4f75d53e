// `tsbpftop -b` and `--json`: every refresh of every view on stdout, no terminal needed. Loads neither Ink nor React.
import {foldedLines} from '../output/folded.ts';
import {headerLine} from '../output/recording.ts';
import {printedViews} from './presets/chosen-views.ts';
import {dropLater} from './process/drop-privileges.ts';
import {type Invocation, surroundings} from './invocation.ts';
import {inexactLines, openPrinted} from './live/open-printed.ts';
import type {OpenView} from './live/open-view.ts';
import {originOf} from './recording/origin.ts';
import {printed, requireColumn, requireOneTable, requireStacks} from './process/printed.ts';
import {refreshes} from './live/refreshes.ts';
import {tell} from './process/safe-lines.ts';
import {commandOf, tellEnd} from './process/watched.ts';
import {atItsEnd, firstOutput, stopSignal, write} from './process/standard-output.ts';

export async function batchCommand(invocation: Invocation): Promise<number> {
  const chosen = printedViews(invocation);
  requireOneTable(invocation, chosen.length);
  const started = await commandOf(invocation, false);
  const stop = stopSignal(started?.ended, true);
  const first = firstOutput();
  const print = (text: string): Promise<void> => write(first(text), stop);

  const views: OpenView[] = [];
  let status = 0;
  try {
    const around = surroundings(invocation, started);
    const drop = dropLater(around.addon);
    for (const preset of chosen) views.push(await openPrinted(preset, around, stop));
    for (const {plan} of views) requireColumn(plan.shape, invocation.sort);
    if (invocation.folded) requireStacks(views.map(({plan}) => plan.shape));
    // the kernel tells how large a program is only to who may load it
    const headed = invocation.json && invocation.header ? views : [];
    const headers = headed.map((view) => headerLine(view.plan.shape, originOf(view, invocation)));
    drop(views);
    for (const header of headers) await print(`${header}\n`);
    const {folded} = invocation;
    const last = await refreshes(views, {...invocation, begin: started?.begin}, stop, (frame, shape) =>
      folded ? undefined : print(printed(frame, shape, invocation)),
    );
    if (folded) for (const [i, frame] of last.entries()) await print(foldedLines(frame, (views[i] as OpenView).plan.shape));
    if (stop.reason === atItsEnd) status = await tellEnd(started);
    inexactLines(last).forEach(tell);
  } finally {
    await Promise.all(views.map(({session}) => session.close()));
    await started?.close();
  }
  return status;
}
