// Giving up privileges when nothing can be seen of the threads that were to give them up: an error, never a word that it is done.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import {root} from '../support/program.ts';

/** UBSan looks at memory through a pipe, for which there is no descriptor either, and then takes each object for a wrong one. */
const skip = process.env['ASAN_OPTIONS'] === undefined ? false : 'a sanitizer needs descriptors of its own';

test('when no file can be opened to see whether each thread has given them up, that is an error', {skip}, () => {
  const code = `
    const fs = require('node:fs');
    const addon = require(${JSON.stringify(path.join(root, 'dist/tsbpftop.node'))});
    const open = [];
    try { for (;;) open.push(fs.openSync('/dev/null')); } catch {}
    fs.closeSync(open.pop()); // the list of threads can be opened, and none of them
    let said = 'done';
    try { addon.dropPrivileges([]); } catch (error) { said = error.operation + ': ' + error.code; }
    for (const fd of open) fs.closeSync(fd);
    console.log(said);`;
  const {stdout, stderr} = spawnSync('sh', ['-c', 'ulimit -n 128; exec "$0" -e "$1"', process.execPath, code], {
    encoding: 'utf8',
    env: {...process.env, NODE_OPTIONS: ''},
  });
  assert.equal(stdout.trim(), 'drop privileges: EMFILE', stderr);
});
