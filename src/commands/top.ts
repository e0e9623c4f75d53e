// `tsbpftop`: the full screen. Opens the first view, runs the screen, and leaves nothing attached.
import os from 'node:os';
import {liveLookups} from '../kernel/lookups.ts';
import {requirePrivilege} from '../kernel/privilege.ts';
import {safeString} from '../decode/safe-text.ts';
import {liveClock} from './process/clock.ts';
import {chosenViews} from './presets/chosen-views.ts';
import {findPresets, loadTrusted} from './presets/find-presets.ts';
import {type Invocation, surroundings} from './invocation.ts';
import {LiveSource} from './live/live-source.ts';
import {savePreset} from './presets/save-preset.ts';
import {tell} from './process/safe-lines.ts';
import {commandOf, tellEnd} from './process/watched.ts';
import {requireTerminal, showScreen} from './process/show-screen.ts';

export async function topCommand(invocation: Invocation): Promise<number> {
  const presets = chosenViews(invocation);
  requireTerminal(invocation, 'tsbpftop -b, or tsbpftop --json');
  // said before the screen, not on it: no view could run
  requirePrivilege();
  const {interval, sort, linger} = invocation;
  const started = await commandOf(invocation, true);
  const named = new Set(presets.map((preset) => preset.name));
  const source = new LiveSource({
    presets,
    others: () => findPresets(invocation.places).presets.filter((preset) => !named.has(preset.name)),
    around: surroundings(invocation, started),
    lookups: liveLookups(),
    clock: liveClock,
    interval,
    sort,
    linger,
    save: (preset) => savePreset(preset, invocation.places),
    load: (file) => loadTrusted(file, invocation.places),
    attached: started?.begin,
  });
  try {
    // its probes are attached while the screen is loaded; one with a warning waits for the answer
    const [first] = source.views;
    const opened = first !== undefined && first.warning === undefined && first.unavailable === undefined;
    if (opened) source.open(first.name);
    void started?.ended.then(({said}) => source.tell(`${said || 'the command has ended'}: what is shown stays`));
    const shown = {source, firstView: presets[0]?.name ?? '', opened, interval, host: safeString(os.hostname())};
    const status = await showScreen(shown, invocation);
    for (const line of source.summary()) tell(line);
    return (await tellEnd(started)) || status;
  } finally {
    await source.closeAll();
    await started?.close();
  }
}
