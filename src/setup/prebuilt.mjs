// The addon and the BPF objects for each kind of machine, in dist/prebuilt/linux-ARCH: this machine's as it was built,
// arm64 by Debian's cross compiler, with static libraries from Debian's packages unpacked into a folder of the cache. The
// machine's own apt and dpkg stay as they are.
import {copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {at, capture, need, run, SetUpError, systemPackages} from './steps.mjs';

export const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'tsbpftop-package');
/** Node's own: Debian 10 and later, RHEL 8 and later. */
export const floors = {GLIBC: '2.28', GLIBCXX: '3.4.25', CXXABI: '1.3.11'};

const crossPackages = [
  {name: 'g++-aarch64-linux-gnu', there: () => existsSync('/usr/bin/aarch64-linux-gnu-g++')},
  {name: 'binutils-aarch64-linux-gnu', there: () => existsSync('/usr/bin/aarch64-linux-gnu-objdump')},
];
const libraries = ['libbpf-dev', 'libelf-dev', 'zlib1g-dev', 'libzstd-dev'];

/** The versions of symbols that a shared object asks for beyond the floors. */
export function aboveFloor(file, objdump = 'objdump') {
  const asked = capture(objdump, ['-T', file]).matchAll(/\((GLIBC|GLIBCXX|CXXABI)_([0-9.]+)\)\s+(\S+)/g);
  const number = (version) => version.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0);
  const padded = (version) => number(`${version}.0.0`.split('.').slice(0, 3).join('.'));
  return [...asked]
    .filter(([, kind, version]) => padded(version) > padded(floors[kind]))
    .map(([, kind, version, name]) => `${name}@${kind}_${version}`);
}

async function arm64Libraries() {
  const root = path.join(cache, 'arm64');
  if (existsSync(path.join(root, 'usr/lib/aarch64-linux-gnu/libbpf.a'))) return root;
  const home = path.join(cache, 'apt-arm64');
  for (const folder of ['lists/partial', 'archives/partial', 'debs']) mkdirSync(path.join(home, folder), {recursive: true});
  writeFileSync(path.join(home, 'status'), '');
  const options = [
    'APT::Architecture=arm64',
    'APT::Architectures=arm64',
    `Dir::State::Lists=${home}/lists`,
    `Dir::State::status=${home}/status`,
    `Dir::Cache=${home}`,
    'Acquire::Languages=none',
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  const debs = path.join(home, 'debs');
  const done =
    (await run("reading Debian's package lists for arm64", 'apt-get', [...options, 'update', '-q'])) &&
    (await run('fetching static libraries for arm64', 'apt-get', [...options, 'download', '-q', ...libraries], {cwd: debs}));
  need(done, 'fetch static libraries for arm64');
  const work = `${root}.work`;
  rmSync(work, {recursive: true, force: true});
  for (const deb of readdirSync(debs)) capture('dpkg', ['-x', path.join(debs, deb), work]);
  rmSync(root, {recursive: true, force: true});
  capture('mv', [work, root]);
  return root;
}

function refuseNewer(file, objdump) {
  const above = aboveFloor(file, objdump);
  if (above.length > 0)
    throw new SetUpError(
      `'${file}' would not load everywhere: it asks for ${above.join(', ')}\nhint: build on Debian 12; native/static.c has what newer releases added`,
    );
}

/** dist/prebuilt/linux-x64 and, unless it is not wanted, linux-arm64. */
export async function prebuilt({arm64 = true} = {}) {
  if (os.arch() !== 'x64') throw new SetUpError(`packages are made on x86-64, and this machine is ${os.arch()}`);
  const folder = at('dist/prebuilt/linux-x64');
  mkdirSync(folder, {recursive: true});
  for (const file of readdirSync(at('dist'))) if (/\.(node|bpf\.o)$/.test(file)) copyFileSync(at('dist', file), path.join(folder, file));
  refuseNewer(path.join(folder, 'tsbpftop.node'));
  if (!arm64) return;
  await systemPackages(crossPackages);
  const sysroot = await arm64Libraries();
  const out = '../dist/prebuilt/linux-arm64';
  const args = [
    '-C',
    at('native'),
    `-j${os.availableParallelism()}`,
    `OUT=${out}`,
    'ARCH=aarch64',
    `SYSROOT=${sysroot}`,
    'CROSS=aarch64-linux-gnu-',
  ];
  need(await run('building the addon and the BPF program for arm64', 'make', args), 'build for arm64');
  refuseNewer(at('dist/prebuilt/linux-arm64/tsbpftop.node'), 'aarch64-linux-gnu-objdump');
}
