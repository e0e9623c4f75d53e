// Operands of static probes, form by form: where each is, how many bytes it has, or why it cannot be read.
import assert from 'node:assert/strict';
import test from 'node:test';
import type {Architecture} from '../../src/preset/machine.ts';
import {type Argument, parseArguments} from '../../src/preset/points/usdt-arguments.ts';

const around = {address: 0x1000, symbols: {counter: [0x5000], twin: [0x5000, 0x6000]}};
const parse = (architecture: Architecture, text: string, fixed = false) => parseArguments(text, {...around, architecture, fixed});

/** A place in one line: 'i32 word 14 → +8'. */
function told(argument: Argument | undefined): string {
  if (argument === undefined) return 'none';
  if ('unreadable' in argument) return argument.unreadable;
  const {base, hops, bits, read, user} = argument.place;
  const plus = base.plus;
  return [
    `${argument.signed ? 'i' : 'u'}${argument.size * 8}`,
    base.source === 'SOURCE_CONSTANT' ? `constant ${base.constant}` : `word ${base.index}`,
    ...(plus === undefined ? [] : [`+ word ${plus.index} << ${plus.left} ${plus.signed ? 's>>' : '>>'} ${plus.right}`]),
    ...hops.map((hop) => `→ ${hop}`),
    ...(bits === undefined ? [] : [`bits ${bits.shift}+${bits.width}`]),
    ...(read === undefined ? [] : [`read ${read.signed ? 'i' : 'u'}${read.size * 8}`]),
    ...(user ? [] : ['in the kernel']),
  ].join(' ');
}

const x64: readonly (readonly [string, string])[] = [
  ['8@%rax', 'u64 word 10'],
  ['-4@%edi', 'i32 word 14'],
  ['4@%r8d', 'u32 word 9'],
  ['-2@%r15w', 'i16 word 0'],
  ['1@%al', 'u8 word 10'],
  ['1@%dil', 'u8 word 14'],
  ['1@%r9b', 'u8 word 8'],
  ['1@%r9l', 'u8 word 8'],
  ['-1@%ah', 'i8 word 10 bits 8+8'],
  ['2@%sp', 'u16 word 19'],
  ['8@%rsp', 'u64 word 19'],
  ['8@%eax', 'u64 word 10 read u32'],
  ['8@-8(%rbp)', 'u64 word 4 → -8'],
  ['-4@(%rdi)', 'i32 word 14 → 0'],
  ['8@0x10(%rsp)', 'u64 word 19 → 16'],
  ['4@$5', 'u32 constant 5'],
  ['-4@$-9', 'i32 constant 18446744073709551607'],
  ['4@$-1', 'u32 constant 4294967295'],
  ['8@$-1', 'u64 constant 18446744073709551615'],
  ['8@$0x7f', 'u64 constant 127'],
  ['1@(%rax,%rbx,8)', 'u8 word 10 + word 5 << 3 >> 0 → 0'],
  ['8@16(%rax,%rbx,4)', 'u64 word 10 + word 5 << 2 >> 0 → 16'],
  ['8@-8(%rax,%rbx)', 'u64 word 10 + word 5 << 0 >> 0 → -8'],
  ['4@64(,%rbx,4)', 'u32 constant 0 + word 5 << 2 >> 0 → 64'],
  ['8@counter(%rip)', `u64 word 16 → ${0x5000 - 0x1000}`],
  ['4@counter+8(%rip)', `u32 word 16 → ${0x5008 - 0x1000}`],
  ['-4@40+counter(%rip)', `i32 word 16 → ${0x5028 - 0x1000}`],
  ['4@counter-4(%rip)', `u32 word 16 → ${0x4ffc - 0x1000}`],
  ['8@16(%rip)', 'u64 word 16 → 16'],
  ['8@gone(%rip)', "it is at the symbol 'gone', which the file does not name (stripped?)"],
  ['8@toString(%rip)', "it is at the symbol 'toString', which the file does not name (stripped?)"],
  ['8@twin(%rip)', "it is at the symbol 'twin', and the file has 2 of that name"],
  ['8@counter', "it is at the address of 'counter' in a file that is loaded anywhere"],
  ['8@$counter', "it is the address of 'counter' in a file that is loaded anywhere"],
  ['8f@%xmm0', 'it is a floating-point number'],
  ['8@%xmm0', 'it is in register %xmm0, which probes do not see'],
  ['8@%foo', 'register %foo is not known'],
  ['8@%fs:16', "it is in the thread's own memory (%fs:16)"],
  ['8@(%eax)', 'its address is in the 32-bit register %eax'],
  ['8@9999999999(%rax)', 'its offset 9999999999 is too great'],
  ['16@%rax', 'it has 16 bytes'],
  ['%rax', "its description '%rax' is of no known form"],
  ['8@*(%rax)', "its operand '*' is of no known form"],
  ['8@counter+counter(%rip)', "its operand 'counter+counter' is of no known form"],
];
test('operands of x86-64', () => {
  assert.deepEqual(
    x64.map(([text]) => told(parse('x64', text)[0])),
    x64.map(([, place]) => place),
  );
});

test('a file that runs at its own addresses has its symbols there', () => {
  assert.equal(told(parse('x64', '8@counter', true)[0]), `u64 constant ${0x5000} → 0`);
  assert.equal(told(parse('x64', '8@$counter+4', true)[0]), `u64 constant ${0x5004}`);
  assert.equal(told(parse('x64', '4@counter(,%rax,4)', true)[0]), `u32 constant 0 + word 10 << 2 >> 0 → ${0x5000}`);
});

const arm64: readonly (readonly [string, string])[] = [
  ['8@x0', 'u64 word 0'],
  ['-4@w1', 'i32 word 1'],
  ['8@w1', 'u64 word 1 read u32'],
  ['8@x30', 'u64 word 30'],
  ['8@sp', 'u64 word 31'],
  ['4@wzr', 'u32 constant 0'],
  ['8@[sp]', 'u64 word 31 → 0'],
  ['8@[sp, 16]', 'u64 word 31 → 16'],
  ['-4@[x29, #-20]', 'i32 word 29 → -20'],
  ['4@5', 'u32 constant 5'],
  ['-4@-5', 'i32 constant 18446744073709551611'],
  ['8@[x1, x2]', 'u64 word 1 + word 2 << 0 >> 0 → 0'],
  ['8@[x1, x2, lsl 3]', 'u64 word 1 + word 2 << 3 >> 0 → 0'],
  ['2@[x1, w2, sxtw 1]', 'u16 word 1 + word 2 << 32 s>> 31 → 0'],
  ['4@[x1, w2, uxtw #2]', 'u32 word 1 + word 2 << 32 >> 30 → 0'],
  ['8@d0', 'it is in register d0, which probes do not see'],
  ['8@x31', "its operand 'x31' is of no known form"],
  ['8@[w1]', 'its address is in the 32-bit register w1'],
  ['8@[x0, #:lo12:counter]', "its operand '[x0, #:lo12:counter]' is of no known form"],
];
test('operands of arm64', () => {
  assert.deepEqual(
    arm64.map(([text]) => told(parse('arm64', text)[0])),
    arm64.map(([, place]) => place),
  );
});

test('arguments are told apart, also where operands have spaces', () => {
  assert.deepEqual(parse('x64', '').map(told), []);
  assert.deepEqual(parse('x64', '-4@%edi 8@(%rax, %rbx, 8) 4@$5').map(told), [
    'i32 word 14',
    'u64 word 10 + word 5 << 3 >> 0 → 0',
    'u32 constant 5',
  ]);
  assert.deepEqual(parse('arm64', '8@[sp, 16] -4@[x1, x2]  4@5').map(told), [
    'u64 word 31 → 16',
    'i32 word 1 + word 2 << 0 >> 0 → 0',
    'u32 constant 5',
  ]);
});
