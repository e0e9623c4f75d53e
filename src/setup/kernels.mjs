// `npm run test:kernels [-- NAME|ARCHITECTURE ...]`: the set-up with QEMU, then the checks of test/kernels in each kernel;
// for arm64 also what is cross-built, and its Node. Where they cannot be run, that is one skip with its reason.
import {spawnSync} from 'node:child_process';
import path from 'node:path';
import {given, refuse} from './given.mjs';
import {prebuilt} from './prebuilt.mjs';
import {nodeFolder} from './single.mjs';
import {guarded, onPath, root, setUp, systemPackages} from './steps.mjs';

const usage = `
npm run test:kernels [-- NAME|ARCHITECTURE ...] [--only RULE] [--phase PHASE] [--within SECONDS]

boots Debian's kernels under QEMU and runs the checks of test/kernels/guest inside; without a name, those for this
architecture, in some six minutes on two CPUs. A whole run of an architecture's kernels renews docs/kernels.md.

  NAME|ARCHITECTURE   5.10 6.1 6.12 (x64), arm64-6.1 arm64-6.12 (arm64, ten minutes)
  --only RULE         the checks alone in whose rule this text is: --only 'view openat'
  --phase PHASE       of the phases one: whole, 'no batch reads', 'no BTF', lockdown=integrity, lockdown=confidentiality
  --within SECONDS    what is not done by then is skipped (7200)
`;
const {words, only, phase, within} = given(usage, {
  only: {type: 'string', default: ''},
  phase: {type: 'string', default: ''},
  within: {type: 'string', default: '7200'},
});
if (Number.isNaN(Number(within))) refuse(`'--within ${within}' is no number of seconds`, usage);
const arm64 = words.some((word) => word.startsWith('arm64'));
const emulator = arm64 ? 'qemu-system-aarch64' : 'qemu-system-x86_64';

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
const {status} = spawnSync(process.execPath, ['--import=tsx', path.join(root, 'test/kernels/main.ts'), only, within, phase, ...words], {
  cwd: root,
  stdio: 'inherit',
  env: {...process.env, TSX_TSCONFIG_PATH: path.join(root, 'tsconfig.json')},
});
process.exit(status ?? 1);
