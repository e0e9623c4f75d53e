// The programs that tsbpftop is measured against: whether they are there, which version, and how one gets them.
import {spawnSync} from 'node:child_process';

export interface Peer {
  readonly name: string;
  readonly version: string | undefined;
  /** How it is had on Debian. */
  readonly get: string;
}

interface Known {
  readonly name: string;
  readonly get: string;
  /** Ways of asking for its version: they differ between versions. */
  readonly ask: readonly (readonly [command: string, ...args: string[]])[];
}

const known: readonly Known[] = [
  {name: 'bpftrace', ask: [['bpftrace', '--version']], get: 'apt-get install bpftrace'},
  {name: 'ply', ask: [['ply', '--version']], get: 'built from its sources: no Debian 12 package'},
  {name: 'htop', ask: [['htop', '--version']], get: 'apt-get install htop'},
  {
    name: 'top',
    ask: [
      ['top', '-V'],
      ['top', '-v'],
    ],
    get: 'apt-get install procps',
  },
  {name: 'btop', ask: [['btop', '--version']], get: 'apt-get install btop'},
  {name: 'ncurses', ask: [['ncursesw6-config', '--version']], get: 'apt-get install libncurses-dev'},
  {name: 'gcc', ask: [['gcc', '--version']], get: 'apt-get install gcc'},
  {name: 'clang', ask: [['clang', '--version']], get: 'apt-get install clang'},
  {
    name: 'libbpf',
    ask: [['pkg-config', '--modversion', 'libbpf']],
    get: 'apt-get install libbpf-dev libelf-dev zlib1g-dev pkg-config',
  },
];

/** What workloads and hand-written programs are made with, in place of what is measured. */
const tools = ['gcc', 'clang', 'libbpf'];

const found = known.map(({name, get, ask}): Peer => {
  const texts = ask.map(([command, ...args]) => {
    const {stdout, stderr, error} = spawnSync(command, args, {encoding: 'utf8', env: {...process.env, TERM: 'dumb'}});
    return error === undefined ? `${stdout ?? ''}${stderr ?? ''}`.replaceAll(/\x1b\[[\d;]*m/g, '') : undefined;
  });
  const version = texts.map((text) => /\d+(\.\d+)+/.exec(text ?? '')?.[0]).find((each) => each !== undefined);
  return {name, get, version: version ?? (texts.every((text) => text === undefined) ? undefined : 'of a version it does not tell')};
});

export const peers: readonly Peer[] = found.filter(({name}) => !tools.includes(name));

export const has = (name: string): boolean => found.some((each) => each.name === name && each.version !== undefined);

/** Of what a case needs, what is not there, and how one gets it. */
export const missing = (needs: readonly string[]): readonly string[] =>
  found.filter(({name}) => needs.includes(name) && !has(name)).map(({name, get}) => `${name} (${get})`);
