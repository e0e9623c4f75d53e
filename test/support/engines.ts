// Real container engines, each with a folder of its own for all that it keeps, in a mount namespace where /sys/fs/cgroup is
// the unified hierarchy: docker with a daemon of its own, podman, both with runc. No registry: an image is made of a folder.
import {execFileSync, type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {cpSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, statfsSync, symlinkSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {cgroupFolder} from '../../src/kernel/cgroups.ts';
import {root} from './program.ts';

export type EngineName = 'docker' | 'podman';
const image = 'tsbpftop-engines';

const parts: Readonly<Record<EngineName, readonly string[]>> = {docker: ['docker', 'dockerd', 'containerd'], podman: ['podman']};

/** Why it cannot be tried here. */
export function noEngine(name: EngineName): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const missing = [...parts[name], 'runc', 'busybox', 'unshare', 'nsenter'].filter((each) => spawnSync('which', [each]).status !== 0);
  return missing.length > 0 ? `needs ${missing.join(', ')}` : undefined;
}

/** Those that a process here may have at all. */
const bounding = BigInt(`0x${/^CapBnd:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
const highest = Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'));
const resource = 24n;
export const mayRaiseLimits = ((bounding >> resource) & 1n) === 1n;
export const hasEveryCapability = bounding === (1n << BigInt(highest + 1)) - 1n;

export class Engine {
  readonly name: EngineName;
  private readonly folder = mkdtempSync(path.join(os.tmpdir(), 'tsbpftop-engine-'));
  /** What holds the namespace: docker's daemon, or nothing but that. */
  private readonly holder: ChildProcess;
  private readonly limits: readonly string[];
  private readonly known = new Map<string, boolean>();

  static async start(name: EngineName, files: Readonly<Record<string, string>>): Promise<Engine> {
    const engine = new Engine(name);
    await engine.ready();
    engine.makeImage(files);
    return engine;
  }

  private constructor(name: EngineName) {
    this.name = name;
    // what this machine may not raise, engines may not either; controllers of version 1 are not in the unified hierarchy
    this.limits = [
      ...(mayRaiseLimits ? [] : ['--ulimit', 'nofile=1024:1024']),
      ...(mayRaiseLimits || name === 'docker' ? [] : ['--ulimit', 'nproc=1000:1000']),
      ...(name === 'podman' ? ['--pids-limit', '0'] : []),
      '--network',
      'none',
    ];
    const at = (file: string): string => path.join(this.folder, file);
    writeFileSync(at('config.json'), '{}');
    const daemon = [
      ...['dockerd', '--config-file', at('config.json'), '--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid')],
      ...['-H', `unix://${at('socket')}`, '--iptables=false', '--ip6tables=false', '--bridge=none', '--storage-driver=vfs'],
      ...['--exec-opt', 'native.cgroupdriver=cgroupfs'],
    ];
    const held = name === 'docker' ? daemon : ['sleep', 'infinity'];
    const unified = statfsSync('/sys/fs/cgroup').type === 0x6367_7270;
    const mounts = unified ? ':' : 'umount -R /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup';
    this.holder = spawn('unshare', ['-m', '--propagation', 'private', 'sh', '-c', `${mounts}; exec "$@"`, 'sh', ...held], {
      stdio: 'ignore',
    });
  }

  /** The words of a command of the engine. */
  command(...words: readonly string[]): readonly string[] {
    const at = (file: string): string => path.join(this.folder, file);
    if (this.name === 'docker') return ['docker', '-H', `unix://${at('socket')}`, ...words];
    const own = ['podman', '--root', at('data'), '--runroot', at('run'), '--storage-driver', 'vfs', '--runtime', 'runc'];
    return ['nsenter', '-t', String(this.holder.pid), '-m', '--', ...own, '--cgroup-manager', 'cgroupfs', ...words];
  }

  /** `run` of the image: flags, then the program's words. */
  running(flags: readonly string[], words: readonly string[]): readonly string[] {
    return this.command('run', '--rm', ...this.limits, ...flags, image, ...words);
  }

  output(...words: readonly string[]): string {
    const [file = '', ...rest] = this.command(...words);
    return execFileSync(file, rest, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']}).trim();
  }

  /** Older ones have a list of capabilities of their own. */
  knows(capability: string): boolean {
    if (this.name === 'podman') return true;
    let known = this.known.get(capability);
    if (known === undefined) {
      const [file = '', ...rest] = this.running(['--cap-add', capability], ['/bin/sleep', '0']);
      known = !/unknown capability/.test(spawnSync(file, rest, {encoding: 'utf8'}).stderr);
      this.known.set(capability, known);
    }
    return known;
  }

  private async ready(): Promise<void> {
    const [file = '', ...rest] = this.command('info');
    for (let tries = 0; spawnSync(file, rest, {stdio: 'ignore'}).status !== 0; tries++) {
      if (tries > 100 || this.holder.exitCode !== null) throw new Error(`${this.name} does not answer`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** A shell, places for what is bound in, and the files given. */
  private makeImage(files: Readonly<Record<string, string>>): void {
    const tree = path.join(this.folder, 'tree');
    for (const folder of ['bin', 'usr', 'etc', 'tmp', 'proc', 'sys', 'dev', 'app', 'node'])
      mkdirSync(path.join(tree, folder), {recursive: true});
    for (const link of ['lib', 'lib64']) symlinkSync(`usr/${link}`, path.join(tree, link));
    const found = execFileSync('which', ['busybox'], {encoding: 'utf8'}).trim();
    cpSync(found, path.join(tree, 'bin/busybox'));
    for (const applet of ['sh', 'wget', 'sleep']) symlinkSync('busybox', path.join(tree, 'bin', applet));
    for (const [place, from] of Object.entries(files)) cpSync(from, path.join(tree, place));
    const tar = path.join(this.folder, 'image.tar');
    execFileSync('tar', ['-C', tree, '-cf', tar, '.']);
    this.output('import', tar, image);
  }

  async stop(): Promise<void> {
    const left = this.output('ps', '-aq')
      .split('\n')
      .filter((id) => id !== '');
    if (left.length > 0) this.output('rm', '-f', ...left);
    const ended = once(this.holder, 'exit');
    this.holder.kill('SIGTERM');
    await ended;
    // the engine's own, empty unless another one runs here
    try {
      rmdirSync(path.join(cgroupFolder() ?? '', this.name === 'docker' ? 'docker' : 'libpod_parent'));
    } catch {
      // it is in use, or was not made
    }
    rmSync(this.folder, {recursive: true, force: true});
  }
}

/** What binds this program and its Node into a container of the image, and how it is called there. */
export const bound: readonly string[] = [
  ...['-v', '/usr:/usr:ro'],
  ...['-v', `${root}:/app:ro`],
  ...['-v', `${path.dirname(process.execPath)}:/node:ro`],
];
export const programInside: readonly string[] = [`/node/${path.basename(process.execPath)}`, '/app/dist/cli.js'];
