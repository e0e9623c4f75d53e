import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {loadPreset, parsePreset} from '../../src/preset/load.ts';
import {jsonSchema} from '../../src/preset/schema.ts';
import {documents} from '../../src/setup/views-doc.ts';
import {root} from '../support/program.ts';

const faultsOf = (json: string): readonly string[] => {
  const loaded = parsePreset(json, 'p.json');
  return loaded.ok ? [] : loaded.faults.map((fault) => `${fault.line} ${fault.pointer} ${fault.message}`);
};

test('every bundled preset is right, and is called as its file', () => {
  const folder = path.join(root, 'presets');
  for (const file of readdirSync(folder).filter((name) => name !== 'preset.schema.json')) {
    const loaded = loadPreset(path.join(folder, file));
    assert.ok(loaded.ok, loaded.ok ? '' : JSON.stringify(loaded.faults));
    assert.equal(`${loaded.preset.name}.json`, file);
    assert.ok(loaded.preset.description.length > 10, file);
  }
});

test('the tables of views in docs and README are those of the presets (npm run docs renews them)', () => {
  for (const {file, text} of documents()) assert.equal(readFileSync(file, 'utf8'), text, file);
});

test('the schema for editors is the one in the code (npm run schema renews it)', () => {
  assert.equal(readFileSync(path.join(root, 'presets/preset.schema.json'), 'utf8'), jsonSchema());
});

const broken: readonly (readonly [json: string, place: string])[] = [
  ['{"name": "a",}', '1:14'],
  ['{\n  "näme ☃": "a"\n  "by": []}', '3:3'],
  ['{\n"name": "a",\n  "name": "b"}', '3:3'],
  ['', '1:1'],
];
for (const [json, place] of broken)
  test(`what is no JSON is told with line and column: ${JSON.stringify(json)}`, () => {
    const loaded = parsePreset(json, 'p.json');
    assert.ok(!loaded.ok);
    const [fault] = loaded.faults;
    assert.equal(`${fault?.line}:${fault?.column}`, place);
  });

const cases: readonly (readonly [what: string, json: string, faults: readonly RegExp[]])[] = [
  ['not JSON', '{"name": "a",}', [/^1 {2}not JSON: .*/]],
  ['an unknown member', '{"name":"a","attach":"syscall:read","measure":"count","filters":"x"}', [/^1 \/filters unknown member 'filters'/]],
  [
    'a member twice',
    '{"name":"a",\n"name":"b","attach":"syscall:read","measure":"count"}',
    [/^2 {2}member 'name' stands here a second time/],
  ],
  ['no probe', '{"name":"a","measure":"count"}', [/^1 {2}expected one of attach, span, object or source, found none/]],
  ['two kinds of probe', '{"name":"a","attach":"syscall:read","span":"syscall:read","measure":"count"}', [/found attach and span/]],
  [
    'a span in place of nothing',
    '{"name":"a","orSpan":"syscall:read",\n"span":"syscall:read","measure":"count"}',
    [/\/orSpan expected 'attach', in whose place this is, found none/],
  ],
  [
    'a drill by no column',
    '{"name":"a","attach":"syscall:read","measure":"count","by":["comm"],\n"drill":{"to":"b","by":"pid"}}',
    [/^2 \/drill\/by no column 'pid'/],
  ],
  ['no measure', '{"name":"a","attach":"syscall:read"}', [/expected 'measure', found none/]],
  [
    'a name with blanks',
    '{"name":"A b","attach":"syscall:read","measure":"count"}',
    [/^1 \/name expected lower case letters.*found "A b"/],
  ],
  [
    'a wrong type',
    '{"name":"a","attach":"syscall:read","measure":"count","maxKeys":"many"}',
    [/^1 \/maxKeys expected a (number|int).*, found "many"/],
  ],
  [
    'an unknown format',
    '{"name":"a","attach":"syscall:read","measure":"count",\n"by":["comm",\n{"field":"arg0","format":"octal"}]}',
    [/^3 \/by\/1\/format expected one of dec, hex.*found "octal"/],
  ],
  [
    'five fields',
    '{"name":"a","attach":"syscall:read","measure":"count","by":["comm","pid","tid","uid","gid"]}',
    [/^1 \/by expected at most 4 entries/],
  ],
  [
    'a format that is nearly one',
    '{"name":"a","attach":"syscall:openat","measure":"count","by":[{"field":"args.filename","format":"pth"}]}',
    [/^1 \/by\/0\/format expected one of dec, .*, container, found "pth"$/],
  ],
  [
    'a member within another by a wrong name, once,',
    '{"name":"a","attach":{"firstof":["fentry:vfs_read"]},"measure":"count"}',
    [/^1 \/attach\/firstof unknown member 'firstof'$/],
  ],
  [
    'a span without its end',
    '{"name":"a","span":{"from":"syscall:read"},"measure":"count"}',
    [/^1 \/span\/to expected a string or an object.*, found nothing$/],
  ],
  [
    'a field twice, which would be one column for two,',
    '{"name":"a","attach":"syscall:read","by":["comm","comm"],"measure":"count"}',
    [/^1 \/by\/1 'comm' is there already$/],
  ],
  [
    'a text for what is no number',
    '{"name":"a","attach":"syscall:read","by":[{"field":"args.fd","map":{"0":"in","one":"out"}}],"measure":"count"}',
    [/^1 \/by\/0\/map\/one expected a whole number/],
  ],
  [
    'sorting by no column',
    '{"name":"a","span":"syscall:read","by":["comm"],"measure":["hist(duration)","sum(duration)"],\n"sort":"-p98"}',
    [/^2 \/sort no column 'p98'$/],
  ],
  [
    'several faults at once, each on its line',
    '{\n"name": "a",\n"attach": "syscall:read",\n"by": ["comm", "str("],\n"where": "comm",\n"measure": ["count", "median(x)"]\n}',
    [/^4 \/by\/1 expected a field/, /^5 \/where expected a comparison/, /^6 \/measure\/1 unknown measure 'median'/],
  ],
];
for (const [what, json, faults] of cases)
  test(`${what} is said with pointer and line`, () => {
    const found = faultsOf(json);
    assert.equal(found.length, faults.length, found.join('\n'));
    faults.forEach((fault, i) => assert.match(found[i] ?? '', fault));
  });

test('the name that was meant is told, of members and of words', () => {
  const loaded = parsePreset(
    '{"name":"a","attach":"syscall:openat","unit":"byte","by":[{"field":"args.filename","format":"pth","tite":"X"}],"measure":"count"}',
    'a.json',
  );
  assert.ok(!loaded.ok);
  assert.deepEqual(loaded.faults.map(({pointer, hint}) => [pointer, hint]).sort(), [
    ['/by/0/format', "did you mean 'path'?"],
    ['/by/0/tite', "did you mean 'title'?"],
    ['/unit', "did you mean 'bytes'?"],
  ]);
});

test('columns that sort takes are those that the view has', () => {
  for (const sort of ['comm', '-comm2', '-rate', 'delta', 'total', '-count', '-sum2', 'avg', 'p50', '-max']) {
    const json = {name: 'a', span: 'syscall:read', by: ['comm', 'from.comm'], sort};
    const measure = ['count', 'sum(duration)', 'sum(args.ret)', 'avg(duration)', 'hist(duration)'];
    assert.deepEqual(faultsOf(JSON.stringify({...json, measure})), [], sort);
  }
});

test('defaults are filled in', () => {
  const loaded = parsePreset('{"name":"a","attach":"syscall:read","by":["comm"],"measure":"count"}', 'a.json');
  assert.ok(loaded.ok);
  assert.deepEqual(
    {title: loaded.preset.title, sort: loaded.preset.sort, maxKeys: loaded.preset.maxKeys, map: loaded.preset.map},
    {title: 'a by comm', sort: '-rate', maxKeys: 10_240, map: 'auto'},
  );
});

test('no mutation of a preset makes the parser throw', () => {
  const seed = readFileSync(path.join(root, 'presets/openat-files.json'), 'utf8');
  let state = 7;
  const random = (below: number): number => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
  for (let i = 0; i < 5000; i++) {
    const characters = [...seed];
    for (let n = random(4) + 1; n > 0; n--)
      characters.splice(random(characters.length), random(3), ...(['', '"', '{', ']', '\\', 'null', '0', ','][random(8)] ?? ''));
    parsePreset(characters.join(''), 'mutated.json');
  }
});

test('the schema describes every member, so that an editor explains what it completes', () => {
  const lacking: string[] = [];
  const walk = (node: unknown, at: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const {properties = {}} = node as {readonly properties?: Readonly<Record<string, {readonly description?: string}>>};
    for (const [name, member] of Object.entries(properties)) if (member.description === undefined) lacking.push(`${at}/${name}`);
    for (const [name, inner] of Object.entries(node)) walk(inner, `${at}/${name}`);
  };
  walk(JSON.parse(jsonSchema()), '');
  assert.deepEqual(lacking, []);
});
