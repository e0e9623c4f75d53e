// `tsbpftop`: the full screen. Opens the first view, runs the screen, and leaves nothing attached.
import os from 'node:os';
import {UserError} from '../errors.ts';
import {liveLookups} from '../kernel/lookups.ts';
import {requirePrivilege} from '../kernel/privilege.ts';
import {safeString} from '../decode/safe-text.ts';
import {liveClock} from './clock.ts';
import {chosenViews} from './chosen-views.ts';
import {findPresets, loadTrusted} from './find-presets.ts';
import {type Invocation, surroundings} from './invocation.ts';
import {LiveSource} from './live-source.ts';
import {savePreset} from './save-preset.ts';
import {saveScreen} from './save-screen.ts';
import {requireScreen} from './terminal-kind.ts';
import {tell} from './safe-lines.ts';

export async function topCommand(invocation: Invocation): Promise<number> {
  const presets = chosenViews(invocation);
  const {stdin, stdout} = process;
  if (!stdin.isTTY || !stdout.isTTY)
    throw new UserError('the full screen needs a terminal', {hint: 'without one: tsbpftop -b, or tsbpftop --json'});
  requireScreen(invocation);
  // said before the screen, not on it: no view could run
  requirePrivilege();
  const {interval, sort, linger} = invocation;
  const named = new Set(presets.map((preset) => preset.name));
  const others = findPresets(invocation.places).presets.filter((preset) => !named.has(preset.name));
  const source = new LiveSource({
    presets,
    others,
    around: surroundings(invocation),
    lookups: liveLookups(),
    clock: liveClock,
    interval,
    sort,
    linger,
    save: (preset) => savePreset(preset, invocation.places),
    load: (file) => loadTrusted(file, invocation.places),
  });
  const {runScreen} = await import('../ui/run-screen.tsx');
  try {
    const end = await runScreen({
      source,
      initialView: presets[0]?.name ?? '',
      interval: invocation.interval,
      host: safeString(os.hostname()),
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
    for (const line of source.summary()) tell(line);
    return end.by === 'key' ? 0 : 128 + (os.constants.signals[end.signal] ?? 0);
  } finally {
    await source.closeAll();
  }
}
