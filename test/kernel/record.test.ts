// Recording on the real kernel, and replaying without one: what is replayed is what was recorded, to the letter.
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {cpSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {type TestContext} from 'node:test';
import {gunzipSync} from 'node:zlib';
import {type JsonLine, noPrivilege, Program, root, temporaryFolder, tsbpftop} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();

const linesOf = (text: string): readonly Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
/** What --json would have said. */
const refreshesOf = (text: string): readonly unknown[] =>
  linesOf(text).flatMap(({replay: _, ...line}) => (line['recording'] === undefined ? [line] : []));

/** Records while a program makes a known number of calls; ends as a user would. */
async function recorded(context: TestContext, views: readonly string[], name = 'recording.ndjson'): Promise<string> {
  const file = path.join(temporaryFolder(context), name);
  const program = new Program(['record', file, ...views, '-d', '0.2']);
  await program.until((each) => each.stderr.includes(`recording ${views.join(', ')} to '${file}'`));
  await program.until(() => statSync(file).size > 3000);
  await runToEnd(workloads.c('calls'), ['wl-record', '4321']);
  const {status, stderr} = await program.stop();
  assert.equal(status, 0, stderr);
  assert.match(stderr, /wrote \d+ refreshes \([\d.]+ k?B\) to '.*recording\.ndjson(\.gz)?'; tsbpftop replay shows it/);
  return file;
}

test('what is replayed is what was recorded, and the last line has every event', {skip}, async (context) => {
  const file = await recorded(context, ['openat', 'read-latency', 'read-bytes']);
  const text = readFileSync(file, 'utf8');
  assert.match(text, /"programs","id \d+, [1-9]\d* instructions/);
  const {stdout, status} = await tsbpftop(['replay', file, '--json'], {unprivileged: true});
  assert.equal(status, 0);
  assert.deepEqual(linesOf(stdout), refreshesOf(text));
  const last = (linesOf(stdout) as unknown as readonly JsonLine[]).findLast((line) => line.view === 'openat');
  assert.equal(last?.rows.find((row) => row.key['comm'] === 'wl-record')?.total['count'], 4321);
  assert.equal(lstatSync(file).mode & 0o777, 0o600);
});

test('a replay needs no addon', {skip}, async (context) => {
  const file = await recorded(context, ['openat']);
  const copy = path.join(temporaryFolder(context), 'dist');
  cpSync(path.join(root, 'dist'), copy, {recursive: true, filter: (from) => !/\.(node|o|d)$|\/native$/.test(from)});
  cpSync(path.join(root, 'package.json'), path.join(copy, '../package.json'));
  assert.ok(!existsSync(path.join(copy, 'tsbpftop.node')));
  const text = execFileSync(process.execPath, [path.join(copy, 'cli.js'), 'replay', file, '-b'], {
    encoding: 'utf8',
    env: {...process.env, NODE_OPTIONS: ''},
  });
  assert.match(text, /COMM +RATE\/s +DELTA +TOTAL/);
  assert.match(text, /^wl-record .* 4,321 /m);
});

test('a compressed recording is the same, and can be unpacked by others at any time', {skip}, async (context) => {
  const file = await recorded(context, ['openat'], 'recording.ndjson.gz');
  const text = gunzipSync(readFileSync(file)).toString();
  const {stdout} = await tsbpftop(['replay', file, '--json']);
  assert.deepEqual(linesOf(stdout), refreshesOf(text));
  truncateSync(file, statSync(file).size - 5);
  const cut = await tsbpftop(['replay', file, '--json']);
  assert.ok(linesOf(cut.stdout).length >= linesOf(stdout).length - 1, cut.stderr);
});

test('lines that are cut, of others, or of another version are passed over, and said', {skip}, async (context) => {
  const file = await recorded(context, ['openat']);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const [header = '', first = '', second = ''] = lines;
  const broken = second.replace('"rows":[', '"rows":[7,');
  writeFileSync(
    file,
    [header, first, 'garbage', '{"v":2,"view":"openat"}', '\u0000\u0001', broken, '{"v":1,"hello":1}', second.slice(0, -20)].join('\n'),
  );
  const {stdout, stderr, status} = await tsbpftop(['replay', file, '--json']);
  assert.equal(status, 0);
  assert.deepEqual(linesOf(stdout), refreshesOf(first));
  assert.match(stderr, /4 lines passed over that cannot be read; 1 line passed over that is of another version/);
  assert.match(stderr, /1 refresh passed over that is not as it should be/);
});

test('plain output of --json is replayed, too', {skip}, async (context) => {
  const file = path.join(temporaryFolder(context), 'plain.ndjson');
  const {stdout} = await tsbpftop(['--json', '-n', '2', '-d', '0.2', 'syscalls']);
  writeFileSync(file, stdout);
  const again = await tsbpftop(['replay', file, '--json']);
  const rows = (text: string): readonly unknown[] => linesOf(text).filter((line) => (line['rows'] as readonly unknown[]).length > 0);
  assert.deepEqual(rows(again.stdout), rows(stdout));
});

test('a full disk ends it with one message, and what was written is whole', {skip}, async (context) => {
  const file = path.join(temporaryFolder(context), 'full.ndjson');
  const child = spawn('bash', ['-c', `ulimit -f 120; exec ${process.execPath} dist/cli.js record ${file} syscalls read-latency -d 0.1`], {
    cwd: root,
    env: {...process.env, NODE_OPTIONS: ''},
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (data) => (stderr += data));
  const [status] = await once(child, 'close');
  assert.equal(status, 1, stderr);
  assert.match(
    stderr,
    /cannot write '.*full\.ndjson': the file would be larger than is allowed\nhint: \d+ refresh(?:es)? \([\d.]+ k?B\) before that can be replayed\n$/,
  );
  assert.doesNotMatch(stderr, /\n\s+at /);
  const text = readFileSync(file, 'utf8');
  assert.ok(text.endsWith('}\n'));
  assert.deepEqual(linesOf((await tsbpftop(['replay', file, '--json'])).stdout), refreshesOf(text));
});

test('a file is never overwritten unasked, and never written through a link', {skip}, async (context) => {
  const folder = temporaryFolder(context);
  const [there, link, inside] = [path.join(folder, 'there'), path.join(folder, 'link'), path.join(folder, 'inside')];
  writeFileSync(there, 'precious');
  symlinkSync(there, link);
  mkdirSync(inside);
  for (const [file, args, message] of [
    [there, [], /cannot write '.*there': it exists\nhint: another name, or --force/],
    [link, [], /it is a symbolic link, and none is followed/],
    [link, ['--force'], /it is a symbolic link, and none is followed/],
    [inside, ['--force'], /it is a folder/],
    ['/dev/full', ['--force'], /it is no regular file/],
    [path.join(folder, 'missing/file'), [], /no such folder/],
  ] as const) {
    const ended = await tsbpftop(['record', file, 'openat', '-n', '0', ...args]);
    assert.equal(ended.status, 1, file);
    assert.match(ended.stderr, message);
  }
  assert.equal(readFileSync(there, 'utf8'), 'precious');
  assert.equal((await tsbpftop(['record', there, 'openat', '-n', '0', '--force'])).status, 0);
  assert.match(readFileSync(there, 'utf8'), /^\{"v":1,"recording":"header"/);
});

test('root by sudo writes for the user who called it', {skip: process.getuid?.() === 0 ? undefined : 'needs root'}, async (context) => {
  const file = path.join(temporaryFolder(context), 'mine.ndjson');
  await tsbpftop(['record', file, 'openat', '-n', '0'], {env: {SUDO_UID: '12345', SUDO_GID: '23456'}});
  assert.deepEqual([statSync(file).uid, statSync(file).gid], [12_345, 23_456]);
});

const wrong: readonly (readonly [args: readonly string[], status: number, message: RegExp])[] = [
  [['record'], 2, /record wants a file\n/],
  [['record', 'openat'], 2, /record wants a file before the view 'openat'\nhint: tsbpftop record recording\.ndjson openat/],
  [['record', '/tmp/x.ndjson', 'opnat'], 2, /no view 'opnat'/],
  [['replay'], 2, /replay wants a file/],
  [['replay', '/nonexistent', '-b'], 1, /cannot read '\/nonexistent': no such file/],
  [['replay', '/tmp', '-b'], 1, /cannot read '\/tmp': it is a folder/],
  [['replay', 'package.json', '-b'], 1, /'package\.json' is no recording\nhint: its lines are not those of tsbpftop record/],
  [['replay', '/dev/null', '-b'], 1, /'\/dev\/null' is no recording\nhint: it has no refresh/],
  [['replay', 'package.json'], 1, /the full screen needs a terminal\nhint: without one: tsbpftop replay FILE -b/],
];
for (const [args, status, message] of wrong)
  test(`${args.join(' ')} gets one message and status ${status}`, async () => {
    const ended = await tsbpftop(args, {unprivileged: true});
    assert.match(ended.stderr, message);
    assert.equal(ended.status, status);
    assert.doesNotMatch(ended.stderr, /\n\s+at /, 'no stack');
  });

test('a view that is not in the recording is named with those that are', {skip}, async (context) => {
  const file = await recorded(context, ['openat']);
  const {stderr, status} = await tsbpftop(['replay', file, '-b', 'syscalls']);
  assert.equal(status, 2);
  assert.match(stderr, /no view 'syscalls' in '.*'\nhint: it has openat/);
});

test('a gigabyte is not read into memory', {
  skip: process.env['TSBPFTOP_LARGE'] === undefined ? 'takes a gigabyte of disk: TSBPFTOP_LARGE=1' : skip,
}, async (context) => {
  const small = readFileSync(await recorded(context, ['openat', 'read-latency']), 'utf8');
  const file = path.join(temporaryFolder(context), 'large.ndjson');
  for (let bytes = 0; bytes < 2 ** 30; bytes += small.length) writeFileSync(file, small, {flag: 'a'});
  const {stderr} = await tsbpftop(['replay', file, '-b', '-n', '0'], {env: {NODE_OPTIONS: '--max-old-space-size=256'}});
  assert.equal(stderr, '');
  rmSync(file);
});
