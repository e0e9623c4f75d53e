// Opens the folder that something new is to be put into: folder by folder, so that nothing can be put in the place of one that
// was passed, and through no symbolic link that another user made, whether or not the kernel forbids it (fs.protected_symlinks).
// What is missing of the way is made where that is asked for, and belongs to whom the folder belongs that it is made in.
import {chownSync, closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readdirSync, readlinkSync, statSync} from 'node:fs';
import path from 'node:path';
import {safeString} from '../../decode/safe-text.ts';
import {UserError} from '../../errors.ts';

/** Of open(2), which Node does not name: only a place, also where one may pass and not look. */
const onlyPath = 0o10000000;
const asFolder = onlyPath | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const mostLinks = 40;

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

interface OpenFolder {
  readonly place: string;
  readonly close: () => void;
}

/** False: there is something of that name. */
export function makeFolder(place: string): boolean {
  try {
    mkdirSync(place, {mode: 0o700});
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Of one that was made just now, and is open: an empty one, since it may be another that was put in its place. */
export function giveFolder(open: string, {uid, gid}: Owner): void {
  if (statSync(open).uid !== uid && readdirSync(open).length === 0) chownSync(open, uid, gid);
}

/**
 * @param trusted users besides root and this one, whose links are followed
 * @param missing folders are made, for their owner alone
 * @returns a name of the folder that stays its own while `close` was not called
 * @throws UserError for a link of another user; what the file system says
 */
export function openFolder(folder: string, trusted: readonly number[], missing: 'refuse' | 'make' = 'refuse'): OpenFolder {
  // other systems have no /proc, and nobody is root there for our sake
  if (process.platform !== 'linux') {
    if (missing === 'make') mkdirSync(folder, {recursive: true, mode: 0o700});
    return {place: folder, close: () => undefined};
  }
  const users = new Set([0, process.getuid?.() ?? 0, ...trusted]);
  const parts = path.resolve(folder).split('/');
  let at = openSync('/', asFolder);
  let walked = '/';
  const enter = (place: string): void => {
    const next = openSync(place, asFolder);
    closeSync(at);
    at = next;
  };
  try {
    for (let links = 0; ; ) {
      const part = parts.shift();
      if (part === undefined) break;
      if (part === '' || part === '.') continue;
      const place = `/proc/self/fd/${at}/${part}`;
      const found = lstatSync(place, {bigint: true, throwIfNoEntry: false});
      const made = found === undefined && missing === 'make' && makeFolder(place);
      const stat = found ?? lstatSync(place, {bigint: true});
      if (!stat.isSymbolicLink()) {
        const outer = fstatSync(at);
        enter(place);
        if (made) giveFolder(`/proc/self/fd/${at}`, outer);
        walked = path.join(walked, part);
        continue;
      }
      const link = path.join(walked, part);
      if (++links > mostLinks) throw Object.assign(new Error('too many symbolic links'), {code: 'ELOOP'});
      if (!users.has(Number(stat.uid))) throw strange(folder, link, stat.uid);
      const target = readlinkSync(place);
      // who may write the folder could put another in its place between the two; to be renamed changes a link's time
      const again = lstatSync(place, {bigint: true});
      if (again.ino !== stat.ino || again.ctimeNs !== stat.ctimeNs) throw strange(folder, link, again.uid);
      if (target.startsWith('/')) {
        enter('/');
        walked = '/';
      }
      parts.unshift(...target.split('/'));
    }
    const open = at;
    return {place: `/proc/self/fd/${open}`, close: () => closeSync(open)};
  } catch (error) {
    closeSync(at);
    throw error;
  }
}

const strange = (folder: string, link: string, user: bigint): UserError =>
  new UserError(`cannot write into '${safeString(folder)}': '${safeString(link)}' is a symbolic link that user ${user} made`, {
    hint: 'name the folder itself, if it is the one that is meant',
  });
