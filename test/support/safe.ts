// Texts that a terminal would obey, and what is left of them where they are only shown.
import assert from 'node:assert/strict';

/** A title, a colour by C1, a charset, a direction, a width of zero, an erased line. */
export const nasty = 'a\u001B]0;owned\u0007\u009B31m\u000E\u202Eb\u200Bc\u007F\u001BcX';
/** What is left of it, however it is written. */
export const marks = /owned/;

/** None of what our own writers never write; a CSV's lines end in CR LF. */
export function assertSafe(text: string, where: string): void {
  const found = /(?![\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|\r(?!\n)/u.exec(text);
  assert.equal(found, null, `${where}: ${JSON.stringify(text.slice(Math.max(0, (found?.index ?? 0) - 40), (found?.index ?? 0) + 40))}`);
}
