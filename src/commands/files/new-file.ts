// A file that is made anew: created exclusively, so that nothing is overwritten and no symbolic link is followed (of another user not
// on the way either), for its owner alone, and given to the user who became root by sudo. What was written of it stays valid when the disk is full.
import {closeSync, constants, fchownSync, ftruncateSync, lstatSync, openSync, unlinkSync, writeSync} from 'node:fs';
import path from 'node:path';
import {safeString} from '../../decode/safe-text.ts';
import {UserError} from '../../errors.ts';
import {fileReason} from './file-reasons.ts';
import {openFolder, type Owner} from './safe-folder.ts';

/** A folder's name is someone else's, and may be anything. */
const cannotWrite = (file: string): string => `cannot write '${safeString(file)}'`;

/** Refuses what `createFile` would refuse, before anything else is begun. @throws UserError */
export function requireNew(file: string, replace: boolean, place = file): void {
  const stat = lstatSync(place, {throwIfNoEntry: false});
  if (stat === undefined) return;
  const cannot = cannotWrite(file);
  if (stat.isDirectory()) throw new UserError(`${cannot}: it is a folder`, {hint: 'name a file in it'});
  if (stat.isSymbolicLink()) throw new UserError(`${cannot}: it is a symbolic link, and none is followed`, {hint: 'name the file itself'});
  if (!stat.isFile()) throw new UserError(`${cannot}: it is no regular file`, {hint: 'for a pipe or a device: tsbpftop --json'});
  if (!replace) throw new UserError(`${cannot}: it exists`, {hint: 'another name, or --force to replace it'});
}

/** @param replace a regular file of that name is removed first. @throws UserError */
export function createFile(file: string, owner: Owner | undefined, replace = false): NewFile {
  let close: (() => void) | undefined;
  try {
    const folder = openFolder(path.dirname(path.resolve(file)), owner === undefined ? [] : [owner.uid]);
    close = folder.close;
    const place = path.join(folder.place, path.basename(file));
    requireNew(file, replace, place);
    if (replace && lstatSync(place, {throwIfNoEntry: false}) !== undefined) unlinkSync(place);
    const fd = openSync(place, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
    if (owner !== undefined) fchownSync(fd, owner.uid, owner.gid);
    return new NewFile(file, fd);
  } catch (error) {
    if (error instanceof UserError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new UserError(`${cannotWrite(file)}: it exists`);
    throw new UserError(`${cannotWrite(file)}: ${fileReason(error)}`);
  } finally {
    close?.();
  }
}

class NewFile {
  readonly path: string;
  /** Written so far. */
  bytes = 0;
  private readonly fd: number;

  constructor(path: string, fd: number) {
    this.path = path;
    this.fd = fd;
  }

  /** All of it or nothing. @throws UserError */
  write(data: Uint8Array): void {
    try {
      for (let at = 0; at < data.length; ) at += writeSync(this.fd, data, at);
      this.bytes += data.length;
    } catch (error) {
      try {
        ftruncateSync(this.fd, this.bytes);
      } catch {
        // a line cut short stays, and is passed over when it is read
      }
      throw new UserError(`${cannotWrite(this.path)}: ${fileReason(error)}`);
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}
