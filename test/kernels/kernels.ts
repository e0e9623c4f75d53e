// The kernels that tsbpftop is tested on besides the one that runs: Debian's cloud kernels of several releases, unpacked
// from packages of the archive that this machine already uses. Kept in a cache folder between runs.
import {execFile} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {type Architecture, targets} from './targets.ts';

export interface Kernel {
  /** As it is asked for and shown; its files are named by it. */
  readonly name: string;
  readonly architecture: Architecture;
  /** Debian's release with it. */
  readonly suite: string;
  /** Modules that the checks load, with those that they need, in order. */
  readonly modules: readonly string[];
}

const modules = ['fs/overlayfs/overlay'];

export const kernels: readonly Kernel[] = [
  {name: '5.10', architecture: 'x64', suite: 'bullseye', modules},
  {name: '6.1', architecture: 'x64', suite: 'bookworm', modules},
  {name: '6.12', architecture: 'x64', suite: 'trixie', modules},
  {name: 'arm64-6.1', architecture: 'arm64', suite: 'bookworm', modules},
  {name: 'arm64-6.12', architecture: 'arm64', suite: 'trixie', modules},
];

/** By names or architectures; those of this machine where none is given. */
export const kernelsOf = (words: readonly string[]): readonly Kernel[] =>
  kernels.filter(({name, architecture}) =>
    words.length === 0 ? architecture === 'x64' : words.includes(name) || words.includes(architecture),
  );

/** Why the kernels cannot be had here: a skip and no failure. */
export class Unavailable extends Error {}

export const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'tsbpftop-kernels');
const run = promisify(execFile);

/** The unpacked packages: boot/vmlinuz-*, lib/modules/* and, of another architecture, bin/busybox. */
export async function unpacked(kernel: Kernel, say: (text: string) => void): Promise<string> {
  const folder = path.join(cache, `linux-${kernel.name}`);
  const {debian, foreign} = targets[kernel.architecture];
  if (existsSync(path.join(folder, 'boot'))) return folder;
  say(`${kernel.name}: fetching Debian's kernel (${kernel.suite})`);
  const apt = privateApt(kernel.suite, debian);
  const latest = `linux-image-cloud-${debian}`;
  await apt('apt-get', ['update', '-q']);
  const {stdout} = await apt('apt-cache', ['show', latest]);
  const name = /^Depends: (linux-image-[^ ,]+)/m.exec(stdout)?.[1];
  if (name === undefined) throw new Unavailable(`${kernel.suite} has no ${latest}`);
  const work = mkdirs(path.join(cache, `${kernel.name}.work`));
  await apt('apt-get', ['download', '-q', name, ...(foreign ? ['busybox-static'] : [])], work);
  const archives = readdirSync(work).filter((file) => file.endsWith('.deb'));
  if (archives.length === 0) throw new Unavailable(`no package of ${name} was downloaded`);
  for (const archive of archives) await run('dpkg', ['-x', path.join(work, archive), path.join(work, 'root')]);
  rmSync(folder, {recursive: true, force: true});
  renameSync(path.join(work, 'root'), folder);
  rmSync(work, {recursive: true});
  return folder;
}

/** apt with lists and sources of its own: the machine's Debian sources, of another release. The machine's stay as they are. */
function privateApt(suite: string, debian: string) {
  const home = path.join(cache, `apt-${suite}-${debian}`);
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
    `APT::Architecture=${debian}`,
    `APT::Architectures=${debian}`,
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
