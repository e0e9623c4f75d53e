// `npm run test:kernels [-- VERSION ...]`: the set-up with QEMU, then the checks of test/kernels in each kernel. Where they
// cannot be run, that is one skip with its reason.
import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import path from 'node:path';
import {guarded, root, setUp} from './steps.mjs';

await guarded(() => setUp({kernels: true}));

const onPath = (name) => (process.env.PATH ?? '').split(':').some((folder) => folder !== '' && existsSync(path.join(folder, name)));
const missing = ['qemu-system-x86_64', 'busybox', 'cpio', 'apt-get', 'dpkg', 'gcc'].filter((name) => !onPath(name));
const reason =
  process.arch !== 'x64'
    ? `the kernels are for x86-64, and this machine is ${process.arch}`
    : missing.length > 0
      ? `needs ${missing.join(', ')}`
      : undefined;
if (reason !== undefined) {
  process.stdout.write(`skipped the kernels 5.10, 6.1 and 6.12 under QEMU: ${reason}\n0 passed, 0 failed, 1 skipped\n`);
  process.exit(0);
}
const {status} = spawnSync(process.execPath, ['--import=tsx', path.join(root, 'test/kernels/main.ts'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: {...process.env, TSX_TSCONFIG_PATH: path.join(root, 'tsconfig.json')},
});
process.exit(status ?? 1);
