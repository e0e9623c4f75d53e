// Whether other users could put another file in the place of one that root is to believe: asked of each folder and each link on
// its way, from the root down, as the kernel goes it. What is sound so far cannot be changed by others while one goes on.
import {lstatSync, readlinkSync, statSync} from 'node:fs';
import path from 'node:path';

/** The first on the way that others could change. */
interface Weak {
  readonly place: string;
  /** Whose it is, where that is the fault; undefined: others may write it. */
  readonly user: number | undefined;
  readonly isLink: boolean;
}

const othersWrite = 0o022;
const sticky = 0o1000;
/** As many as the kernel follows. */
const mostLinks = 40;

/** @param trusted users; the file need not be there, its folders do @throws what the file system says */
export function weakPlace(file: string, trusted: ReadonlySet<number>): Weak | undefined {
  const parts = path.resolve(file).split('/');
  let links = 0;
  let folder = '/';
  // in a folder such as /tmp each may remove his own alone: what is in it has to be a trusted user's
  let weak = weakFolder(folder, trusted);
  while (weak === undefined) {
    const part = parts.shift();
    if (part === undefined) return undefined;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      folder = path.dirname(folder); // no link: those are followed
      continue;
    }
    const place = path.join(folder, part);
    const stat = lstatSync(place);
    // what a process has open is no link, though it looks like one
    const isOpen = stat.isSymbolicLink() && /^\/proc\/\d+(\/task\/\d+)?\/fd\/\d+$/.test(place);
    if (stat.isSymbolicLink() && !isOpen) {
      if (++links > mostLinks) throw Object.assign(new Error(`ELOOP: too many symbolic links, '${file}'`), {code: 'ELOOP'});
      if (!trusted.has(stat.uid)) return {place, user: stat.uid, isLink: true};
      const target = readlinkSync(place);
      if (target.startsWith('/')) folder = '/';
      parts.unshift(...target.split('/'));
    } else if (stat.isDirectory()) {
      weak = weakFolder(place, trusted);
      folder = place;
    } else {
      return weakFile(place, isOpen ? statSync(place) : stat, trusted);
    }
  }
  return weak;
}

function weakFolder(place: string, trusted: ReadonlySet<number>): Weak | undefined {
  const {mode, uid} = lstatSync(place);
  if (!trusted.has(uid)) return {place, user: uid, isLink: false};
  return (mode & othersWrite) !== 0 && (mode & sticky) === 0 ? {place, user: undefined, isLink: false} : undefined;
}

function weakFile(
  place: string,
  {mode, uid}: {readonly mode: number; readonly uid: number},
  trusted: ReadonlySet<number>,
): Weak | undefined {
  if ((mode & othersWrite) !== 0) return {place, user: undefined, isLink: false};
  return trusted.has(uid) ? undefined : {place, user: uid, isLink: false};
}
