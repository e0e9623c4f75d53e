// Recordings as files that were cut, packed, damaged or made to fill what they are unpacked to: a recording, or a message.
import assert from 'node:assert/strict';
import {closeSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {type TestContext} from 'node:test';
import zlib from 'node:zlib';
import {openBytes} from '../../src/commands/recording/recording-bytes.ts';
import {openRecording} from '../../src/commands/recording/recording-file.ts';
import {UserError} from '../../src/errors.ts';
import {parseCost} from '../../src/output/parse-cost.ts';
import {headerLine, recordedLine} from '../../src/output/recording.ts';
import {countShape, frame, row} from '../support/frames.ts';
import {temporaryFolder} from '../support/program.ts';
import {seeded} from '../support/seeded.ts';

const origin = {version: '1', host: 'vm', kernel: '6.1', time: 1_700_000_000_000, interval: 1, preset: '', details: []} as const;
const refreshes = 40;
const lines = [
  headerLine(countShape, origin),
  ...Array.from({length: refreshes}, (_, seq) =>
    recordedLine(frame([row('node', seq * 10, 10), row('cat', seq)], {seq, interval: 1}), countShape),
  ),
];
const whole = Buffer.from(`${lines.join('\n')}\n`);
const packed = zlib.gzipSync(whole);

function fileOf(context: TestContext, bytes: string | Uint8Array): string {
  const file = path.join(temporaryFolder(context), 'recording');
  writeFileSync(file, bytes);
  return file;
}

/** How many refreshes it has, how many of them can be shown; undefined: it is refused with words. */
async function read(file: string): Promise<readonly [count: number, shown: number] | undefined> {
  try {
    const recording = await openRecording(file);
    const shown = Array.from({length: recording.count}, (_, i) => recording.read(i)).filter((each) => each !== undefined);
    recording.close();
    return [recording.count, shown.length];
  } catch (error) {
    assert.ok(error instanceof UserError, String((error as Error).stack));
    return undefined;
  }
}

test('a recording that was cut anywhere has the refreshes before the cut', async (context) => {
  for (let at = 0; at < whole.length; at += 997) {
    const before = whole.subarray(0, at).filter((byte) => byte === 10).length - 1;
    const found = await read(fileOf(context, whole.subarray(0, at)));
    assert.ok(before <= 0 ? (found?.[0] ?? 0) <= 1 : found?.[1] === before, `${at}: ${found} of ${before}`);
  }
});

test('a packed recording that was cut, or has other bytes in it, is read as far as it goes, or refused; nothing is left of it', async (context) => {
  const unpackedTo = temporaryFolder(context);
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = unpackedTo;
  context.after(() => (before === undefined ? delete process.env['TMPDIR'] : (process.env['TMPDIR'] = before)));
  const files = temporaryFolder(context);
  const random = seeded(7);
  for (let n = 0; n < 150; n++) {
    const bytes = Buffer.from(n % 2 === 0 ? packed.subarray(0, random(packed.length)) : packed);
    if (n % 2 === 1) for (let times = 1 + random(4); times > 0; times--) bytes[random(bytes.length)] = random(256);
    writeFileSync(path.join(files, 'recording'), bytes);
    const found = await read(path.join(files, 'recording'));
    assert.ok(found === undefined || found[0] <= refreshes + 1, String(found));
  }
  writeFileSync(path.join(files, 'recording'), packed);
  assert.deepEqual(await read(path.join(files, 'recording')), [refreshes, refreshes]);
  rmSync(files, {recursive: true});
  assert.deepEqual(readdirSync(unpackedTo), []);
});

test('what is far larger unpacked than there is room for is refused before it is all there', async (context) => {
  const file = fileOf(context, zlib.gzipSync(Buffer.alloc(64 << 20)));
  await assert.rejects(openBytes(file, 8 << 20), /is larger than/);
  closeSync(await openBytes(fileOf(context, packed), 8 << 20));
});

test('lines that would take the memory of the machine are passed over, and the others shown', async (context) => {
  const head = lines[1]?.slice(0, -1) ?? '';
  const heavy = `${head},"more":[${'[],'.repeat(18 << 20)}0]}`;
  assert.ok(parseCost(Buffer.from(heavy)) > 2 ** 30);
  const deep = `${head},"more":${'['.repeat(500_000)}${']'.repeat(500_000)}}`;
  const key = (lines[2] ?? '').replace('"node"', `${'['.repeat(500_000)}${']'.repeat(500_000)}`);
  assert.deepEqual(await read(fileOf(context, [...lines, heavy, deep, key, lines[2], ''].join('\n'))), [refreshes + 4, refreshes + 2]);
});

test('a hundred million line feeds, or a million lines of nothing, are no recording, and soon said to be none', async (context) => {
  const began = performance.now();
  assert.equal(await read(fileOf(context, Buffer.alloc(100 << 20, 10))), undefined);
  assert.equal(await read(fileOf(context, Buffer.from('{\n'.repeat(3 << 20)))), undefined);
  assert.deepEqual(await read(fileOf(context, Buffer.concat([whole, Buffer.alloc(20 << 20, 10), whole]))), [2 * refreshes, 2 * refreshes]);
  assert.ok(performance.now() - began < 20_000);
});
