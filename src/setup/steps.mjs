// What has to be there before the program can run, and how it is brought there: one step a thing, each with a cheap
// check. Plain JavaScript without packages, since it runs before any package is installed.
import {spawn, spawnSync} from 'node:child_process';
import {
  accessSync,
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const at = (...parts) => path.join(root, ...parts);
const log = at('dist/set-up.log');
const isRoot = process.getuid?.() === 0;

/** The user's situation: one message and what to try, no stack. */
export class SetUpError extends Error {}

export const onPath = (name) => (process.env.PATH ?? '').split(':').some((folder) => folder !== '' && existsSync(path.join(folder, name)));
const multiarch = os.arch() === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
const library = (name) => existsSync(`/usr/lib/${multiarch}/${name}`);

/** Debian packages, and how one sees that they are there. */
const buildPackages = [
  {name: 'clang', there: () => onPath('clang')},
  {name: 'llvm', there: () => onPath('llvm-strip') && onPath('llvm-objcopy')},
  {name: 'libbpf-dev', there: () => library('libbpf.a') && existsSync('/usr/include/bpf/bpf_helpers.h')},
  {name: 'libelf-dev', there: () => library('libelf.a') && existsSync('/usr/include/gelf.h')},
  {name: 'zlib1g-dev', there: () => library('libz.a')},
  // Debian 13's libelf reads sections compressed by zstd
  {
    name: 'libzstd-dev',
    there: () =>
      library('libzstd.a') ||
      !existsSync(`/usr/lib/${multiarch}/libelf.a`) ||
      !readFileSync(`/usr/lib/${multiarch}/libelf.a`).includes('ZSTD_decompress'),
  },
  {name: 'make', there: () => onPath('make')},
  {name: 'g++', there: () => onPath('g++')},
];
/** For tests alone; where one cannot be had, its tests are skipped and say so. */
const testPackages = [
  {name: 'golang-go', there: () => onPath('go')},
  {name: 'bpftrace', there: () => onPath('bpftrace')},
  {name: 'bpftool', there: () => onPath('bpftool')},
  {name: 'strace', there: () => onPath('strace')},
  {name: 'linux-perf', there: () => onPath('perf')},
  {name: 'systemtap-sdt-dev', there: () => existsSync(`/usr/include/${multiarch}/sys/sdt.h`) || existsSync('/usr/include/sys/sdt.h')},
  {name: 'postgresql', there: () => existsSync('/usr/lib/postgresql')},
  {name: 'zsh', there: () => onPath('zsh')},
  {name: 'fish', there: () => onPath('fish')},
  {name: 'mandoc', there: () => onPath('mandoc')},
  {name: 'man-db', there: () => onPath('man')},
  {name: 'prometheus', there: () => onPath('prometheus')},
  {name: 'openssh-client', there: () => onPath('ssh')},
  {name: 'openssh-server', there: () => existsSync('/usr/sbin/sshd')},
  {name: 'tmux', there: () => onPath('tmux')},
  {name: 'screen', there: () => onPath('screen')},
];

/** For the kernel checks alone, brought when they are run. */
const kernelPackages = [
  {name: 'qemu-system-x86', there: () => onPath('qemu-system-x86_64')},
  {name: 'busybox-static', there: () => existsSync('/bin/busybox') || onPath('busybox')},
  {name: 'cpio', there: () => onPath('cpio')},
];

function say(text) {
  process.stderr.write(text);
}

/** Runs a tool, with a dot every two seconds. What it prints goes to the log, whose end is shown if it fails. */
export async function run(what, command, args, options = {}) {
  mkdirSync(at('dist'), {recursive: true});
  const begun = Date.now();
  say(`set-up: ${what} ...`);
  appendFileSync(log, `\n$ ${command} ${args.join(' ')}\n`);
  const out = openSync(log, 'a');
  const dots = setInterval(() => say('.'), 2000);
  const done = await new Promise((resolve) => {
    const child = spawn(command, args, {cwd: root, stdio: ['ignore', out, out], ...options});
    child.on('error', () => resolve(false));
    child.on('close', (status) => resolve(status === 0));
  });
  clearInterval(dots);
  closeSync(out);
  say(done ? ` done, ${((Date.now() - begun) / 1000).toFixed(1)} s\n` : ' failed\n');
  return done;
}

export function need(done, what) {
  if (done) return;
  const tail = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
  throw new SetUpError(`cannot ${what}:\n${tail}\nhint: the whole log is ${log}`);
}

/** What a short tool prints. */
export function capture(command, args, options = {}) {
  const {status, stdout, stderr, error} = spawnSync(command, args, {encoding: 'utf8', maxBuffer: 64 << 20, ...options});
  if (status !== 0) throw new SetUpError(`cannot run '${command} ${args.join(' ')}': ${error?.message ?? stderr}`);
  return stdout;
}

function checkNode() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20) throw new SetUpError(`Node ${process.versions.node} is too old: tsbpftop needs Node 20 or newer`);
}

export async function systemPackages(packages, optional = false) {
  const missing = () => packages.filter((each) => !each.there()).map((each) => each.name);
  const names = missing();
  if (names.length === 0) return;
  if (!isRoot) {
    if (optional) return say(`set-up: not installed, tests that need them are skipped: ${names.join(', ')}\n`);
    throw new SetUpError(`packages are missing: ${names.join(', ')}\nhint: sudo apt-get install -y ${names.join(' ')}`);
  }
  if (!onPath('apt-get')) throw new SetUpError(`packages are missing, and this system has no apt-get: ${names.join(', ')}`);
  const env = {...process.env, DEBIAN_FRONTEND: 'noninteractive'};
  const install = (list) =>
    run(`installing ${list.join(', ')} (apt)`, 'apt-get', ['install', '-y', '-q', '--no-install-recommends', ...list], {env});
  let done = hasLists() && (await install(names));
  if (!done) done = (await run('reading the package lists (apt)', 'apt-get', ['update', '-q'], {env})) && (await install(names));
  // one that cannot be had keeps no other out
  if (optional && !done && names.length > 1) for (const name of names) await install([name]);
  if (!optional) {
    need(done, `install ${names.join(', ')}`);
    const rest = missing(); // libzstd-dev is known to be needed only when libelf-dev is there
    if (rest.length > 0) need(await install(rest), `install ${rest.join(', ')}`);
  }
}

const hasLists = () => existsSync('/var/lib/apt/lists') && readdirSync('/var/lib/apt/lists').some((file) => file.includes('Packages'));

async function npmPackages() {
  const wanted = at('package-lock.json');
  const stamp = at('node_modules/.tsbpftop-lock');
  const lock = readFileSync(wanted, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  need(
    await run('installing npm packages', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']),
    'install npm packages',
  );
  writeFileSync(stamp, lock);
}

async function nativeParts() {
  const fresh = spawnSync('make', ['-q', '-C', at('native')], {stdio: 'ignore'}).status === 0;
  if (!fresh)
    need(
      await run('building the addon and the BPF program', 'make', ['-C', at('native'), `-j${os.availableParallelism()}`]),
      'build the addon and the BPF program',
    );
}

/** Newest change below a folder, in ms. */
function newest(folder) {
  let time = 0;
  for (const entry of readdirSync(folder, {withFileTypes: true})) {
    const file = path.join(folder, entry.name);
    time = Math.max(time, entry.isDirectory() ? newest(file) : statSync(file).mtimeMs);
  }
  return time;
}

async function bundle() {
  const built = statSync(at('dist/cli.js'), {throwIfNoEntry: false})?.mtimeMs ?? 0;
  if (
    built >
    Math.max(
      newest(at('src')),
      newest(at('presets')),
      statSync(at('node_modules/.tsbpftop-lock')).mtimeMs,
      statSync(at('package.json')).mtimeMs,
    )
  )
    return;
  need(await run('building the program (TypeScript)', process.execPath, [at('src/setup/bundle.mjs')]), 'build the program');
}

async function tracefs() {
  const folder = '/sys/kernel/tracing';
  if (!isRoot || !existsSync(folder) || readdirSync(folder).length > 0) return;
  if (!(await run('mounting tracefs on /sys/kernel/tracing', 'mount', ['-t', 'tracefs', 'tracefs', folder])))
    say('set-up: without tracefs there are no tracepoints\n');
}

/** Two set-ups at once would build into the same files: the second waits for the first. */
async function locked(work) {
  const lock = at('.set-up.lock');
  for (let waited = 0; ; waited++) {
    try {
      closeSync(openSync(lock, 'wx'));
      writeFileSync(lock, String(process.pid));
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') return work(); // a checkout that cannot be written is not built in, either
      const owner = Number(readFileSync(lock, 'utf8') || 0);
      if (waited > 5 && !existsSync(`/proc/${owner}`))
        rmSync(lock, {force: true}); // left behind
      else if (waited === 1) say('set-up: waiting for another one\n');
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lock, {force: true});
  }
}

const writable = () => {
  try {
    accessSync(root, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

/** @param {{tests?: boolean, kernels?: boolean}} options */
export async function setUp({tests = false, kernels = false} = {}) {
  checkNode();
  const work = async () => {
    await systemPackages(buildPackages);
    if (tests) await systemPackages(testPackages, true);
    if (kernels) await systemPackages(kernelPackages, true);
    await npmPackages();
    await nativeParts();
    await bundle();
    await tracefs();
  };
  // someone else's checkout, built by its owner: there is nothing that could be done here
  if (!writable() && existsSync(at('dist/cli.js')) && existsSync(at('dist/tsbpftop.node'))) return;
  await locked(work);
}

/** Runs a script's work, and ends with one message where the user's situation is at fault. */
export async function guarded(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    process.stderr.write(`tsbpftop: ${error.message}\n`);
    process.exit(1);
  }
}
