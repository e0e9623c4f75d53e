// THE one place that makes strings of the kernel and of processes safe to print: nothing that a terminal would act on,
// reorder or hide is left. Everything shown, in any output, has been through here before its width is computed.

const decoder = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

/** Bytes of a name, a path, an argument; invalid UTF-8 and all that is invisible become visible escapes. */
export function safeText(bytes: Uint8Array): string {
  let plain = true;
  for (const byte of bytes)
    if (byte < 0x20 || byte > 0x7e) {
      plain = false;
      break;
    }
  if (plain) return String.fromCharCode(...bytes);
  try {
    return safeString(decoder.decode(bytes));
  } catch {
    return decodePiecewise(bytes);
  }
}

// C0, DEL, C1; soft hyphen; Arabic letter mark; Hangul and Khmer fillers; zero-width, directional and line separators;
// bidi embeddings and isolates; invisible operators; variation selectors; BOM; interlinear marks; private use; tags
const unsafe =
  /[\u0000-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uD800-\uDFFF\uE000-\uF8FF\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\uFFFE\uFFFF]|[\u{1D173}-\u{1D17A}\u{E0000}-\u{E0FFF}\u{F0000}-\u{10FFFF}]/gu;
/** A base with more marks than any language needs: they would climb over other lines. */
const piledMarks = /(\p{M}{2})(\p{M}+)/gu;

const names: Readonly<Record<string, string>> = {'\n': '\\n', '\t': '\\t', '\r': '\\r'};

/** The same for a string that is one already: a symbol, an error's text. */
export function safeString(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return text.replace(unsafe, escaped).replace(piledMarks, (_, kept: string) => `${kept}…`);
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return names[character] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`);
}

/** Valid stretches as text, other bytes one by one as \xNN. */
function decodePiecewise(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    text +=
      length === 0 ? `\\x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}` : safeString(decoder.decode(bytes.subarray(at, at + length)));
    at += Math.max(length, 1);
  }
  return text;
}

/** Bytes of the UTF-8 sequence at `at`, 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  try {
    if (length > 0 && at + length <= bytes.length && [...decoder.decode(bytes.subarray(at, at + length))].length === 1) return length;
  } catch {
    // a broken sequence
  }
  return 0;
}

/** The bytes before the first NUL. */
export function cString(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}
