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

/** What would be an empty view, a column of zeros, or one of two that were asked for. */
const senseless: readonly (readonly [member: string, fault: string])[] = [
  ['"by":["from.pid"]', "/by/0: 'from' is the start of a span: here is none"],
  ['"filter":{"pid":"from.pid"}', "/filter/pid: 'from' is the start of a span: here is none"],
  ['"filter":{"pid":"comm"}', '/filter/pid: a text is compared with the number 1'],
  ['"filter":{"comm":"pid"}', '/filter/comm: a number is compared with a name'],
  [
    '"by":[{"field":"pid","format":"hex","map":{"1":"init"}}]',
    "/by/0: 'pid' has a \"map\" of texts, and the format 'hex': one of them shows it",
  ],
  ['"by":[{"field":"comm","map":{"1":"init"}}]', "/by/0: format 'map' is for integers, and 'comm' is a text"],
  ['"by":[{"field":"func","format":"hex"}]', "/by/0: 'func' is a name, and takes no format 'hex'"],
];

test('what makes no sense on any machine is refused before it counts nothing', async (context) => {
  const presets = senseless.map(([member], i) => [
    `v${i}.json`,
    `{"name":"v","attach":"software:page-faults:1","measure":"count",${member}}`,
  ]);
  const {status, stdout} = await check(['--json', folderOf(context, Object.fromEntries(presets))]);
  assert.equal(status, 2);
  assert.deepEqual(
    verdicts(stdout).map(({status, faults = []}) => [status, ...faults.map(({pointer, message}) => `${pointer}: ${message}`)]),
    senseless.map(([, fault]) => [2, fault]),
  );
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
    ['', 1],
    ['/by/0', 3],
    ['/colour', 4],
  ]);
  assert.equal(misfit?.status, 1);
  const [fault] = misfit?.faults ?? [];
  assert.deepEqual([fault?.pointer, fault?.line], ['/attach', 2]);
  assert.match(fault?.message ?? '', /no software event 'page-fault'/);
  assert.match(fault?.hint ?? '', /nearest: page-faults/);
});

test('faults of the file and of its names on this machine are told together, each with its line', async (context) => {
  const folder = folderOf(context, {
    'a.json':
      '{"name":"a",\n"attach":"software:page-faults:1",\n"by":["comm",\n"com"],\n"where":"pid == slf",\n"measure":["count",\n"sum(retval)"],\n"colour":1}',
  });
  const {status, stdout} = await check(['--json', folder]);
  assert.equal(status, 2);
  assert.deepEqual(
    verdicts(stdout)[0]?.faults?.map(({line, pointer}) => [line, pointer]),
    [
      [4, '/by/1'],
      [5, '/where'],
      [7, '/measure/1'],
      [8, '/colour'],
    ],
  );
});

const statuses: readonly (readonly [what: string, json: string, status: number, line: RegExp])[] = [
  [
    'a field of that name',
    '"attach":"software:page-faults:1","by":["com"],"measure":"count"',
    2,
    /a\.json:1: \/by\/0: unknown field 'com'/,
  ],
  ['a text in quotes', '"attach":"software:page-faults:1","where":"comm == cat","measure":"count"', 2, /written in quotes: 'cat'/],
  [
    'an end behind *',
    `"attach":"software:page-faults:1","where":"comm == '*sh'","measure":"count"`,
    2,
    /at the end of a text alone.*'\*sh'/,
  ],
  ['a probe of that type', '"attach":"softwar:page-faults:1","measure":"count"', 2, /\/attach: unknown probe type .*nearest: software/],
  ['a duration without a span', '"attach":"software:page-faults:1","measure":"hist(duration)"', 2, /\/measure: 'duration' is the time/],
  ['an event of that name', '"attach":"software:page-fault:1","measure":"count"', 1, /a\.json:1: \/attach: no software event/],
];
for (const [what, members, expected, line] of statuses)
  test(`${what} is missing: status ${expected} says whether ${expected === 2 ? 'the preset is wrong' : 'this machine lacks it'}`, async (context) => {
    const {status, stdout} = await check([folderOf(context, {'a.json': `{"name":"a",${members}}`})]);
    assert.match(stdout, line);
    assert.equal(status, expected, stdout);
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
