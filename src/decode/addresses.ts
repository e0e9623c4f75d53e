// IP addresses as texts, by RFC 5952: the longest run of zero groups is '::', and letters are small.

/** Bytes in the order of the network, read as a little-endian number. */
export const ipv4Text = (value: bigint): string => [0n, 8n, 16n, 24n].map((shift) => (value >> shift) & 255n).join('.');

/** 16 bytes. `mapped`: an IPv4 address inside is shown as such. */
export function addressText(bytes: Uint8Array, mapped: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const groups = Array.from({length: 8}, (_, i) => view.getUint16(2 * i));
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  const v4 = [...bytes.subarray(12, 16)].join('.');
  if (isMapped) return mapped ? v4 : `::ffff:${v4}`;
  const run = longestZeroRun(groups);
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  return run.length < 2 ? text(groups) : `${text(groups.slice(0, run.start))}::${text(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: readonly number[]): {readonly start: number; readonly length: number} {
  let best = {start: 0, length: 0};
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = {start, length};
  }
  return best;
}
