// --save: a file for nobody else to write, whole or not at all, through no link, and over nothing.
import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import test, {type TestContext} from 'node:test';
import {savePreset} from '../../src/commands/presets/save-preset.ts';
import {loadPreset, parsePreset} from '../../src/preset/load.ts';
import type {Preset} from '../../src/preset/preset.ts';
import {temporaryFolder} from '../support/program.ts';

function preset(probe = 'syscall:read'): Preset {
  const loaded = parsePreset(JSON.stringify({name: 'mine', attach: probe, measure: 'count'}), 'the command line');
  assert.ok(loaded.ok);
  return loaded.preset;
}
const save = (config: string, probe?: string): string => savePreset(preset(probe), {given: [], variable: '', config, sudoUser: 0});

function places(context: TestContext) {
  const config = path.join(temporaryFolder(context), 'config');
  const folder = path.join(config, 'tsbpftop/presets');
  return {config, folder, file: path.join(folder, 'mine.json')};
}

test('a saved view is a preset that loads, with the schema for an editor, for its owner alone', (context) => {
  const {config, folder, file} = places(context);
  assert.equal(save(config), `view 'mine' is saved as '${file}'`);
  const loaded = loadPreset(file);
  assert.ok(loaded.ok);
  assert.equal(loaded.preset.name, 'mine');
  const {$schema} = JSON.parse(readFileSync(file, 'utf8')) as {$schema: string};
  assert.ok(existsSync(new URL($schema)), $schema);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(folder), ['mine.json'], 'and no draft is left');
});

test('the same again is no fault, and another of the name is', (context) => {
  const {config, file} = places(context);
  save(config);
  assert.equal(save(config), `view 'mine' is there already, as '${file}'`);
  const before = readFileSync(file, 'utf8');
  assert.throws(() => save(config, 'syscall:write'), /cannot save '.*mine\.json': it is there, and says something else/);
  assert.equal(readFileSync(file, 'utf8'), before);
  assert.deepEqual(readdirSync(path.dirname(file)), ['mine.json'], 'and no draft is left');
});

test('nothing is written through a symbolic link', (context) => {
  const {config, folder, file} = places(context);
  const elsewhere = temporaryFolder(context);
  mkdirSync(path.dirname(folder), {recursive: true});
  symlinkSync(elsewhere, folder);
  assert.throws(() => save(config), /a folder on the way is .*a symbolic link/);
  assert.deepEqual(readdirSync(elsewhere), []);

  const other = places(context);
  mkdirSync(other.folder, {recursive: true});
  const target = path.join(elsewhere, 'target');
  symlinkSync(target, other.file);
  assert.throws(() => save(other.config), /it is there, and says something else/);
  assert.ok(!existsSync(target) && lstatSync(other.file).isSymbolicLink());
  assert.ok(file !== '');
});

test('what root saves into the folder of another belongs to that one', {
  skip: process.getuid?.() === 0 ? undefined : 'needs root',
}, (context) => {
  const {config, folder, file} = places(context);
  mkdirSync(config);
  chownSync(config, 65534, 65534);
  save(config);
  for (const each of [path.dirname(folder), folder, file]) assert.equal(statSync(each).uid, 65534, each);
});

test('a folder that cannot be made is told with its cause', (context) => {
  const {config} = places(context);
  mkdirSync(config);
  writeFileSync(path.join(config, 'tsbpftop'), '');
  chmodSync(config, 0o700);
  assert.throws(() => save(config), /cannot save '.*': a folder on the way is none/);
});
