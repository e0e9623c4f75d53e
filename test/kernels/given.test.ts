// What the long scripts of package.json take: said at once, and nothing else is taken.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import path from 'node:path';
import test from 'node:test';

const root = path.join(import.meta.dirname, '../..');
const scripts = ['kernels', 'fuzz', 'sanitized', 'test', 'test-package'];
const run = (script: string, ...words: readonly string[]) =>
  spawnSync(process.execPath, [`src/setup/${script}.mjs`, ...words], {cwd: root, encoding: 'utf8', env: {PATH: process.env['PATH']}});

test('a script of package.json says what it takes, and refuses what it does not, before it does anything', () => {
  for (const script of scripts) {
    const asked = run(script, '--help');
    assert.match(asked.stdout, /^npm (run )?test|^npm run fuzz/, script);
    assert.deepEqual([asked.status, asked.stderr], [0, ''], script);
    const wrong = run(script, '--onyl', 'x');
    assert.match(wrong.stderr, /^tsbpftop: Unknown option '--onyl'\nnpm (run )?\w/, script);
    assert.deepEqual([wrong.status, wrong.stdout], [2, ''], script);
  }
  const never = run('kernels', '--within', 'soon');
  assert.match(never.stderr, /'--within soon' is no number of seconds/);
  assert.equal(never.status, 2);
});
