// A single event as one line of NDJSON, version 1 of the same contract as json.ts: names never change within it.
import {jsonCount} from '../decode/counts.ts';
import type {TracedEvent} from '../decode/events.ts';
import type {SentValue} from '../decode/layout.ts';
import type {Lost, ViewShape} from '../decode/frame.ts';
import {cellJson, version} from './json.ts';

export function eventLine(event: TracedEvent, shape: ViewShape, sent: readonly SentValue[]): string {
  return JSON.stringify({
    v: version,
    event: shape.name,
    time: isoTime(event.time),
    comm: event.comm,
    pid: event.pid,
    tid: event.tid,
    key: Object.fromEntries(shape.keys.map((key, i) => [key.name, cellJson(event.key[i])])),
    value: Object.fromEntries(sent.map(({name}, i) => [name, jsonCount(event.values[i] ?? 0)])),
  });
}

/** How many events found no room, in all: a line whenever it has grown. */
export const unsentLine = (shape: ViewShape, unsent: number): string => JSON.stringify({v: version, event: shape.name, unsent});

/** What was lost before it was an event, in all: a line whenever it has grown. */
export const lostLine = (shape: ViewShape, lost: Lost): string => JSON.stringify({v: version, event: shape.name, lost});

/** 2026-11-23T10:00:01.000123Z: JavaScript's dates end at milliseconds. */
function isoTime(nanoseconds: bigint): string {
  const micros = nanoseconds / 1000n;
  return `${new Date(Number(micros / 1000n)).toISOString().slice(0, -1)}${String(micros % 1000n).padStart(3, '0')}Z`;
}
