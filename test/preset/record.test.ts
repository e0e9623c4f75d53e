// A tracepoint's record: what its format file says of names, and bytes of its arrays, which are read where the kernel has no types.
import assert from 'node:assert/strict';
import test from 'node:test';
import {parseFormat} from '../../src/kernel/tracefs.ts';
import {literalPlan} from '../support/plans.ts';

const format = `name: kfree_skb
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;

	field:char rwbs[8];	offset:8;	size:8;	signed:1;
	field:enum skb_drop_reason reason;	offset:36;	size:4;	signed:0;

print fmt: "reason: %s %s", __print_symbolic(REC->reason, { 2, "NOT_SPECIFIED" }, { 0x3, "NO_SOCKET" }, { -1UL, "NONE" }), __print_flags(REC->rwbs, "|", { 1, "A" })
`;
const without = {tracepointFormat: () => parseFormat(format), btf: () => undefined};
const preset = (by: unknown) => ({name: 'view', attach: 'tracepoint:syscalls:sys_enter_read', by: [by], measure: 'count'});

test('names that a format prints in place of a number are known', () =>
  assert.deepEqual(
    parseFormat(format).map(({name, names}) => [name, names]),
    [
      ['common_type', undefined],
      ['rwbs', undefined],
      ['reason', {'2': 'NOT_SPECIFIED', '3': 'NO_SOCKET', '-1': 'NONE'}],
    ],
  ));

test('an enum has these names where the kernel has no types', () => {
  const [field] = literalPlan(preset({field: 'args.reason', format: 'enum:skb_drop_reason'}), new Set(), without).layout.key;
  assert.deepEqual([field?.format.name, field?.format.map?.['3']], ['enum', 'NO_SOCKET']);
});

test('a number that has names is shown as a number where no format asks for them', () =>
  assert.equal(literalPlan(preset('args.reason'), new Set(), without).layout.key[0]?.format.name, 'dec'));

test('a byte of an array of characters needs no types, and is inside of it', () => {
  assert.equal(literalPlan(preset('args.rwbs[7]'), new Set(), without).layout.key[0]?.kind, 'integer');
  assert.throws(() => literalPlan(preset('args.rwbs[8]'), new Set(), without), /\[8\] is outside an array of 8/);
});
