// How `func` knows the probe that fired: by cookies, by the address in the registers, or by a program of its own. That the counts are
// each function's own is of the kernel checks ('wildcard of kprobes, by function').
import assert from 'node:assert/strict';
import test from 'node:test';
import type {Ability, Machine} from '../../src/preset/machine.ts';
import {literalPlan} from '../support/plans.ts';

const addresses: Readonly<Record<string, bigint>> = {
  vfs_read: 0xffffffff81000010n,
  vfs_write: 0xffffffff81000020n,
  vfs_open: 0xffffffff81000030n,
};
const told = {functionPlaces: (name: string) => [{address: addresses[name] ?? 0n}]} satisfies Partial<Machine>;
const hidden = {functionPlaces: () => [{address: 0n}]} satisfies Partial<Machine>;
const preset = {name: 'view', attach: 'kprobe:vfs_*', by: ['func'], measure: 'count'};

function planned(abilities: readonly Ability[], other: Partial<Machine>, given: Readonly<Record<string, unknown>> = preset) {
  const plan = literalPlan(given, new Set(abilities), other);
  return {programs: plan.session.programs.length, names: plan.layout.key[0]?.format.names};
}

test('with cookies all functions share a program, and have the numbers of their points', () =>
  assert.deepEqual(planned(['cookie'], told), {programs: 1, names: {'0': 'vfs_read', '1': 'vfs_write', '2': 'vfs_open'}}));

test('without cookies they share one by their addresses, which the breakpoint is one behind', () =>
  assert.deepEqual(planned([], told), {
    programs: 1,
    names: {'18446744071578845201': 'vfs_read', '18446744071578845217': 'vfs_write', '18446744071578845233': 'vfs_open'},
  }));

test('where addresses are hidden, each function has a program', () =>
  assert.deepEqual(planned([], hidden), {programs: 3, names: {'0': 'vfs_read', '1': 'vfs_write', '2': 'vfs_open'}}));

test('of calls only the entries share one: the registers of a return do not tell the function', () =>
  assert.equal(planned([], told, {...preset, attach: undefined, span: 'kprobe:vfs_*'}).programs, 4));
