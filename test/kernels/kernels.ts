// The kernels that tsbpftop is tested on besides the one that runs: Debian's cloud kernels of three releases, unpacked
// from packages of the archive that this machine already uses. Kept in a cache folder between runs.
import {execFile} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';

export interface Kernel {
  readonly version: string;
  /** Debian's release with it. */
  readonly suite: string;
  /** Modules that the checks load, with those that they need, in order. */
  readonly modules: readonly string[];
}

export const kernels: readonly Kernel[] = [
  {version: '5.10', suite: 'bullseye', modules: ['fs/overlayfs/overlay']},
  {version: '6.1', suite: 'bookworm', modules: ['fs/overlayfs/overlay']},
  {version: '6.12', suite: 'trixie', modules: ['fs/overlayfs/overlay']},
];

/** Why the kernels cannot be had here: a skip and no failure. */
export class Unavailable extends Error {}

export const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'tsbpftop-kernels');
const run = promisify(execFile);

/** The unpacked package: boot/vmlinuz-* and lib/modules/*. */
export async function unpacked(kernel: Kernel, say: (text: string) => void): Promise<string> {
  const folder = path.join(cache, `linux-${kernel.version}`);
  if (existsSync(path.join(folder, 'boot'))) return folder;
  say(`${kernel.version}: fetching Debian's kernel (${kernel.suite})`);
  const apt = privateApt(kernel.suite);
  await apt('apt-get', ['update', '-q']);
  const {stdout} = await apt('apt-cache', ['show', 'linux-image-cloud-amd64']);
  const name = /^Depends: (linux-image-[^ ,]+)/m.exec(stdout)?.[1];
  if (name === undefined) throw new Unavailable(`${kernel.suite} has no linux-image-cloud-amd64`);
  const work = mkdirs(path.join(cache, `${kernel.suite}.work`));
  await apt('apt-get', ['download', '-q', name], work);
  const archive = readdirSync(work).find((file) => file.endsWith('.deb'));
  if (archive === undefined) throw new Unavailable(`no package of ${name} was downloaded`);
  await run('dpkg', ['-x', path.join(work, archive), path.join(work, 'root')]);
  rmSync(folder, {recursive: true, force: true});
  renameSync(path.join(work, 'root'), folder);
  rmSync(work, {recursive: true});
  return folder;
}

/** apt with lists and sources of its own: the machine's Debian sources, of another release. The machine's stay as they are. */
function privateApt(suite: string) {
  const home = path.join(cache, `apt-${suite}`);
  for (const folder of ['lists/partial', 'archives/partial', 'sources']) mkdirs(path.join(home, folder));
  const files = [...sourceFiles()];
  const own = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  let found = false;
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    if (!/\bdebian\b/.test(text) || own === '' || !new RegExp(`\\b${own}\\b`).test(text)) continue;
    found = true;
    writeFileSync(path.join(home, 'sources', path.basename(file)), text.replace(new RegExp(`\\b${own}\\b`, 'g'), suite));
  }
  if (!found) throw new Unavailable("this machine's apt sources name no Debian release, from which other releases could be asked for");
  writeFileSync(path.join(home, 'status'), '');
  const options = [
    'Dir::Etc::SourceList=/dev/null',
    `Dir::Etc::SourceParts=${home}/sources`,
    `Dir::State::Lists=${home}/lists`,
    `Dir::Cache=${home}`,
    `Dir::State::status=${home}/status`,
    'Acquire::Languages=none',
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  return async (command: string, args: readonly string[], cwd = home) => {
    try {
      return await run(command, [...options, ...args], {cwd, maxBuffer: 64 << 20, timeout: 300_000});
    } catch (error) {
      throw new Unavailable(`${command} ${args.join(' ')} (${suite}): ${lastLine(error)}`);
    }
  };
}

function* sourceFiles(): Generator<string> {
  if (existsSync('/etc/apt/sources.list')) yield '/etc/apt/sources.list';
  const folder = '/etc/apt/sources.list.d';
  if (existsSync(folder)) for (const file of readdirSync(folder)) if (/\.(list|sources)$/.test(file)) yield path.join(folder, file);
}

function lastLine(error: unknown): string {
  const {stderr, message} = error as {readonly stderr?: string; readonly message: string};
  return (stderr ?? '').trim().split('\n').at(-1) || message;
}

function mkdirs(folder: string): string {
  mkdirSync(folder, {recursive: true});
  return folder;
}
