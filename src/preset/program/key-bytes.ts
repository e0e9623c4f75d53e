// Values out of a row's key, whose bytes are the characters of its id. Pure.

/** Little-endian, one byte a character. */
export const integerOf = (bytes: string): bigint => [...bytes].reduceRight((value, char) => (value << 8n) | BigInt(char.charCodeAt(0)), 0n);

/** Up to its NUL. */
export const textOf = (bytes: string): string => bytes.split('\0')[0] ?? '';

export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
