// `check` for scripts: its JSON, its exit status, folders; without privilege too, since nothing is loaded then.
import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {type TestContext} from 'node:test';
import {Program, temporaryFolder} from '../support/program.ts';

interface Verdict {
  readonly file: string;
  readonly ok: boolean;
  readonly status: number;
  readonly messages: readonly string[];
  readonly faults?: readonly {readonly pointer: string; readonly line: number; readonly message: string; readonly hint?: string}[];
  readonly notLoaded?: string;
}

async function check(args: readonly string[]) {
  const {stdout, stderr, status} = await new Program(['check', ...args], {unprivileged: true}).ended;
  return {status, stderr, stdout};
}
const verdicts = (stdout: string): readonly Verdict[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

function folderOf(context: TestContext, presets: Readonly<Record<string, string>>): string {
  const folder = path.join(temporaryFolder(context), 'presets');
  mkdirSync(folder);
  for (const [name, text] of Object.entries(presets)) writeFileSync(path.join(folder, name), text);
  return folder;
}
const right = '{"name":"right","attach":"software:page-faults:1","measure":"count"}';

test('a folder is checked file by file, without the schema beside them', async (context) => {
  const folder = folderOf(context, {'a.json': right, 'b.json': right, 'preset.schema.json': '{}', 'notes.txt': 'x'});
  const {status, stdout} = await check(['--json', folder]);
  assert.equal(status, 0, stdout);
  assert.deepEqual(
    verdicts(stdout).map(({file, ok}) => [path.basename(file), ok]),
    [
      ['a.json', true],
      ['b.json', true],
    ],
  );
  assert.match(verdicts(stdout)[0]?.notLoaded ?? '', /missing/);
});

test('each fault has its pointer, line, message and hint, and the worst status is that of the whole', async (context) => {
  const folder = folderOf(context, {
    'a.json': right,
    'b.json': '{"name":"b",\n"attach":"software:page-faults:1",\n"by":["str("],\n"colour":1}',
    'c.json': '{"name":"c",\n"attach":"software:page-fault:1",\n"measure":"count"}',
  });
  const {status, stdout} = await check(['--json', folder]);
  assert.equal(status, 2);
  const [, wrong, misfit] = verdicts(stdout);
  assert.deepEqual(wrong?.faults?.map(({pointer, line}) => [pointer, line]).sort(), [
    ['/by/0', 3],
    ['/colour', 4],
  ]);
  assert.equal(misfit?.status, 1);
  const [fault] = misfit?.faults ?? [];
  assert.deepEqual([fault?.pointer, fault?.line], ['/attach', 2]);
  assert.match(fault?.message ?? '', /no software event 'page-fault'/);
  assert.match(fault?.hint ?? '', /nearest: page-faults/);
});

test('a file that is not there, and no file at all, are told', async () => {
  const missing = await check(['/nonexistent/x.json']);
  assert.deepEqual([missing.status, missing.stdout], [2, "cannot read presets '/nonexistent/x.json': no such file or folder\n"]);
  const none = await check([]);
  assert.equal(none.status, 2);
  assert.match(none.stderr, /check wants preset files, or folders of them/);
});

test('what a preset quotes reaches no terminal as it is', async (context) => {
  const folder = folderOf(context, {'a.json': '{"name":"a","attach":"\\u001b[31mx:y","measure":"\\u001b[2Jcount"}'});
  for (const flags of [[], ['--json']]) {
    const {stdout} = await check([...flags, folder]);
    assert.doesNotMatch(stdout, /\u001b/);
  }
});
