// `npm test [-- PATTERN ...]`: the set-up, then type check and tests, side by side: those that use the kernel or a terminal wait for
// most of their time. Ends with `N passed, N failed, N skipped`; failures and skips are named, and the files that took longest.
import {spawnSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {run} from 'node:test';
import {given} from './given.mjs';
import {guarded, root, setUp} from './steps.mjs';

const {words: patterns} = given(`
npm test [-- PATTERN ...]

sets up what is missing, checks types and style, and runs all tests; with patterns, the test files alone whose path has one.
`);
await guarded(() => setUp({tests: true}));

const folder = path.join(root, 'test');
const files = readdirSync(folder, {recursive: true})
  .filter((file) => file.endsWith('.test.ts') && (patterns.length === 0 || patterns.some((pattern) => file.includes(pattern))))
  .sort()
  .map((file) => path.join(folder, file));
const onTheMachine = (file) => /\/(kernel|native|screen|oracles)\//.test(file);

let [passed, failed, skipped] = [0, 0, 0];
const seconds = new Map();

function fail(name, detail) {
  failed++;
  process.stdout.write(`FAILED  ${name}\n${detail.replace(/^/gm, '        ')}\n`);
}

/** A tool of node_modules as one test. */
function tool(rule, script, args) {
  const {status, stdout, stderr} = spawnSync(process.execPath, [path.join(root, 'node_modules', script), ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status === 0) passed++;
  else fail(rule, stdout + stderr);
}

async function tests(list, concurrency) {
  if (list.length === 0) return;
  for await (const {type, data} of run({files: list, concurrency, timeout: 300_000})) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.nesting === 0 && data.file !== undefined)
      seconds.set(data.file, (seconds.get(data.file) ?? 0) + data.details.duration_ms / 1000);
    if (data.details?.type === 'suite') continue;
    const name = `${path.relative(root, data.file ?? '')}: ${data.name}`;
    if (data.skip !== undefined) {
      skipped++;
      process.stdout.write(`skipped ${name}: ${typeof data.skip === 'string' ? data.skip : 'no reason given'}\n`);
    } else if (type === 'test:pass') {
      if (!list.includes(data.name)) passed++; // a file is no test of its own
    } else {
      const {error} = data.details;
      fail(name, String(error?.cause?.stack ?? error?.cause ?? error?.stack ?? error));
    }
  }
}

// the tests are TypeScript
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --import=tsx`.trim();
process.env.TSX_TSCONFIG_PATH = path.join(root, 'tsconfig.json');

if (patterns.length === 0) {
  tool('the types are right', 'typescript/bin/tsc', ['--noEmit', '-p', root]);
  tool('the code is in one style (npm run format mends most)', '@biomejs/biome/bin/biome', ['check', '--config-path=.ci', 'src', 'test']);
}
// those that take longest begin, then what waits for kernel and terminal, then the pure ones; one more at once than there are CPUs
const long = [
  'screen/keys',
  'native/fuzz',
  'kernel/docs.',
  'preset/mutations',
  'oracles/',
  'kernel/presets.',
  'kernel/serve',
  'kernel/hosts',
];
const order = (file) => {
  const at = long.findIndex((name) => file.includes(name));
  return at >= 0 ? at : long.length + (onTheMachine(file) ? 0 : 1);
};
await tests(
  [...files].sort((a, b) => order(a) - order(b)),
  Math.min(os.availableParallelism(), 7) + 1,
);
const longest = [...seconds].sort(([, a], [, b]) => b - a).slice(0, 5);
process.stdout.write(`# longest: ${longest.map(([file, took]) => `${path.relative(folder, file)} ${took.toFixed(0)} s`).join(', ')}\n`);
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
