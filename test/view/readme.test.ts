import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {keysTable} from '../../src/view/hotkeys.ts';
import {root} from '../support/program.ts';

test('the README has the table of keys as the program has it', () => {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  assert.ok(readme.includes(`\n${keysTable()}\n`), `the table is to be:\n${keysTable()}`);
});
