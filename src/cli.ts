#!/usr/bin/env node
// Flags and wiring. The only reader of argv and of the environment, and the only exit. Commands are in commands/, each
// loaded when it is called, so that batch and JSON never load Ink or React.
import os from 'node:os';
import path from 'node:path';
import meow from 'meow';
import {explain, UserError} from './errors.ts';
import type {Invocation} from './commands/invocation.ts';

const commands = ['list', 'probes', 'check'] as const;
type CommandName = (typeof commands)[number];

const help = `
  Usage
    $ tsbpftop [VIEW ...]           full screen: the named views, or all
    $ tsbpftop -b [VIEW ...]        batch: one table a refresh on stdout (the first view, unless named)
    $ tsbpftop list                 the presets, from where, and whether this machine can run them
    $ tsbpftop probes [PATTERN]     probe points that match: 'tracepoint:syscalls:*open*', 'uprobe:libc:f*'
    $ tsbpftop check FILE ...       validate presets; as root also load them

  Options
    -d, --interval SECONDS   between refreshes; default 1, from 0.1
    -n, --count N            refreshes, then exit
    -p, --pid PID            only this process, filtered in the kernel, in every view
    --probe PROBE            in place of the view's own probes: tsbpftop functions --probe 'kprobe:tcp_*'
    --comm NAME              only tasks of this name
    --cgroup PATH            only tasks in this cgroup, a folder under /sys/fs/cgroup
    --top N                  at most N rows
    --sort [-]COLUMN         order of the rows; '-' in front: descending
    --json                   batch as NDJSON, one line a view and refresh
    --presets PATH           a preset file or a folder of them; may be given again
    -v, --verbose            check: the verifier's whole log
    --no-color, NO_COLOR     no colours
    --ascii                  no characters beyond ASCII
    --max-bytes N            at most N bytes a second to the terminal
    --version, --help
`;

async function main(): Promise<number> {
  const cli = meow(help, {
    importMeta: import.meta,
    argv: joinedSort(process.argv.slice(2)),
    description: 'tsbpftop: top for anything the Linux kernel or a program does',
    allowUnknownFlags: false,
    booleanDefault: undefined,
    inferType: false,
    flags: {
      batch: {type: 'boolean', shortFlag: 'b'},
      interval: {type: 'string', shortFlag: 'd'},
      count: {type: 'string', shortFlag: 'n'},
      pid: {type: 'string', shortFlag: 'p'},
      probe: {type: 'string', isMultiple: true},
      comm: {type: 'string'},
      cgroup: {type: 'string'},
      top: {type: 'string'},
      sort: {type: 'string'},
      json: {type: 'boolean'},
      presets: {type: 'string', isMultiple: true},
      verbose: {type: 'boolean', shortFlag: 'v'},
      color: {type: 'boolean'},
      ascii: {type: 'boolean'},
      maxBytes: {type: 'string'},
      help: {type: 'boolean', shortFlag: 'h'},
      version: {type: 'boolean', shortFlag: 'V'},
    },
  });
  const {flags} = cli;
  const invocation: Invocation = {
    words: cli.input,
    batch: flags.batch === true || flags.json === true,
    json: flags.json === true,
    interval: numberFlag('--interval', flags.interval, 0.1, 86_400) ?? 1,
    count: integerFlag('--count', flags.count, 0),
    pid: integerFlag('--pid', flags.pid, 1),
    probes: flags.probe ?? [],
    comm: flags.comm,
    cgroup: flags.cgroup,
    top: integerFlag('--top', flags.top, 0),
    sort: flags.sort,
    verbose: flags.verbose === true,
    colour: flags.color !== false && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb',
    ascii: flags.ascii === true,
    maxBytes: integerFlag('--max-bytes', flags.maxBytes, 100),
    places: {
      given: flags.presets ?? [],
      variable: process.env['TSBPFTOP_PRESETS'] ?? '',
      config: process.env['XDG_CONFIG_HOME'] ?? path.join(os.homedir(), '.config'),
      sudoUser: Number(process.env['SUDO_UID'] ?? 0),
    },
    searchPath: process.env['PATH'] ?? '',
  };
  const [word] = cli.input;
  if (isCommand(word)) return run(word, {...invocation, words: cli.input.slice(1)});
  if (invocation.batch) return (await import('./commands/batch.ts')).batchCommand(invocation);
  return (await import('./commands/top.ts')).topCommand(invocation);
}

async function run(command: CommandName, invocation: Invocation): Promise<number> {
  switch (command) {
    case 'list':
      return (await import('./commands/list.ts')).listCommand(invocation);
    case 'probes':
      return (await import('./commands/probes.ts')).probesCommand(invocation);
    case 'check':
      return (await import('./commands/check.ts')).checkCommand(invocation);
  }
}

const isCommand = (word: string | undefined): word is CommandName => (commands as readonly (string | undefined)[]).includes(word);

/** `--sort -total` is a flag and its value, which a parser takes for two flags. */
function joinedSort(argv: readonly string[]): readonly string[] {
  const at = argv.indexOf('--sort');
  return at < 0 || argv[at + 1] === undefined ? argv : [...argv.slice(0, at), `--sort=${argv[at + 1]}`, ...argv.slice(at + 2)];
}

function numberFlag(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < least || value > most)
    throw new UserError(`${name} wants a number from ${least}${most < Number.MAX_SAFE_INTEGER ? ` to ${most}` : ''}, not '${text}'`, {
      status: 2,
    });
  return value;
}

function integerFlag(name: string, text: string | undefined, least: number): number | undefined {
  const value = numberFlag(name, text, least, Number.MAX_SAFE_INTEGER);
  if (value !== undefined && !Number.isInteger(value)) throw new UserError(`${name} wants a whole number, not '${text}'`, {status: 2});
  return value;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof UserError) {
    process.stderr.write(explain(error));
    process.exitCode = error.status;
  } else {
    process.stderr.write(`tsbpftop: a bug of ours: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  }
}
