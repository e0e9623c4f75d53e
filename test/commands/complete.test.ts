// What is wanted at the cursor, by tables: lines as they are typed, with quotes, flags half written, and sudo in front.
import assert from 'node:assert/strict';
import test from 'node:test';
import {wantedAt} from '../../src/commands/line/complete.ts';
import {type Completes, flagNames, flagTable} from '../../src/commands/line/flags.ts';
import {typedLine} from '../../src/commands/line/line-words.ts';

const lines: readonly (readonly [line: string, words: readonly string[], current: string])[] = [
  ['tsbpftop ', ['tsbpftop'], ''],
  ["tsbpftop -e 'syscall:re", ['tsbpftop', '-e'], 'syscall:re'],
  ['tsbpftop --where "a == \\"b" ""  x', ['tsbpftop', '--where', 'a == "b', ''], 'x'],
  ['tsbpftop a\\ b c\\:d', ['tsbpftop', 'a b'], 'c:d'],
  ['', [], ''],
];
for (const [line, words, current] of lines)
  test(`${JSON.stringify(line)} is taken apart as a shell does`, () => assert.deepEqual(typedLine(line), {words, current}));

const wanted: readonly (readonly [line: string, of: readonly Completes[], text: string])[] = [
  ['tsbpftop op', ['view'], 'op'],
  ['sudo /usr/bin/tsbpftop -b op', ['view'], 'op'],
  ['tsbpftop -bn 5 op', ['view'], 'op'],
  ['tsbpftop -n', [], '-n'],
  ['tsbpftop -n ', [], ''],
  ['tsbpftop -e ', ['probe'], ''],
  ['tsbpftop --span x -- -e', ['view'], '-e'],
  ['tsbpftop record ', ['file'], ''],
  ['tsbpftop record f ', ['view'], ''],
  ['tsbpftop record f openat sys', ['view'], 'sys'],
  ['tsbpftop list ', ['view'], ''],
  ['tsbpftop doctor ', [], ''],
  ['tsbpftop --cgroup=sys', ['cgroup'], 'sys'],
  ['tsbpftop --no-such=sys', [], '--no-such=sys'],
];
for (const [line, of, text] of wanted)
  test(`at the end of '${line}' ${of.length === 0 ? 'no word' : of.join()} is wanted`, () => {
    const found = wantedAt(line);
    assert.deepEqual(found.kind === 'words' ? [found.of, found.text] : [[], text], [of, text]);
  });

test('every flag that takes a word is completed as one of a kind, or is a number or a text of one’s own', () => {
  const free = ['sort', 'command', 'match', 'where', 'save', 'listen', 'host', 'ssh', 'remoteCommand'];
  for (const name of flagNames) {
    const {argument, number, completes} = flagTable[name];
    if (argument !== undefined && number === undefined && !free.includes(name)) assert.ok(completes !== undefined, name);
  }
});
