// Reads the object or source of a preset, and refuses to root what others may write. What is read is read once: what was
// looked at is what is loaded.
import {closeSync, constants, fstatSync, openSync, readSync, statSync} from 'node:fs';
import path from 'node:path';
import {UserError} from '../../errors.ts';
import {weakPlace} from '../files/trusted-path.ts';

const mostBytes = 64 << 20;

/** The path as the preset means it: from the folder of the preset's file. */
export const ownPath = (presetFile: string, written: string): string => path.resolve(path.dirname(presetFile), written);

/** @param sudoUser the user who became root, whose files are trusted as root's */
export function readOwnFile(file: string, what: 'object' | 'source', sudoUser: number): Uint8Array {
  const refuse = (message: string, hint = ''): never => {
    throw new UserError(`${what} '${file}' ${message}`, {hint, status: 2});
  };
  let fd: number;
  try {
    // before it is opened: a way that is sound stays so
    refuseToRoot(file, what, sudoUser);
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const {code} = error as NodeJS.ErrnoException;
    throw new UserError(
      `cannot read ${what} '${file}': ${code === 'ENOENT' ? 'no such file' : code === 'EACCES' ? 'permission denied' : code}`,
      {
        hint: code === 'ENOENT' ? "a path is meant from the preset's own folder" : '',
        status: 2,
      },
    );
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) refuse('is no file');
    if (stat.size > mostBytes) refuse(`is of ${(stat.size / 2 ** 20).toFixed(0)} MiB, and at most ${mostBytes / 2 ** 20} MiB are read`);
    if (stat.size === 0) refuse('is empty');
    const bytes = new Uint8Array(stat.size);
    let length = 0;
    while (length < bytes.length) {
      const read = readSync(fd, bytes, length, bytes.length - length, length);
      if (read === 0) break;
      length += read;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

/** What another user may change, or put another in place of, must not decide what root runs in the kernel. */
export function refuseToRoot(file: string, what: string, sudoUser: number): void {
  if (process.getuid?.() !== 0) return;
  const weak = weakPlace(file, new Set([0, sudoUser]));
  if (weak === undefined) return;
  const {place, user, isLink} = weak;
  const isFolder = !isLink && statSync(place).isDirectory();
  const says = user === undefined ? `others may write ${isFolder ? `the folder '${place}'` : 'it'}` : `'${place}' belongs to user ${user}`;
  throw new UserError(`${what} '${file}' is refused to root: ${says}`, {
    hint: user === undefined ? `chmod go-w '${place}'` : `chown ${isLink ? '-h ' : ''}root '${place}'`,
  });
}
