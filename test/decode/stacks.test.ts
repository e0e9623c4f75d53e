// Stacks as they are shown: without what probing added, and without what says nothing.
import assert from 'node:assert/strict';
import test from 'node:test';
import {withoutProbing, withoutRepeats} from '../../src/decode/stacks.ts';

test('addresses in no mapping are one frame, however many there are', () => {
  assert.deepEqual(withoutRepeats(['f', '[unknown]', '[unknown]', '[unknown]']), ['f', '[unknown]']);
  assert.deepEqual(withoutRepeats(['[unknown]', 'f', '[unknown]', 'g', 'g']), ['[unknown]', 'f', '[unknown]', 'g', 'g']);
  assert.deepEqual(withoutRepeats(['[unknown 0x1]', '[unknown 0x2]']), ['[unknown 0x1]', '[unknown 0x2]']);
});

test('a kernel stack begins at the place that was probed', () => {
  const probed = ['bpf_prog_0123456789abcdef_probe [bpf]', 'bpf_trace_run2', '__traceiter_sched_switch', '__schedule', 'schedule'];
  assert.deepEqual(withoutProbing(probed), ['__schedule', 'schedule']);
  assert.deepEqual(withoutProbing(['__schedule']), ['__schedule']);
});
