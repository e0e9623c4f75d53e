import assert from 'node:assert/strict';
import test from 'node:test';
import {addressText} from '../../src/decode/addresses.ts';

const cases: readonly (readonly [groups: readonly number[], plain: string, mapped?: string])[] = [
  [[0, 0, 0, 0, 0, 0, 0, 0], '::'],
  [[0, 0, 0, 0, 0, 0, 0, 1], '::1'],
  [[0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], '2001:db8::1'],
  [[0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], '2001:db8:0:1:1:1:1:1'],
  [[1, 0, 0, 2, 0, 0, 0, 3], '1:0:0:2::3'],
  [[0xfe80, 0, 0, 0, 0, 0, 0, 0], 'fe80::'],
  [[0, 0, 0, 0, 0, 0xffff, 0x7f00, 1], '::ffff:127.0.0.1', '127.0.0.1'],
];
for (const [groups, plain, mapped = plain] of cases)
  test(`${plain} is written as RFC 5952 has it`, () => {
    const bytes = Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]));
    assert.equal(addressText(bytes, false), plain);
    assert.equal(addressText(bytes, true), mapped);
  });
