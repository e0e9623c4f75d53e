// `npm run test:others`: the test-suite of a library that others wrote, zlib's, from Debian's source package: built, run, and run again
// while every function of the library and of its tests, libc's string functions and all system calls are traced at both ends. Its
// output and its exit code have to be the same. Fetches the source once, into the cache; no part of `npm test`.
import {execFileSync, spawnSync} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {cache} from '../kernels/kernels.ts';
import {noPrivilege, Program} from '../support/program.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const sources = path.join(path.dirname(cache), 'tsbpftop-others');

/** The unpacked source, from the archive that this machine's apt uses already, with lists of its own. */
function zlibSource(): string {
  const found = (): string | undefined => readdirSync(sources).find((name) => name.startsWith('zlib-'));
  mkdirSync(path.join(sources, 'lists/partial'), {recursive: true});
  const known = found();
  if (known !== undefined) return path.join(sources, known);
  mkdirSync(path.join(sources, 'parts'), {recursive: true});
  const files = ['/etc/apt/sources.list', ...listed('/etc/apt/sources.list.d')].filter((file) => existsSync(file));
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    if (!/debian-archive-keyring|\bdebian\b.*\bmain\b/.test(text)) continue;
    const asSource = text.replace(/^Types:.*$/gm, 'Types: deb-src').replace(/^deb /gm, 'deb-src ');
    writeFileSync(path.join(sources, 'parts', path.basename(file)), asSource);
  }
  const options = [
    'Dir::Etc::SourceList=/dev/null',
    `Dir::Etc::SourceParts=${sources}/parts`,
    `Dir::State::Lists=${sources}/lists`,
    `Dir::Cache=${sources}`,
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  for (const args of [
    ['update', '-q'],
    ['source', '-q', 'zlib'],
  ])
    execFileSync('apt-get', [...options, ...args], {cwd: sources, stdio: 'pipe'});
  const unpacked = found();
  if (unpacked === undefined) throw new Error('apt-get source zlib unpacked nothing');
  return path.join(sources, unpacked);
}

const listed = (folder: string): readonly string[] =>
  existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : [];

interface Outcome {
  readonly status: number | null;
  readonly text: string;
}
function suite(folder: string): Outcome {
  const {status, stdout, stderr} = spawnSync('make', ['-s', 'test'], {
    cwd: folder,
    encoding: 'utf8',
    env: {PATH: '/usr/bin:/bin', LC_ALL: 'C'},
  });
  return {status, text: stdout + stderr};
}

async function main(): Promise<number> {
  const reason = noPrivilege() ?? (process.getuid?.() === 0 ? undefined : 'needs root: apt, and files for it alone');
  let source = '';
  try {
    if (reason === undefined) source = zlibSource();
  } catch (error) {
    say(`skipped zlib's own tests: its source cannot be had: ${(error as Error).message.split('\n')[0]}`);
    return 0;
  }
  if (reason !== undefined) {
    say(`skipped zlib's own tests: ${reason}`);
    return 0;
  }
  const work = mkdtempSync(path.join(os.tmpdir(), 'tsbpftop-others-'));
  try {
    const folder = path.join(work, 'zlib');
    cpSync(source, folder, {recursive: true});
    execFileSync('sh', ['configure'], {cwd: folder, stdio: 'pipe'});
    execFileSync('make', ['-s', `-j${os.availableParallelism()}`], {cwd: folder, stdio: 'pipe'});
    const before = suite(folder);
    say(`zlib's own tests: ${before.text.split('\n').filter((line) => /test OK/.test(line)).length} suites, exit ${before.status}`);
    const files = ['libz.so', 'example', 'examplesh', 'minigzip', 'minigzipsh'].map((name) => realpathSync(path.join(folder, name)));
    const presets = path.join(work, 'presets');
    mkdirSync(presets, {mode: 0o700});
    const preset = (name: string, probes: unknown): string => {
      const text = {name, span: probes, by: ['comm', 'func'], measure: 'hist(duration)', maxProbes: 5000};
      writeFileSync(path.join(presets, `${name}.json`), JSON.stringify(text), {mode: 0o600});
      return name;
    };
    const views = [
      preset(
        'zlib',
        files.map((file) => `uprobe:${file}:*`),
      ),
      preset('strings', 'uprobe:libc:str*'),
      ...['syscalls', 'syscall-latency', 'openat-files', 'exec', 'exits'],
    ];
    const traced = new Program(['--json', '-d', '0.5', '--presets', presets, ...views]);
    await traced.until((each) => each.lines().length >= views.length);
    const during = suite(folder);
    await traced.stop();
    const rows = traced.lines().findLast(({view}) => view === 'zlib')?.rows ?? [];
    const calls = rows.reduce((sum, {total}) => sum + (total['count'] ?? 0), 0);
    const same = during.status === before.status && during.text === before.text;
    say(
      `${calls} calls of ${rows.length} functions and programs traced at both ends: output ${same ? 'equal byte by byte' : 'DIFFERS'}, exit ${during.status}`,
    );
    if (!same) say(`FAILED  before:\n${before.text}\nwhile traced:\n${during.text}`);
    return same && calls > 1000 && before.status === 0 ? 0 : 1;
  } finally {
    rmSync(work, {recursive: true, force: true});
  }
}

process.exitCode = await main();
