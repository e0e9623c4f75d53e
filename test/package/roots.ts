// Clean Debian roots of three releases, by debootstrap from the mirror that this machine's apt uses; kept in the cache. What
// runs in one runs in a mount namespace of its own, over a layer in memory: the root stays as it was, and nothing stays
// mounted.
import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, renameSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'tsbpftop-package');
/** glibc 2.31, 2.36, 2.41 */
export const suites = ['bullseye', 'bookworm', 'trixie'] as const;
export type Suite = (typeof suites)[number];

/** Why no root can be made here. */
export function noRoots(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const missing = ['debootstrap', 'unshare', 'apt-get'].filter((name) => spawnSync('which', [name]).status !== 0);
  return missing.length > 0 ? `needs ${missing.join(', ')}` : undefined;
}

export function debianRoot(suite: Suite): string {
  const folder = path.join(cache, 'roots', suite);
  if (existsSync(path.join(folder, 'usr/bin/dpkg'))) return folder;
  const uris = execFileSync('apt-get', ['indextargets', '--format', '$(REPO_URI)'], {encoding: 'utf8'}).split('\n');
  const mirror = uris.find((uri) => /\/debian\/?$/.test(uri)) ?? '';
  const work = `${folder}.work`;
  rmSync(work, {recursive: true, force: true});
  mkdirSync(path.dirname(folder), {recursive: true});
  execFileSync('debootstrap', ['--variant=minbase', suite, work, mirror], {stdio: 'pipe', timeout: 600_000});
  renameSync(work, folder);
  return folder;
}

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RootOptions {
  /** Files of this machine by their places in the root. */
  readonly files?: Readonly<Record<string, string>>;
  /** Shell, run outside the root before `script`; $R is the root. */
  readonly before?: string;
  /** NAME=VALUE, besides PATH and HOME. */
  readonly env?: readonly string[];
}

/** What runs a script of the shell in a fresh copy of a root, with /proc, /sys, tracefs, a /dev and nothing else. */
export function rootCommand(suite: Suite, script: string, {files = {}, before = '', env = []}: RootOptions = {}): readonly string[] {
  const copies = Object.entries(files).map(([to, from]) => `mkdir -p "$R${path.dirname(to)}"; cp -r '${from}' "$R${to}"`);
  const set = `set -e
W=$(mktemp -d); R=$W/root
mount -t tmpfs tmpfs $W
mkdir $W/root $W/upper $W/work
mount -t overlay overlay -o lowerdir=${debianRoot(suite)},upperdir=$W/upper,workdir=$W/work $R
${copies.join('\n')}
mount -t proc proc $R/proc
mount --rbind /sys $R/sys
[ -e $R/sys/kernel/tracing/events ] || mount -t tracefs tracefs $R/sys/kernel/tracing
mount -t tmpfs tmpfs $R/dev
mknod -m 666 $R/dev/null c 1 3; mknod -m 666 $R/dev/zero c 1 5; mknod -m 666 $R/dev/urandom c 1 9
mkdir $R/dev/shm $R/dev/pts; mount -t tmpfs tmpfs $R/dev/shm; mount --bind /dev/pts $R/dev/pts; mount -t tmpfs tmpfs $R/tmp; mount -t tmpfs tmpfs $R/run
umask 077
${before}
exec chroot $R /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME=/root ${env.join(' ')} sh -c "$1"
`;
  return ['unshare', '-m', '--propagation', 'private', 'sh', '-c', set, 'sh', script];
}

/** Runs it to its end. */
export function inRoot(suite: Suite, script: string, options: RootOptions = {}): Ran {
  const [command = '', ...args] = rootCommand(suite, script, options);
  const {status, stdout, stderr} = spawnSync(command, args, {encoding: 'utf8', timeout: 300_000});
  return {status, stdout, stderr};
}

/** Counts the 1000 opens of a program named `name`: prints the last line of `--json openat`. Waits for lines, never for time. */
export const countingScript = (name: string, folder = '/run'): string => `
tsbpftop --json openat --comm ${name} -d 0.2 > ${folder}/out 2> ${folder}/err & p=$!
while ! grep -qs '"seq":0' ${folder}/out; do kill -0 $p || { cat ${folder}/err >&2; exit 1; }; sleep 0.1; done
perl -e 'open C, ">/proc/$$/comm"; print C "${name}"; close C; for (1..1000) { open F, "<", "/etc/passwd"; close F }'
kill -INT $p; wait $p
tail -n 1 ${folder}/out
`;
