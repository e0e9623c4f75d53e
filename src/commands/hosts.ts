// `tsbpftop --host A --host B VIEW ...`: the same views on other machines, by the user's own ssh, as one table: on the
// screen, or in batch. Needs no privilege here.
import os from 'node:os';
import {UserError} from '../errors.ts';
import {safeString} from '../decode/safe-text.ts';
import {sortNames} from '../decode/sort.ts';
import type {ViewEntry} from '../view/source.ts';
import {printed, write} from './batch.ts';
import {findPresets} from './find-presets.ts';
import {HostsSource, type HostsPlan} from './hosts-source.ts';
import {HostsView, withHost} from './hosts-view.ts';
import type {Invocation} from './invocation.ts';
import {saveScreen} from './save-screen.ts';
import {requireHosts} from './ssh-command.ts';
import {tell} from './safe-lines.ts';

export async function hostsCommand(invocation: Invocation): Promise<number> {
  const {words, made, remote, interval, sum, batch, csv, json} = invocation;
  requireHosts(remote.hosts);
  if (invocation.events) throw new UserError('--events are those of one machine', {hint: 'ssh HOST tsbpftop --events VIEW', status: 2});
  const entries = entriesOf(invocation);
  const named = batch && words.length === 0 ? entries.slice(0, 1) : entries;
  if (csv && (json || named.length > 1))
    throw new UserError('--csv is one table of one view', {hint: 'name one view, or use --json', status: 2});
  const plan: HostsPlan = {
    hosts: remote.hosts,
    reach: remote,
    argumentsOf: (view) => ['--json', '--header', ...remote.args, ...(made === undefined ? ['--', view] : [])],
    interval,
    sum,
  };
  return batch ? printAll(named, plan, invocation) : screen(named, plan, invocation);
}

/** Views of other machines: those known here have a title, others are asked for by name. */
function entriesOf({words, made, places, probes}: Invocation): readonly ViewEntry[] {
  if (made !== undefined) return [{name: made.name, title: made.title, group: '', description: made.description}];
  const {presets} = findPresets({...places, given: []});
  const known = presets.map(({name, title, group, description, warning}) => ({
    name,
    title,
    group,
    description,
    ...(warning === undefined ? {} : {warning}),
  }));
  const asked = words.length === 0 && probes.length > 0 ? ['functions'] : words;
  if (asked.length === 0) return known;
  return asked.map(
    (name) => known.find((each) => each.name === name) ?? {name: safeString(name), title: safeString(name), group: '', description: ''},
  );
}

async function screen(entries: readonly ViewEntry[], plan: HostsPlan, invocation: Invocation): Promise<number> {
  const {stdin, stdout} = process;
  if (!stdin.isTTY || !stdout.isTTY)
    throw new UserError('the full screen needs a terminal', {hint: 'without one: tsbpftop --host A --host B -b VIEW, or --json'});
  const source = new HostsSource(entries, plan, invocation.sort, invocation.linger);
  const {runScreen} = await import('../ui/run-screen.tsx');
  try {
    const end = await runScreen({
      source,
      initialView: entries[0]?.name ?? '',
      interval: plan.interval,
      host: `${plan.hosts.length} hosts`,
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
    source.close();
  }
}

/** Each refresh of each view, until the last one that is asked for; what hosts have to say goes to stderr once. */
async function printAll(entries: readonly ViewEntry[], plan: HostsPlan, invocation: Invocation): Promise<number> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  process.stdout.on('error', () => stop.abort());
  const {count = Number.POSITIVE_INFINITY, sort} = invocation;
  const views: HostsView[] = [];
  let failure: UserError | undefined;
  try {
    await Promise.all(
      entries.map(
        ({name}) =>
          new Promise<void>((resolve) => {
            let said = '';
            stop.signal.addEventListener('abort', () => resolve(), {once: true});
            const view: HostsView = new HostsView(plan.hosts, plan.reach, plan.argumentsOf(name), plan.interval, () => {
              if (stop.signal.aborted) return;
              if (view.trouble !== said && view.trouble !== '') tell(`${name}: ${view.trouble}`);
              said = view.trouble;
              const frame = view.frame({view: name, byHost: !plan.sum});
              if (frame === undefined || view.shape === undefined) return;
              const shape = plan.sum ? view.shape : withHost(view.shape);
              if (sort !== undefined && !sortNames(shape).includes(sort.replace(/^-/, ''))) {
                failure = new UserError(`view '${name}' has no column '${sort}' to sort by`, {
                  hint: `it has ${sortNames(shape).join(', ')}`,
                  status: 2,
                });
                return stop.abort();
              }
              void write(printed(frame, shape, invocation), stop.signal);
              if (frame.seq >= count) resolve();
            });
            views.push(view);
          }),
      ),
    );
  } finally {
    for (const view of views) view.close();
  }
  if (failure !== undefined) throw failure;
  return 0;
}
