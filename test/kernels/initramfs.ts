// The system that is booted: node, the built product, the checks and their workloads, in one archive that QEMU hands to
// the kernel as it is. It is not compressed: an emulated CPU is slower at that than memory is at holding it.
import {execFileSync} from 'node:child_process';
import {chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {build, type Plugin} from 'esbuild';
import type {Kernel} from './kernels.ts';
import {type Architecture, type Target, targets} from './targets.ts';

const here = import.meta.dirname;
const root = path.join(here, '../..');
const workloads = ['calls', 'sleeper', 'probes', 'acts', 'losses', 'late', 'preempted'].map((name) =>
  path.join(root, `test/fixtures/workloads/${name}.c`),
);

/** Path of the archive with everything, and the modules of each kernel of that architecture in `unpacked`. */
export async function initramfs(out: string, architecture: Architecture, unpacked: ReadonlyMap<Kernel, string>): Promise<string> {
  const target = targets[architecture];
  const system = path.join(out, `system-${architecture}`);
  rmSync(system, {recursive: true, force: true});
  for (const folder of ['bin', 'proc', 'sys', 'dev', 'tmp', 'etc', 'root', 'modules', 'work', 'lib', 'lib64', 'usr/lib', 'app'])
    mkdirSync(path.join(system, folder), {recursive: true});
  withLibraries(target, busybox(target, [...unpacked.values()]), path.join(system, 'bin/busybox'), system);
  symlinkSync('busybox', path.join(system, 'bin/sh'));
  writeFileSync(path.join(system, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  copyFileSync(path.join(here, 'guest/init.sh'), path.join(system, 'init'));
  chmodSync(path.join(system, 'init'), 0o755);

  withLibraries(target, target.node(), path.join(system, 'bin/node'), system);
  for (const file of ['cli.js', 'package.json', 'packs'])
    cpSync(path.join(root, 'dist', file), path.join(system, 'app/dist', file), {recursive: true});
  withLibraries(target, path.join(target.product, 'tsbpftop.node'), path.join(system, 'app/dist/tsbpftop.node'), system);
  for (const file of readdirSync(target.product))
    if (file.endsWith('.bpf.o')) copyFileSync(path.join(target.product, file), path.join(system, 'app/dist', file));
  cpSync(path.join(root, 'presets'), path.join(system, 'app/presets'), {recursive: true});
  copyFileSync(path.join(root, 'package.json'), path.join(system, 'app/package.json'));

  for (const source of [
    ...workloads,
    ...readdirSync(path.join(here, 'guest')).flatMap((file) => (file.endsWith('.c') ? [path.join(here, 'guest', file)] : [])),
  ])
    compile(target, source, path.join(system, 'bin', path.basename(source, '.c')));
  for (const [command = '', ...args] of target.compat) {
    const [from, to] = [path.join(root, 'test/fixtures/workloads/compat.c'), path.join(system, 'bin/compat')];
    execFileSync(
      command,
      args.map((each) => each.replace(/^OUT/, to).replace(/^IN$/, from)),
    );
  }
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
    plugins: [noScreen],
  });

  for (const [kernel, folder] of unpacked) modules(kernel, folder, path.join(system, 'modules', kernel.name));
  const archive = path.join(out, `system-${architecture}.cpio`);
  execFileSync('sh', ['-c', `find . | cpio -o -H newc --quiet > '${archive}'`], {cwd: system});
  return archive;
}

/** The checks draw nothing: Ink and React, which an emulated CPU takes seconds to load, stay outside. */
const noScreen: Plugin = {
  name: 'no screen',
  setup(builder) {
    builder.onResolve({filter: /\.tsx$|^(ink|ink-table|react)$/}, ({path: name}) => ({path: name, namespace: 'nothing'}));
    builder.onLoad({filter: /.*/, namespace: 'nothing'}, () => ({contents: 'module.exports = {}'}));
  },
};

/** A program or library with all that the dynamic loader would bring. */
function withLibraries(target: Target, from: string, to: string, system: string): void {
  mkdirSync(path.dirname(to), {recursive: true});
  copyFileSync(from, to);
  for (const [place, file] of target.libraries(from)) {
    const copy = path.join(system, place);
    mkdirSync(path.dirname(copy), {recursive: true});
    copyFileSync(file, copy);
  }
}

/** That of this machine, or of an unpacked package. */
function busybox({foreign}: Target, folders: readonly string[]): string {
  const places = foreign
    ? folders.flatMap((folder) => [path.join(folder, 'bin/busybox'), path.join(folder, 'usr/bin/busybox')])
    : ['/bin/busybox'];
  const found = places.find((each) => existsSync(each));
  if (found === undefined) throw new Error(`no busybox at ${places.join(', ')}`);
  return found;
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

/** Without the header of static probes their check is skipped. It is the same for all architectures. */
function compile({compiler: [compiler = '', ...flags]}: Target, source: string, to: string): void {
  const own = '/usr/include/x86_64-linux-gnu';
  const headers = existsSync(`${own}/sys/sdt.h`) || existsSync('/usr/include/sys/sdt.h');
  if (headers || path.basename(source) !== 'probes.c')
    execFileSync(compiler, ['-O1', '-static', '-Wall', ...flags, '-idirafter', own, '-o', to, source]);
}
