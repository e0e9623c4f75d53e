// Views made on the command line count as exactly as those of files, and --save keeps what was made.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import {measured, noPrivilege, temporaryFolder, tsbpftop} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const acts = skip === undefined ? workloads.c('acts') : '';

test('-e counts each call, by what --by says, and only what passes --where', {skip}, async () => {
  const line = await measured(['-e', 'syscall:rename', '--by', 'WHO=comm', '--where', "comm == 'wl-flags'"], () =>
    runToEnd(acts, ['wl-flags', 'rename', '40']),
  );
  assert.equal(line.view, 'rename');
  assert.deepEqual(
    line.rows.map((row) => [row.key, row.total['count']]),
    [[{who: 'wl-flags'}, 80]],
  );
});

test('--span measures from entry to return, grouped by nothing: one row', {skip}, async () => {
  const line = await measured(['--span', 'syscall:rename', '--comm', 'wl-flags'], () => runToEnd(acts, ['wl-flags', 'rename', '40']));
  assert.deepEqual(
    line.rows.map((row) => [row.key, row.total['count'], row.hist?.unit]),
    [[{}, 80, 'ns']],
  );
});

test('--csv has a header, then a line a row', {skip}, async () => {
  const {status, stdout} = await tsbpftop(['--csv', '-e', 'syscall:read', '--by', 'comm', '-n', '1', '-d', '0.2']);
  assert.equal(status, 0);
  const [header, first] = stdout.split('\r\n');
  assert.equal(header, 'time,view,seq,interval,status,comm,count,count_delta,count_rate');
  assert.match(first ?? '', /^\d{4}-\d\d-\d\dT[\d:.]+Z,read,\d,[\d.]+,\w+,/);
  const two = await tsbpftop(['--csv', 'openat', 'syscalls', '-n', '0']);
  assert.deepEqual([two.status, two.stderr.split('\n')[0]], [2, 'tsbpftop: --csv is one table, and there are 2 views']);
});

test('a view that is saved runs by its name from then on', {skip}, async (context) => {
  const home = temporaryFolder(context);
  const env = {XDG_CONFIG_HOME: home};
  const saved = await tsbpftop(['--json', '-n', '0', '-e', 'syscall:rename', '--by', 'comm', '--save', 'renames'], {env});
  assert.equal(saved.status, 0);
  assert.equal(saved.stderr, `tsbpftop: view 'renames' is saved as '${path.join(home, 'tsbpftop/presets/renames.json')}'\n`);
  const again = await tsbpftop(['--json', '-n', '0', 'renames'], {env});
  assert.equal(JSON.parse(again.stdout).view, 'renames');
});

test('a name that is not there is told in the words of its flag, with those that are', {skip}, async () => {
  const {status, stderr} = await tsbpftop(['--json', '-n', '0', '-e', 'syscall:openat', '--by', 'args.filenam']);
  assert.equal(status, 1);
  assert.match(stderr, /^tsbpftop: --by 'args\.filenam': no field 'filenam' in tracepoint .*\nhint: it has filename/);
});
