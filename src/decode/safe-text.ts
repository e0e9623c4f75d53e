// THE one place that makes strings of the kernel and of processes safe to print: nothing that a terminal would act on,
// reorder or hide is left. Everything shown, in any output, has been through here before its width is computed.
import {once} from './once.ts';

const decoder = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});
const lenient = new TextDecoder('utf-8', {ignoreBOM: true});
/** Nobody reads more of one text, and a map of somebody else's may have values of megabytes. */
const mostBytes = 4096;
/** Of one call: each is on the stack. */
const mostArguments = 1024;

/** Bytes of a name, a path, an argument; invalid UTF-8 and all that is invisible become visible escapes. */
export function safeText(bytes: Uint8Array): string {
  if (bytes.length > mostBytes) return `${safeText(bytes.subarray(0, cutBefore(bytes, mostBytes)))}…`;
  let plain = true;
  for (const byte of bytes)
    if (byte < 0x20 || byte > 0x7e) {
      plain = false;
      break;
    }
  if (plain && bytes.length <= mostArguments) return String.fromCharCode(...bytes);
  try {
    return safeString(decoder.decode(bytes));
  } catch {
    return safeString(decodePiecewise(bytes));
  }
}

// By Unicode's own classes, so that no invisible one is forgotten: controls, formats (directions, zero width, tags, soft
// hyphen), private use, lone surrogates, line and paragraph separators, what is drawn as nothing (fillers, variation
// selectors), and what is no character. Made when first needed: Unicode's tables are read for each
const unsafe = once(() => /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu);
/** Without a base of their own, they would sit on whatever is printed before the text. */
const strayMarks = once(() => /^\p{M}+/u);
/** A base with more marks than any language needs: they would climb over other lines. */
const piledMarks = once(() => /(\p{M}{2})(\p{M}+)/gu);

const names: Readonly<Record<string, string>> = {'\n': '\\n', '\t': '\\t', '\r': '\\r'};

/** The same for a string that is one already: a symbol, an error's text. */
export function safeString(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return text
    .replace(unsafe(), escaped)
    .replace(strayMarks(), (marks) => Array.from(marks, escaped).join(''))
    .replace(piledMarks(), (_, kept: string) => `${kept}…`);
}

/** What is said in several lines: a message or a file, which may quote what others wrote. Tabs that indent are two spaces each. */
export const safeLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => safeString(line.replace(/^\t+/, (tabs) => '  '.repeat(tabs.length))))
    .join('\n');

/** JSON that may be printed: the same values, and nothing in it that a terminal acts on. */
export const safeJson = (value: unknown, replacer?: (name: string, value: unknown) => unknown): string =>
  plainJson(JSON.stringify(value, replacer));

const plainJson = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text)
    ? text
    : text.replace(unsafe(), (character) =>
        Array.from({length: character.length}, (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
      );

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return names[character] ?? (code < 0x100 ? hexEscape(code) : `\\u{${code.toString(16)}}`);
}

const hexEscape = (code: number): string => `\\x${code.toString(16).padStart(2, '0')}`;

/** Valid sequences as text, not yet safe; other bytes one by one as \xNN. */
function decodePiecewise(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    text += length === 0 ? hexEscape(bytes[at] ?? 0) : decoder.decode(bytes.subarray(at, at + length));
    at += Math.max(length, 1);
  }
  return text;
}

/** Bytes of the UTF-8 sequence at `at`, 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  // not by the strict decoder: to throw for each byte of what is no text takes a hundred times as long
  const text = lenient.decode(bytes.subarray(at, at + length));
  return [...text].length === 1 && (text !== '\uFFFD' || (first === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd)) ? length : 0;
}

/** Where to cut so that no sequence is cut. */
function cutBefore(bytes: Uint8Array, most: number): number {
  let end = most;
  while (end > most - 3 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}

/** The bytes before the first NUL. */
export function cString(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}
