// `tsbpftop --host A --host B VIEW ...`: the same views on other machines, by the user's own ssh, as one table: on the
// screen, or in batch. Needs no privilege here.
import {UserError} from '../errors.ts';
import {safeString} from '../decode/safe-text.ts';
import type {ViewEntry} from '../view/source.ts';
import {findPresets} from './presets/find-presets.ts';
import {HostsSource, type HostsPlan} from './remote/hosts-source.ts';
import {HostsView, withHost} from './remote/hosts-view.ts';
import type {Invocation} from './invocation.ts';
import {printed, requireColumn, requireOneTable} from './process/printed.ts';
import {tell} from './process/safe-lines.ts';
import {requireTerminal, showScreen} from './process/show-screen.ts';
import {requireHosts} from './remote/ssh-command.ts';
import {stopSignal, write} from './process/standard-output.ts';

export async function hostsCommand(invocation: Invocation): Promise<number> {
  const {words, made, remote, interval, sum, batch} = invocation;
  requireHosts(remote.hosts);
  if (invocation.events) throw new UserError('--events are those of one machine', {hint: 'ssh HOST tsbpftop --events VIEW', status: 2});
  const entries = entriesOf(invocation);
  const named = batch && words.length === 0 ? entries.slice(0, 1) : entries;
  requireOneTable(invocation, named.length);
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
  const known = presets.map(({name, title, group, description, words, warning}) => ({
    name,
    title,
    group,
    description,
    ...(words === undefined ? {} : {words}),
    ...(warning === undefined ? {} : {warning}),
  }));
  const asked = words.length === 0 && probes.length > 0 ? ['functions'] : words;
  if (asked.length === 0) return known;
  return asked.map(
    (name) => known.find((each) => each.name === name) ?? {name: safeString(name), title: safeString(name), group: '', description: ''},
  );
}

async function screen(entries: readonly ViewEntry[], plan: HostsPlan, invocation: Invocation): Promise<number> {
  requireTerminal(invocation, 'tsbpftop --host A --host B -b VIEW, or --json');
  const source = new HostsSource(entries, plan, invocation.sort, invocation.linger);
  try {
    const shown = {
      source,
      firstView: entries[0]?.name ?? '',
      interval: plan.interval,
      host: plan.hosts.length === 1 ? (plan.hosts[0] ?? '') : `${plan.hosts.length} hosts`,
    };
    const status = await showScreen(shown, invocation);
    for (const line of source.summary()) tell(line);
    return status;
  } finally {
    source.close();
  }
}

/** Each refresh of each view, until the last one that is asked for; what hosts have to say goes to stderr once. */
async function printAll(entries: readonly ViewEntry[], plan: HostsPlan, invocation: Invocation): Promise<number> {
  const failed = new AbortController();
  const stop = AbortSignal.any([stopSignal(), failed.signal]);
  const {count = Number.POSITIVE_INFINITY, sort} = invocation;
  const views: HostsView[] = [];
  try {
    await Promise.all(
      entries.map(
        ({name}) =>
          new Promise<void>((resolve) => {
            let said = '';
            stop.addEventListener('abort', () => resolve(), {once: true});
            const view: HostsView = new HostsView(plan.hosts, plan.reach, plan.argumentsOf(name), plan.interval, () => {
              if (stop.aborted) return;
              if (view.trouble !== said && view.trouble !== '') tell(`${name}: ${view.trouble}`);
              said = view.trouble;
              const frame = view.frame({view: name, byHost: !plan.sum});
              if (frame === undefined || view.shape === undefined) return;
              const shape = plan.sum ? view.shape : withHost(view.shape);
              try {
                requireColumn(shape, sort);
              } catch (error) {
                return failed.abort(error);
              }
              void write(printed(frame, shape, invocation), stop);
              if (frame.seq >= count) resolve();
            });
            views.push(view);
          }),
      ),
    );
  } finally {
    for (const view of views) view.close();
  }
  failed.signal.throwIfAborted();
  return 0;
}
