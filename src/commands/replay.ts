// `tsbpftop replay FILE [VIEW ...]`: the screen, or batch, from a recording. Needs no privilege, no BPF and no Linux: nothing
// here loads the addon.
import os from 'node:os';
import {UserError} from '../errors.ts';
import {sortNames} from '../decode/sort.ts';
import {csvHeader} from '../output/csv.ts';
import {printed, write} from './batch.ts';
import {type Invocation, nearestNames} from './invocation.ts';
import {openRecording, type RecordingFile} from './recording-file.ts';
import {recordedViews, ReplaySource} from './replay-source.ts';
import {saveScreen} from './save-screen.ts';
import {requireScreen} from './terminal-kind.ts';
import {tell} from './safe-lines.ts';

export async function replayCommand(invocation: Invocation): Promise<number> {
  const [file, ...names] = invocation.words;
  if (file === undefined) throw new UserError('replay wants a file', {hint: 'tsbpftop record FILE writes one', status: 2});
  const {stdin, stdout} = process;
  if (!invocation.batch && (!stdin.isTTY || !stdout.isTTY))
    throw new UserError('the full screen needs a terminal', {hint: 'without one: tsbpftop replay FILE -b, or --json'});
  if (!invocation.batch) requireScreen(invocation);
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
    const {runScreen} = await import('../ui/run-screen.tsx');
    try {
      const end = await runScreen({
        source,
        initialView: source.views[0]?.name ?? '',
        interval: recording.headers[0]?.origin.interval ?? 1,
        host: recording.headers[0]?.origin.host ?? '',
        colour: invocation.colour,
        ascii: invocation.ascii,
        basic: invocation.terminal.basic,
        mouse: invocation.mouse,
        spoken: invocation.spoken,
        maxBytes: invocation.maxBytes ?? Number.POSITIVE_INFINITY,
        save: (request) => saveScreen(request, invocation.owner),
        stdin,
        stdout,
      });
      if (damage !== '') tell(`${file}: ${damage}`);
      return end.by === 'key' ? 0 : 128 + (os.constants.signals[end.signal] ?? 0);
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
        hint: `nearest: ${nearestNames(name, known)[0] ?? ''}; it has ${known.join(', ')}`.replace('nearest: ; ', ''),
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
  const stop = new AbortController();
  process.stdout.on('error', () => stop.abort()); // EPIPE: the reader has gone
  const {sort, csv, count = Number.POSITIVE_INFINITY} = invocation;
  const views = names.length === 0 ? recordedViews(recording) : names;
  if (csv && views.length > 1)
    throw new UserError(`--csv is one table, and there are ${views.length} views`, {hint: 'name one of them, or use --json', status: 2});
  let headed = false;
  let unreadable = 0;
  for (let i = 0; i < recording.count && !stop.signal.aborted; i++) {
    const {shape} = recording.header(i);
    if (names.length > 0 && !names.includes(shape.name)) continue;
    if (sort !== undefined && !sortNames(shape).includes(sort.replace(/^-/, '')))
      throw new UserError(`view '${shape.name}' has no column '${sort}' to sort by`, {
        hint: `it has ${sortNames(shape).join(', ')}`,
        status: 2,
      });
    const frame = recording.read(i);
    if (frame === undefined) unreadable++;
    else if (frame.seq <= count) {
      // also where the recording begins in the midst of a view
      const head = csv && !headed && frame.seq > 0 ? csvHeader(shape) : '';
      headed = true;
      await write(head + printed(frame, shape, invocation), stop.signal);
    }
  }
  return unreadable;
}
