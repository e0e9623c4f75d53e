// Where presets are found, which of two of a name is taken, and what root refuses to read.
import assert from 'node:assert/strict';
import {chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {type TestContext} from 'node:test';
import {findPresets, loadTrusted} from '../../src/commands/presets/find-presets.ts';
import type {PresetPlaces} from '../../src/commands/presets/preset-files.ts';
import {temporaryFolder} from '../support/program.ts';

const root = process.getuid?.() === 0;
const asRoot = {skip: root ? false : 'needs root'};

function preset(folder: string, name: string, title: string): string {
  mkdirSync(folder, {recursive: true, mode: 0o700});
  const file = path.join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({name, title, attach: 'syscall:read', measure: 'count'}), {mode: 0o600});
  return file;
}

function placesIn(context: TestContext) {
  const base = temporaryFolder(context);
  const [given, variable, config] = ['given', 'variable', 'config'].map((name) => path.join(base, name));
  const places: PresetPlaces = {given: [given ?? ''], variable: variable ?? '', config: config ?? '', sudoUser: 0};
  return {base, given: given ?? '', variable: variable ?? '', user: path.join(config ?? '', 'tsbpftop/presets'), places};
}

const titleOf = (places: PresetPlaces, name: string): string | undefined =>
  findPresets(places).presets.find((each) => each.name === name)?.title;

test('of a name, --presets wins over the variable, that over the user’s own, and that over the bundled one', (context) => {
  const {given, variable, user, places} = placesIn(context);
  preset(given, 'nothing', 'so that the folder is there');
  const bundled = titleOf(places, 'openat');
  preset(user, 'openat', 'of the user');
  assert.equal(titleOf(places, 'openat'), 'of the user');
  preset(variable, 'openat', 'of the variable');
  assert.equal(titleOf(places, 'openat'), 'of the variable');
  preset(given, 'openat', 'given');
  assert.equal(titleOf(places, 'openat'), 'given');
  assert.ok(bundled !== undefined && bundled !== 'given');
  assert.equal(findPresets(places).presets.filter(({name}) => name === 'openat').length, 1);
});

test('several folders stand in the variable, and one that is not there is no fault', (context) => {
  const {base, given, places} = placesIn(context);
  preset(given, 'nothing', 'x');
  preset(path.join(base, 'second'), 'mine', 'of the second');
  assert.equal(titleOf({...places, variable: `/nonexistent:${path.join(base, 'second')}`}, 'mine'), 'of the second');
  assert.throws(() => findPresets({...places, given: ['/nonexistent']}), /cannot read presets '\/nonexistent': no such file or folder/);
});

test('a broken file is told and hides no other; what is no .json is not read', (context) => {
  const {given, places} = placesIn(context);
  preset(given, 'good', 'x');
  writeFileSync(path.join(given, 'bad.json'), '{', {mode: 0o600});
  writeFileSync(path.join(given, 'good.json~'), '{', {mode: 0o600});
  const {presets, broken} = findPresets(places);
  assert.ok(presets.some(({name}) => name === 'good'));
  assert.deepEqual(
    broken.map(({file}) => path.basename(file)),
    ['bad.json'],
  );
});

test('root reads no preset that others may write, by the file, its folder, or a folder above', asRoot, (context) => {
  const {base, given, places} = placesIn(context);
  const file = preset(given, 'mine', 'x');
  const refused = (what: RegExp): void => {
    assert.throws(() => findPresets(places), what);
    assert.throws(() => findPresets({...places, given: [file]}), what);
    assert.throws(() => loadTrusted(file, places), what);
  };
  findPresets(places);
  chmodSync(file, 0o666);
  refused(/mine\.json' are refused to root: others may write them/);
  chmodSync(file, 0o600);
  chmodSync(given, 0o777);
  refused(/given' are refused to root: others may write them/);
  chmodSync(given, 0o700);
  chmodSync(base, 0o777);
  refused(/are refused to root: others may write them/);
  chmodSync(base, 0o1777); // as /tmp: there each removes his own alone
  findPresets(places);
});

test('root follows no link into what others may write, and reads no stranger’s file', asRoot, (context) => {
  const {base, given, places} = placesIn(context);
  preset(given, 'nothing', 'x');
  const loose = path.join(base, 'loose');
  const file = preset(loose, 'mine', 'x');
  symlinkSync(file, path.join(given, 'mine.json'));
  assert.equal(titleOf(places, 'mine'), 'x');
  chmodSync(loose, 0o777);
  assert.throws(() => findPresets(places), /loose' are refused to root/);
  chmodSync(loose, 0o700);
  chownSync(file, 65534, 65534);
  assert.throws(() => findPresets(places), /mine\.json' are refused to root: they belong to user 65534/);
  assert.equal(titleOf({...places, sudoUser: 65534}, 'mine'), 'x', 'but of the user who became root it is trusted');
});
