// Static probes of user programs: exact counts and argument values of a known workload, and of a real PostgreSQL.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync} from 'node:fs';
import test, {after} from 'node:test';
import {checkForm, operandForms, presetOfForm} from '../support/operand-forms.ts';
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
  const expected = {constants: 1000, indexed: 1000, registers: 1000, begin: 1000, end: 1000, guarded: 1000, twice: 1500};
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

for (const form of operandForms)
  test(
    `operands of ${form.probe} are read as the program computed them: ${form.values.map(([expr]) => expr).join(', ')}`,
    {skip},
    async () => checkForm(form, await counted(presetOfForm(probes, form), () => runToEnd(probes, ['wl-forms', '100']))),
  );

test('a span between two static probes keeps what its start had', {skip}, async () => {
  const line = await counted(
    {
      name: 'usdt-span',
      span: {from: `usdt:${probes}:wl:begin`, to: `usdt:${probes}:wl:end`},
      by: [{field: 'str(from.arg0)', title: 'KIND'}, 'func', {field: 'from.func', title: 'BEGAN'}],
      measure: ['hist(duration)', 'sum(arg0)'],
    },
    () => runToEnd(probes, ['wl-usdt-span', '1000']),
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
