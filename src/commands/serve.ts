// `tsbpftop serve VIEW ...`: views as metrics for Prometheus. They stay attached as long as it runs; maps are read when
// somebody asks, once for all who ask at nearly the same time.
import os from 'node:os';
import type {AddressInfo} from 'node:net';
import {UserError} from '../errors.ts';
import type {Frame} from '../decode/frame.ts';
import {once} from '../decode/once.ts';
import type {Wanted} from '../decode/order.ts';
import {safeString} from '../decode/safe-text.ts';
import {liveLookups} from '../kernel/lookups.ts';
import {requirePrivilege} from '../kernel/privilege.ts';
import {sessionLookups} from '../kernel/session-names.ts';
import {metricText, type MetricFamily, type MetricFormat} from '../output/metric-text.ts';
import {programFamilies, type ServedState, viewFamilies} from '../output/program-metrics.ts';
import {ViewMetrics} from '../output/view-metrics.ts';
import {Sampler} from '../sampler.ts';
import {chosenViews} from './presets/chosen-views.ts';
import {liveClock} from './process/clock.ts';
import {dropPrivileges} from './process/drop-privileges.ts';
import {type Invocation, surroundings} from './invocation.ts';
import {listenAddress, urlOf} from './serving/listen-address.ts';
import {metricsServer} from './serving/metrics-server.ts';
import {openPrinted} from './live/open-printed.ts';
import type {OpenView} from './live/open-view.ts';
import {withSums} from './serving/served-preset.ts';
import {tell} from './process/safe-lines.ts';
import {stopSignal} from './process/standard-output.ts';

const defaultTop = 100;
/** What a scrape adds to the one before: nothing is done for rows to which nothing came. */
const gains: Wanted = {sort: '-total', limit: Number.POSITIVE_INFINITY, filter: '', changed: true};
/** ms in which a second scrape gets what the first one got. */
const shared = 500;

export async function serveCommand(invocation: Invocation): Promise<number> {
  const {words, made, probes, top = defaultTop} = invocation;
  if (words.length === 0 && made === undefined && probes.length === 0)
    throw new UserError('serve wants views', {hint: 'tsbpftop serve openat read-latency\ntsbpftop list shows them all', status: 2});
  const address = listenAddress(invocation.listen);
  const presets = chosenViews(invocation);
  requirePrivilege();
  const around = surroundings(invocation);
  const stop = stopSignal();

  const served: Served[] = [];
  const failures = new Map<string, string>();
  try {
    for (const preset of presets) {
      const {preset: withSum, sum} = withSums(preset);
      try {
        served.push(new Served(await openPrinted(withSum, around, stop), top, sum));
      } catch (error) {
        // one kernel of a fleet may lack what one view needs
        if (!(error instanceof UserError) || presets.length === 1 || stop.aborted) throw error;
        failures.set(preset.name, error.message);
        tell(`${error.message}; the other views are served`);
      }
    }
    if (served.length === 0) throw new UserError('none of the views can run here', {hint: [...failures.values()].join('\n')});
    requireOwnNames(served);
    const all = new Scrapes(served, failures, invocation.version);
    const server = await metricsServer(address, {
      metrics: (format) => all.text(format),
      trouble: () => all.trouble(),
      front: frontPage(served),
    });
    dropPrivileges(served.map(({view}) => view));
    const {port} = server.address() as AddressInfo;
    tell(`serving ${served.map(({name}) => name).join(', ')} on ${urlOf(address.host, port)}/metrics`);
    if (!address.loopback) tell('whoever reaches this address can read which programs run, and what they do');
    await new Promise((resolve) => (stop.aborted ? resolve(undefined) : stop.addEventListener('abort', resolve, {once: true})));
    server.close();
    server.closeAllConnections();
  } finally {
    await Promise.all(served.map((each) => each.close()));
  }
  return 0;
}

/** A view that is attached, and what it has told so far. */
class Served {
  readonly name: string;
  readonly metrics: ViewMetrics;
  readonly view: OpenView;
  private readonly sampler: Sampler;
  private readonly since = liveClock.now();
  failure: string | undefined;

  constructor(view: OpenView, top: number, sum: ConstructorParameters<typeof ViewMetrics>[2]) {
    this.view = view;
    this.name = view.preset.name;
    this.metrics = new ViewMetrics(view.plan.shape, top, sum);
    this.sampler = new Sampler(view.session, view.sampled, sessionLookups(liveLookups(), view.session, view.addon), liveClock, gains);
  }

  /** One that cannot be read any longer has no rows, and says so. */
  async read(): Promise<{readonly families: readonly MetricFamily[]; readonly state: ServedState}> {
    let frame: Frame | undefined;
    try {
      frame = await this.sampler.sample();
      this.failure = undefined;
    } catch (error) {
      this.failure = `cannot read view '${this.name}': ${(error as Error).message}`;
    }
    const families = frame === undefined ? [] : this.metrics.families(frame, liveClock.monotonic());
    const programs = frame === undefined ? [] : this.view.session.programs();
    return {families, state: {view: this.name, since: this.since, frame, programs}};
  }

  close(): Promise<void> {
    return this.view.session.close();
  }
}

/** One for all who ask within a moment, and its text in either format. */
interface Reading {
  readonly at: number;
  readonly families: Promise<readonly MetricFamily[]>;
  readonly texts: Readonly<Record<MetricFormat, () => Promise<Buffer>>>;
}

class Scrapes {
  private readonly served: readonly Served[];
  private readonly failures: ReadonlyMap<string, string>;
  private readonly version: string;
  private last: Reading | undefined;

  constructor(served: readonly Served[], failures: ReadonlyMap<string, string>, version: string) {
    this.served = served;
    this.failures = failures;
    this.version = version;
  }

  text(format: MetricFormat): Promise<Buffer> {
    const now = liveClock.monotonic();
    if (this.last === undefined || now - this.last.at >= shared) {
      const families = this.read(this.last?.families);
      const written = (wanted: MetricFormat) => once(async () => Buffer.from(metricText(await families, wanted)));
      this.last = {at: now, families, texts: {openmetrics: written('openmetrics'), classic: written('classic')}};
    }
    return this.last.texts[format]();
  }

  trouble(): string | undefined {
    const all = [...this.failures.values(), ...this.served.flatMap(({failure}) => failure ?? [])];
    return all.length === 0 ? undefined : all.join('\n');
  }

  /** Reads never overlap: rows are counted by what came since the read before. */
  private async read(before: Promise<unknown> | undefined): Promise<readonly MetricFamily[]> {
    await before;
    const begun = liveClock.monotonic();
    const all: Awaited<ReturnType<Served['read']>>[] = [];
    for (const each of this.served) all.push(await each.read());
    const states = [
      ...all.map(({state}) => state),
      ...[...this.failures.keys()].map((view): ServedState => ({view, since: 0, frame: undefined, programs: []})),
    ];
    const {user, system} = process.cpuUsage();
    const own = {
      version: this.version,
      kernel: os.release(),
      cpuMicroseconds: user + system,
      memoryBytes: process.memoryUsage.rss(),
      startedAt: performance.timeOrigin,
      readMilliseconds: liveClock.monotonic() - begun,
    };
    return [...viewFamilies(states), ...all.flatMap(({families}) => families), ...programFamilies(own)];
  }
}

/** a-b and a_b are the same in a metric's name. */
function requireOwnNames(served: readonly Served[]): void {
  const owners = new Map<string, string>();
  for (const {name, metrics} of served)
    for (const metric of new Set(metrics.names)) {
      const other = owners.get(metric);
      if (other !== undefined)
        throw new UserError(`views '${other}' and '${name}' would both be ${metric}`, {
          hint: 'serve one of them, or rename its preset',
          status: 2,
        });
      owners.set(metric, name);
    }
}

const html = (text: string): string => text.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);

const frontPage = (served: readonly Served[]): string =>
  `<!doctype html>
<title>tsbpftop</title>
<h1>tsbpftop</h1>
<p><a href="/metrics">/metrics</a> for Prometheus, <a href="/healthz">/healthz</a></p>
<dl>
${served.map(({name, metrics: {shape}}) => `<dt>${html(name)}<dd>${html(safeString(shape.description || shape.title))}`).join('\n')}
</dl>
`;
