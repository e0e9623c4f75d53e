// The house rules that a machine can hold: who may import whom, who may touch what, how long a file may be.
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {root} from './support/program.ts';

/** Rooms that a room may import, besides itself. `errors` and `native/contract` are for all. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  decode: [],
  preset: ['decode'],
  sampler: ['decode'],
  tail: ['decode', 'sampler'],
  view: ['decode'],
  ui: ['view'],
  output: ['decode', 'view'],
  kernel: ['decode', 'preset'],
  native: [],
  commands: ['decode', 'preset', 'sampler', 'tail', 'view', 'ui', 'output', 'kernel', 'native'],
  cli: ['commands'],
  setup: ['preset', 'commands'],
  errors: [],
};
/** Rooms without the machine: no module of Node's, but for these files, which are the edge. */
const pure = ['decode', 'preset', 'view'];
const edges: Readonly<Record<string, string>> = {'preset/load.ts': 'reads preset files'};
const mostLines = 320;

interface Source {
  readonly file: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const src = path.join(root, 'src');
const roomOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : file.replace(/\.ts$/, ''));
const sources: readonly Source[] = readdirSync(src, {recursive: true})
  .map(String)
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => {
    const text = readFileSync(path.join(src, file), 'utf8');
    return {file, room: roomOf(file), text, imports: [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, name]) => name ?? '')};
  });

test('each room imports only what the table allows', () => {
  for (const {file, room, imports} of sources) {
    for (const name of imports.filter((each) => each.startsWith('.') && !each.includes('node_modules'))) {
      const target = path.relative(src, path.join(src, path.dirname(file), name));
      const other = roomOf(target);
      const shared = other === 'errors' || target === 'native/contract.ts';
      assert.ok(other === room || shared || allowed[room]?.includes(other), `${file} imports ${target}`);
    }
  }
});

test('pure rooms use no module of Node’s and no React', () => {
  for (const {file, room, imports} of sources) {
    if (!pure.includes(room) || file in edges) continue;
    for (const name of imports) assert.ok(!name.startsWith('node:') && name !== 'react' && name !== 'ink', `${file} imports ${name}`);
  }
});

test('only the screen loads Ink and React', () => {
  for (const {file, room, imports} of sources)
    if (room !== 'ui') assert.ok(!imports.some((name) => ['ink', 'react', 'ink-table'].includes(name)), file);
});

test('only cli.ts reads the command line and the environment', () => {
  for (const {file, text} of sources) if (file !== 'cli.ts') assert.doesNotMatch(text, /process\.(argv|env)\b|process\.exit\(/, file);
});

test('a file opens with what it owns, and is not two files', () => {
  for (const {file, text} of sources) {
    assert.match(text.replace(/^#!.*\n/, ''), /^(\/\/|\/\*)/, file);
    const lines = text.split('\n').length;
    assert.ok(lines <= mostLines, `${file} has ${lines} lines`);
  }
});

test('no file says any', () => {
  for (const {file, text} of sources) assert.doesNotMatch(text, /\bas any\b|: any\b|@ts-ignore/, file);
});
