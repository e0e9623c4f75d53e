import assert from 'node:assert/strict';
import test from 'node:test';
import {svgOf} from '../../src/output/svg.ts';

const rows: readonly (readonly [what: string, painted: string, part: RegExp])[] = [
  ['plain text is in the ink', 'hello', /<text x="12\.0" y="25" textLength="42\.1" fill="#d7dae0">hello<\/text>/],
  ['a colour is of the palette', '\u001B[91mhot\u001B[0m', /fill="#ff616e">hot</],
  ['a background is a rectangle behind', '\u001B[30;42mhead\u001B[0m', /<rect [^>]*fill="#8cc265"\/><text [^>]*fill="#1c1c1c">head</],
  ['reversed text changes both', '\u001B[7mtab\u001B[0m', /<rect [^>]*fill="#d7dae0"\/><text [^>]*fill="#16181d">tab</],
  ['bold is bold, and ends', '\u001B[1mb\u001B[0mp', /font-weight="bold">b<\/text><text [^>]*fill="#d7dae0">p</],
  ['wide characters take two columns', '日x', /textLength="25\.3"/],
  ['text that is markup is escaped', '<a&b>', /&lt;a&amp;b&gt;/],
];
for (const [what, painted, part] of rows) test(what, () => assert.match(svgOf([painted], 20), part));

test('a picture is as large as its lines and columns', () => {
  assert.match(svgOf(['', '', ''], 80), /viewBox="0 0 699 78"/);
});
