// `npm run test:sanitized [-- PATTERN ...]`: the addon under AddressSanitizer and UndefinedBehaviorSanitizer, in a copy of what
// the tests need, and the tests that use it most. What either finds ends the process, and fails the test. Then what is leaked: by
// sessions opened and closed again, in a process of its own, since Node leaks as it ends; only what has a frame of the addon
// counts.
import {execFileSync, spawnSync} from 'node:child_process';
import {cpSync, mkdirSync, rmSync, symlinkSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {given} from './given.mjs';
import {guarded, root, setUp} from './steps.mjs';

const {words: patterns} = given(`
npm run test:sanitized [-- PATTERN ...]

runs the test files whose path has one of the patterns, with the addon under AddressSanitizer and UBSan, then looks for
leaks; without a pattern, those that use the addon most.
`);
await guarded(() => setUp({tests: true}));

const wanted =
  patterns.length > 0
    ? patterns
    : ['native/', 'kernel/exact', 'kernel/events', 'kernel/stacks', 'kernel/own', 'kernel/losses', 'kernel/usdt'];
const say = (text) => process.stdout.write(`${text}\n`);
const library = (name) => execFileSync('gcc', [`-print-file-name=${name}`], {encoding: 'utf8'}).trim();
const [asan, cxx] = [library('libasan.so'), library('libstdc++.so.6')];
if (!asan.startsWith('/')) {
  say('skipped the addon under AddressSanitizer: needs libasan, which comes with gcc\n0 passed, 0 failed, 1 skipped');
  process.exit(0);
}

const copy = path.join(os.tmpdir(), `tsbpftop-sanitized-${process.pid}`);
const out = path.join(root, 'dist/sanitized');
let status = 1;
try {
  const flags = '-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1 -Wno-maybe-uninitialized';
  say('# building the addon with -fsanitize=address,undefined');
  execFileSync('make', ['-s', `-j${os.availableParallelism()}`, '-C', path.join(root, 'native'), `OUT=${out}`, `EXTRA=${flags}`], {
    stdio: 'inherit',
  });
  mkdirSync(copy);
  for (const each of ['src', 'test', 'presets', 'docs', 'native', 'package.json', 'tsconfig.json', 'README.md', 'CHANGELOG.md'])
    cpSync(path.join(root, each), path.join(copy, each), {recursive: true});
  for (const each of ['cli.js', 'package.json', 'packs', 'probe.bpf.o', 'probe-exchange.bpf.o'])
    cpSync(path.join(root, 'dist', each), path.join(copy, 'dist', each), {recursive: true});
  cpSync(path.join(out, 'tsbpftop.node'), path.join(copy, 'dist/tsbpftop.node'));
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));

  const files = execFileSync('find', ['test', '-name', '*.test.ts'], {cwd: copy, encoding: 'utf8'})
    .split('\n')
    // the fuzzer is sanitized by itself
    .filter((file) => wanted.some((pattern) => file.includes(pattern)) && !file.includes('native/fuzz'))
    .sort();
  const environment = {
    ...process.env,
    // libstdc++ first of all: what the sanitizer wraps of it has to be there when it begins
    LD_PRELOAD: `${asan} ${cxx}`,
    UBSAN_OPTIONS: 'print_stacktrace=1',
    TSX_TSCONFIG_PATH: path.join(copy, 'tsconfig.json'),
  };
  const options = 'detect_stack_use_after_return=0:abort_on_error=0:handle_segv=1';
  const node = ['--import=tsx'];
  const tests = spawnSync(process.execPath, [...node, '--test', '--test-concurrency=1', ...files], {
    cwd: copy,
    stdio: 'inherit',
    env: {...environment, ASAN_OPTIONS: `${options}:detect_leaks=0`},
  });
  const leaks = spawnSync(process.execPath, [...node, 'test/native/leaks.ts'], {
    cwd: copy,
    encoding: 'utf8',
    env: {...environment, ASAN_OPTIONS: `${options}:detect_leaks=1:fast_unwind_on_malloc=0:malloc_context_size=40`},
  });
  const ours = leaks.stderr.split(/\n\n/).filter((block) => / leak of /.test(block) && block.includes('tsbpftop.node'));
  const ran = leaks.stdout.includes('opened and closed');
  say(`${leaks.stdout}${ours.join('\n\n')}${ran ? '' : leaks.stderr}`);
  say(ours.length === 0 && ran ? 'nothing of the addon was leaked' : `FAILED  the addon leaks nothing: ${ours.length} places`);
  status = tests.status === 0 && ours.length === 0 && ran ? 0 : 1;
} finally {
  rmSync(copy, {recursive: true, force: true});
}
process.exit(status);
