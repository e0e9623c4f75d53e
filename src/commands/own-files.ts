// Reads the object or source of a preset, and refuses to root what others may write. What is read is read once: what was
// looked at is what is loaded.
import {closeSync, fstatSync, openSync, readSync, realpathSync, statSync} from 'node:fs';
import path from 'node:path';
import {UserError} from '../errors.ts';

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
    fd = openSync(file, 'r');
  } catch (error) {
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
    refuseToRoot(file, stat, what, sudoUser);
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

interface Ownership {
  readonly mode: number;
  readonly uid: number;
}

/** What another user may change, or put another in place of, must not decide what root runs in the kernel. */
export function refuseToRoot(file: string, stat: Ownership, what: string, sudoUser: number): void {
  if (process.getuid?.() !== 0) return;
  const check = (place: string, {mode, uid}: Ownership, says: string): void => {
    const sticky = (mode & 0o1000) !== 0;
    if ((mode & 0o022) !== 0 && !sticky)
      throw new UserError(`${what} '${file}' is refused to root: ${says}`, {hint: `chmod go-w '${place}'`, status: 2});
    if (uid !== 0 && uid !== sudoUser)
      throw new UserError(`${what} '${file}' is refused to root: '${place}' belongs to user ${uid}`, {
        hint: `chown root '${place}'`,
        status: 2,
      });
  };
  check(file, {...stat, mode: stat.mode & ~0o1000}, 'others may write it');
  // a link is as good as the folder it lies in, and so is what it leads to
  for (const folder of new Set([path.dirname(path.resolve(file)), path.dirname(realpathSync(file))]))
    check(folder, statSync(folder), `others may write the folder '${folder}'`);
}
