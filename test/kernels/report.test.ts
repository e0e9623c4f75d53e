// docs/kernels.md is what the last run in the kernels said, and the run is of these checks.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {root} from '../support/program.ts';
import type {Boot} from './boot.ts';
import {checks} from './guest/checks.ts';
import type {Result} from './guest/protocol.ts';
import {kernels} from './kernels.ts';
import {renewed, report} from './report.ts';

const result = (phase: Result['phase'], rule: string, outcome: Result['outcome'], says: string): Result => ({
  kind: 'result',
  phase,
  rule,
  outcome,
  says,
  seconds: 1,
});
const kernel = (name: string): Boot['kernel'] => {
  const found = kernels.find((each) => each.name === name);
  assert.ok(found);
  return found;
};
const boots: readonly Boot[] = [
  {
    kernel: kernel('5.10'),
    phases: ['whole', 'no BTF'],
    late: false,
    release: '5.10.0-46',
    seconds: 9,
    results: [result('whole', 'kprobe', 'passed', 'exact'), result('no BTF', 'kprobe', 'failed', 'E')],
  },
  {
    kernel: kernel('6.1'),
    phases: ['whole'],
    late: false,
    release: '6.1.0-56',
    seconds: 9,
    results: [result('whole', 'kprobe', 'passed', '9 a|b: 5.7 ms each'), result('whole', 'preset openat', 'skipped', 'no disk')],
  },
];

test('the table has a row for each check and a column for each kernel, without times', () => {
  const text = report('x64', boots);
  assert.match(text, /^\| check \| 5\.10 \| 6\.1 \|$/m);
  assert.match(text, /^\| kprobe \| exact \| 9 a\\\|b: n ms each \|$/m);
  assert.match(text, /^\| openat \| {2}\| not checked: no disk \|$/m);
  assert.match(text, /^0 of 1 checks as above; the others:\n\n.*\n.*\n\| kprobe \| \*\*fails\*\* \| {2}\|$/m);
});

test('a run of one architecture renews its part, and leaves the other as it was', () => {
  const [x64, arm64] = [report('x64', boots), report('arm64', boots)];
  const both = renewed(renewed('', 'x64', x64), 'arm64', arm64);
  assert.equal(both, `${x64}\n${arm64}`);
  assert.equal(renewed(both, 'x64', 'less'), `less\n\n${arm64}`);
  assert.equal(renewed(both, 'arm64', '# The same on arm64\n'), `${x64}\n# The same on arm64\n`);
});

test('docs/kernels.md knows every check (npm run test:kernels renews it)', () => {
  const text = readFileSync(path.join(root, 'docs/kernels.md'), 'utf8');
  for (const {rule} of checks) if (!rule.startsWith('preset ')) assert.ok(text.includes(`| ${rule} |`), rule);
});
