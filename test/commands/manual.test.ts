// The manual page: all that the tables have is in it, and man and mandoc find nothing to complain of.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {commandNames, commands} from '../../src/commands/command-table.ts';
import {flagNames, spelled} from '../../src/commands/line/flags.ts';
import {environment, manPage} from '../../src/commands/line/man-page.ts';
import {helpKeys} from '../../src/view/hotkeys.ts';
import {root, temporaryFolder} from '../support/program.ts';

const page = manPage({version: '1.2.3', date: '2026-01-31'});
/** As a reader has it, without what roff needs. */
const read = page
  .replace(/\\f[BIR]/g, '')
  .replaceAll('\\-', '-')
  .replaceAll('\\(aq', "'")
  .replaceAll('\\(ti', '~')
  .replaceAll('\\(ha', '^');
const missing = (tool: string): string | undefined =>
  spawnSync(tool, ['-V']).error === undefined ? undefined : `${tool} is not installed`;

test('every command, example, flag and key is in the manual page', () => {
  for (const name of commandNames)
    for (const [call] of [...commands[name].usage, ...commands[name].examples])
      assert.ok(read.includes(call.replaceAll('\\', '\\e')), call);
  for (const name of flagNames) assert.ok(read.includes(spelled(name)), name);
  const flowing = read.replaceAll('\n', ' ').replaceAll('\\(cq', '’');
  for (const {says} of helpKeys) assert.ok(flowing.includes(says), says);
});

test('every variable of the environment that the program reads is in the manual page', () => {
  const read = readFileSync(path.join(root, 'src/cli.ts'), 'utf8').matchAll(/env\['(\w+)'\]/g);
  const told = environment.flatMap(([names]) => names.split(', '));
  assert.deepEqual([...new Set([...read].map(([, name]) => name))].sort(), [...told].sort());
});

test('man renders it without a warning', {skip: missing('man')}, (context) => {
  const file = path.join(temporaryFolder(context), 'tsbpftop.1');
  writeFileSync(file, page);
  const {status, stdout, stderr} = spawnSync('man', ['--warnings=all', '-l', '-E', 'UTF-8', file], {
    encoding: 'utf8',
    env: {...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '80', MANPAGER: 'cat', MAN_KEEP_FORMATTING: ''},
  });
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /tsbpftop -b \[VIEW \.\.\.\]/);
});

test('mandoc has nothing against it', {skip: missing('mandoc')}, (context) => {
  const file = path.join(temporaryFolder(context), 'tsbpftop.1');
  writeFileSync(file, page);
  const {stdout} = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', file], {encoding: 'utf8'});
  assert.equal(stdout, '');
});
