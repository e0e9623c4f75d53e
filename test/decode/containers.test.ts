import assert from 'node:assert/strict';
import test from 'node:test';
import {containerOf} from '../../src/decode/containers.ts';

const id = '3f2a9c01d4e5'.padEnd(64, '0');
const cases: readonly (readonly [cgroup: string, expected: string | undefined])[] = [
  ['/', undefined],
  ['/user.slice/user-0.slice/session-1.scope', undefined],
  ['/system.slice/nginx.service', undefined],
  [`/docker/${id}`, '3f2a9c01d4e5'],
  [`/system.slice/docker-${id}.scope`, '3f2a9c01d4e5'],
  [`/system.slice/docker-${id}.scope/init.scope`, '3f2a9c01d4e5'],
  [`/machine.slice/libpod-${id}.scope/container`, '3f2a9c01d4e5'],
  [`/machine.slice/libpod-conmon-${id}.scope`, undefined],
  [`/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12_34.slice/cri-containerd-${id}.scope`, '3f2a9c01d4e5'],
  [`/kubepods/besteffort/pod8d2c/${id}`, '3f2a9c01d4e5'],
  [`/kubepods.slice/kubepods-pod1.slice/crio-${id}.scope`, '3f2a9c01d4e5'],
  [`/system.slice/containerd.service/kubepods-burstable-pod1.slice:cri-containerd:${id}`, '3f2a9c01d4e5'],
  [`/system.slice/nerdctl-${id}.scope`, '3f2a9c01d4e5'],
  ['/lxc.payload.web', 'web'],
  ['/lxc.payload.web/system.slice/cron.service', 'web'],
  ['/lxc.monitor.web', undefined],
  ['/lxc/web', 'web'],
  ['/machine.slice/systemd-nspawn@build.service/payload', 'build'],
  ['/machine.slice/systemd-nspawn@my\\x2dbuild.service/payload/init.scope', 'my-build'],
  ['/machine.slice/machine-qemu\\x2d1\\x2ddb.scope', 'qemu-1-db'],
  [`/docker/${id}/kubepods.slice/cri-containerd-${'ab'.padEnd(64, '1')}.scope`, 'ab1111111111'],
];
for (const [cgroup, expected] of cases)
  test(`${cgroup.replace(/0{20,}|1{20,}/g, '…')} is ${expected === undefined ? 'no container' : `container ${expected}`}`, () => {
    assert.equal(containerOf(cgroup), expected);
  });
