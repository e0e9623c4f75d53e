// Terminals and locales by a table.
import assert from 'node:assert/strict';
import test from 'node:test';
import {type TerminalKind, terminalKind} from '../../src/commands/process/terminal-kind.ts';

const cases: readonly (readonly [type: string, locale: string, kind: Partial<TerminalKind>])[] = [
  ['xterm-256color', 'en_US.UTF-8', {screen: true, colour: true, ascii: false, basic: false, mouse: true}],
  ['xterm-256color', 'de_DE.utf8', {ascii: false}],
  ['xterm-256color', '', {ascii: false}],
  ['xterm-256color', 'C', {ascii: true, colour: true}],
  ['xterm', 'POSIX', {ascii: true}],
  ['xterm', 'en_US.ISO-8859-1', {ascii: true}],
  ['vt100', 'C.UTF-8', {screen: true, ascii: true, colour: false, basic: true, mouse: false}],
  ['vt220', 'C.UTF-8', {basic: true}],
  ['linux', 'C.UTF-8', {ascii: true, colour: true, basic: true}],
  ['tmux-256color', 'C.UTF-8', {ascii: false, colour: true, basic: false, mouse: false}],
  ['screen.xterm-256color', 'C.UTF-8', {mouse: false}],
  ['xterm-mono', 'C.UTF-8', {colour: false}],
  ['dumb', 'C.UTF-8', {screen: false, ascii: true, colour: false}],
  ['', 'C.UTF-8', {screen: true, colour: true}],
];
for (const [type, locale, kind] of cases)
  test(`TERM=${type} with the locale '${locale}'`, () => {
    const found = terminalKind(type, locale);
    for (const [name, value] of Object.entries(kind)) assert.equal(found[name as keyof TerminalKind], value, name);
  });
