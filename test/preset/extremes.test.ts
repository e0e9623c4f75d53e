// Minima and maxima: which program counts them, and where they may be wrong and the view says so. Loading and losing is of
// the kernel checks ('extremes of a uprobe whose programs preempt one another').
import assert from 'node:assert/strict';
import test from 'node:test';
import type {Ability} from '../../src/preset/machine.ts';
import {literalPlan} from '../support/plans.ts';

const newer: readonly Ability[] = ['exchange'];
const rows: readonly (readonly [attach: string, measure: string, abilities: readonly Ability[], object: RegExp, approximate: boolean])[] = [
  ['rawtracepoint:sys_enter', 'max(arg1)', newer, /probe-exchange/, false],
  ['rawtracepoint:sys_enter', 'max(arg1)', [], /probe\.bpf/, true],
  ['rawtracepoint:sys_enter', 'sum(arg1)', newer, /probe\.bpf/, false],
  ['tracepoint:syscalls:sys_enter_read', 'min(args.fd)', [], /probe\.bpf/, false],
  ['kprobe:vfs_read', 'max(arg2)', [], /probe\.bpf/, false],
];

for (const [attach, measure, abilities, object, approximate] of rows)
  test(`${measure} of ${attach} ${abilities.length > 0 ? 'where words are exchanged' : 'before Linux 5.12'}: ${approximate ? 'approximate' : 'exact'}`, () => {
    const plan = literalPlan({name: 'view', attach, measure}, new Set(abilities));
    assert.match(plan.session.object, object);
    assert.equal(plan.relies.includes('exchange'), plan.session.object.includes('exchange'));
    assert.deepEqual(
      plan.approximations.map((each) => each.split(':')[0]),
      approximate ? ['min and max'] : [],
    );
  });
