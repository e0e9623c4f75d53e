// One view on several hosts: their refreshes as one, as soon as each host that is heard has sent one, or when it is overdue.
import type {Cell, Frame, HostState, Row, ViewShape} from '../../decode/frame.ts';
import {grouped} from '../../decode/grouped.ts';
import {HostRows, type HostRow, lostInAll, rowOf} from '../../decode/host-rows.ts';
import {reasonsOf} from '../../decode/losses.ts';
import {timeText} from '../../view/units.ts';
import {liveClock} from '../process/clock.ts';
import {RemoteHost} from './remote-host.ts';
import type {Reach} from './ssh-command.ts';

/** Which rows, and whether they are told by host. */
export interface Lens {
  readonly view: string;
  readonly byHost: boolean;
  readonly host?: number;
  /** Of this key on every host. */
  readonly key?: string;
}

export class HostsView {
  private readonly hosts: readonly {readonly remote: RemoteHost; readonly rows: HostRows}[];
  private readonly fresh = new Set<number>();
  private readonly interval: number;
  private readonly changed: () => void;
  private timer: NodeJS.Timeout | undefined;
  /** Hosts that are heard, and had nothing to tell at the last refresh: what came there since is missing in it. */
  private late: readonly string[] = [];
  private told: readonly HostRow[] = [];
  private seq = 0;
  private toldAt: {readonly time: number; readonly monotonic: number} | undefined;
  private seconds = 0;
  /** Without the host's column. */
  shape: ViewShape | undefined;

  /** @param changed there is a refresh of them all */
  constructor(names: readonly string[], reach: Reach, args: readonly string[], interval: number, changed: () => void) {
    this.interval = interval;
    this.changed = changed;
    this.hosts = names.map((name, i) => {
      const rows = new HostRows(i);
      const remote = new RemoteHost(name, reach, args, interval, {
        opened: (shape) => {
          this.shape ??= shape;
        },
        frame: (frame, shape) => {
          if (this.shape === undefined) return;
          if (!alike(this.shape, shape))
            return remote.reject(`its view has the columns ${columnsOf(shape)}, and that of the first host ${columnsOf(this.shape)}`);
          rows.frame(frame, this.shape);
          this.fresh.add(i);
          this.whenAllTold();
        },
        // told with what comes next from those that are heard: a refresh without news would say that nothing happens there
        fell: () => this.whenAllTold(),
        ended: () => rows.end(this.shape),
      });
      return {remote, rows};
    });
    this.later();
  }

  get states(): readonly HostState[] {
    return this.hosts.map(({remote: {name, live, since, failure}, rows: {latest}}) => ({
      host: name,
      state: live ? 'live' : failure === undefined ? 'connecting' : 'stale',
      since,
      ...(latest === undefined ? {} : {time: latest.time, interval: latest.interval}),
      ...(live || failure === undefined ? {} : {error: failure.message, hint: failure.hint}),
    }));
  }

  /** What is not as it should be, on one line; '' when all are heard. */
  get trouble(): string {
    const texts = this.states.flatMap(({host, state, since, error, hint = ''}) =>
      state === 'stale' ? [`${host}: not heard since ${timeText(since)}: ${error}${hint === '' ? '' : ` (${hint.split('\n')[0]})`}`] : [],
    );
    return texts.join('; ');
  }

  /** The same where there is one line for all of them. */
  get briefTrouble(): string {
    const stale = this.states.filter(({state}) => state === 'stale').map(({host}) => host);
    return stale.length < 2 ? this.trouble : `${stale.length} of ${this.hosts.length} hosts are not heard: ${stale.join(', ')}; ! says why`;
  }

  close(): void {
    clearTimeout(this.timer);
    for (const {remote} of this.hosts) remote.close();
  }

  /** The refresh as it is seen through a lens. */
  frame({view, byHost, host, key}: Lens): Frame | undefined {
    const {shape} = this;
    if (shape === undefined) return undefined;
    const states = this.states;
    const first = this.seq === 1;
    const wanted = this.told.filter((row) => (host === undefined || row.host === host) && (key === undefined || row.id === key));
    const groups = grouped(wanted, (row) => (byHost ? `${row.host} ${row.id}` : row.id));
    const cells = states.map(hostCell);
    const rows: readonly Row[] = [...groups].flatMap(([id, group]) => {
      const [{host = 0, key = []} = {}] = group;
      const cell = cells[host];
      return [rowOf(group, id, byHost && cell !== undefined ? [cell, ...key] : key, shape, first)];
    });
    const reasons = this.hosts.flatMap(({remote, rows: {latest}}) => latest?.reasons.map((reason) => `${remote.name}: ${reason}`) ?? []);
    const late = this.late.map((host) => `${host}: its refresh is late`);
    const away = states.filter(({state}) => state !== 'live').map(({host, state, since}) => `${host}: ${state} since ${timeText(since)}`);
    const latest = this.hosts.flatMap(({rows}) => rows.latest ?? []);
    const sum = (of: (frame: Frame) => number): number => latest.reduce((total, frame) => total + of(frame), 0);
    const lost = lostInAll(this.hosts.map(({rows}) => rows.lost));
    const events = sum(({cost}) => cost.events);
    const partial = away.length > 0 || late.length > 0 || latest.some(({status}) => status === 'partial') || reasonsOf(lost, 0).length > 0;
    return {
      view,
      seq: this.seq - 1,
      time: this.toldAt?.time ?? liveClock.now(),
      interval: this.seconds,
      status: partial ? 'partial' : latest.some(({status}) => status === 'approximate') ? 'approximate' : 'exact',
      reasons: [...away, ...late, ...reasons],
      keys: {used: sum(({keys}) => keys.used), max: sum(({keys}) => keys.max)},
      lost,
      cost: {
        events,
        nsPerEvent: events === 0 ? 0 : Math.round(sum(({cost}) => cost.nsPerEvent * cost.events) / events),
        cpuPercent: Math.round(100 * sum(({cost}) => cost.cpuPercent)) / 100,
      },
      sums: {
        rows: rows.length,
        total: rows.reduce((total, row) => total + Number(row.total[0] ?? 0), 0),
        delta: rows.reduce((total, row) => total + Number(row.delta[0] ?? 0), 0),
      },
      cut: false,
      rows,
      hosts: states,
    };
  }

  /** Of those that are heard. */
  private whenAllTold(): void {
    if (this.hosts.every(({remote}, i) => this.fresh.has(i) || !remote.live)) this.refresh();
  }

  private refresh(): void {
    const now = {time: liveClock.now(), monotonic: liveClock.monotonic()};
    const {shape} = this;
    this.later();
    if (shape === undefined) return this.changed();
    this.late = this.hosts.flatMap(({remote: {name, live}}, i) => (live && !this.fresh.has(i) ? [name] : []));
    this.fresh.clear();
    this.told = this.hosts.flatMap(({rows}) => rows.tell(shape));
    this.seconds = this.toldAt === undefined ? 0 : Math.max(0.001, (now.monotonic - this.toldAt.monotonic) / 1000);
    this.toldAt = now;
    this.seq++;
    this.changed();
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), 1500 * this.interval + 100);
  }
}

/** The shape with the host as its first column. */
export const withHost = (shape: ViewShape): ViewShape => ({
  ...shape,
  keys: [{name: 'host', title: 'HOST', align: 'left'}, ...shape.keys.map((key) => (key.name === 'host' ? {...key, name: 'host2'} : key))],
});

function hostCell({host, state, since}: HostState): Cell {
  return {value: host, text: state === 'live' ? host : `${host} (since ${timeText(since).slice(0, 5)})`};
}

const columnsOf = ({keys, measures, hist}: ViewShape): string =>
  [...keys, ...measures].map(({title}) => title).join(', ') + (hist === undefined ? '' : ' and a histogram');

/** Two versions of a preset may count different things. */
const alike = (a: ViewShape, b: ViewShape): boolean =>
  JSON.stringify([a.keys.map((key) => key.name), a.measures, a.hist]) ===
  JSON.stringify([b.keys.map((key) => key.name), b.measures, b.hist]);
