// `tsbpftop replay FILE [VIEW ...]`: the screen, or batch, from a recording. Needs no privilege, no BPF and no Linux: nothing
// here loads the addon.
import {UserError} from '../errors.ts';
import {hintOf} from '../preset/fault.ts';
import {csvHeader} from '../output/csv.ts';
import type {Invocation} from './invocation.ts';
import {printed, requireColumn, requireOneTable} from './process/printed.ts';
import {openRecording, type RecordingFile} from './recording/recording-file.ts';
import {recordedViews, ReplaySource} from './recording/replay-source.ts';
import {tell} from './process/safe-lines.ts';
import {requireTerminal, showScreen} from './process/show-screen.ts';
import {stopSignal, write} from './process/standard-output.ts';

export async function replayCommand(invocation: Invocation): Promise<number> {
  const [file, ...names] = invocation.words;
  if (file === undefined) throw new UserError('replay wants a file', {hint: 'tsbpftop record FILE writes one', status: 2});
  if (!invocation.batch) requireTerminal(invocation, 'tsbpftop replay FILE -b, or --json');
  const recording = await openRecording(file);
  try {
    requireViews(recording, file, names);
    const damage = damageText(recording);
    if (invocation.batch) {
      const unreadable = await printAll(recording, names, invocation);
      for (const text of [damage, passedOver(unreadable, 'refresh', 'is not as it should be', 'are not as they should be')])
        if (text !== '') tell(`${file}: ${text}`);
      return 0;
    }
    const source = new ReplaySource(recording, names, invocation.sort);
    const {interval = 1, host = ''} = recording.headers[0]?.origin ?? {};
    try {
      const status = await showScreen({source, firstView: source.views[0]?.name ?? '', interval, host}, invocation);
      if (damage !== '') tell(`${file}: ${damage}`);
      return status;
    } finally {
      source.close();
    }
  } finally {
    recording.close();
  }
}

function requireViews(recording: RecordingFile, file: string, names: readonly string[]): void {
  const known = recordedViews(recording).map((view) => view.name);
  for (const name of names)
    if (!known.includes(name))
      throw new UserError(`no view '${name}' in '${file}'`, {
        hint: hintOf(name, known),
        status: 2,
      });
}

/** What was passed over, and why; '' when nothing was. */
function damageText({damage: {unreadable, foreign, left}}: RecordingFile): string {
  return [
    passedOver(unreadable, 'line', 'cannot be read', 'cannot be read'),
    passedOver(foreign, 'line', 'is of another version', 'are of another version'),
    passedOver(left, 'line', 'is more than a replay holds', 'are more than a replay holds'),
  ]
    .filter((text) => text !== '')
    .join('; ');
}

function passedOver(count: number, noun: string, one: string, many: string): string {
  if (count === 0) return '';
  return count === 1
    ? `1 ${noun} passed over that ${one}`
    : `${count} ${noun === 'refresh' ? 'refreshes' : `${noun}s`} passed over that ${many}`;
}

/** As fast as it is read. @returns refreshes that could not be */
async function printAll(recording: RecordingFile, names: readonly string[], invocation: Invocation): Promise<number> {
  const stop = stopSignal();
  const {sort, csv, count = Number.POSITIVE_INFINITY} = invocation;
  const views = names.length === 0 ? recordedViews(recording) : names;
  requireOneTable(invocation, views.length);
  let headed = false;
  let unreadable = 0;
  for (let i = 0; i < recording.count && !stop.aborted; i++) {
    const {shape} = recording.header(i);
    if (names.length > 0 && !names.includes(shape.name)) continue;
    requireColumn(shape, sort);
    const frame = recording.read(i);
    if (frame === undefined) unreadable++;
    else if (frame.seq <= count) {
      // also where the recording begins in the midst of a view
      const head = csv && !headed && frame.seq > 0 ? csvHeader(shape) : '';
      headed = true;
      await write(head + printed(frame, shape, invocation), stop);
    }
  }
  return unreadable;
}
