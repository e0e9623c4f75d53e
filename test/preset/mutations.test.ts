// Ten thousand broken presets: each is refused with faults or becomes a plan. None crashes, none shows a stack trace, none
// takes long. The generator is seeded, so that a failure comes again: its message holds the text that did it.
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {parsePreset} from '../../src/preset/load.ts';
import {root} from '../support/program.ts';
import {planned} from '../support/plans.ts';
import {type Json, pick, type Random, seeded} from '../support/seeded.ts';

const count = 10_000;
const slowest = 500; // ms for one: far beyond what any takes, and below what a user waits

const folder = path.join(root, 'presets');
const seeds: readonly string[] = [
  ...readdirSync(folder)
    .filter((name) => name.endsWith('.json') && name !== 'preset.schema.json')
    .sort()
    .map((name) => readFileSync(path.join(folder, name), 'utf8')),
  '{"name":"a","span":{"from":["syscall:dup",{"probe":"syscall:dup2","where":"pid != self","match":"tid"}],"to":"syscall:close","match":{"from":"args.fildes","to":"args.fd"}},"by":[{"field":"from.args.fildes","title":"FD","format":"dec"}],"measure":["count","lhist(duration, 0, 100, 10)"],"unit":"ns"}',
  '{"name":"b","attach":{"firstOf":["fentry:vfs_*","kprobe:vfs_*","syscall:read"]},"by":["func","kstack",{"field":"i32(arg0)","format":"map","map":{"0":"read"}}],"measure":"count","maxKeys":100,"map":"lru","maxProbes":10}',
  '{"name":"c","object":"./slow.bpf.o","params":{"min_us":100},"table":{"map":"opens","columns":[{"field":"key.comm"},{"field":"value.slots","hist":"log2","unit":"us"}]}}',
];

const words = [
  'comm',
  'pid',
  'func',
  'kstack',
  'ustack',
  'duration',
  'retval',
  'self',
  'curtask',
  'from',
  'args',
  'arg0',
  'arg11',
  'arg99',
  'args.ret',
  'args.filename',
  'from.arg0',
  'curtask.real_parent.tgid',
  'i32(arg1)',
  'str(arg0)',
  'str(arg0, 127)',
  'str(arg0, 128)',
  '(struct task_struct)arg0.pid',
  '(struct x)',
  'args[0]',
  'args.a[99999999999]',
  "'text'",
  '-1',
  '0x',
  '0xffffffffffffffff',
  '18446744073709551616',
  '1e9',
  '&&',
  '==',
  '<',
  '&',
  '??',
  '.',
  '(',
  ')',
  '[',
  ']',
  ',',
  '*',
  "'",
  '\\',
  '"',
  'syscall:read',
  'syscall:*',
  'tracepoint:*:*',
  'tracepoint:a',
  'kprobe:vfs_read+0x10',
  'uprobe:./x:y',
  'uprobe:::',
  'usdt:a:b:c',
  'profile:hz:99',
  'profile:hz:0',
  'software:cs:1',
  'hardware:x:y',
  'fexit:*',
  'nonsense:x',
  ':',
  'count',
  'sum(arg0)',
  'hist(',
  'lhist(arg0, 0, 10, 0)',
  'lhist(arg0, 10, 0, 1)',
  'lhist(arg0, 0, 1e9, 1)',
  'lhist(duration, -9223372036854775808, 9223372036854775807, 1)',
  'hist(hist(arg0))',
  'median(x)',
];
const texts = [
  '',
  ' ',
  '\u0000',
  '\u001b[31m',
  '\u202e',
  '\ud800',
  'é',
  '🙂',
  '👩‍👩‍👧',
  'a'.repeat(5000),
  '('.repeat(3000),
  '.a'.repeat(2000),
  '*'.repeat(400),
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '../../etc/passwd',
  '/dev/zero',
  '-rate',
  '%s%n',
];
const numbers = [0, -1, 1, 0.5, 1e308, -1e308, 1e21, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 + 2, 2 ** 64, 4_194_304, 4_194_305, -0];
const members = [
  'name',
  'title',
  'group',
  'description',
  'attach',
  'span',
  'object',
  'source',
  'params',
  'table',
  'where',
  'by',
  'measure',
  'unit',
  'sort',
  'drill',
  'maxKeys',
  'map',
  'maxProbes',
  'firstOf',
  'probe',
  'match',
  'from',
  'to',
  'field',
  'format',
  '$schema',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  'to/by',
  '~1~0',
];

function value(random: Random, depth = 0): Json {
  switch (random(depth > 3 ? 6 : 9)) {
    case 0:
      return null;
    case 1:
      return random(2) === 0;
    case 2:
      return pick(random, numbers);
    case 3:
    case 4:
      return pick(random, words);
    case 5:
      return pick(random, texts);
    case 6:
      return Array.from({length: random(6)}, () => value(random, depth + 1));
    case 7:
      return Object.fromEntries(Array.from({length: random(4)}, () => [pick(random, members), value(random, depth + 1)]));
    default:
      return [pick(random, words), pick(random, words)].join(pick(random, [' ', '', '.', ' == ', ' && ', ', ']));
  }
}

/** Another tree: a member replaced, added, taken away, doubled or moved, somewhere. */
function mutatedTree(tree: Json, random: Random): Json {
  if (typeof tree !== 'object' || tree === null || random(5) === 0) {
    if (typeof tree === 'string' && random(3) > 0) return mutatedWords(tree, random);
    return value(random);
  }
  if (Array.isArray(tree)) {
    const copy = [...tree];
    const at = random(copy.length + 1);
    if (random(3) === 0) copy.splice(at, random(2), value(random));
    else if (at < copy.length) copy[at] = mutatedTree(copy[at] ?? null, random);
    else if (random(20) === 0) return Array.from({length: 300}, () => copy[0] ?? null);
    return copy;
  }
  const entries = Object.entries(tree);
  const at = random(entries.length + 1);
  const [name, inner] = entries[at] ?? [pick(random, members), value(random)];
  switch (random(4)) {
    case 0:
      return Object.fromEntries(entries.filter(([each]) => each !== name));
    case 1:
      return Object.fromEntries([...entries, [pick(random, members), value(random)]]);
    default:
      return Object.fromEntries([...entries.filter(([each]) => each !== name), [name, mutatedTree(inner, random)]]);
  }
}

/** A word of the language in place of another, or beside it. */
function mutatedWords(text: string, random: Random): string {
  const parts = text.split(/([:.,()[\] &=<>'*]+)/);
  parts.splice(random(parts.length), random(3), random(4) === 0 ? pick(random, texts) : pick(random, words));
  return parts.join('');
}

/** The text itself broken: bytes, brackets, members twice, escapes. */
function mutatedText(text: string, random: Random): string {
  const pieces = [
    '"',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '\\',
    '\\u',
    '\\ud800',
    '\\u0000',
    '//',
    '/*',
    'null',
    '1e',
    '-',
    '\u0000',
    '\ufeff',
    '\u2028',
    '"__proto__":{},',
    '"name":"x",',
    '\t',
    '\r\n',
  ];
  let result = text;
  for (let n = random(4) + 1; n > 0; n--) {
    const at = random(result.length + 1);
    result = result.slice(0, at) + (random(3) === 0 ? '' : pick(random, pieces)) + result.slice(at + random(4));
  }
  return random(40) === 0 ? result.slice(0, random(result.length)) : result;
}

const odd: readonly string[] = [
  '',
  ' ',
  'null',
  '[]',
  '{}',
  '1',
  '"x"',
  '\ufeff{}',
  '[[[[',
  '['.repeat(100_000),
  '{"a":'.repeat(50_000),
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  `{"by":${'['.repeat(2000)}${']'.repeat(2000)},"name":"a"}`,
  `{"name":"a","attach":"syscall:read","measure":"count","description":"${'x'.repeat(3_000_000)}"}`,
  `{"name":"a","attach":[${Array.from({length: 20_000}, () => '"syscall:read"').join(',')}],"measure":"count"}`,
  `{"name":"a","attach":"syscall:read","where":"${Array.from({length: 5000}, () => 'pid == 1').join(' && ')}","measure":"count"}`,
  `{"name":"a","attach":"syscall:read","measure":"count","where":"${'('.repeat(50_000)}"}`,
  `{"name":"a","attach":"syscall:read","measure":"count","by":["${'args.a.'.repeat(20_000)}a"]}`,
  `{${Array.from({length: 20_000}, (_, i) => `"m${i}":1`).join(',')}}`,
  `{${Array.from({length: 2000}, () => '"name":"a"').join(',')}}`,
  `{"name":"a","attach":"tracepoint:${'*a'.repeat(40)}:${'*a'.repeat(40)}b","measure":"count"}`,
  '{"name":"a","attach":"syscall:read","measure":"count","maxKeys":1e400}',
  '{"name":"a","attach":"syscall:read","measure":"count","__proto__":{"polluted":1}}',
];

function mutant(i: number, random: Random): string {
  const special = odd[i];
  if (special !== undefined) return special;
  const seed = pick(random, seeds);
  if (random(4) === 0) return mutatedText(seed, random);
  let tree = JSON.parse(seed) as Json;
  for (let n = random(3) + 1; n > 0; n--) tree = mutatedTree(tree, random);
  return random(8) === 0 ? mutatedText(JSON.stringify(tree, null, 1), random) : JSON.stringify(tree);
}

test('no mutation of a preset crashes, and each fault has a message, a line and a pointer', () => {
  const random = seeded(20_261_125);
  let [right, refused, plans, rests] = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const text = mutant(i, random);
    const begun = process.cpuUsage();
    try {
      const loaded = parsePreset(text, 'mutant.json');
      if (loaded.ok) {
        right++;
        plans += planned(loaded.preset);
      } else {
        refused++;
        if (loaded.rest !== undefined) rests += planned(loaded.rest);
        assert.ok(loaded.faults.length > 0, 'refused without a fault');
        const lines = text.split('\n').length;
        for (const {message, pointer, line} of loaded.faults) {
          assert.ok(message !== '' && message.length < 2000, `a message of ${message.length} characters`);
          assert.doesNotMatch(message, /\[object |undefined|NaN|\n\s+at /);
          assert.ok(pointer === '' || pointer.startsWith('/'), pointer.slice(0, 100));
          assert.ok(Number.isInteger(line) && line >= 1 && line <= lines, `line ${line} of ${lines}`);
        }
      }
      const taken = process.cpuUsage(begun).user / 1000; // of this process alone: the machine may be busy
      assert.ok(taken < slowest * (text.length > 100_000 ? 10 : 1), `it took ${Math.round(taken)} ms`);
    } catch (error) {
      assert.fail(`mutant ${i}: ${(error as Error).stack}\n${text.slice(0, 1500)}`);
    }
  }
  assert.equal(({} as {polluted?: unknown}).polluted, undefined);
  // a generator that breaks everything, or nothing, tests nothing
  assert.ok(
    right > count / 20 && refused > count / 2 && plans > count / 100 && rests > count / 100,
    `${right} right, ${refused} refused, ${plans} and ${rests} planned`,
  );
});
