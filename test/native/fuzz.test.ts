// A short run of `npm run fuzz`; the long one is in docs/trust.md.
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import test from 'node:test';
import {root} from '../support/program.ts';

const parsers = ['elf', 'debug', 'usdt', 'image', 'btf', 'object', 'demangle', 'table', 'jit', 'maps', 'status'];

function noSanitizer(): string | undefined {
  try {
    const found = execFileSync('g++', ['-print-file-name=libasan.so'], {encoding: 'utf8'}).trim();
    return found.includes('/') ? undefined : 'needs libasan';
  } catch {
    return 'needs g++';
  }
}

for (const parser of parsers)
  test(`damaged input ends neither the parser '${parser}' nor its memory, nor takes it a second`, {skip: noSanitizer()}, () => {
    const count = parser === 'object' ? '200' : parser === 'debug' ? '500' : '1000';
    const {status, stdout, stderr} = spawnSync(
      process.execPath,
      ['src/setup/fuzz.mjs', '--seed', '7', '--count', parser === 'object' ? '1000' : count, parser],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, new RegExp(`^${parser} +${count} inputs`, 'm'));
  });
