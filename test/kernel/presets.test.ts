// Every bundled view whose probes exist here counts a known workload exactly, or within bounds that are explained.
import assert from 'node:assert/strict';
import {readdirSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {loadPreset} from '../../src/preset/load.ts';
import {byComm, statusOf} from '../support/acts.ts';
import {check} from '../support/expectations.ts';
import {measuredViews, noPrivilege, root, tsbpftop, withoutBtf} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const acts = skip === undefined ? workloads.c('acts') : '';
const folder = path.join(root, 'presets');
const presets = readdirSync(folder).filter((file) => file !== 'preset.schema.json');

test('every bundled view can be attached, or says what this machine lacks', {skip}, async () => {
  const {stdout} = await tsbpftop(['check', '--json', ...presets.map((file) => path.join(folder, file))]);
  const lacking =
    /(kprobe|fentry) cannot work here|does not allow programs of this kind|no kernel function|no enum '|no file '|not supported in this version/;
  for (const line of stdout.trim().split('\n')) {
    const {file, ok, messages} = JSON.parse(line) as {file: string; ok: boolean; messages: string[]};
    assert.ok(ok || lacking.test(messages.join('\n')), `${file}: ${messages.join('\n')}`);
  }
});

test('a drill leads to a bundled view that has such a key, and what is named in place of a view is one', () => {
  const loaded = presets.map((file) => loadPreset(path.join(folder, file))).flatMap((each) => (each.ok ? [each.preset] : []));
  for (const {name, drill, by, instead} of loaded) {
    assert.ok(instead === undefined || loaded.some((each) => each.name === instead), `${name}: ${instead}`);
    if (drill === undefined) continue;
    const target = loaded.find((each) => each.name === drill.to);
    assert.ok(
      target?.by.some((field) => field.name === drill.by),
      `${name}: ${drill.to} has no ${drill.by}`,
    );
    assert.ok(
      by.some((field) => field.name === drill.by),
      `${name} itself has no ${drill.by}`,
    );
  }
});

for (const [act, n, expected] of byComm)
  test(`'${act}' of ${n} is counted by ${[...new Set(expected.map(([view]) => view))].join(', ')}`, {skip}, async () => {
    const name = `wl-${act}`;
    const views = [...new Set(expected.map(([view]) => view))];
    const lines = await measuredViews(views, ['--comm', name], () => runToEnd(acts, [name, act, String(n)]));
    for (const each of expected) check(act, each, lines(each[0]).rows);
    for (const view of views) assert.equal(lines(view).status, statusOf(view), view);
  });

/** Of these acts, the views that have alternatives for kernels without BTF. */
const untyped: Readonly<Record<string, readonly string[]>> = {
  tcp: ['tcp-traffic'],
  udp: ['udp'],
  sleep: ['off-cpu', 'off-cpu-user'],
  pingpong: ['context-switches', 'runq-latency', 'runq-by-cpu', 'wakeups'],
};
for (const [act, views] of Object.entries(untyped))
  test(`without BTF, '${act}' is counted as with it by ${views.join(', ')}`, {
    skip: skip ?? (process.getuid?.() === 0 ? undefined : 'needs root, to hide BTF'),
  }, async () => {
    const name = `wl-${act}`;
    const cases = byComm
      .map(([each, n, expected]) => ({n, expected: each === act ? expected.filter(([view]) => views.includes(view)) : []}))
      .filter(({expected}) => expected.length > 0);
    const n = cases[0]?.n ?? 0;
    const lines = await measuredViews(views, ['--comm', name], () => runToEnd(acts, [name, act, String(n)]), {before: withoutBtf});
    for (const {expected} of cases) for (const each of expected) check(act, each, lines(each[0]).rows);
    // a tracepoint is skipped while another program runs on the CPU, and that is told
    for (const view of views)
      assert.ok(lines(view).status === 'exact' || (lines(view).lost['missed'] ?? 0) > 0, `${view}: ${JSON.stringify(lines(view).lost)}`);
  });
