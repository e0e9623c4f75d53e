// Why a file cannot be written or read, in words.
import {UserError} from '../../errors.ts';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOENT: 'no such folder',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'it is a folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than is allowed',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  EAGAIN: 'there are too many processes or threads',
  ENOMEM: 'there is no memory left',
  EIO: 'input or output error',
  EMFILE: 'too many files are open (ulimit -n)',
  ENFILE: 'the machine has too many files open',
};
/** What runs out, or is refused, wherever it is asked for: a user's situation, and no fault of the program. */
const shortages: Readonly<Record<string, string>> = {
  EMFILE: 'ulimit -n 65536',
  ENFILE: 'sysctl fs.file-max shows how many there may be',
  ENOSPC: 'make room, or name another place',
  EAGAIN: 'ulimit -u, and the pids.max of its cgroup, say how many processes and threads there may be',
  ENOMEM: 'memory.max of its cgroup and ulimit -v say how much memory there may be',
};

/** Of an error that the system gave where nobody expected one; undefined: of another kind. */
export function shortage(error: unknown): UserError | undefined {
  if (!(error instanceof Error)) return undefined;
  const {code = '', syscall, path} = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' && path?.startsWith('/proc/self/') === true)
    return new UserError(`cannot ${syscall ?? 'open'} '${path}': /proc is not mounted`, {hint: 'mount -t proc proc /proc   (as root)'});
  const hint = shortages[code];
  if (hint === undefined || syscall === undefined) return undefined;
  return new UserError(`cannot ${syscall}${path === undefined ? '' : ` '${path}'`}: ${fileReason(error)}`, {hint});
}

export const fileReason = (error: unknown): string => {
  const {code = '', message} = error as NodeJS.ErrnoException;
  return reasons[code] ?? message;
};
