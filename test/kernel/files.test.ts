// What a FILE in a probe means: the file that the shell, the dynamic loader, or the process of -p would take.
import assert from 'node:assert/strict';
import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import test, {after} from 'node:test';
import {FileTree} from '../../src/kernel/file-tree.ts';
import {type Finder, findFile, findIn, interpreterOf} from '../../src/kernel/files.ts';
import {isNamed, levelsOf} from '../../src/kernel/libraries.ts';
import {cachedLibraries} from '../../src/kernel/loader-cache.ts';
import {Workloads} from '../support/workloads.ts';

const workloads = new Workloads();
const architecture = process.arch === 'arm64' ? 'arm64' : 'x64';
const multiarch = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
const finder: Finder = {searchPath: '/usr/bin:/bin', architecture};
const root = path.join(workloads.folder, 'root');
const within = (name: string): string => path.join(root, name);
const tree = new FileTree(root);
const notRoot = process.getuid?.() === 0 ? undefined : 'needs root, for chroot';

/** A shared library of that soname, in whose file is a word that tells it from others. */
function library(file: string, soname: string, flags: readonly string[] = []): void {
  mkdirSync(path.dirname(within(file)), {recursive: true});
  execFileSync('gcc', [...flags, '-shared', '-fPIC', `-Wl,-soname,${soname}`, '-o', within(file), '-x', 'c', '/dev/null']);
}

mkdirSync(root);
after(() => rmSync(root, {recursive: true, force: true}));
for (const folder of ['usr/bin', 'usr/local/bin', `usr/lib/${multiarch}`, 'etc', 'opt/app/bin', 'opt/app/lib'])
  mkdirSync(within(folder), {recursive: true});
symlinkSync('usr/bin', within('bin'));
symlinkSync('usr/lib', within('lib'));
const loads = workloads.c('loads');
copyFileSync(loads, within('usr/bin/loads'));
writeFileSync(within('usr/bin/tool'), '#!/usr/bin/env python3\n', {mode: 0o755});
writeFileSync(within('usr/bin/not-runnable'), 'x', {mode: 0o644});
copyFileSync(loads, within('opt/app/bin/service'));
symlinkSync('/opt/app/bin/service', within('usr/bin/service')); // absolute: of that root
symlinkSync('../../opt/app/bin/../bin/service', within('usr/bin/relative'));
symlinkSync('loop', within('usr/bin/loop'));
symlinkSync('../../../../../../../../../../etc/passwd', within('usr/bin/out'));
mkdirSync(within('usr/bin/folder'));
library(`usr/lib/${multiarch}/libwl.so.1`, 'libwl.so.1');
library(`usr/lib/${multiarch}/libwl.so.10`, 'libwl.so.10');
library(`usr/lib/${multiarch}/libwl.so.2.9`, 'libwl.so.2');
writeFileSync(within(`usr/lib/${multiarch}/libwl.so`), 'GROUP ( libwl.so.1 )'); // as libc.so, where development files are
library('opt/app/lib/libconfigured.so.3', 'libconfigured.so.3');
library(`usr/lib/${multiarch}/glibc-hwcaps/x86-64-v2/libwl.so.10`, 'libwl.so.10');
library(`usr/lib/${multiarch}/glibc-hwcaps/x86-64-v3/libwl.so.10`, 'libwl.so.10');
library(`usr/lib/${multiarch}/glibc-hwcaps/x86-64-v4/libwl.so.10`, 'libwl.so.10');
library(`usr/lib/${multiarch}/libforeign.so.1`, 'libforeign.so.1');
// another architecture's: e_machine of s390
const foreign = readFileSync(within(`usr/lib/${multiarch}/libforeign.so.1`));
foreign.writeUInt16LE(22, 18);
writeFileSync(within(`usr/lib/${multiarch}/libforeign.so.1`), foreign);
writeFileSync(within('etc/ld.so.conf'), '/opt/app/lib\n');

const inRoot = (name: string): string | undefined => findIn(tree, name, finder)?.slice(root.length);
const [level] = levelsOf(readFileSync('/proc/cpuinfo', 'utf8'));
const best = level === undefined || process.arch === 'arm64' ? '' : `glibc-hwcaps/${level}/`;

const named: readonly (readonly [name: string, found: string | undefined, why: string])[] = [
  ['loads', '/usr/bin/loads', 'a program on PATH, of which one folder is a link'],
  ['tool', '/usr/bin/tool', 'a script is what the shell finds'],
  ['service', '/opt/app/bin/service', 'an absolute link leads into the same root'],
  ['relative', '/opt/app/bin/service', 'a relative link, with .. in it'],
  ['/bin/relative', '/opt/app/bin/service', 'a path through links'],
  ['/usr/../usr/./bin//loads', '/usr/bin/loads', 'a path as one writes it'],
  ['out', undefined, 'no link leads out of a root'],
  ['loop', undefined, 'a link to itself'],
  ['folder', undefined, 'a folder is no program'],
  ['not-runnable', undefined, 'a file that cannot be run is no program'],
  ['/usr/bin/not-runnable', '/usr/bin/not-runnable', 'but a path is a path'],
  ['/usr/bin', undefined, 'a folder is no file'],
  ['nothing', undefined, 'what is not there'],
  ['', undefined, 'no name'],
  ['libwl', `/usr/lib/${multiarch}/${best}libwl.so.10`, 'the newest version by number, of the best level that this CPU has'],
  ['wl', `/usr/lib/${multiarch}/${best}libwl.so.10`, 'as -l of a linker'],
  ['libwl.so', `/usr/lib/${multiarch}/${best}libwl.so.10`, 'a linker script is no library'],
  ['libwl.so.1', `/usr/lib/${multiarch}/libwl.so.1`, 'a version'],
  ['libwl.so.2', `/usr/lib/${multiarch}/libwl.so.2.9`, 'a version, by its soname'],
  ['libforeign', undefined, 'a library of another architecture'],
];

test('without a cache: programs as PATH has them, libraries in the loader’s own folders', () => {
  for (const [name, found, why] of named) assert.equal(inRoot(name), found, `${name}: ${why}`);
  assert.equal(inRoot('libconfigured'), undefined, 'folders of ld.so.conf are for ldconfig alone');
});

test('with a cache: the same, and what ldconfig found in other folders', {skip: notRoot}, () => {
  execFileSync('ldconfig', ['-r', root], {stdio: 'ignore'});
  try {
    for (const [name, found, why] of named) assert.equal(inRoot(name), found, `${name}: ${why}`);
    assert.equal(inRoot('libconfigured'), '/opt/app/lib/libconfigured.so.3');
    rmSync(within('opt/app/lib/libconfigured.so.3'));
    assert.equal(inRoot('libconfigured'), undefined, 'the cache may be older than the folders');
  } finally {
    rmSync(within('etc/ld.so.cache'), {force: true});
  }
});

test('the dynamic loader itself takes the same files', {skip: notRoot}, () => {
  const needed = [...execFileSync('ldd', [loads], {encoding: 'utf8'}).matchAll(/(\/\S+) \(0x/g)].map(([, file = '']) => file);
  for (const file of needed) {
    mkdirSync(path.dirname(within(file)), {recursive: true});
    copyFileSync(realpathSync(file), within(file));
  }
  for (const cached of [false, true]) {
    if (cached) execFileSync('ldconfig', ['-r', root], {stdio: 'ignore'});
    for (const soname of ['libwl.so.1', 'libwl.so.10', 'libc.so.6']) {
      const {stdout} = spawnSync('chroot', [root, '/usr/bin/loads', soname], {encoding: 'utf8'});
      assert.notEqual(stdout, '', soname);
      assert.equal(inRoot(soname), tree.resolve(stdout.trim())?.slice(root.length), `${soname}, ${cached ? 'with' : 'without'} a cache`);
    }
  }
  rmSync(within('etc/ld.so.cache'), {force: true});
});

test('libraries of this machine are those that a program here loads', () => {
  for (const name of ['libc', 'libm', 'libcrypto', 'libz', 'libstdc++']) {
    const found = findFile(name, finder);
    if (found === undefined) continue;
    const soname = /SONAME\)\s+Library soname: \[(.*)\]/.exec(execFileSync('readelf', ['-d', found], {encoding: 'utf8'}))?.[1] ?? '';
    const {stdout} = spawnSync(loads, [soname], {encoding: 'utf8'});
    assert.equal(found, realpathSync(stdout.trim()), name);
  }
});

test('a file in the folder one is in is found by ./NAME alone', () => {
  const before = process.cwd();
  process.chdir(within('opt/app/bin'));
  try {
    assert.equal(findFile('service', finder), undefined);
    assert.equal(findFile('./service', finder), realpathSync(within('opt/app/bin/service')));
    assert.equal(findFile('service', {...finder, searchPath: ':.:/usr/bin'}), undefined, 'nor by an empty folder of PATH');
  } finally {
    process.chdir(before);
  }
});

test('a file that may not be run by anybody is passed over on PATH, where the shell would', () => {
  mkdirSync(within('first'));
  mkdirSync(within('second'));
  for (const folder of ['first', 'second']) copyFileSync(loads, within(`${folder}/twice`));
  chmodSync(within('first/twice'), 0o644);
  assert.equal(findIn(tree, 'twice', {...finder, searchPath: '/first:/second'})?.slice(root.length), '/second/twice');
});

test('a path through /proc/PID is of the files of that process, whatever is here by the same name', {skip: notRoot}, async () => {
  copyFileSync(workloads.c('tasks', ['-pthread', '-static']), within('usr/bin/ls'));
  symlinkSync('/usr/bin/ls', within('opt/app/pager'));
  const inside = spawn('chroot', [root, '/usr/bin/ls', 'wl-other-root', '1'], {stdio: ['pipe', 'pipe', 'inherit']});
  try {
    await once(inside.stdout, 'data');
    const there = statSync(within('usr/bin/ls')).ino;
    for (const name of ['exe', 'root/usr/bin/ls', 'root/opt/app/pager']) {
      const found = findFile(`/proc/${inside.pid}/${name}`, finder);
      assert.equal(statSync(found ?? '/').ino, there, name);
    }
    assert.equal(findFile(`/proc/${inside.pid}/root/usr/bin/nothing-of-this-name`, finder), undefined);
    assert.equal(findFile(`/proc/${process.pid}/exe`, finder), realpathSync(process.execPath));
    assert.equal(findFile(`/proc/${process.pid}/root/bin/sh`, finder), realpathSync('/bin/sh'));
  } finally {
    inside.kill('SIGKILL');
    await once(inside, 'exit');
  }
});

test('of a script, what runs it', () => {
  for (const [text, found] of [
    ['#!/usr/bin/env python3\n', 'python3'],
    ['#! /bin/sh -e\n', '/bin/sh'],
    ['#!/usr/bin/perl', '/usr/bin/perl'],
    ['#!/usr/bin/env -S node --x\n', '/usr/bin/env'],
    ['\x7fELF', undefined],
    ['', undefined],
  ] as const) {
    const file = path.join(workloads.folder, 'script');
    writeFileSync(file, text);
    assert.equal(interpreterOf(file), found, text);
  }
});

test('a library is known by its name in any version', () => {
  for (const [file, library, is] of [
    ['libc.so.6', 'libc', true],
    ['libc.so.6', 'c', true],
    ['libc.so.6', 'libc.so', true],
    ['libc.so.6', 'libc.so.6', true],
    ['libc.so.6', 'libc.so.5', false],
    ['libcrypto.so.3', 'libc', false],
    ['libc-2.31.so', 'libc', false],
    ['libssl.so.1.1', 'libssl', true],
    ['libssl.so.1.1', 'libssl.so.1', true],
    ['ld-musl-x86_64.so.1', 'libc', true],
    ['libfoo.so.debug', 'libfoo', false],
    ['nss_x.so', 'nss_x', true],
  ] as const)
    assert.equal(isNamed(file, library), is, `${file} as ${library}`);
});

test('the levels of a CPU are those that have all of their instructions', () => {
  const v2 = 'cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3';
  const v3 = `${v2} avx avx2 bmi1 bmi2 f16c fma abm movbe xsave`;
  assert.deepEqual(levelsOf('flags\t\t: fpu\n'), []);
  assert.deepEqual(levelsOf(`flags\t\t: fpu ${v2}\n`), ['x86-64-v2']);
  assert.deepEqual(levelsOf(`flags\t\t: fpu ${v3}\nflags: x\n`), ['x86-64-v3', 'x86-64-v2']);
  assert.deepEqual(levelsOf(`flags\t\t: avx512f avx512bw avx512cd avx512dq avx512vl ${v2}\n`), ['x86-64-v2']);
  assert.deepEqual(levelsOf('Features\t: fp asimd\n'), []);
});

test('a cache that is damaged or cut gives what can be read of it, and nothing else', {skip: notRoot}, () => {
  execFileSync('ldconfig', ['-r', root], {stdio: 'ignore'});
  const cache = readFileSync(within('etc/ld.so.cache'));
  rmSync(within('etc/ld.so.cache'));
  const all = cachedLibraries(cache, architecture);
  assert.ok(all.some(({name}) => name === 'libwl.so.10'));
  const old = Buffer.concat([Buffer.from('ld.so-1.7.0\0\0\0\0\0'), cache]); // with the old format before it
  assert.deepEqual(cachedLibraries(old, architecture), all);
  for (let length = 0; length < cache.length; length += 7)
    for (const {path: file} of cachedLibraries(cache.subarray(0, length), architecture)) assert.match(file, /^\//);
  let seed = 1;
  const next = (below: number): number => (seed = (seed * 48_271) % 0x7fff_ffff) % below;
  for (let i = 0; i < 2000; i++) {
    const mutated = Buffer.from(cache);
    for (let k = 0; k < 8; k++) mutated[next(mutated.length)] = next(256);
    for (const each of cachedLibraries(mutated, architecture)) assert.ok(each.path.startsWith('/') && each.path.length <= 4096);
  }
  assert.deepEqual(readdirSync(within('etc')), ['ld.so.conf']);
});
