// What other users plant where they may write leads no file of root's astray: not by a link in the place of a file or of a folder on
// its way, not while one is swapped for the other, and whether or not the kernel's fs.protected_symlinks is on.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, chownSync, lchownSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {type TestContext} from 'node:test';
import {createFile} from '../../src/commands/files/new-file.ts';
import type {Owner} from '../../src/commands/files/safe-folder.ts';
import {ownPath, readOwnFile} from '../../src/commands/live/own-files.ts';
import {savePreset} from '../../src/commands/presets/save-preset.ts';
import {saveScreen} from '../../src/commands/files/save-screen.ts';
import {weakPlace} from '../../src/commands/files/trusted-path.ts';
import {parsePreset} from '../../src/preset/load.ts';
import type {Preset} from '../../src/preset/preset.ts';
import {temporaryFolder} from '../support/program.ts';

const asRoot = {skip: process.getuid?.() === 0 ? false : 'needs root, to plant as another user'};
const stranger = 65534;

/** A folder as /tmp is, what is to be protected, and a folder of root's. */
function places(context: TestContext) {
  const base = temporaryFolder(context);
  const [shared, secret, own] = ['shared', 'secret', 'own'].map((name) => {
    const folder = path.join(base, name);
    mkdirSync(folder, {mode: 0o700});
    return folder;
  });
  chmodSync(base, 0o755);
  chmodSync(shared ?? '', 0o1777);
  return {base, shared: shared ?? '', secret: secret ?? '', own: own ?? ''};
}

function plant(target: string, link: string, user = stranger): string {
  symlinkSync(target, link);
  lchownSync(link, user, user);
  return link;
}

const writers: Readonly<Record<string, (file: string, owner?: Owner) => void>> = {
  'a recording': (file, owner) => {
    const target = createFile(file, owner);
    target.write(Buffer.from('text'));
    target.close();
  },
  'a recording by --force': (file, owner) => createFile(file, owner, true).close(),
  'the screen, by w': (file, owner) => void saveScreen({format: 'text', path: file, lines: ['text'], columns: 80, data: undefined}, owner),
};
for (const [what, write] of Object.entries(writers)) {
  test(`${what} is written through no link that another planted, in its own place or on the way`, asRoot, (context) => {
    const {shared, secret} = places(context);
    const victim = path.join(secret, 'victim');
    for (const target of [victim, path.join(secret, 'not-there')]) {
      if (target === victim) writeFileSync(victim, 'before');
      const link = plant(target, path.join(shared, `file-${path.basename(target)}`));
      assert.throws(() => write(link), /cannot write '.*': it is a symbolic link, and none is followed/);
    }
    plant(secret, path.join(shared, 'folder'));
    assert.throws(() => write(path.join(shared, 'folder/new')), /'.*shared\/folder' is a symbolic link that user 65534 made/);
    plant(path.join(shared, 'folder'), path.join(shared, 'chain'), 0);
    assert.throws(() => write(path.join(shared, 'chain/new')), /'.*shared\/folder' is a symbolic link that user 65534 made/);
    assert.deepEqual(readdirSync(secret), ['victim']);
    assert.equal(readFileSync(victim, 'utf8'), 'before');
  });

  test(`${what} goes where links of root's lead, and of the user who became root`, asRoot, (context) => {
    const {shared, own} = places(context);
    write(path.join(plant(own, path.join(shared, 'mine'), 0), 'one'));
    const link = plant('../own', path.join(shared, 'theirs'), 1234);
    assert.throws(() => write(path.join(link, 'two')), /user 1234 made/);
    write(path.join(link, 'two'), {uid: 1234, gid: 1234});
    assert.deepEqual(readdirSync(own), ['one', 'two']);
    assert.deepEqual([statSync(path.join(own, 'two')).uid, statSync(path.join(own, 'two')).mode & 0o777], [1234, 0o600]);
  });
}

function presetOf(): Preset {
  const loaded = parsePreset(JSON.stringify({name: 'mine', attach: 'syscall:read', measure: 'count'}), 'the command line');
  assert.ok(loaded.ok);
  return loaded.preset;
}

test('a preset is saved into no folder that a planted link leads to', asRoot, (context) => {
  const {shared, secret} = places(context);
  const preset = presetOf();
  const config = plant(secret, path.join(shared, 'config'));
  const save = (place: string): string => savePreset(preset, {given: [], variable: '', config: place, sudoUser: 0});
  assert.throws(() => save(config), /symbolic link that user 65534 made/);
  for (const missing of ['config/below', 'config/below/it'])
    assert.throws(() => save(path.join(shared, missing)), /link that user 65534 made/);
  const nowhere = plant(path.join(secret, 'not-there'), path.join(shared, 'nowhere'));
  assert.throws(() => save(path.join(nowhere, 'below')), /symbolic link that user 65534 made/);
  assert.deepEqual(readdirSync(secret), [], 'nor is a folder made there');
});

test(
  'folders that are missing on the way to a saved preset are made, for whom the folder belongs to that they are made in',
  asRoot,
  (context) => {
    const {own} = places(context);
    const theirs = ownedBy(stranger, folderIn(own, 'theirs'));
    const home = plant('theirs', path.join(own, 'home'), 0);
    savePreset(presetOf(), {given: [], variable: '', config: path.join(home, '.config/deep'), sudoUser: 0});
    for (const made of ['.config', '.config/deep', '.config/deep/tsbpftop/presets']) {
      const {uid, mode} = statSync(path.join(theirs, made));
      assert.deepEqual([uid, mode & 0o777], [stranger, 0o700], made);
    }
  },
);

test('a folder that is swapped for a link, again and again, while files are made in it leads none astray', asRoot, async (context) => {
  const {base, secret} = places(context);
  const theirs = path.join(base, 'theirs');
  mkdirSync(theirs);
  chownSync(theirs, stranger, stranger);
  const swap = `
    const {mkdirSync, renameSync, rmSync, symlinkSync} = require('node:fs');
    mkdirSync('folder', {mode: 0o777}), symlinkSync(${JSON.stringify(secret)}, 'link');
    console.log('ready');
    for (;;) renameSync('folder', 'aside'), renameSync('link', 'folder'), renameSync('folder', 'link'), renameSync('aside', 'folder');`;
  const child = spawn(process.execPath, ['-e', swap], {
    cwd: theirs,
    uid: stranger,
    gid: stranger,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {PATH: '/usr/bin:/bin'},
  });
  await once(child.stdout, 'data');
  let [made, refused] = [0, 0];
  for (let i = 0; i < 2000; i++)
    try {
      createFile(path.join(theirs, 'folder', `file-${i}`), undefined).close();
      made++;
    } catch {
      refused++;
    }
  child.kill('SIGKILL');
  await once(child, 'exit');
  context.diagnostic(`${made} made, ${refused} refused`);
  assert.ok(made > 0 && refused > 0, `${made} made, ${refused} refused`);
  assert.deepEqual(readdirSync(secret), []);
});

const sound = new Set([0]);
type Weakness = (places: {readonly base: string; readonly shared: string; readonly own: string}, file: string) => string;
const weaknesses: readonly (readonly [rule: string, make: Weakness, expected: string | undefined])[] = [
  ['a file of root’s in folders of root’s is believed', (_, file) => file, undefined],
  ['one in a folder such as /tmp too, where it is root’s', ({shared}) => fileIn(shared, 'mine'), undefined],
  ['one of another there is not', ({shared}) => ownedBy(stranger, fileIn(shared, 'theirs')), 'theirs'],
  ['one in a folder of another there is not', ({shared}) => fileIn(ownedBy(stranger, folderIn(shared, 'folder')), 'mine'), 'folder'],
  ['one in a folder such as /tmp that another owns is not', ({shared}) => fileIn(ownedBy(stranger, shared), 'mine'), 'shared'],
  ['one that others may write is not', (_, file) => opened(0o646, file), 'file'],
  ['nor one that a group may write', (_, file) => opened(0o664, file), 'file'],
  ['nor one in a folder that others may write', ({own}, file) => beside(opened(0o777, own), file), 'own'],
  ['nor one in a folder that a group may write', ({own}, file) => beside(opened(0o770, own), file), 'own'],
  ['nor one with such a folder anywhere above', ({base}, file) => beside(opened(0o777, base), file), ''],
  ['nor one that a link of another leads to', ({shared, own}) => path.join(plant(own, path.join(shared, 'link')), 'file'), 'link'],
  [
    'nor one that links lead to by a folder that others may write',
    ({base, shared, own}) => {
      const loose = opened(0o777, folderIn(base, 'loose'));
      plant(own, path.join(loose, 'second'), 0);
      return path.join(plant(path.join(loose, 'second'), path.join(shared, 'first'), 0), 'file');
    },
    'loose',
  ],
];
function fileIn(folder: string, name: string): string {
  writeFileSync(path.join(folder, name), 'text', {mode: 0o600});
  return path.join(folder, name);
}
function folderIn(folder: string, name: string): string {
  mkdirSync(path.join(folder, name), {mode: 0o700});
  return path.join(folder, name);
}
function ownedBy(user: number, place: string): string {
  chownSync(place, user, user);
  return place;
}
function opened(mode: number, place: string): string {
  chmodSync(place, mode);
  return place;
}
const beside = (_: string, file: string): string => file;
for (const [rule, make, expected] of weaknesses)
  test(`${rule}, as an object and by the check alone`, asRoot, (context) => {
    const at = places(context);
    const file = make(at, fileIn(at.own, 'file'));
    const weak = weakPlace(file, sound);
    const read = (): Uint8Array => readOwnFile(ownPath('/preset.json', file), 'object', 0);
    if (expected === undefined) {
      assert.equal(weak, undefined);
      assert.equal(Buffer.from(read()).toString(), 'text');
    } else {
      assert.equal(weak && path.relative(at.base, weak.place).split('/').at(-1), expected);
      assert.throws(read, /is refused to root: (others may write|'.*' belongs to user 65534)/);
      if (weak?.user !== undefined)
        assert.equal(weakPlace(file, new Set([0, stranger])), undefined, 'of the user who became root it is believed');
    }
  });
