// 32-bit programs on a 64-bit kernel: their system calls have other numbers, and are shown by the names that those mean.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, {after} from 'node:test';
import {measuredViews, noPrivilege, root} from '../support/program.ts';
import {runToEnd} from '../support/workloads.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'tsbpftop-compat-'));
after(() => rmSync(folder, {recursive: true, force: true}));
const program = path.join(folder, 'compat');

/** Why there is no such program here. */
function cannot(): string | undefined {
  if (process.arch !== 'x64') return 'the program is built for x86; npm run test:kernels -- arm64 has one for arm64';
  const flags = ['-m32', '-O1', '-nostdlib', '-static', '-fno-pie', '-no-pie', '-fno-stack-protector'];
  if (spawnSync('gcc', [...flags, '-o', program, path.join(root, 'test/fixtures/workloads/compat.c')]).status !== 0)
    return 'needs a compiler for 32-bit programs';
  return spawnSync(program).status === 0 ? undefined : 'this kernel runs no 32-bit programs (CONFIG_IA32_EMULATION)';
}

test('system calls of a 32-bit program have the names of its own numbers', {skip: noPrivilege() ?? cannot()}, async () => {
  const lines = await measuredViews(['syscalls', 'syscall-latency'], ['--comm', 'wl-compat'], () => runToEnd(program, []));
  for (const view of ['syscalls', 'syscall-latency'])
    for (const call of ['getpid', 'openat', 'close'])
      assert.equal(lines(view).rows.find((row) => row.key['syscall'] === `${call} (32-bit)`)?.total['count'], 100, `${view} ${call}`);
});
