// THE table of flags: the parser's options, the help texts, and what a preset's member is called on the command line derive
// from it. Keys are the names in camel case; spelled() writes them as the user does.
import {units} from '../../decode/frame.ts';
import {type CommandName, commandNames} from '../command-table.ts';

/** What a word on the command line can be, for the shells: a kind that complete.ts knows, or these words. */
export type Completes = 'view' | 'probe' | 'presets' | 'file' | 'pid' | 'comm' | 'cgroup' | 'field' | readonly string[];

interface Flag {
  readonly short?: string;
  /** What follows it, in capitals; none: it is on or off. */
  readonly argument?: string;
  /** What the argument can be, where a shell can offer it. */
  readonly completes?: Completes;
  /** May be given again. */
  readonly several?: true;
  /** The argument is a number in these bounds. */
  readonly number?: {readonly least: number; readonly most?: number; readonly whole?: true};
  /** On unless --no-NAME. */
  readonly negated?: true;
  readonly says: string;
  /** Commands that take it. */
  readonly of: readonly CommandName[];
  /** It says something about what this flag asks for, and nothing without it. */
  readonly wants?: string;
  /** Flags that ask for something else, or say something of what is not there then. */
  readonly not?: readonly string[];
  /** Part of a view made on the command line; the member of a preset that it stands for. */
  readonly member?: string;
}

/** Those that attach views. */
const counting: readonly CommandName[] = ['view', 'record', 'serve'];

const table = {
  batch: {short: 'b', says: 'one table a refresh on stdout, no terminal needed', of: ['view', 'map', 'replay']},
  json: {says: 'NDJSON: one line a view and refresh, or an entry', of: ['view', 'map', 'list', 'probes', 'check', 'doctor', 'replay']},
  events: {
    says: 'single events as NDJSON, a line each as they happen; -n N of them',
    of: ['view'],
    not: ['csv', 'folded', 'header', 'sort', 'top'],
  },
  csv: {says: 'batch as CSV with a header line, of one view', of: ['view', 'map', 'replay'], not: ['json']},
  folded: {
    says: 'when it ends, a line a call chain and how much, for flamegraph.pl and its like',
    of: ['view'],
    not: ['json', 'csv', 'sort', 'top', 'host'],
  },
  interval: {
    short: 'd',
    argument: 'SECONDS',
    number: {least: 0.1, most: 86_400},
    says: 'between refreshes; default 1, from 0.1',
    of: ['view', 'map', 'record'],
  },
  count: {
    short: 'n',
    argument: 'N',
    number: {least: 0, whole: true},
    says: 'refreshes, then exit',
    of: ['view', 'map', 'record', 'replay'],
  },
  command: {
    short: 'c',
    argument: 'COMMAND',
    says: 'start this, count what it and all its children do, and end with it and its status',
    of: ['view', 'record'],
  },
  pid: {
    short: 'p',
    argument: 'PID',
    completes: 'pid',
    says: 'only this process, filtered in the kernel, in every view; also by the name that one alone has',
    of: counting,
  },
  probe: {
    argument: 'PROBE',
    completes: 'probe',
    several: true,
    says: "in place of the view's own probes: tsbpftop functions --probe 'kprobe:tcp_*'",
    of: counting,
  },
  comm: {argument: 'NAME', completes: 'comm', says: 'only tasks of this name', of: counting},
  cgroup: {argument: 'PATH', completes: 'cgroup', says: 'only tasks in this cgroup, a folder under /sys/fs/cgroup', of: counting},
  top: {
    argument: 'N',
    number: {least: 0, whole: true},
    says: 'at most N rows; served: with series of their own, default 100',
    of: ['view', 'map', 'record', 'replay', 'serve'],
  },
  host: {argument: 'HOST', several: true, says: 'the views of another machine, over ssh; again: one table of them all', of: ['view']},
  ssh: {argument: 'COMMAND', says: "how hosts are reached: --ssh 'ssh -F FILE'; the same: TSBPFTOP_SSH", of: ['view'], wants: 'host'},
  remoteCommand: {argument: 'COMMAND', says: "tsbpftop as it is called there: 'sudo -n tsbpftop'", of: ['view'], wants: 'host'},
  sum: {says: 'rows of all hosts added up; Enter shows them by host', of: ['view'], wants: 'host'},
  header: {says: 'with --json: lines as record writes them, a header before the first of each view', of: ['view'], wants: 'json'},
  listen: {argument: 'ADDRESS:PORT', says: 'where metrics are served; default 127.0.0.1:9435', of: ['serve']},
  sort: {
    argument: '[-]COLUMN',
    says: "order of the rows; '-' in front: descending",
    of: ['view', 'map', 'record', 'replay'],
    member: 'sort',
  },
  attach: {
    short: 'e',
    argument: 'PROBE',
    completes: 'probe',
    several: true,
    says: 'a view of its own: count at this probe; again: at these',
    of: counting,
    member: 'attach',
  },
  span: {
    argument: 'PROBE',
    completes: 'probe',
    several: true,
    says: 'the same, measuring from entry to return of a call',
    of: counting,
    member: 'span',
  },
  from: {
    argument: 'PROBE',
    completes: 'probe',
    several: true,
    says: 'the same, measuring from this probe …',
    of: counting,
    member: 'from',
  },
  to: {argument: 'PROBE', completes: 'probe', several: true, says: '… to this one', of: counting, member: 'to'},
  until: {
    argument: 'PROBE',
    completes: 'probe',
    several: true,
    says: 'with -e or --span: show what lasts now, each event until one of these',
    of: counting,
    member: 'until',
  },
  match: {
    argument: 'E',
    several: true,
    says: 'what pairs the two ends; default tid; twice: at --from, then at --to; or at -e, then at --until',
    of: counting,
    member: 'match',
  },
  by: {
    argument: '[TITLE=]E[:FORMAT]',
    completes: 'field',
    several: true,
    says: 'group by these: --by comm,args.ret:errno',
    of: counting,
    member: 'by',
  },
  where: {
    argument: 'W',
    several: true,
    says: 'count only what passes: "args.ret < 0 && comm != \'cat\'"',
    of: counting,
    member: 'where',
  },
  measure: {
    argument: 'M',
    completes: ['count', 'sum(', 'avg(', 'min(', 'max(', 'hist(', 'lhist(', 'hist(duration)'],
    several: true,
    says: 'count, sum(E), hist(E) …; default count, in a span hist(duration)',
    of: counting,
    member: 'measure',
  },
  unit: {
    argument: 'UNIT',
    completes: units,
    says: `of what is measured: ${units.join(', ')}`,
    of: counting,
    member: 'unit',
  },
  maxKeys: {
    argument: 'N',
    number: {least: 1, whole: true},
    says: 'rows that its map holds; default 10240',
    of: counting,
    member: 'maxKeys',
  },
  maxProbes: {
    argument: 'N',
    number: {least: 1, whole: true},
    says: 'probes that a wildcard may mean; default 1000',
    of: counting,
    member: 'maxProbes',
  },
  allowGoUretprobe: {says: 'take the risk: a return probe can crash a Go program', of: counting, member: 'allowGoUretprobe'},
  save: {argument: 'NAME', says: 'keep it as a preset of this name, then show it', of: ['view'], member: 'name'},
  presets: {
    argument: 'PATH',
    completes: 'presets',
    several: true,
    says: 'a preset file or a folder of them; may be given again',
    of: ['view', 'list', 'record', 'serve', 'completions'],
  },
  linger: {
    argument: 'SECONDS',
    number: {least: 0, most: 86_400},
    says: 'a view that was left stays attached so long; default 10',
    of: ['view'],
  },
  keep: {says: 'views that were left stay attached', of: ['view']},
  color: {negated: true, says: 'no colours; the same: NO_COLOR in the environment', of: ['view', 'map', 'replay']},
  screenReader: {
    says: 'lines that say what changed, in place of a screen; the same: INK_SCREEN_READER',
    of: ['view', 'map', 'replay'],
  },
  mouse: {negated: true, says: 'the mouse stays the terminal’s; so in tmux and screen, unless --mouse', of: ['view', 'map', 'replay']},
  ascii: {says: 'no characters beyond ASCII; by itself where the locale or TERM has none', of: ['view', 'map', 'replay']},
  maxBytes: {
    argument: 'N',
    number: {least: 100, whole: true},
    says: 'at most N bytes a second to the terminal',
    of: ['view', 'map', 'replay'],
  },
  verbose: {short: 'v', says: "check: the verifier's whole log; probes: fields and types", of: ['check', 'probes']},
  force: {says: 'replace the file, if it is there', of: ['record']},
  help: {short: 'h', says: 'this help; after a command, its own', of: commandNames},
  version: {short: 'V', says: 'the version', of: commandNames},
  licences: {says: 'the licences of all that is inside', of: ['view']},
} as const satisfies Readonly<Record<string, Flag>>;

export type FlagName = keyof typeof table;
export const flagTable: Readonly<Record<FlagName, Flag>> = table;
export const flagNames = Object.keys(table) as readonly FlagName[];

type ValueOf<F> = F extends {readonly number: unknown}
  ? number | undefined
  : F extends {readonly several: true}
    ? readonly string[]
    : F extends {readonly argument: string}
      ? string | undefined
      : boolean | undefined;

/** A command line, read. */
export type FlagValues = {readonly [N in FlagName]: ValueOf<(typeof table)[N]>};

/** 'maxBytes' → '--max-bytes' */
export const spelled = (name: FlagName): string => `--${flagTable[name].negated === true ? 'no-' : ''}${kebab(name)}`;

export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** As it is most often typed: '-e' for --probe, '--by'. */
export const typed = (name: FlagName): string => {
  const {short, member} = flagTable[name];
  return short !== undefined && member !== undefined ? `-${short}` : spelled(name);
};

export const flagOfMember = (member: string): FlagName | undefined => flagNames.find((name) => flagTable[name].member === member);
