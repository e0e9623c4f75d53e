// THE table of commands: dispatch, usage, help and what each takes derive from it. Each command is a file of its own, loaded
// when it is called, so that batch and JSON never load Ink or React.
import type {Completes} from './line/flags.ts';
import type {Invocation} from './invocation.ts';

/** 'view' is the one without a word: the screen, or batch. */
export type CommandName = 'view' | 'list' | 'probes' | 'check' | 'map' | 'doctor' | 'record' | 'replay' | 'serve' | 'completions';

interface Command {
  /** How it is called, and what that does: a line each. */
  readonly usage: readonly (readonly [call: string, does: string])[];
  /** A paragraph for its own help. */
  readonly says: string;
  readonly examples: readonly (readonly [call: string, does: string])[];
  /** What its words can be, for the shells, each in its place; more than these are as the last. */
  readonly operands: readonly Completes[];
  readonly run: (invocation: Invocation) => Promise<number>;
}

export const commands: Readonly<Record<CommandName, Command>> = {
  view: {
    usage: [
      ['tsbpftop [VIEW ...]', 'full screen: the named views, or all'],
      ['tsbpftop -b [VIEW ...]', 'batch: one table a refresh on stdout (the first view, unless named)'],
      ['tsbpftop -e PROBE [--by E] [--measure M]', 'a view made here, on the screen or in batch'],
    ],
    says: '',
    examples: [
      ['tsbpftop read-latency syscalls', 'these two views'],
      ['tsbpftop -b openat -n 5', 'five refreshes as plain tables'],
      ['tsbpftop --host web1 --host web2 openat', 'one table of two machines, over ssh'],
      ['tsbpftop --json -p 1234 syscalls', 'NDJSON of one process'],
      ["tsbpftop -b -c 'ls /' syscall-latency", 'a command and its children, from first call to last'],
      ['tsbpftop --events --comm cat openat-files', 'each file that a program opens, as it happens'],
      ["tsbpftop -e 'syscall:open*' --by comm,func", 'who makes which of these calls'],
      ["tsbpftop --span syscall:read --by comm --where 'args.ret > 0'", 'how long reads take'],
      ["tsbpftop -e 'uprobe:libc:malloc' --measure 'hist(arg0)' --unit bytes -p 1234", 'sizes asked for by one process'],
    ],
    operands: ['view'],
    run: async (invocation) =>
      invocation.remote.hosts.length > 0
        ? (await import('./hosts.ts')).hostsCommand(invocation)
        : invocation.events
          ? (await import('./events.ts')).eventsCommand(invocation)
          : invocation.batch
            ? (await import('./batch.ts')).batchCommand(invocation)
            : (await import('./top.ts')).topCommand(invocation),
  },
  list: {
    usage: [['tsbpftop list [WORD ...]', 'the presets, or those that answer it, and whether this machine can run them']],
    says: 'Presets are found, in this order, in what --presets names, $TSBPFTOP_PRESETS, ~/.config/tsbpftop/presets, /etc/tsbpftop/presets and beside the program. The first of a name wins.',
    examples: [
      ['tsbpftop list slow disk', 'what to open for it, best first'],
      ['tsbpftop list --presets ./my-presets', 'with those of a folder'],
      ['tsbpftop list --json | jq -r \'select(.runs == "no") | .reason\'', 'why some cannot run here'],
    ],
    operands: ['view'],
    run: async (invocation) => (await import('./list.ts')).listCommand(invocation),
  },
  probes: {
    usage: [['tsbpftop probes [PATTERN]', 'probe points that match; -v with their fields and types']],
    says: "A pattern is a probe as in a preset, with '*' where any characters may stand. A word alone is looked for in the names of system calls, tracepoints and kernel functions. What cannot be probed here is told on stderr.",
    examples: [
      ['tsbpftop probes', 'the types of probes'],
      ['tsbpftop probes tcp_connect', 'whatever has this in its name'],
      ["tsbpftop probes 'tracepoint:block:*' -v", 'tracepoints of a category, with their fields'],
      ["tsbpftop probes 'fentry:vfs_*' -v", 'kernel functions, with arguments and return types'],
      ["tsbpftop probes 'uprobe:libc:*alloc*'", 'functions of a program or a library'],
      ['tsbpftop probes usdt:/usr/lib/postgresql/15/bin/postgres', 'static probes of a program'],
    ],
    operands: ['probe'],
    run: async (invocation) => (await import('./probes.ts')).probesCommand(invocation),
  },
  check: {
    usage: [['tsbpftop check FILE ...', 'validate presets; as root also load them']],
    says: 'FILE is a preset or a folder of them. Each is read, its names are looked up on this machine, and, where that is allowed, it is attached and let go. Status 0: all are right; 1: one cannot run here; 2: one is wrong.',
    examples: [
      ['tsbpftop check my-presets', 'every preset of a folder'],
      ['tsbpftop check -v my-view.json', "with the verifier's whole log, should it refuse"],
      ["tsbpftop check --json my-view.json | jq '.faults[]? | .pointer, .message'", 'for an editor or CI'],
    ],
    operands: ['presets'],
    run: async (invocation) => (await import('./check.ts')).checkCommand(invocation),
  },
  map: {
    usage: [['tsbpftop map ID|NAME|PINNED-PATH', 'watch any BPF map that is loaded on this machine']],
    says: 'Its BTF says what is in it; of a map without, the bytes are shown. Differences are of the values as they are: a value may also fall. The map is not held: it goes when its owner does, and that is said.',
    examples: [
      ['tsbpftop map 42', 'by its id'],
      ['tsbpftop map /sys/fs/bpf/counts --json -n 1', 'a pinned one, once'],
    ],
    operands: ['file'],
    run: async (invocation) => (await import('./map.ts')).mapCommand(invocation),
  },
  doctor: {
    usage: [['tsbpftop doctor', 'what works on this machine, what not, and the fix']],
    says: 'Attaches to a harmless point of each type and lets go at once, rather than trust versions. It ends with status 1 when no view can run here.',
    examples: [['tsbpftop doctor --json | jq -r \'select(.grade != "good") | .fact\'', 'what is not as it should be']],
    operands: [],
    run: async (invocation) => (await import('./doctor.ts')).doctorCommand(invocation),
  },
  record: {
    usage: [['tsbpftop record FILE [VIEW ...]', 'every refresh to a file, as NDJSON (of the first view, unless named)']],
    says: 'The lines are those of --json, with a header for each view. A name that ends in .gz is compressed. Ctrl-C ends it; every event until then is in the last line.',
    examples: [
      ['tsbpftop record night.ndjson.gz openat read-latency -d 5', 'two views, every five seconds'],
      ['tsbpftop record one.ndjson -p 1234 -n 60 syscalls', 'a minute of one process'],
    ],
    operands: ['file', 'view'],
    run: async (invocation) => (await import('./record.ts')).recordCommand(invocation),
  },
  replay: {
    usage: [['tsbpftop replay FILE [VIEW ...]', 'the same screen from a recording: no root, no BPF']],
    says: 'With the same keys: space stops and goes on, comma and full stop step, + and - change the speed. What --json wrote can be replayed, too.',
    examples: [
      ['tsbpftop replay night.ndjson.gz', 'on the screen'],
      ['tsbpftop replay night.ndjson.gz --csv read-latency', 'as a table for a spreadsheet'],
    ],
    operands: ['file', 'view'],
    run: async (invocation) => (await import('./replay.ts')).replayCommand(invocation),
  },
  serve: {
    usage: [['tsbpftop serve [--listen ADDRESS:PORT] VIEW ...', 'the views as metrics for Prometheus']],
    says: 'OpenMetrics on /metrics, health on /healthz; nothing can be changed from outside. The views stay attached as long as it runs, and are read when they are asked for. The largest rows have series of their own, the others one together (other="1"), so that sums are exact.',
    examples: [
      ['tsbpftop serve openat read-latency', 'on 127.0.0.1:9435, for this machine alone'],
      ['tsbpftop serve --listen 10.0.0.5:9435 --top 20 syscalls', 'for whoever reaches that address, with 20 programs by name'],
    ],
    operands: ['view'],
    run: async (invocation) => (await import('./serve.ts')).serveCommand(invocation),
  },
  completions: {
    usage: [['tsbpftop completions SHELL', 'completion of flags, views and probes for bash, zsh or fish']],
    says: 'Prints the script of a shell. It asks this program for what can stand where the cursor is, so that it knows your own presets and the probes of this machine.',
    examples: [
      [
        'tsbpftop completions bash > ~/.local/share/bash-completion/completions/tsbpftop',
        'of this user, with bash-completion; without: source it in ~/.bashrc',
      ],
      ['tsbpftop completions zsh > ~/.zfunc/_tsbpftop', 'with ~/.zfunc in $fpath'],
      ['tsbpftop completions fish > ~/.config/fish/completions/tsbpftop.fish', ''],
      ["tsbpftop completions line 'tsbpftop -e tracepoint:sched:'", 'what the scripts ask: words that can stand at the end of this line'],
    ],
    operands: [['bash', 'zsh', 'fish']],
    run: async (invocation) => (await import('./completions.ts')).completionsCommand(invocation),
  },
};

export const commandNames = Object.keys(commands) as readonly CommandName[];
export const isCommand = (word: string | undefined): word is Exclude<CommandName, 'view'> =>
  word !== undefined && word !== 'view' && Object.hasOwn(commands, word);
