// Fields whose meaning depends on the kernel: addresses, ports, alternatives, and filters of what is not the current task.
import assert from 'node:assert/strict';
import test from 'node:test';
import {measured, noPrivilege, tsbpftop} from '../support/program.ts';
import {ready, runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const acts = skip === undefined ? workloads.c('acts') : '';

test('connections are counted by address and port, from a tracepoint’s bytes', {skip}, async () => {
  const file = workloads.preset({
    name: 'connects',
    attach: 'tracepoint:sock:inet_sock_set_state',
    where: "comm == 'wl-tcp-field' && args.oldstate == 7 && args.newstate == 2",
    by: [
      {field: 'args.daddr', title: 'V4', format: 'ipv4'},
      {field: 'args.daddr_v6', title: 'ANY'},
      {field: 'args.dport', format: 'port'},
    ],
    measure: 'count',
  });
  const line = await measured(['--presets', file, 'connects'], () => runToEnd(acts, ['wl-tcp-field', 'tcp', '40']));
  const [row] = line.rows;
  assert.equal(line.rows.length, 1);
  assert.deepEqual([row?.key['v4'], row?.key['any'], row?.total['count']], ['127.0.0.1', '127.0.0.1', 40]);
});

test('one text of a list is taken by its number, empty behind the list’s end, and the list itself is an address', {skip}, async () => {
  const preset = {
    name: 'lists',
    attach: 'syscall:execve',
    by: ['args.argv[0]', 'args.argv[2]', 'args.argv', 'args.argv[7]'],
    measure: 'count',
  };
  const line = await measured(['--presets', workloads.preset(preset), 'lists'], () =>
    runToEnd('/bin/echo', ['one', 'tsbpftop-two', 'three']),
  );
  const row = line.rows.find(({key}) => key['argv2'] === 'tsbpftop-two');
  assert.equal(row?.key['argv'], '/bin/echo', JSON.stringify(line.rows));
  assert.match(String(row?.key['argv3']), /^0x[0-9a-f]+$/);
  assert.equal(row?.key['argv4'], '', 'the list ends before; the environment behind it is not of it');
});

test('a port in the network’s order is shown and compared as the number that it is', {skip}, async () => {
  const preset = {
    name: 'ports',
    attach: 'rawtracepoint:inet_sock_set_state',
    where: "comm == 'wl-tcp-field' && args.oldstate == 7 && args.newstate == 2",
    by: [{field: 'args.sk.__sk_common.no_such_member ?? args.sk.__sk_common.skc_dport', title: 'PORT', format: 'port'}],
    measure: 'count',
  };
  const byTracepoint = {...preset, name: 'ports2', attach: 'tracepoint:sock:inet_sock_set_state', by: ['args.dport']};
  const line = await measured(['--presets', workloads.preset(preset), 'ports', '--presets', workloads.preset(byTracepoint), 'ports2'], () =>
    runToEnd(acts, ['wl-tcp-field', 'tcp', '10']),
  );
  const port = Number(line.rows[0]?.key['dport']);
  assert.ok(port > 1024);
  // the same events by the raw tracepoint: only they, when compared with that port's number
  const other = await measured(
    ['--presets', workloads.preset({...preset, where: [preset.where, 'args.sk.__sk_common.skc_dport != 80']}), 'ports'],
    () => runToEnd(acts, ['wl-tcp-field', 'tcp', '10']),
  );
  assert.equal(other.rows[0]?.total['count'], 10);
  assert.ok(Number(other.rows[0]?.key['port']) > 1024);
});

test('-p and --comm in the run queue mean the task that waited, not the one that ran before', {skip}, async () => {
  const work = await ready(acts, ['wl-waits', 'sleep', '60']);
  const line = await measured(['runq-latency', '-p', String(work.pid)], work.run);
  assert.deepEqual(
    line.rows.map((row) => row.key['comm']),
    ['wl-waits'],
  );
  assert.ok((line.rows[0]?.total['count'] ?? 0) >= 54); // a sleep may end before the task has left its CPU
  const byName = await measured(['runq-latency', '--comm', 'wl-named'], () => runToEnd(acts, ['wl-named', 'sleep', '60']));
  assert.deepEqual(
    byName.rows.map((row) => row.key['comm']),
    ['wl-named'],
  );
  assert.ok((byName.rows[0]?.total['count'] ?? 0) >= 54); // a sleep may end before the task has left its CPU
});

test('an enum of the kernel names its values', {skip}, async () => {
  const file = workloads.preset({
    name: 'enum',
    attach: 'tracepoint:sock:inet_sock_set_state',
    where: "comm == 'wl-enum' && args.oldstate == 7",
    by: [{field: 'args.newstate', title: 'STATE', format: 'enum:sock_type'}],
    measure: 'count',
  });
  const line = await measured(['--presets', file, 'enum'], () => runToEnd(acts, ['wl-enum', 'refused', '5']));
  // not what these numbers mean, but an enum whose names have not changed since it is there: SYN_SENT is 2
  assert.deepEqual(
    line.rows.map((row) => [row.key, row.total]),
    [[{state: 'SOCK_DGRAM'}, {count: 5}]],
  );
  const wrong = workloads.preset({
    name: 'no-enum',
    attach: 'syscall:read',
    by: [{field: 'args.fd', format: 'enum:no_such'}],
    measure: 'count',
  });
  const {status, stderr} = await tsbpftop(['--json', '-n', '0', '--presets', wrong, 'no-enum']);
  assert.equal(status, 1);
  assert.match(stderr, /the kernel has no enum 'no_such'/);
});

test('enums, flags, devices and pointers are shown as what they are', {skip}, async () => {
  const timers = {
    name: 'timers',
    attach: 'rawtracepoint:hrtimer_start',
    by: [
      'args.mode',
      {field: 'i32(args.mode)', title: 'SAME', format: 'enum:hrtimer_mode'},
      {field: 'args.hrtimer.function', format: 'ksym'},
    ],
    measure: 'count',
  };
  const line = await measured(['--presets', workloads.preset(timers), 'timers'], () => runToEnd(acts, ['wl-sleeps', 'sleep', '20']));
  assert.ok(line.rows.length > 0);
  for (const {key} of line.rows) {
    assert.match(String(key['mode']), /^HRTIMER_MODE_[A-Z_]+$/);
    assert.equal(key['same'], key['mode']);
  }
  assert.ok(line.rows.some(({key}) => key['function'] === 'hrtimer_wakeup'));
  const unknown = workloads.preset({...timers, name: 'unknown', by: [{field: 'args.mode', format: 'enum:nobody'}]});
  await assert.rejects(
    measured(['--presets', unknown, 'unknown'], async () => undefined),
    /the kernel has no enum 'nobody'/,
  );
});
