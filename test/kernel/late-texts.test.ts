// A text whose page is mapped only when the kernel reads it, after the call began: read at the end of the call.
import assert from 'node:assert/strict';
import test from 'node:test';
import {type JsonLine, measured, noPrivilege} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const late = skip === undefined ? workloads.c('late') : '';

const act = (name: string, what: string, n: number) => () => runToEnd(late, [name, what, String(n)]);
const counts = ({rows}: JsonLine, column: string) =>
  rows.map(({key, total}) => [key[column], total['count'] ?? 0] as const).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
const opened = Array.from({length: 100}, (_, i) => [`/late/${String(i).padStart(3, '0')}`, 1] as const);

for (const view of ['open-error-files', 'openat-files'])
  test(`${view}: a file that a new process opens first is under its name, and all is exact`, {skip}, async () => {
    const line = await measured([view, '--comm', 'wl-late'], act('wl-late', 'opens', 100));
    assert.deepEqual(counts(line, 'path'), opened);
    assert.equal(line.status, 'exact');
  });

test('such a text is compared as any other', {skip}, async () => {
  const preset = {name: 'late-ones', span: 'syscall:openat', where: "from.args.filename == '/late/01*'", by: ['comm'], measure: 'count'};
  const line = await measured(
    ['--presets', workloads.preset(preset), 'late-ones', '--comm', 'wl-compared'],
    act('wl-compared', 'opens', 100),
  );
  assert.deepEqual([counts(line, 'comm'), line.status], [[['wl-compared', 10]], 'exact']);
});

test('a text that nobody can read is told as such', {skip}, async () => {
  const line = await measured(['open-error-files', '--comm', 'wl-nowhere'], act('wl-nowhere', 'nowhere', 7));
  assert.deepEqual([counts(line, 'path'), line.lost['fault'], line.status], [[['<fault>', 7]], 7, 'partial']);
});

test('what could be read at the start is that, whatever is there at the end', {skip}, async () => {
  const preset = {
    name: 'written',
    span: `uprobe:${late}:writes`,
    by: [{field: 'str(from.arg0)', title: 'TEXT'}],
    measure: 'count',
  };
  const line = await measured(['--presets', workloads.preset(preset), 'written'], act('wl-writes', 'writes', 20));
  assert.deepEqual([counts(line, 'text'), line.status], [[['first', 40]], 'exact']);
});

test('after exec an address is one of another program: nothing is read there', {skip}, async () => {
  const preset = {
    name: 'execs',
    span: 'syscall:execve',
    where: "from.comm == 'wl-execs'",
    by: [{field: 'from.args.filename', title: 'PATH'}],
    measure: 'count',
  };
  const line = await measured(['--presets', workloads.preset(preset), 'execs'], act('wl-execs', 'execs', 10));
  assert.deepEqual([counts(line, 'path'), line.status], [[['<fault>', 10]], 'partial']);
});
