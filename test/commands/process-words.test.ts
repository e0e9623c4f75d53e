import assert from 'node:assert/strict';
import test from 'node:test';
import {commandLine} from '../../src/kernel/processes.ts';

const cases: readonly (readonly [what: string, bytes: string, line: string])[] = [
  ['words are told apart by a blank', 'sleep\0 1\0', 'sleep  1'],
  ['a program that has written over its words ends where it says', 'nginx: worker', 'nginx: worker'],
  ['nothing is nothing', '', ''],
  ['empty words alone are nothing', '\0'.repeat(4000), ''],
  ['empty words stay where another follows', '\0\0x\0', '  x'],
  ['a line that is too long is cut', 'x'.repeat(4004), `${'x'.repeat(1000)}…`],
];
for (const [what, bytes, line] of cases) test(`of a command line: ${what}`, () => assert.equal(commandLine(Buffer.from(bytes)), line));
