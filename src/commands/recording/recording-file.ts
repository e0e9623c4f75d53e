// A recording on disk: which refresh of which view stands where, and that refresh when asked for. Lines are never held all
// at once: the index has 22 bytes for each, so that a gigabyte is replayed in some megabytes.
import {closeSync, readSync} from 'node:fs';
import {isDeepStrictEqual} from 'node:util';
import {UserError} from '../../errors.ts';
import type {Frame} from '../../decode/frame.ts';
import {safeString} from '../../decode/safe-text.ts';
import {type Header, KeyCells, membersOf, readFrame, readHeader, Unreadable} from '../../output/recorded.ts';
import {guessedHeader} from '../../output/guessed.ts';
import {parseCost} from '../../output/parse-cost.ts';
import {type Growing, growing} from './growing.ts';
import {openBytes} from './recording-bytes.ts';

/** Longest line that is read: a refresh of two million rows. */
const longestLine = 256 * 2 ** 20;
/** A line that takes more memory as an object is not read: a few million empty lists would end the process. */
const mostParsed = 2 ** 30;
const alwaysParsed = 4 * 2 ** 20;
/** Longest line that is looked into when it does not begin as ours do. */
const longestForeign = 2 ** 20;
/** Refreshes in an index: six weeks of one a second. */
const mostRefreshes = 4_000_000;
const mostHeaders = 1000;
/** Lines that cannot be read, before the first that can. */
const mostBefore = 1_000_000;
const prefixBytes = 400;
const ours = /^\{"v":1,"view":"([^"\\]{1,80})","time":"([^"\\]{10,40})","seq":\d+,/;

interface Damage {
  /** Lines that are not of a recording, or are cut. */
  readonly unreadable: number;
  /** Lines of another version of the format. */
  readonly foreign: number;
  /** Lines that found no place in the index. */
  readonly left: number;
}

export class RecordingFile {
  readonly headers: readonly Header[];
  readonly damage: Damage;
  private readonly fd: number;
  private readonly offsets: Growing;
  private readonly lengths: Growing;
  private readonly times: Growing;
  private readonly headerOf: Growing;
  private readonly cells = new KeyCells();

  constructor(fd: number, index: LineIndex) {
    this.fd = fd;
    this.headers = index.headers;
    this.damage = {unreadable: index.unreadable, foreign: index.foreign, left: index.left};
    this.offsets = index.offsets;
    this.lengths = index.lengths;
    this.times = index.times;
    this.headerOf = index.headerOf;
  }

  get count(): number {
    return this.offsets.length;
  }

  /** Numbers of the view's refreshes, in the order of the file. */
  refreshesOf(view: string): Uint32Array {
    const headers = this.headers.map(({shape}) => shape.name === view);
    let count = 0;
    for (let i = 0; i < this.count; i++) if (headers[this.headerOf.at(i)] === true) count++;
    const numbers = new Uint32Array(count);
    let next = 0;
    for (let i = 0; i < this.count; i++) if (headers[this.headerOf.at(i)] === true) numbers[next++] = i;
    return numbers;
  }

  timeOf(refresh: number): number {
    return this.times.at(refresh);
  }

  bytesOf(refresh: number): number {
    return this.lengths.at(refresh);
  }

  header(refresh: number): Header {
    const header = this.headers[this.headerOf.at(refresh)];
    if (header === undefined) throw new Error(`no header of refresh ${refresh}`);
    return header;
  }

  /** Undefined: what stands there is not as it should be. */
  read(refresh: number): Frame | undefined {
    try {
      const json = parsed(this.fd, this.offsets.at(refresh), this.lengths.at(refresh));
      return readFrame(json, this.header(refresh).shape, this.cells);
    } catch (error) {
      if (error instanceof Unreadable || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** @throws Unreadable, SyntaxError */
function parsed(fd: number, offset: number, length: number): unknown {
  const line = readLine(fd, offset, length);
  if (length > alwaysParsed && parseCost(line) > mostParsed) throw new Unreadable('more than a replay holds');
  return JSON.parse(line.toString());
}

function readLine(fd: number, offset: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let at = 0;
  while (at < length) {
    const read = readSync(fd, buffer, at, length - at, offset + at);
    if (read === 0) throw new Unreadable('the file has become shorter');
    at += read;
  }
  return buffer;
}

/** @throws UserError */
export async function openRecording(file: string): Promise<RecordingFile> {
  const fd = await openBytes(file);
  try {
    const index = new LineIndex(fd);
    index.build();
    const recording = new RecordingFile(fd, index);
    if (recording.count === 0) throw new UserError(`'${file}' is no recording`, {hint: emptyHint(recording.damage)});
    return recording;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function emptyHint({unreadable, foreign}: Damage): string {
  if (foreign > 0) return 'it is of another version of tsbpftop: replay it with that one';
  return unreadable > 0
    ? 'its lines are not those of tsbpftop record, nor of --json'
    : 'it has no refresh: tsbpftop record FILE, or --json, writes one';
}

class LineIndex {
  readonly headers: Header[] = [];
  readonly offsets = growing(Float64Array);
  readonly lengths = growing(Uint32Array);
  readonly times = growing(Float64Array);
  readonly headerOf = growing(Uint16Array);
  unreadable = 0;
  foreign = 0;
  left = 0;
  private readonly fd: number;
  private readonly latest = new Map<string, number>();

  constructor(fd: number) {
    this.fd = fd;
  }

  build(): void {
    const chunk = Buffer.allocUnsafe(2 ** 20);
    let prefix = '';
    let [start, position] = [0, 0];
    let last = 0;
    for (;;) {
      const read = readSync(this.fd, chunk, 0, chunk.length, position);
      if (read === 0) break;
      for (let at = 0; at < read; ) {
        // nothing but line feeds: a billion of them are packed in a megabyte
        if (chunk[at] === 10 && position + at === start) {
          start = position + ++at;
          continue;
        }
        const found = chunk.subarray(0, read).indexOf(10, at);
        const end = found < 0 ? read : found;
        if (prefix.length < prefixBytes) prefix += chunk.toString('latin1', at, Math.min(end, at + prefixBytes - prefix.length));
        if (end > at) last = chunk[end - 1] ?? 0;
        if (found >= 0) {
          this.take(start, position + end - start, prefix, last);
          [start, prefix, last] = [position + end + 1, '', 0];
        }
        at = end + 1;
      }
      position += read;
      if (this.offsets.length === 0 && this.unreadable > mostBefore) break; // no recording
    }
    // without its line feed the last line is whole only if it is JSON
    if (position > start) {
      const length = position - start;
      if (last === 125 && length <= longestLine && isJson(this.fd, start, length)) this.take(start, length, prefix, last);
      else this.unreadable++;
    }
  }

  private take(offset: number, length: number, prefix: string, last: number): void {
    if (length === 0 || prefix.trim() === '') return;
    if (length > longestLine || (last !== 125 && last !== 13)) {
      this.unreadable++;
      return;
    }
    try {
      const [, view, time] = ours.exec(prefix) ?? [];
      if (view !== undefined && time !== undefined) this.add(offset, length, view, Date.parse(time));
      else this.other(offset, length);
    } catch (error) {
      if (!(error instanceof Unreadable || error instanceof SyntaxError)) throw error;
      this.unreadable++;
    }
  }

  /** A header, a line that was written anew by another program, or none of ours. */
  private other(offset: number, length: number): void {
    if (length > longestForeign) throw new Unreadable('too long');
    const line = membersOf(parsed(this.fd, offset, length));
    if (line['recording'] === 'header' && line['v'] === 1) this.headed(readHeader(line));
    else if (typeof line['v'] === 'number' && line['v'] !== 1) this.foreign++;
    else if (typeof line['view'] === 'string' && typeof line['time'] === 'string' && Array.isArray(line['rows']))
      this.add(offset, length, safeString(line['view']), Date.parse(line['time']));
    else throw new Unreadable('no refresh');
  }

  /** Recordings that were joined to one file have the same view again, and need no header each. */
  private headed(header: Header): void {
    const {name} = header.shape;
    const known = this.headers.findIndex((each) => each.shape.name === name && isDeepStrictEqual(each, header));
    if (known < 0) this.begin(header);
    else this.latest.set(name, known);
  }

  private begin(header: Header): number {
    if (this.headers.length >= mostHeaders) throw new Unreadable('too many headers');
    this.headers.push(header);
    this.latest.set(header.shape.name, this.headers.length - 1);
    return this.headers.length - 1;
  }

  private add(offset: number, length: number, view: string, time: number): void {
    if (Number.isNaN(time)) throw new Unreadable('no time');
    if (this.offsets.length >= mostRefreshes) {
      this.left++;
      return;
    }
    // output of --json has no header: the first line says what can be known
    const header = this.latest.get(view) ?? this.guess(parsed(this.fd, offset, length));
    if (header === undefined) return;
    this.offsets.push(offset);
    this.lengths.push(length);
    this.times.push(time);
    this.headerOf.push(header);
  }

  private guess(line: unknown): number | undefined {
    const header = guessedHeader(line);
    return header === undefined ? undefined : this.begin(header);
  }
}

function isJson(fd: number, offset: number, length: number): boolean {
  try {
    parsed(fd, offset, length);
    return true;
  } catch (error) {
    if (error instanceof Unreadable || error instanceof SyntaxError) return false;
    throw error;
  }
}
