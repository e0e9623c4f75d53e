// `npm run test:package [-- PATTERN] [--as-made]`: makes all packages, then runs test/package/*.check.ts. Minutes long, and fetches
// Debian roots and Node once into the cache: no part of `npm test`.
import {spawnSync} from 'node:child_process';
import {existsSync, readdirSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {given} from './given.mjs';
import {nodeFolder} from './single.mjs';
import {guarded, root, setUp, systemPackages} from './steps.mjs';

const {words, 'as-made': asMade} = given(
  `
npm run test:package [-- PATTERN] [--as-made]

makes all packages, then runs test/package/*.check.ts in clean Debian roots; with a pattern, the files whose name has it.

  --as-made   tests what is in dist/package as it is
`,
  {'as-made': {type: 'boolean'}},
);
if (os.arch() !== 'x64') {
  process.stdout.write(`skipped the packages: they are made on x86-64, and this machine is ${os.arch()}\n0 passed, 0 failed, 1 skipped\n`);
  process.exit(0);
}
await guarded(async () => {
  await setUp();
  await systemPackages(
    [
      {name: 'debootstrap', there: () => existsSync('/usr/sbin/debootstrap')},
      {name: 'qemu-user-static', there: () => existsSync('/usr/bin/qemu-aarch64-static')},
    ],
    true,
  );
  await nodeFolder('arm64');
});
const [pattern = ''] = words;
const made = asMade ? 0 : spawnSync(process.execPath, [path.join(root, 'src/setup/package.mjs')], {stdio: 'inherit'}).status;
if (made !== 0) process.exit(1);
const folder = path.join(root, 'test/package');
const files = readdirSync(folder).filter((file) => file.endsWith('.check.ts') && file.includes(pattern));
const {status} = spawnSync(
  process.execPath,
  ['--import=tsx', '--test', '--test-concurrency=1', '--test-reporter=spec', ...files.map((file) => path.join(folder, file))],
  {cwd: root, stdio: 'inherit', env: {...process.env, TSX_TSCONFIG_PATH: path.join(root, 'tsconfig.json')}},
);
process.exit(status ?? 1);
