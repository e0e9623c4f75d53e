// `npm run test:kernels [-- NAME|ARCHITECTURE ...]`: the set-up with QEMU, then the checks of test/kernels in each kernel;
// for arm64 also what is cross-built, and its Node. Where they cannot be run, that is one skip with its reason.
import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import path from 'node:path';
import {prebuilt} from './prebuilt.mjs';
import {nodeFolder} from './single.mjs';
import {guarded, root, setUp, systemPackages} from './steps.mjs';

const arm64 = process.argv.slice(2).some((word) => word.startsWith('arm64'));
const emulator = arm64 ? 'qemu-system-aarch64' : 'qemu-system-x86_64';

const onPath = (name) => (process.env.PATH ?? '').split(':').some((folder) => folder !== '' && existsSync(path.join(folder, name)));
await guarded(async () => {
  await setUp({kernels: true});
  if (!arm64 || process.arch !== 'x64') return;
  await systemPackages([{name: 'qemu-system-arm', there: () => onPath('qemu-system-aarch64')}], true);
  await prebuilt();
  await nodeFolder('arm64');
});

const missing = [emulator, 'busybox', 'cpio', 'apt-get', 'dpkg', 'gcc'].filter((name) => !onPath(name));
const reason =
  process.arch !== 'x64'
    ? `they are emulated on x86-64, and this machine is ${process.arch}`
    : missing.length > 0
      ? `needs ${missing.join(', ')}`
      : undefined;
if (reason !== undefined) {
  process.stdout.write(`skipped the kernels under QEMU: ${reason}\n0 passed, 0 failed, 1 skipped\n`);
  process.exit(0);
}
const {status} = spawnSync(process.execPath, ['--import=tsx', path.join(root, 'test/kernels/main.ts'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: {...process.env, TSX_TSCONFIG_PATH: path.join(root, 'tsconfig.json')},
});
process.exit(status ?? 1);
