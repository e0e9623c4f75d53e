// The system that is booted: node, the built product, the checks and their workloads, in one archive that QEMU hands to
// the kernel as it is. It is not compressed: an emulated CPU is slower at that than memory is at holding it.
import {execFileSync, spawnSync} from 'node:child_process';
import {chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {build} from 'esbuild';
import type {Kernel} from './kernels.ts';

const here = import.meta.dirname;
const root = path.join(here, '../..');
const workloads = ['calls', 'sleeper', 'probes', 'acts', 'losses'].map((name) => path.join(root, `test/fixtures/workloads/${name}.c`));

/** Path of the archive with everything, and the modules of each kernel in `unpacked` (version → folder). */
export async function initramfs(out: string, unpacked: ReadonlyMap<Kernel, string>): Promise<string> {
  const system = path.join(out, 'system');
  rmSync(system, {recursive: true, force: true});
  for (const folder of ['bin', 'proc', 'sys', 'dev', 'tmp', 'etc', 'root', 'modules', 'work', 'lib', 'lib64', 'usr/lib', 'app'])
    mkdirSync(path.join(system, folder), {recursive: true});
  withLibraries('/bin/busybox', path.join(system, 'bin/busybox'), system);
  symlinkSync('busybox', path.join(system, 'bin/sh'));
  writeFileSync(path.join(system, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  copyFileSync(path.join(here, 'guest/init.sh'), path.join(system, 'init'));
  chmodSync(path.join(system, 'init'), 0o755);

  withLibraries(process.execPath, path.join(system, 'bin/node'), system);
  withLibraries(path.join(root, 'dist/tsbpftop.node'), path.join(system, 'app/dist/tsbpftop.node'), system);
  for (const file of readdirSync(path.join(root, 'dist')))
    if (['cli.js', 'package.json', 'packs'].includes(file) || file.endsWith('.bpf.o'))
      cpSync(path.join(root, 'dist', file), path.join(system, 'app/dist', file), {recursive: true});
  cpSync(path.join(root, 'presets'), path.join(system, 'app/presets'), {recursive: true});
  copyFileSync(path.join(root, 'package.json'), path.join(system, 'app/package.json'));

  for (const source of [
    ...workloads,
    ...readdirSync(path.join(here, 'guest')).flatMap((file) => (file.endsWith('.c') ? [path.join(here, 'guest', file)] : [])),
  ])
    compile(source, path.join(system, 'bin', path.basename(source, '.c')));
  await build({
    entryPoints: [path.join(here, 'guest/runner.ts')],
    outfile: path.join(system, 'app/dist/runner.mjs'),
    bundle: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    format: 'esm',
    target: 'node20',
    banner: {js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);"},
    logLevel: 'warning',
  });

  for (const [kernel, folder] of unpacked) modules(kernel, folder, path.join(system, 'modules', kernel.version));
  const archive = path.join(out, 'system.cpio');
  execFileSync('sh', ['-c', `find . | cpio -o -H newc --quiet > '${archive}'`], {cwd: system});
  return archive;
}

/** A program or library with all that the dynamic loader would bring. */
function withLibraries(from: string, to: string, system: string): void {
  mkdirSync(path.dirname(to), {recursive: true});
  copyFileSync(from, to);
  // ldd fails on what is static
  for (const [, file] of spawnSync('ldd', [from], {encoding: 'utf8'}).stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)) {
    if (file === undefined) continue;
    const copy = path.join(system, file);
    mkdirSync(path.dirname(copy), {recursive: true});
    copyFileSync(file, copy);
  }
}

function modules(kernel: Kernel, folder: string, to: string): void {
  mkdirSync(to);
  const versions = ['lib/modules', 'usr/lib/modules'].map((each) => path.join(folder, each));
  for (const [i, name] of kernel.modules.entries()) {
    const target = path.join(to, `${i}-${path.basename(name)}.ko`);
    const script = `for f in ${versions.map((each) => `'${each}'/*/kernel/${name}.ko*`).join(' ')}; do case $f in *.xz) busybox xz -dc "$f" > '${target}';; *.ko) cp "$f" '${target}';; esac; done; test -s '${target}'`;
    execFileSync('sh', ['-c', script]);
  }
}

/** Without the header of static probes their check is skipped. */
function compile(source: string, to: string): void {
  const headers = existsSync('/usr/include/x86_64-linux-gnu/sys/sdt.h') || existsSync('/usr/include/sys/sdt.h');
  if (headers || path.basename(source) !== 'probes.c') execFileSync('gcc', ['-O1', '-static', '-Wall', '-o', to, source]);
}
