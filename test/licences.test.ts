// Whoever gets a package gets the licences of what is in it.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {cli, root} from './support/program.ts';

test('each library that the sources import is in THIRD-PARTY-LICENSES, with a text', () => {
  const text = readFileSync(path.join(root, 'dist/THIRD-PARTY-LICENSES'), 'utf8');
  const made = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;
  for (const name of [
    'ink',
    'ink-table',
    'react',
    'meow',
    'zod',
    'jsonc-parser',
    'string-width',
    'fuzzysort',
    'yoga-layout',
    'node-addon-api',
    'libbpf',
    'libelf',
    'zlib',
    'libsupc\\+\\+',
  ]) {
    const heading = new RegExp(`^={100}\\n${name}[ ,].*\\n={100}\\n([\\s\\S]*?)(?=\\n={100}\\n|(?![\\s\\S]))`, 'm').exec(text);
    assert.ok((heading?.[1] ?? '').trim().length > 100, name);
  }
  assert.equal(
    execFileSync(process.execPath, [cli, '--licences'], {encoding: 'utf8'}),
    `${readFileSync(path.join(root, 'LICENSE'), 'utf8')}\n${text}`,
  );
  // all is bundled: the package depends on nothing
  assert.equal(made['dependencies'], undefined);
});

test('no package is installed with its scripts', () => {
  const folder = path.join(root, 'src/setup');
  const installs = readdirSync(folder)
    .filter((file) => /\.[cm]?[jt]s$/.test(file))
    .flatMap((file) => readFileSync(path.join(folder, file), 'utf8').split('\n'))
    .filter((line) => /'npm',? *(\[)?'(ci|install)'|npm (ci|install) /.test(line));
  assert.ok(installs.length > 0);
  for (const line of installs) assert.match(line, /--ignore-scripts/);
});
