// docs/presets.md: every example is a right preset, and together they use every word of the language.
import assert from 'node:assert/strict';
import test from 'node:test';
import {formatNames} from '../src/decode/formats.ts';
import {parsePreset} from '../src/preset/load.ts';
import {probeTypes} from '../src/preset/probes.ts';
import {presetSchema} from '../src/preset/schema.ts';
import {docExamples} from './support/doc-examples.ts';

const examples = docExamples();
const all = examples.map((example) => example.text).join('\n');

test('every example of the reference is a preset without a fault', () => {
  assert.ok(examples.length > 60);
  for (const {text, name} of examples) {
    const loaded = parsePreset(text, `${name}.json`);
    assert.ok(loaded.ok, loaded.ok ? '' : `${name}: ${loaded.faults.map((fault) => `${fault.pointer} ${fault.message}`).join('; ')}`);
  }
});

test('there is an example for every member, probe type, format, measure and field', () => {
  const words = [
    ...Object.keys(presetSchema().shape).map((member) => `"${member}":`),
    ...['object', 'source', 'params', 'table'].map((member) => `"${member}":`),
    ...Object.keys(probeTypes).map((kind) => `"${kind}:`),
    ...formatNames.map((format) => `"format": "${format}"`),
    ...['"count"', 'sum(', 'avg(', 'min(', 'max(', 'hist(', 'lhist('],
    ...[
      'i8(',
      'i16(',
      'i32(',
      'i64(',
      'u8(',
      'u16(',
      'u32(',
      'u64(',
      'str(',
      '(struct ',
      'from.',
      ' ?? ',
      'curtask.',
      'retval',
      'self',
      '[0]',
    ],
    ...['comm', 'pid', 'tid', 'ppid', 'uid', 'gid', 'user', 'cgroup', 'cpu', 'exe', 'cmdline', 'container', 'func', 'kstack', 'ustack'].map(
      (field) => `"${field}"`,
    ),
    ...[' == ', ' != ', ' < ', ' <= ', ' > ', ' >= ', ' & ', ' && '],
    ...['"hash"', '"percpu"', '"lru"'],
  ];
  assert.deepEqual(
    words.filter((word) => !all.includes(word)),
    [],
  );
});
