// Objects of others may be anything: cut, damaged, for another machine. Each is an error that says so, and never a crash.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {openError} from '../../src/commands/live/own-errors.ts';
import {loadBinding} from '../../src/native/binding.ts';
import type {NativeError} from '../../src/native/contract.ts';

const {addon, objectPath} = loadBinding();
const whole = readFileSync(objectPath('probe'));

function failure(bytes: Uint8Array): string {
  try {
    addon.describeObject(bytes, 'x.bpf.o');
    return '';
  } catch (error) {
    return openError(error as NativeError, 'x.bpf.o', bytes).message;
  }
}

const changed = (change: (bytes: Buffer) => void): Uint8Array => {
  const bytes = Buffer.from(whole);
  change(bytes);
  return new Uint8Array(bytes);
};

const faults: readonly (readonly [what: string, bytes: Uint8Array, says: RegExp])[] = [
  ['a text', new TextEncoder().encode('int main(void) { return 0; }'), /is no ELF file/],
  ['a header alone', new Uint8Array(whole.subarray(0, 30)), /ends within its header/],
  ['half a file', new Uint8Array(whole.subarray(0, whole.length / 2)), /is damaged, or no eBPF object: /],
  ['an object of x86-64', changed((bytes) => bytes.writeUInt16LE(62, 18)), /is compiled for x86-64, not for eBPF/],
  ['an object of another byte order', changed((bytes) => bytes.writeUInt8(2, 5)), /for machines of the other byte order/],
  ['an object of 32 bits', changed((bytes) => bytes.writeUInt8(1, 4)), /is of 32 bits/],
];
for (const [what, bytes, says] of faults)
  test(`${what} is no object, and is told as what it is`, () => {
    assert.match(failure(bytes), says);
  });

test('a damaged object is an error and no crash, wherever the damage is', () => {
  let seed = 23;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(seed / 65_536) % below;
  };
  for (let i = 0; i < 150; i++) {
    const bytes = Buffer.from(whole.subarray(0, i % 4 === 0 ? random(whole.length) : whole.length));
    const places = [(at: number) => at % 64, (at: number) => bytes.length - 1 - (at % 2000), (at: number) => at];
    for (let n = 0; n <= random(12) && bytes.length > 2000; n++) bytes[places[i % 3]?.(random(bytes.length)) ?? 0] = random(256);
    assert.equal(typeof failure(new Uint8Array(bytes)), 'string');
  }
});
