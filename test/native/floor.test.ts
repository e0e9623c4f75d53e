// The addon loads wherever Node itself does: no symbol of a newer glibc or libstdc++ than Debian 10 and RHEL 8 have.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import {root} from '../support/program.ts';

const floors: Readonly<Record<string, readonly number[]>> = {GLIBC: [2, 28], GLIBCXX: [3, 4, 25], CXXABI: [1, 3, 11]};

test('the addon asks for no symbol above glibc 2.28', () => {
  const symbols = execFileSync('objdump', ['-T', path.join(root, 'dist/tsbpftop.node')], {encoding: 'utf8'});
  const asked = [...symbols.matchAll(/\((GLIBC|GLIBCXX|CXXABI)_([0-9.]+)\)\s+(\S+)/g)];
  assert.ok(asked.length > 50);
  const newer = asked.filter(([, kind = '', version = '']) => {
    const floor = floors[kind] ?? [];
    const parts = version.split('.').map(Number);
    const differs = floor.findIndex((part, i) => part !== (parts[i] ?? 0));
    return differs >= 0 && (parts[differs] ?? 0) > (floor[differs] ?? 0);
  });
  assert.deepEqual(
    newer.map(([, kind, version, name]) => `${name}@${kind}_${version}`),
    [],
  );
});
