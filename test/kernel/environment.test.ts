// The hard test: where BPF is allowed it has to work, so that skips cannot hide a suite that tests nothing.
import assert from 'node:assert/strict';
import test from 'node:test';
import {noPrivilege, tsbpftop} from '../support/program.ts';

test('a user with the privilege can load and attach', {skip: noPrivilege()}, async () => {
  const {status, stderr} = await tsbpftop(['--json', '-n', '0', 'openat']);
  assert.equal(status, 0, stderr);
});

test('a user without the privilege is told which capability is missing', async () => {
  const {status, stderr, stdout} = await tsbpftop(['--json', '-n', '0', 'openat'], {unprivileged: true});
  assert.equal(status, 1);
  assert.match(stderr, /^tsbpftop: cannot load eBPF programs: CAP_BPF and CAP_PERFMON are missing\nhint: /);
  assert.equal(stdout, '');
  assert.doesNotMatch(stderr, /\n\s+at /, 'no stack');
});
