// `serve`, scraped by the real Prometheus: its totals are those of a known workload, and what it computes of them is what
// --json says of the same time.
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import test, {type TestContext} from 'node:test';
import {cli, type JsonLine, noPrivilege, Program, root, tsbpftop} from '../support/program.ts';
import {noPrometheus, Prometheus} from '../support/prometheus.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();

async function serving(context: TestContext, args: readonly string[]): Promise<{readonly program: Program; readonly port: number}> {
  const program = new Program(['serve', '--listen', '127.0.0.1:0', ...args]);
  context.after(() => program.child.kill('SIGKILL'));
  await program.until(({stderr}) => /on http:\/\/127\.0\.0\.1:\d+\/metrics/.test(stderr));
  return {program, port: Number(/:(\d+)\/metrics/.exec(program.stderr)?.[1])};
}

const open = {accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5'};
const scrape = async (port: number, headers: Record<string, string> = open): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}/metrics`, {headers})).text();
const numberIn = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};
const sumOf = (text: string, name: string): number =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);

test('Prometheus has the exact counts of a workload, and its rates and quantiles are those of --json', {
  skip: skip ?? noPrometheus(),
}, async (context) => {
  const {program, port} = await serving(context, ['openat', 'read-bytes', 'read-latency', '--comm', 'wl-serve']);
  const json = new Program(['--json', '-d', '0.2', '--comm', 'wl-serve', 'openat', 'read-bytes', 'read-latency']);
  context.after(() => json.child.kill('SIGKILL'));
  await json.until((each) => each.lines().length >= 3);
  const prometheus = await Prometheus.start(context, `127.0.0.1:${port}`);
  await prometheus.until('up', (up) => up === 1);

  const calls = workloads.c('calls');
  await runToEnd(calls, ['wl-serve', '10']);
  const opens = 'tsbpftop_openat_events_total{comm="wl-serve"}';
  await prometheus.until(opens, (count) => count === 10);
  let made = 10;
  // steady work over several scrapes
  for (const until = Date.now() + 8000; Date.now() < until; made += 500) {
    await runToEnd(calls, ['wl-serve', '500']);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal(await prometheus.until(opens, (count) => count >= made), made);
  const rate = Number((await prometheus.query(`rate(${opens}[6s])`))[0]?.value?.[1]);
  assert.equal(await prometheus.until('tsbpftop_read_latency_duration_seconds_count{comm="wl-serve"}', (count) => count >= made), made);
  const bytes = 'sum by (comm) (tsbpftop_read_bytes_bytes_total{comm="wl-serve"})';
  assert.equal(await prometheus.until(bytes, (sum) => sum >= 10 * made), 10 * made);
  const quantile = async (metric: string): Promise<number> =>
    Number((await prometheus.query(`histogram_quantile(0.9, sum by (le) (${metric}_bucket{comm="wl-serve"}))`))[0]?.value?.[1]);
  const [size, duration] = [await quantile('tsbpftop_read_bytes_size_bytes'), await quantile('tsbpftop_read_latency_duration_seconds')];
  const samples = (await prometheus.query(`${opens}[60s]`))[0]?.values ?? [];
  const {status} = await json.stop();
  assert.equal(status, 0);

  // of each scrape: the count lies between those of the lines around it
  const lines = json.lines().filter((line) => line.view === 'openat');
  const countOf = (line: JsonLine | undefined): number => line?.rows.find(({key}) => key['comm'] === 'wl-serve')?.total['count'] ?? 0;
  assert.ok(samples.length >= 8, `${samples.length} scrapes`);
  for (const [time, value] of samples) {
    const before = lines.findLast((line) => Date.parse(line.time) < time * 1000 - 1000);
    const after = lines.find((line) => Date.parse(line.time) > time * 1000 + 2000) ?? lines.at(-1);
    assert.ok(countOf(before) <= Number(value) && Number(value) <= countOf(after), `${value} at ${time}`);
  }
  const [first, last] = [lines.find((line) => countOf(line) > 10), lines.findLast((line) => countOf(line) < made)];
  const seconds = (Date.parse(last?.time ?? '') - Date.parse(first?.time ?? '')) / 1000;
  const wanted = (countOf(last) - countOf(first)) / seconds;
  assert.ok(rate > 0.6 * wanted && rate < 1.4 * wanted, `rate ${rate}, by --json ${wanted}`);

  const rowOf = (view: string) =>
    json
      .lines()
      .findLast((line) => line.view === view)
      ?.rows.find(({key}) => key['comm'] === 'wl-serve');
  assert.deepEqual(rowOf('read-bytes')?.p50, [8, 16]);
  assert.ok(size > 7 && size <= 15, `${size} bytes`);
  const [low = 0, high = 0] = (rowOf('read-latency') as {readonly p90?: readonly [number, number]} | undefined)?.p90 ?? [];
  // another program measured the same calls: a value at a bucket's end may be beyond it
  assert.ok(duration * 1e9 >= low / 2 && duration * 1e9 <= high * 2, `${duration} s, by --json ${low} to ${high} ns`);

  const targets = (await prometheus.get('/api/v1/targets')) as {readonly activeTargets: readonly {readonly lastError: string}[]};
  assert.deepEqual(
    targets.activeTargets.map(({lastError}) => lastError),
    [''],
  );
  const classic = await scrape(port, {accept: 'text/plain'});
  const checked = spawnSync('promtool', ['check', 'metrics'], {input: classic, encoding: 'utf8'});
  assert.deepEqual([checked.status, checked.stdout, checked.stderr], [0, '', '']);
  const ended = await program.stop();
  assert.equal(ended.status, 0);
});

test('rows beyond --top are one row, and the sums are exact whoever comes into the top', {skip}, async (context) => {
  const {port} = await serving(context, ['openat', '--top', '2']);
  const calls = workloads.c('calls');
  await runToEnd(calls, ['wl-first', '3000']);
  const before = await scrape(port);
  for (let i = 0; i < 5; i++) await runToEnd(calls, [`wl-later${i}`, '5000']);
  await new Promise((resolve) => setTimeout(resolve, 1000)); // a scrape soon after another is the same one
  const text = await scrape(port);
  const rows = text.split('\n').filter((line) => line.startsWith('tsbpftop_openat_events_total{'));
  assert.equal(rows.length, 3, rows.join('\n'));
  // its number tells whether a later one took a place
  const others = rows.find((line) => line.includes('{other=')) ?? '';
  assert.ok(Number(others.split(' ')[1]) >= 15_000, others);
  assert.ok(sumOf(text, 'tsbpftop_openat_events_total') - sumOf(before, 'tsbpftop_openat_events_total') >= 25_000, text);
  assert.match(text, /# EOF\n$/);
});

test('a name made by a process is a label value and nothing else', {skip}, async (context) => {
  const {port} = await serving(context, ['openat', '--top', '1000']);
  const name = 'a"} 7\n\\b\u001b[2J';
  await runToEnd(workloads.c('calls'), [name, '21']);
  const text = await scrape(port);
  assert.equal(
    numberIn(text, String.raw`tsbpftop_openat_events_total{comm="a\"} 7\\n\\b\\x1b[2J"}`),
    21,
    text.match(/.*a\\".*/g)?.join('\n'),
  );
  assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u);
  const checked = spawnSync('promtool', ['check', 'metrics'], {input: await scrape(port, {}), encoding: 'utf8'});
  assert.deepEqual([checked.status, checked.stderr], [0, '']);
});

const ask = (port: number, options: http.RequestOptions, body = ''): Promise<{readonly status: number; readonly text: string}> =>
  new Promise((resolve, reject) => {
    const request = http.request({host: '127.0.0.1', port, ...options}, (response) => {
      let text = '';
      response.on('data', (data) => (text += data)).on('end', () => resolve({status: response.statusCode ?? 0, text}));
    });
    request.on('error', reject).end(body);
  });

test('nothing can be changed, asked of another name, or held up from outside', {skip}, async (context) => {
  const {program, port} = await serving(context, ['openat']);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
    assert.equal((await ask(port, {method, path: '/metrics'}, 'x'.repeat(1000))).status, 405, method);
  assert.deepEqual(await ask(port, {path: '/healthz'}), {status: 200, text: 'ok\n'});
  assert.equal((await ask(port, {path: '/../etc/passwd'})).status, 404);
  assert.equal((await ask(port, {path: '/metrics', headers: {host: 'evil.example:80'}})).status, 403);
  assert.deepEqual(await ask(port, {method: 'HEAD', path: '/metrics'}), {status: 200, text: ''});
  assert.equal((await ask(port, {path: '/', headers: {'x-long': 'x'.repeat(20_000)}})).status, 431);
  assert.deepEqual(await ask(port, {path: 'http://localhost/healthz'}), {status: 200, text: 'ok\n'});
  assert.equal((await ask(port, {path: 'http://evil.example/healthz'})).status, 403);
  assert.match((await ask(port, {path: '/'})).text, /openat/);
  // who holds all connections and says nothing, or half a request, keeps nobody out: the oldest of them is let go
  const idle = Array.from({length: 400}, () => net.connect(port, '127.0.0.1').on('error', () => undefined));
  await Promise.all(idle.map((socket) => once(socket, 'connect')));
  for (const socket of idle) socket.write('GET /metrics HTTP/1.1\r\nX-Slow: ');
  assert.match(await scrape(port), /^# TYPE/);
  await Promise.race(idle.map((socket) => once(socket, 'close')));
  for (const socket of idle) socket.destroy();
  assert.equal((await program.stop()).status, 0);
});

/** What is answered to these bytes, in one piece or dripping, until the server ends it. */
const answers = (port: number, sent: string): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    const socket = net.connect(port, '127.0.0.1');
    socket
      .on('data', (data) => (text += data))
      .on('error', () => undefined)
      .on('close', () => resolve(text));
    // whoever says no more, while a body is to come, is answered that it is missing
    if (sent.includes('Connection: close')) socket.write(sent);
    else socket.end(sent);
  });

test('many who ask at once get the same answer of one reading; garbage, floods and those who never read cost little', {
  skip,
}, async (context) => {
  const {program, port} = await serving(context, ['openat', 'syscalls', '--top', '1000']);
  const memory = (): number => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${program.child.pid}/status`, 'utf8'))?.[1]);
  const runs = (text: string): string => /^tsbpftop_view_probe_runs_total.*/m.exec(text)?.[0] ?? '';
  await scrape(port);
  await new Promise((resolve) => setTimeout(resolve, 600)); // no longer the same scrape
  const before = memory();
  const all = await Promise.all(Array.from({length: 100}, () => scrape(port)));
  assert.equal(new Set(all.map(runs)).size, 1);
  assert.ok(all.every((text) => text.endsWith('# EOF\n')));

  const get = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n';
  for (const [what, sent, status] of [
    ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'HTTP/1.1 400'],
    ['no protocol', `${'\u0000'.repeat(50_000)}\r\n\r\n`, 'HTTP/1.1 400'],
    ['a long address', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n\r\n`, 'HTTP/1.1 4'],
    ['many headers', `${get}${Array.from({length: 5000}, (_, i) => `X-${i}: 1\r\n`).join('')}\r\n`, 'HTTP/1.1 4'],
    ['a body that does not come', `${get}Connection: close\r\nContent-Length: 999999999\r\n\r\n`, 'HTTP/1.1 200'],
    ['two lengths', `${get}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 'HTTP/1.1 400'],
    ['two requests in one', `${get}\r\n${get}\r\n`, 'HTTP/1.1 200'],
  ] as const) {
    const text = await answers(port, sent);
    assert.ok(text.startsWith(status), `${what}: ${text.slice(0, 60)}`);
    assert.ok((text.match(/^# EOF$/gm)?.length ?? 0) <= 1, `${what}: one answer a connection`);
  }
  // they ask, and take nothing
  const deaf = Array.from({length: 50}, () =>
    net.connect({port, host: '127.0.0.1', onread: {buffer: Buffer.alloc(1), callback: () => false}}),
  );
  for (const socket of deaf) socket.on('error', () => undefined).write(`${get}\r\n`);
  assert.match(await scrape(port), /# EOF\n$/);
  assert.ok(memory() - before < 80_000, `${memory() - before} KiB more`);
  for (const socket of deaf) socket.destroy();
  assert.equal((await program.stop()).status, 0);
});

const wrong: readonly (readonly [args: readonly string[], status: number, message: RegExp])[] = [
  [[], 2, /serve wants views/],
  [['opnat'], 2, /no view 'opnat'/],
  [
    ['openat', '--listen', ':9435'],
    2,
    /--listen ':9435': no address\nhint: name it: 127\.0\.0\.1:9435 is this machine alone, 0\.0\.0\.0:9435/,
  ],
  [['openat', '--listen', 'example.org:80'], 2, /no IP address/],
  [['openat', '--listen', '127.0.0.1:99999'], 2, /no such port/],
  [['openat', '--interval', '3'], 2, /'tsbpftop serve' takes no --interval/],
];
for (const [args, status, message] of wrong)
  test(`serve ${args.join(' ')} gets one message and status ${status}`, async () => {
    const ended = await tsbpftop(['serve', ...args]);
    assert.match(ended.stderr, message);
    assert.equal(ended.status, status);
  });

test('an address that is taken, or not of this machine, is said', {skip}, async (context) => {
  const {port} = await serving(context, ['openat']);
  assert.match(
    (await tsbpftop(['serve', 'openat', '--listen', `127.0.0.1:${port}`])).stderr,
    /cannot listen on 127\.0\.0\.1:\d+: another program does/,
  );
  assert.match((await tsbpftop(['serve', 'openat', '--listen', '192.0.2.1:9435'])).stderr, /this machine has no such address/);
});

test('the dashboard asks for metrics that are served', {skip}, async (context) => {
  const views = ['openat', 'syscalls', 'read-latency', 'write-latency', 'runq-latency', 'block-latency', 'tcp-retransmits', 'exec'];
  const {port} = await serving(context, views);
  const text = await scrape(port);
  const dashboard = readFileSync(path.join(root, 'docs/grafana-dashboard.json'), 'utf8');
  const exprs = [...dashboard.matchAll(/"expr": "((?:[^"\\]|\\.)*)"/g)].map(([, expr = '']) => JSON.parse(`"${expr}"`) as string);
  assert.ok(exprs.length >= 8);
  for (const expr of exprs)
    for (const [name] of expr.matchAll(/\b(tsbpftop|process)_\w+/g))
      assert.match(text, new RegExp(`^# TYPE ${name.replace(/_(total|bucket|sum|count|info)$/, '')} `, 'm'), name);
});

test('the capabilities of the systemd unit are enough for the views that it names', {
  skip: skip ?? (process.getuid?.() === 0 ? undefined : 'needs root, to become nobody'),
}, async (context) => {
  const unit = readFileSync(path.join(root, 'docs/tsbpftop.service'), 'utf8');
  const capabilities = /^AmbientCapabilities=(.*)$/m.exec(unit)?.[1]?.split(' ') ?? [];
  const views = /^Environment=VIEWS="(.*)"$/m.exec(unit)?.[1]?.split(' ') ?? [];
  assert.equal(/^CapabilityBoundingSet=(.*)$/m.exec(unit)?.[1], capabilities.join(' '));
  const set = ['-all', ...capabilities.map((name) => `+${name.replace('CAP_', '').toLowerCase()}`)].join(',');
  const drop = [
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    `--inh-caps=${set}`,
    `--ambient-caps=${set}`,
    `--bounding-set=${set}`,
    '--no-new-privs',
  ];
  const child = spawn('setpriv', [...drop, '--', process.execPath, cli, 'serve', '--listen', '127.0.0.1:0', ...views], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {PATH: process.env['PATH'] ?? ''},
  });
  context.after(() => child.kill('SIGKILL'));
  let stderr = '';
  for await (const data of child.stderr) {
    stderr += String(data);
    if (stderr.includes('/metrics')) break;
  }
  const text = await scrape(Number(/:(\d+)\/metrics/.exec(stderr)?.[1]));
  for (const view of views) assert.equal(numberIn(text, `tsbpftop_view_up{view="${view}"}`), 1, stderr);
});
