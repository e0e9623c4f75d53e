// The bytes of a recording, in a file that can be read from anywhere: what is packed, or comes from a pipe, is put into one
// that has no name. Owns no line of it.
import {closeSync, createReadStream, fstatSync, mkdtempSync, openSync, readSync, rmSync, statfsSync, writeSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {finished} from 'node:stream/promises';
import zlib from 'node:zlib';
import {UserError} from '../../errors.ts';
import {fileReason} from '../files/file-reasons.ts';

/** Of a compressed recording, which is unpacked to be gone back and forth in. */
const mostUnpacked = 16 * 2 ** 30;
/** Of the room that there is for it: a small file can be of terabytes, unpacked. */
const shareOfRoom = 0.5;

/** A descriptor that can be read from anywhere. @param most bytes that are unpacked. @throws UserError */
export async function openBytes(file: string, most = mostUnpacked): Promise<number> {
  try {
    const fd = openSync(file, 'r');
    const stat = fstatSync(fd);
    if (stat.isDirectory()) {
      closeSync(fd);
      throw new UserError(`cannot read '${file}': it is a folder`);
    }
    const magic = Buffer.alloc(2);
    const packed = stat.isFile() && readSync(fd, magic, 0, 2, 0) === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
    if (stat.isFile() && !packed) return fd;
    return await unpacked(file, fd, packed, most);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : fileReason(error);
    throw new UserError(`cannot read '${file}': ${reason}`);
  }
}

/** What is compressed, or comes from a pipe, goes to a temporary file that has no name any more. */
async function unpacked(file: string, from: number, packed: boolean, wanted: number): Promise<number> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tsbpftop-'));
  const remove = (): void => {
    try {
      rmSync(folder, {recursive: true, force: true});
    } catch {
      // where a file that is open cannot be removed
    }
  };
  try {
    const fd = openSync(path.join(folder, 'recording'), 'wx+', 0o600);
    remove(); // before it is filled: whatever ends this process leaves nothing
    const {bavail, bsize} = statfsSync(os.tmpdir());
    const most = Math.min(wanted, bavail * bsize * shareOfRoom);
    const source = createReadStream('', {fd: from});
    // one that was cut short gives what it has
    const stream = packed ? source.pipe(zlib.createGunzip({finishFlush: zlib.constants.Z_SYNC_FLUSH})) : source;
    let bytes = 0;
    stream.on('data', (data: Buffer | string) => {
      const chunk = Buffer.from(data);
      bytes += chunk.length;
      if (bytes > most) return void stream.destroy(tooLarge(file, most, most < wanted));
      try {
        for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at);
      } catch (error) {
        const message = `cannot unpack '${file}' to '${os.tmpdir()}': ${fileReason(error)}`;
        stream.destroy(new UserError(message, {hint: 'TMPDIR=/path has more room'}));
      }
    });
    try {
      await finished(stream);
    } catch (error) {
      source.destroy();
      // bytes behind a damage: what was before it is a recording
      if (error instanceof UserError || bytes === 0) throw error;
    }
    return fd;
  } finally {
    remove();
  }
}

function tooLarge(file: string, most: number, full: boolean): UserError {
  const room = full ? `half of the room in '${os.tmpdir()}'` : 'what a replay unpacks';
  return new UserError(`'${file}' is larger than ${room}: ${(most / 2 ** 30).toFixed(1)} GiB`, {
    hint: 'unpack it first where there is room for it, or set TMPDIR=/path to such a place',
  });
}
