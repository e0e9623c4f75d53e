import assert from 'node:assert/strict';
import {readdirSync, readFileSync, statSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {keysTable} from '../../src/view/hotkeys.ts';
import {root} from '../support/program.ts';

test('docs/screen.md has the table of keys as the program has it', () => {
  const text = readFileSync(path.join(root, 'docs/screen.md'), 'utf8');
  assert.ok(text.includes(`\n${keysTable()}\n`), `the table is to be:\n${keysTable()}`);
});

test('docs/screen.md shows every picture of the screen, and each is small', () => {
  const text = readFileSync(path.join(root, 'docs/screen.md'), 'utf8');
  const pictures = readdirSync(path.join(root, 'docs')).filter((name) => /^screen-.*\.svg$/.test(name));
  assert.ok(pictures.length > 10);
  for (const name of pictures) {
    assert.ok(text.includes(`](${name})`), name);
    assert.ok(statSync(path.join(root, 'docs', name)).size < 60_000, name);
  }
});
