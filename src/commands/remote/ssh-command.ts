// What is run to reach a host: the user's own ssh, as a list of words, with no shell on this side; and the one string that
// the shell of the other side gets, each word of it quoted.
import {UserError} from '../../errors.ts';

export interface Reach {
  /** ssh and its first arguments */
  readonly ssh: readonly string[];
  /** What tsbpftop is called there; as it is, so that it may have sudo in front. */
  readonly remoteCommand: string;
}

/** Whoever names hosts may be a script with a list of others': a name is never an option, and has nothing that a shell would act on. */
export function requireHosts(hosts: readonly string[]): void {
  for (const host of hosts) {
    if (!/^(ssh:\/\/)?[A-Za-z0-9._@:%[\]-]{1,255}\/?$/.test(host) || /^-|@-|\/-/.test(host))
      throw new UserError(`--host '${host}': no name of a host`, {
        hint: 'as ssh takes it: HOST, USER@HOST or ssh://USER@HOST:PORT',
        status: 2,
      });
  }
  const twice = hosts.find((host, i) => hosts.indexOf(host) !== i);
  if (twice !== undefined) throw new UserError(`--host ${twice} is given twice`, {status: 2});
}

/** Words as a shell would split them, quotes included; no variables, no wildcards. @throws UserError */
export function wordsOf(text: string): readonly string[] {
  const words = [...text.matchAll(/(?:[^\s'"\\]+|'[^']*'|"(?:[^"\\]|\\.)*"|\\.)+/g)].map(([word]) =>
    word.replace(
      /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g,
      (_, single?: string, double?: string, one?: string) => single ?? double?.replace(/\\(.)/g, '$1') ?? one ?? '',
    ),
  );
  if (words.length === 0 || (text.match(/(?<!\\)['"]/g)?.length ?? 0) % 2 === 1)
    throw new UserError(`--ssh '${text}': not a program and its arguments`, {hint: "--ssh 'ssh -F my-config'", status: 2});
  return words;
}

export function sshArguments({ssh, remoteCommand}: Reach, host: string, args: readonly string[]): readonly string[] {
  const options = ['BatchMode=yes', 'ConnectTimeout=10', 'ServerAliveInterval=5', 'ServerAliveCountMax=3', 'RequestTTY=no'];
  return [...ssh, ...options.flatMap((option) => ['-o', option]), '--', host, [remoteCommand, ...args.map(quoted)].join(' ')];
}

const quoted = (word: string): string => (/^[A-Za-z0-9._/:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** Why a connection ended, and what to try. */
export function endOf(status: number | null, stderr: string, command: string): {readonly message: string; readonly hint: string} {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const own = lines.findLast((line) => line.startsWith('tsbpftop: '))?.slice('tsbpftop: '.length);
  const [last = ''] = lines.slice(-1);
  if (status === 127 || /command not found|: not found$/.test(last))
    return {message: `no '${command}' there`, hint: '--remote-command names the program as it is called there'};
  if (own !== undefined && /root|CAP_|privilege|permi|allowed/i.test(own))
    return {message: own, hint: "--remote-command 'sudo -n tsbpftop', or a user with the capabilities"};
  if (own !== undefined && /^no flag|unknown flag/.test(own)) return {message: own, hint: 'the same version of tsbpftop on both sides'};
  if (own !== undefined) return {message: own, hint: lines.find((line) => line.startsWith('hint: '))?.slice(6) ?? ''};
  if (/password is required|askpass/.test(last)) return {message: last, hint: 'sudo there has to do without a password'};
  if (status === 255 || status === null)
    return {
      message: last === '' ? 'the connection ended' : last,
      hint: /denied/i.test(last)
        ? 'a key that needs no password, as of ssh-agent'
        : /host key|identification has changed/i.test(stderr)
          ? 'ssh to it once by hand, to see its key and accept it'
          : '',
    };
  return {message: last === '' ? `it ended with status ${status}` : last, hint: ''};
}
