// A start runs compiled code: V8 takes what the build made for every pack, under the very flags of a start.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import test, {type TestContext} from 'node:test';
import {cli, noPrivilege, root, temporaryFolder, tsbpftop} from '../support/program.ts';
import {openTerm} from '../support/term.ts';

const skip = noPrivilege();
const command = [process.execPath, '--require', path.join(root, 'test/fixtures/code-taken.cjs'), cli];

function watched(context: TestContext): {readonly env: Readonly<Record<string, string>>; readonly packs: () => readonly string[]} {
  const file = path.join(temporaryFolder(context), 'taken');
  return {env: {CODE_TAKEN: file}, packs: () => readFileSync(file, 'utf8').trim().split('\n').sort()};
}

test('batch takes the compiled code of what every run needs', {skip}, async (context) => {
  const {env, packs} = watched(context);
  assert.equal((await tsbpftop(['--json', 'openat', '-n', '0'], {command, env})).status, 0);
  assert.deepEqual(packs(), ['core taken']);
});

test('the screen takes that of the screen, and of Ink, too', {skip}, async (context) => {
  const {env, packs} = watched(context);
  const term = openTerm(['openat'], {command, env});
  await term.until(/keys/);
  await term.press('?').until(/KEY +DOES/);
  assert.deepEqual(packs(), ['core taken', 'ink taken', 'screen taken']);
  await term.press('q').ended;
});

test('list takes that of the rest', {skip}, async (context) => {
  const {env, packs} = watched(context);
  assert.equal((await tsbpftop(['list'], {command, env})).status, 0);
  assert.deepEqual(packs(), ['core taken', 'more taken']);
});
