// Names of C++ and of old Rust as they were written; hostile ones within bounds.
import assert from 'node:assert/strict';
import test from 'node:test';
import {loadBinding} from '../../src/native/binding.ts';

const {addon} = loadBinding();

test('mangled names read as they were written, and all others stay as they are', () => {
  const table: readonly (readonly [string, string])[] = [
    ['malloc', 'malloc'],
    ['', ''],
    ['_Z', '_Z'],
    ['_Znonsense', '_Znonsense'],
    ['_ZN2ns5Thing3runEi', 'ns::Thing::run(int)'],
    ['_ZNK2ns5ThingcvbEv', 'ns::Thing::operator bool() const'],
    ['_ZNSt6vectorIiSaIiEE9push_backERKi', 'std::vector<int, std::allocator<int> >::push_back(int const&)'],
    ['_ZN4core3fmt5write17h0123456789abcdefE', 'core::fmt::write::h0123456789abcdef'],
  ];
  assert.deepEqual(
    addon.demangle(table.map(([name]) => name)),
    table.map(([, text]) => text),
  );
});

test('a short name that stands for gigabytes is left as it is', () => {
  // each pair is made of two of the pair before
  const reference = (i: number): string => (i === 0 ? 'S0_' : `S${i.toString(36).toUpperCase()}_`);
  const pairs = Array.from({length: 34}, (_, i) => `S_I${reference(i)}${reference(i)}E`);
  const name = `_Z1fSt4pairIiiE${pairs.join('')}`;
  assert.ok(name.length < 512);
  assert.deepEqual(addon.demangle([name]), [name]);
  assert.deepEqual(addon.demangle([`_ZN${'1a'.repeat(100_000)}E`, `_Z1f${'P'.repeat(8000)}i`]).length, 2);
});
