// Opens the folder that something new is to be put into: folder by folder, so that nothing can be put in the place of one that
// was passed, and through no symbolic link that another user made, whether or not the kernel forbids it (fs.protected_symlinks).
import {closeSync, constants, lstatSync, openSync, readlinkSync} from 'node:fs';
import path from 'node:path';
import {safeString} from '../decode/safe-text.ts';
import {UserError} from '../errors.ts';

/** Of open(2), which Node does not name: only a place, also where one may pass and not look. */
const onlyPath = 0o10000000;
const asFolder = onlyPath | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const mostLinks = 40;

/**
 * @param trusted users besides root and this one, whose links are followed
 * @returns a name of the folder that stays its own while `close` was not called
 * @throws UserError for a link of another user; what the file system says
 */
export function openFolder(folder: string, trusted: readonly number[]): {readonly place: string; readonly close: () => void} {
  // other systems have no /proc, and nobody is root there for our sake
  if (process.platform !== 'linux') return {place: folder, close: () => undefined};
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
      const stat = lstatSync(place, {bigint: true});
      if (!stat.isSymbolicLink()) {
        enter(place);
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
