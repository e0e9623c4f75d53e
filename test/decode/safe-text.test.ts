import assert from 'node:assert/strict';
import test from 'node:test';
import {cString, safeJson, safeLines, safeString, safeText} from '../../src/decode/safe-text.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

const cases: readonly (readonly [what: string, raw: string, safe: string])[] = [
  ['plain ASCII stays', 'node-worker /etc/passwd', 'node-worker /etc/passwd'],
  ['an escape sequence is shown', '\x1b[31mred\x1b]0;title\x07', '\\x1b[31mred\\x1b]0;title\\x07'],
  ['line ends and tabs are shown', 'a\nb\tc\r', 'a\\nb\\tc\\r'],
  ['DEL is shown', 'a\x7f', 'a\\x7f'],
  ['C1 as a lone byte is invalid UTF-8', 'a\x9b31m', 'a\\x9b31m'],
  ['C1 in UTF-8 is shown', 'a\xc2\x9b31m', 'a\\x9b31m'],
  ['valid UTF-8 stays', '\xe6\x97\xa5\xe6\x9c\xac', '日本'],
  ['a right-to-left override is shown', 'a\xe2\x80\xaeb', 'a\\u{202e}b'],
  ['a zero-width space is shown', 'a\xe2\x80\x8bb', 'a\\u{200b}b'],
  ['a byte order mark is shown', '\xef\xbb\xbfa', '\\u{feff}a'],
  ['a cut sequence is shown byte by byte', 'a\xe6\x97', 'a\\xe6\\x97'],
  ['an overlong sequence is invalid', '\xc0\xaf', '\\xc0\\xaf'],
  ['a surrogate is invalid', '\xed\xa0\x80', '\\xed\\xa0\\x80'],
  ['a soft hyphen is shown', 'a\xc2\xadb', 'a\\xadb'],
  ['a tag character is shown', 'a\xf3\xa0\x81\x81', 'a\\u{e0041}'],
  ['a variation selector is shown', 'a\xef\xb8\x8f', 'a\\u{fe0f}'],
  ['a format control of shorthand is shown', 'a\xf0\x9b\xb2\xa0', 'a\\u{1bca0}'],
  ['a line separator is shown', 'a\xe2\x80\xa8b', 'a\\u{2028}b'],
  ['private use is shown', '\xee\x82\xa0', '\\u{e0a0}'],
  ['what is no character is shown', '\xef\xb7\x90\xf0\x9f\xbf\xbe', '\\u{fdd0}\\u{1fffe}'],
  ['a mark without a base is shown', '\xcc\x81a', '\\u{301}a'],
  ['a backslash stays', 'a\\x1b', 'a\\x1b'],
];
for (const [what, raw, safe] of cases) test(what, () => assert.equal(safeText(bytes(raw)), safe));

test('marks do not pile up on one base', () => {
  const piled = safeString(`a${'\u0301'.repeat(50)}b`);
  assert.equal(piled, 'a\u0301\u0301…b');
  assert.equal(safeText(bytes(`\xffa${'\xcc\x81'.repeat(50)}b`)), '\\xffa\u0301\u0301…b', 'a broken byte elsewhere changes nothing');
});

const forbidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u3164\uFE00-\uFE0F\uFFA0]|\p{M}{3}/u;

test('no bytes whatever come through as a control, a direction or nothing visible', () => {
  let seed = 1;
  const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648);
  for (let i = 0; i < 20_000; i++) {
    const raw = Uint8Array.from({length: random() % 24}, () =>
      random() % 3 === 0 ? ([0xe2, 0x80, 0xae, 0x1b, 0x9b, 0xc2, 0xf3, 0xa0][random() % 8] ?? 0) : random() % 256,
    );
    assert.doesNotMatch(safeText(raw), forbidden);
  }
});

test('no character whatever comes through as a control, a direction or nothing visible', () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    const text = safeString(`a${String.fromCodePoint(code)}`);
    assert.ok(!forbidden.test(text) && text.length > 1, code.toString(16));
  }
});

test('of several lines, tabs that indent are blanks, and others are told', () => {
  assert.equal(safeLines('{\n\t"a": 1,\n\t\t"b\t": 2'), '{\n  "a": 1,\n    "b\\t": 2');
});

test('a C string ends at its first NUL', () => {
  assert.deepEqual(cString(bytes('ab\0cd')), bytes('ab'));
  assert.deepEqual(cString(bytes('abcd')), bytes('abcd'));
});

test('a text of megabytes is cut, between two characters, and takes no time', () => {
  const cut = safeText(new TextEncoder().encode('日'.repeat(1_000_000)));
  assert.match(cut, /^日{1365}…$/);
  assert.match(safeText(new Uint8Array(2 ** 20).fill(0x61)), /^a{4096}…$/);
  assert.match(safeText(new Uint8Array(2 ** 20).fill(0xff)), /^(\\xff){4096}…$/);
  assert.equal(safeText(new TextEncoder().encode('a\uFFFDb')), 'a\uFFFDb');
});

test('JSON that is safe to print has the same values', () => {
  const value = {'a\u202e\u007f': ['\u009b31m', '\u001b', '\u{e0041}', '日本', 'plain', '\\u001b']};
  const text = safeJson(value);
  assert.doesNotMatch(text, forbidden);
  assert.deepEqual(JSON.parse(text), value);
});
