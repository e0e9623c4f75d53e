// Static probes of user programs: exact counts and argument values of a known workload, and of a real PostgreSQL.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync} from 'node:fs';
import test, {after} from 'node:test';
import {Postgres, postgresBin} from '../support/postgres.ts';
import {measured, noPrivilege, Program} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const header =
  readdirSync('/usr/include').some((each) => existsSync(`/usr/include/${each}/sys/sdt.h`)) || existsSync('/usr/include/sys/sdt.h');
const skip = noPrivilege() ?? (header ? undefined : 'needs sys/sdt.h: apt-get install systemtap-sdt-dev');
const workloads = new Workloads();
const probes = skip === undefined ? workloads.c('probes') : '';

const counted = (preset: Readonly<Record<string, unknown>>, work: () => Promise<void>) =>
  measured(['--presets', workloads.preset(preset), String(preset['name'])], work);
const rows = (line: Awaited<ReturnType<typeof measured>>) => line.rows.map((row) => [row.key, row.total] as const);

test('a wildcard counts every static probe, and all sites of one name in one row', {skip}, async () => {
  const line = await counted(
    {name: 'usdt', attach: `usdt:${probes}:wl:*`, where: "comm == 'wl-usdt'", by: ['func'], measure: 'count'},
    () => runToEnd(probes, ['wl-usdt', '1000']),
  );
  const forms = process.arch === 'x64' ? ['constants', 'indexed', 'registers'] : [];
  const expected = {...Object.fromEntries(forms.map((name) => [name, 1000])), begin: 1000, end: 1000, guarded: 1000, twice: 1500};
  assert.deepEqual(Object.fromEntries(line.rows.map((row) => [row.key['func'], row.total['count']])), expected);
  assert.equal(line.status, 'exact');
});

test('sites of one probe with different operands give their arguments to the same rows', {skip}, async () => {
  const line = await counted(
    {
      name: 'sites',
      attach: `usdt:${probes}:wl:twice`,
      by: ['func', {field: 'str(arg1)', title: 'TEXT'}],
      measure: ['sum(arg0)', 'min(arg0)', 'max(i64(arg0))'],
    },
    () => runToEnd(probes, ['wl-sites', '1000']),
  );
  assert.deepEqual(rows(line), [
    [
      {func: 'twice', text: 'first'},
      {count: 1000, sum: 499_500, min: 0, max: 999},
    ],
    [
      {func: 'twice', text: 'second'},
      {count: 500, sum: -2500, min: -5, max: -5},
    ],
  ]);
});

test('a semaphore is raised while its probe is attached, and only then', {skip}, async () => {
  const raised = (): string => execFileSync(probes, ['wl-semaphore', '100'], {encoding: 'utf8'}).trim();
  const preset = {name: 'semaphore', attach: `usdt:${probes}:wl:guarded`, measure: ['count', 'sum(arg0)']};
  assert.equal(raised(), '0');
  const line = await counted(preset, async () => assert.equal(raised(), '100'));
  assert.deepEqual(rows(line), [[{}, {count: 100, sum: 4950}]]);
  assert.equal(raised(), '0');
});

const forms: readonly (readonly [probe: string, values: readonly (readonly [expr: string, value: number | string])[]])[] = [
  [
    'registers',
    [
      ['arg0', 241],
      ['arg1', -128],
      ['sum(arg2)', 5050],
      ['min(arg3)', -2],
      ['sum(arg4)', 4950],
      ['max(arg5)', 255],
    ],
  ],
  [
    'registers',
    [
      ['u8(arg1)', 128],
      ['i64(arg3)', -2],
      ['u32(arg3)', 4_294_967_294],
      ['u16(arg2 )', 1],
    ],
  ],
  [
    'indexed',
    [
      ['arg0', 1000],
      ['arg1', -2000],
      ['arg2', 77],
      ['arg3', -2],
    ],
  ],
  [
    'indexed',
    [
      ['arg4', 1000],
      ['arg5', 3],
      ['i64(arg1)', -2000],
      ['i16(arg2)', 77],
    ],
  ],
  [
    'constants',
    [
      ['arg0', 5],
      ['arg1', -9],
      ['arg2', '1234605616436508552'],
      ['arg3', -7],
    ],
  ],
  [
    'constants',
    [
      ['arg4', 4_294_967_295],
      ['i32(arg4)', -1],
      ['u8(arg1)', 247],
      ['i64(arg3)', -7],
    ],
  ],
];
for (const [probe, values] of forms)
  test(`operands of ${probe} are read as the program computed them: ${values.map(([expr]) => expr).join(', ')}`, {
    skip: skip ?? (process.arch === 'x64' ? undefined : 'the operands are those of x86-64'),
  }, async () => {
    const isMeasure = (expr: string): boolean => /^(sum|min|max)\(/.test(expr);
    const by = values.filter(([expr]) => !isMeasure(expr));
    const measures = values.filter(([expr]) => isMeasure(expr));
    const first = probe === 'registers' && measures.length === 0;
    const line = await counted(
      {
        name: 'forms',
        attach: `usdt:${probes}:wl:${probe}`,
        ...(first ? {where: 'arg2 == 1'} : {}),
        by: by.map(([field], i) => ({field, title: `V${i}`, format: 'dec'})),
        measure: ['count', ...measures.map(([expr]) => expr)],
      },
      () => runToEnd(probes, ['wl-forms', '100']),
    );
    const total = Object.fromEntries(measures.map(([expr, value]) => [expr.slice(0, 3), value]));
    // the last of two sums is the one compared
    assert.equal(line.rows.length, 1);
    assert.deepEqual(line.rows[0]?.key, Object.fromEntries(by.map(([, value], i) => [`v${i}`, value])));
    assert.equal(line.rows[0]?.total['count'], first ? 1 : 100);
    for (const [name, value] of Object.entries(total)) if (name !== 'sum') assert.equal(line.rows[0]?.total[name], value, name);
    const sums = measures.filter(([expr]) => expr.startsWith('sum'));
    sums.forEach(([expr, value], i) => assert.equal(line.rows[0]?.total[i === 0 ? 'sum' : `sum${i + 1}`], value, expr));
  });

test('a span between two static probes keeps what its start had', {skip}, async () => {
  const line = await counted(
    {
      name: 'usdt-span',
      span: {from: `usdt:${probes}:wl:begin`, to: `usdt:${probes}:wl:end`},
      by: [{field: 'str(from.arg0)', title: 'KIND'}, 'func', {field: 'from.func', title: 'BEGAN'}],
      measure: ['hist(duration)', 'sum(arg0)'],
    },
    () => runToEnd(probes, ['wl-span', '1000']),
  );
  assert.deepEqual(rows(line).sort(), [
    [
      {kind: 'even', func: 'end', began: 'begin'},
      {count: 500, sum: 249_500},
    ],
    [
      {kind: 'odd', func: 'end', began: 'begin'},
      {count: 500, sum: 250_000},
    ],
  ]);
  assert.equal(line.status, 'exact');
});

test('what cannot be read is refused with the argument and the reason', {skip}, async () => {
  const file = workloads.preset({name: 'no', attach: `usdt:${probes}:wl:constants`, by: ['arg5'], measure: 'count'});
  const {status, stderr} = await new Program(['--json', '-n', '0', '--presets', file, 'no']).ended;
  assert.equal(status, 1);
  if (process.arch === 'x64') assert.match(stderr, /arg5 cannot be read .*\nhint: it is in register %xmm0, which probes do not see/);
});

const bin = postgresBin();
const noPostgres = noPrivilege() ?? (bin === undefined ? 'needs PostgreSQL: apt-get install postgresql' : undefined);
const postgres = noPostgres === undefined && bin !== undefined ? new Postgres(bin) : undefined;
after(() => postgres?.stop());

test('the queries of a PostgreSQL are counted, timed and shown as they were sent', {skip: noPostgres}, async () => {
  assert.ok(postgres !== undefined);
  await postgres.start();
  const end = (name: string): string => `usdt:${postgres.program}:postgresql:${name}`;
  const queries = [...Array<string>(40).fill("select 'forty'"), ...Array<string>(7).fill('select sum(n) from generate_series(1, 1000) n')];
  const line = await counted(
    {
      name: 'pg-queries',
      span: {from: end('query__start'), to: end('query__done')},
      by: ['pid', {field: 'str(from.arg0)', title: 'QUERY'}],
      measure: 'hist(duration)',
      unit: 'ns',
    },
    async () => postgres.query(queries),
  );
  assert.deepEqual(
    line.rows.map((row) => [row.key['query'], row.total['count'], row.hist?.total.reduce((sum, [, , count]) => sum + count, 0)]).sort(),
    [
      ["select 'forty';", 40, 40],
      ['select sum(n) from generate_series(1, 1000) n;', 7, 7],
    ],
  );
  assert.equal(line.status, 'exact');
  const started = await counted({name: 'pg-started', attach: end('query__start'), measure: 'count'}, async () => postgres.query(queries));
  assert.deepEqual(rows(started), [[{}, {count: 47}]]);
});
