#!/usr/bin/env node
// Flags and wiring. The only reader of argv and of the environment, and the only exit. Commands are in commands/, each
// loaded when it is called, so that batch and JSON never load Ink or React.
import os from 'node:os';
import path from 'node:path';
import {readCommandLine} from './commands/line/command-line.ts';
import {type CommandName, commands} from './commands/command-table.ts';
import type {FlagValues} from './commands/line/flags.ts';
import {fileReason, shortage} from './commands/files/file-reasons.ts';
import {helpText} from './commands/line/help.ts';
import type {Invocation} from './commands/invocation.ts';
import {remoteArguments} from './commands/remote/remote-arguments.ts';
import {tell} from './commands/process/safe-lines.ts';
import {isDirect} from './commands/process/standard-output.ts';
import {charsetLocale, terminalKind} from './commands/process/terminal-kind.ts';
import {wordsOf} from './commands/remote/ssh-command.ts';
import {explain, UserError} from './errors.ts';

declare const TSBPFTOP_VERSION: string | undefined;
/** Put in by the build. */
const programVersion = typeof TSBPFTOP_VERSION === 'undefined' ? '' : TSBPFTOP_VERSION;

async function main(): Promise<number> {
  const {command, words, values} = readCommandLine(process.argv.slice(2), programVersion);
  const {env} = process;
  const locale = charsetLocale(env['LC_ALL'] || env['LC_CTYPE'], env['LANG']);
  const terminal = terminalKind(env['TERM'] ?? '', locale);
  if (values.help === true || values.version === true) {
    process.stdout.write(values.help === true ? helpText(command, process.stdout.columns) : `${programVersion}\n`);
    return 0;
  }
  if (values.licences === true) return (await import('./commands/licences.ts')).printLicences();
  const batch = values.batch === true || values.json === true || values.csv === true || values.folded === true;
  // libuv's threads are started all at once, and waited for; what prints has one thing done by them at a time. Not for a program that is
  // started from here, which gets this environment
  if (command === 'view' && batch && values.command === undefined && values.host.length === 0 && !('UV_THREADPOOL_SIZE' in env))
    Object.assign(env, {UV_THREADPOOL_SIZE: '1'});
  return commands[command].run({
    words,
    batch,
    json: values.json === true,
    events: values.events === true,
    csv: values.csv === true,
    folded: values.folded === true,
    interval: values.interval ?? 1,
    count: values.count,
    command: values.command,
    pid: values.pid === undefined ? undefined : await processOf(values.pid, values.host.length > 0),
    probes: values.probe,
    comm: values.comm,
    cgroup: values.cgroup,
    top: values.top,
    sort: values.sort,
    listen: values.listen,
    header: values.header === true,
    remote: remoteOf(values, env['TSBPFTOP_SSH']),
    sum: values.sum === true,
    verbose: values.verbose === true,
    colour: values.color !== false && (env['NO_COLOR'] ?? '') === '' && terminal.colour,
    ascii: values.ascii ?? terminal.ascii,
    terminal,
    spoken: values.screenReader === true || ['1', 'true'].includes(env['INK_SCREEN_READER'] ?? ''),
    mouse: values.mouse ?? (terminal.mouse && !env['TMUX'] && !env['STY']),
    maxBytes: values.maxBytes,
    linger: values.keep === true ? Number.POSITIVE_INFINITY : (values.linger ?? 10) * 1000,
    made: await madeView(command, values, words),
    save: values.save !== undefined,
    force: values.force === true,
    owner: sudoOwner(env['SUDO_UID'], env['SUDO_GID']),
    version: programVersion,
    places: {
      given: values.presets,
      variable: env['TSBPFTOP_PRESETS'] ?? '',
      config: env['XDG_CONFIG_HOME'] ?? path.join(os.homedir(), '.config'),
      sudoUser: Number(env['SUDO_UID'] ?? 0),
    },
    terminalType: env['TERM'] ?? '',
    locale,
    temporary: env['TSBPFTOP_TMP'] ?? '',
    searchPath: env['PATH'] ?? '',
  });
}

function remoteOf(values: FlagValues, ssh: string | undefined): Invocation['remote'] {
  const words = wordsOf(values.ssh ?? (ssh || 'ssh'));
  return {hosts: values.host, ssh: words, remoteCommand: values.remoteCommand ?? 'tsbpftop', args: remoteArguments(values)};
}

/** Of another machine, that one finds it. */
async function processOf(pid: string, elsewhere: boolean): Promise<number | undefined> {
  if (elsewhere) return undefined;
  return (await import('./commands/process/named-process.ts')).processNumber(pid);
}

/** A shell that waits for completions does not wait for the preset language. */
async function madeView(command: CommandName, values: FlagValues, words: readonly string[]): Promise<Invocation['made']> {
  if (command === 'completions') return undefined;
  const {presetOfFlags} = await import('./commands/line/view-flags.ts');
  return presetOfFlags(values, command === 'record' ? words.slice(1) : words);
}

/** Root by sudo writes files for the user who called it. */
function sudoOwner(uid: string | undefined, gid: string | undefined): Invocation['owner'] {
  const [user, group] = [uid, gid].map((id) => (id !== undefined && /^\d{1,10}$/.test(id) ? Number(id) : undefined));
  return process.getuid?.() === 0 && user !== undefined && group !== undefined ? {uid: user, gid: group} : undefined;
}

let unwritten = false;
function unread(error: NodeJS.ErrnoException): void {
  // the reader of a pipe, or a terminal, may go before all is written: nobody is there to be told
  if (unwritten || error.code === 'EPIPE' || error.code === 'EIO') return;
  unwritten = true;
  process.exitCode = 1;
  tell(`cannot write to stdout: ${fileReason(error)}`);
}
// it is made when something first asks for it
const {get: standardOutput} = Object.getOwnPropertyDescriptor(process, 'stdout') ?? {};
let known: typeof process.stdout | undefined;
Object.defineProperty(process, 'stdout', {
  configurable: true,
  enumerable: true,
  get() {
    if (known !== undefined) return known;
    known = standardOutput?.call(process) as typeof process.stdout;
    known.on('error', unread);
    return known;
  },
});
// Node's streams take as long to be made as BPF to be loaded, which is waited for when this runs
setImmediate(() => isDirect() || process.stdout);
/** No await at the top: the single executable is CommonJS, which has none. */
async function run(): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    const told = error instanceof UserError ? error : shortage(error);
    if (told !== undefined) {
      tell(
        explain(told)
          .replace(/^tsbpftop: /, '')
          .trimEnd(),
      );
      process.exitCode = told.status;
    } else {
      tell(`a bug of ours: ${error instanceof Error ? error.stack : String(error)}`);
      process.exitCode = 1;
    }
  }
}
void run().then(() => {
  if (unwritten) process.exitCode = 1;
});
