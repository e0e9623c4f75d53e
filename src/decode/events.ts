// Single events, as the program sends them through a ring buffer: bytes in, events out. Pure.
import {readCount, readSigned} from './counts.ts';
import {decodeCell, type Lookups} from './formats.ts';
import type {Cell, Count} from './frame.ts';
import type {EventLayout} from './layout.ts';
import {cString, safeText} from './safe-text.ts';

/** One event of a view, when it happened, in which task. */
export interface TracedEvent {
  /** Nanoseconds: of CLOCK_MONOTONIC as the program sends them, since the epoch as tail.ts hands them on. */
  readonly time: bigint;
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
  /** One cell a key column. */
  readonly key: readonly Cell[];
  /** One number an EventLayout.sent. */
  readonly values: readonly Count[];
}

const commSize = 16;

export function decodeEvents(bytes: Uint8Array, layout: EventLayout, lookups: Lookups): readonly TracedEvent[] {
  if (bytes.length % layout.size !== 0) throw new Error(`${bytes.length} bytes of events, and each has ${layout.size}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({length: bytes.length / layout.size}, (_, i) => {
    const at = i * layout.size;
    const key = bytes.subarray(at + layout.keyOffset, at + layout.keyOffset + layout.keySize);
    return {
      time: view.getBigUint64(at + layout.time, true),
      tid: view.getUint32(at + layout.task, true),
      pid: view.getUint32(at + layout.task + 4, true),
      comm: safeText(cString(bytes.subarray(at + layout.comm, at + layout.comm + commSize))),
      key: layout.key.map((field) => decodeCell(field, key, lookups)),
      values: layout.sent.map(({index, signed}) => (signed ? readSigned : readCount)(view, at + layout.values + 8 * index)),
    };
  });
}

/** The keys of events one behind the other: what `lateWords` looks through. */
export function keysOf(bytes: Uint8Array, {size, keyOffset, keySize}: EventLayout): Uint8Array {
  const count = Math.floor(bytes.length / size);
  const keys = new Uint8Array(count * keySize);
  for (let i = 0; i < count; i++) keys.set(bytes.subarray(i * size + keyOffset, i * size + keyOffset + keySize), i * keySize);
  return keys;
}
