// The programs that tsbpftop is measured against: whether they are there, which version, and how one gets them.
import {spawnSync} from 'node:child_process';

export interface Peer {
  readonly name: string;
  readonly version: string | undefined;
  /** How it is had on Debian. */
  readonly get: string;
}

const known: readonly {readonly name: string; readonly args: readonly string[]; readonly get: string}[] = [
  {name: 'bpftrace', args: ['--version'], get: 'apt-get install bpftrace'},
  {name: 'ply', args: ['--version'], get: 'built from its sources: no Debian 12 package'},
  {name: 'htop', args: ['--version'], get: 'apt-get install htop'},
  {name: 'top', args: ['-v'], get: 'apt-get install procps'},
  {name: 'btop', args: ['--version'], get: 'apt-get install btop'},
];

export const peers: readonly Peer[] = known.map(({name, args, get}) => {
  const {stdout, stderr, error} = spawnSync(name, args, {encoding: 'utf8'});
  const text = `${stdout ?? ''}${stderr ?? ''}`.replaceAll(/\x1b\[[\d;]*m/g, '');
  return {name, get, version: error === undefined ? (/\d+(\.\d+)+/.exec(text)?.[0] ?? 'unknown') : undefined};
});

export const has = (name: string): boolean => peers.some((peer) => peer.name === name && peer.version !== undefined);
