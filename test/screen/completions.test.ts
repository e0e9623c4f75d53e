// The completion scripts in the shells themselves: what each really offers at a Tab.
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {type TestContext} from 'node:test';
import {cli, noPrivilege, root, temporaryFolder, tsbpftop} from '../support/program.ts';

interface Place {
  readonly script: string;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}
/** Loads the script in that shell, and gives what it offers at the end of each line. */
type Offers = (lines: readonly string[], place: Place) => readonly (readonly string[])[];

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
/** Answers, a word a line, each set closed by END. */
const sets = (text: string): readonly (readonly string[])[] =>
  text
    .split('END\n')
    .slice(0, -1)
    .map((set) => set.split('\n').filter((each) => each !== ''));

/** Lines are cut as bash cuts them: at ':' and '=' as well; what it replaces is the last piece alone. */
const bash: Offers = (lines, {script, folder, env}) => {
  const calls = lines.map((line) => {
    const words = line.split(/\s+|(?<=[:=])|(?=[:=])/);
    return `COMP_LINE=${quoted(line)} COMP_POINT=${line.length} COMP_WORDS=(${words.map(quoted).join(' ')}) COMP_CWORD=${words.length - 1}
_tsbpftop tsbpftop; printf '%s\\n' "\${COMPREPLY[@]}" END`;
  });
  const program = ['compopt() { :; }', `source ${quoted(script)}`, ...calls].join('\n');
  const answers = sets(execFileSync('bash', ['--norc', '-c', program], {encoding: 'utf8', env, cwd: folder}));
  const start = (line: string): string => (/[^\s]*$/.exec(line)?.[0] ?? '').replace(/^'.*|[^:=]*$/, '');
  return answers.map((words, i) => words.map((word) => `${start(lines[i] ?? '')}${word}`));
};

/** A zsh with its line editor in a pty; compadd also writes down what it accepted. */
const zsh: Offers = (lines, {script, folder, env}) => {
  const out = path.join(folder, 'offered');
  const rc = `PS1= PROMPT_EOL_MARK=
autoload -U compinit; compinit -u -d ${folder}/dump; source ${script}; bindkey '^I' complete-word
compadd() { local -a all; builtin compadd -O all "$@"; (( $#all )) && print -rl -- $all >> ${out}; builtin compadd "$@" }
ended() { print END >> ${out}; zle kill-whole-line }; zle -N ended; bindkey '^X' ended; print END > ${out}\n`;
  writeFileSync(path.join(folder, '.zshrc'), rc);
  const wait = `wait() { for (( i = 0; i < 600; i++ )) { [[ $(grep -c END ${out} 2>/dev/null) -ge $1 ]] && return; zpty -r -t z > /dev/null; sleep 0.05 } }`;
  const calls = lines.map((line, i) => `zpty -n -w z ${quoted(`${line}\t\u0018`)}; wait ${i + 2}`);
  spawnSync('zsh', ['-f', '-c', ['zmodload zsh/zpty', wait, 'zpty -b z zsh -d -i', 'wait 1', ...calls].join('\n')], {env, cwd: folder});
  return sets(readFileSync(out, 'utf8')).slice(1);
};

const fish: Offers = (lines, {script, folder, env}) => {
  const calls = lines.map((line) => `complete -C ${quoted(line)}; echo END`);
  const stdout = execFileSync('fish', ['--no-config', '-c', [`source ${quoted(script)}`, ...calls].join('\n')], {
    encoding: 'utf8',
    env,
    cwd: folder,
  });
  return sets(stdout).map((words) => words.map((each) => each.split('\t')[0] ?? ''));
};

const shells = {bash, zsh, fish} as const;
const missing = (name: string): string | undefined =>
  spawnSync(name, ['-c', 'true']).error === undefined ? undefined : `${name} is not installed`;

async function place(name: string, context: TestContext): Promise<Place> {
  const folder = temporaryFolder(context);
  symlinkSync(cli, path.join(folder, 'tsbpftop'));
  const script = path.join(folder, `script.${name}`);
  writeFileSync(script, (await tsbpftop(['completions', name])).stdout);
  mkdirSync(path.join(folder, 'presets-of-mine'), {mode: 0o755});
  const preset = JSON.stringify({name: 'fresh-view', attach: 'syscall:read', measure: 'count'});
  writeFileSync(path.join(folder, 'presets-of-mine/fresh-view.json'), preset, {mode: 0o644});
  writeFileSync(path.join(folder, 'presets-of-mine/notes.txt'), '', {mode: 0o644});
  const own = {HOME: folder, ZDOTDIR: folder, XDG_CONFIG_HOME: folder, PATH: `${folder}:${process.env['PATH']}`};
  return {script, folder, env: {...process.env, NODE_OPTIONS: '', TERM: 'dumb', ...own}};
}

/** Line → all that is offered at its end. */
const flagsAndViews: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['tsbpftop --max-by', ['--max-bytes']],
  ['tsbpftop list --pre', ['--presets']],
  ['tsbpftop list --inter', []],
  ['tsbpftop doc', ['doctor']],
  ['tsbpftop -b -n 5 read-la', ['read-latency']],
  ['tsbpftop record night.ndjson read-la', ['read-latency']],
  ['tsbpftop openat', ['openat', 'openat-files']],
  ['tsbpftop --unit by', ['bytes']],
  ['tsbpftop --unit=by', ['--unit=bytes']],
  ['tsbpftop --by comm,tid', ['comm,tid']],
  ['tsbpftop completions zs', ['zsh']],
  ['tsbpftop check presets-of-mi', ['presets-of-mine/']],
  ['tsbpftop check presets-of-mine/', ['presets-of-mine/fresh-view.json']],
  ['tsbpftop --presets presets-of-mine fresh', ['fresh-view']],
];
const probes: typeof flagsAndViews = [
  ['tsbpftop -e rawt', ['rawtracepoint:']],
  ['tsbpftop -e tracepoint:sche', ['tracepoint:sched:']],
  ['tsbpftop probes tracepoint:sched:sched_process_exi', ['tracepoint:sched:sched_process_exit']],
  ['tsbpftop --span uprobe:libc:reallocar', ['uprobe:libc:reallocarray']],
  ["tsbpftop -e 'syscall:read|software:page", ['syscall:read|software:page-faults:']],
];

for (const [name, offers] of Object.entries(shells)) {
  const skip = missing(name);
  const all = async (table: typeof flagsAndViews, context: TestContext): Promise<void> => {
    const lines = table.map(([line]) => line);
    const got = offers(lines, await place(name, context));
    for (const [i, [line, words]] of table.entries())
      assert.deepEqual([...(got[i] ?? ['no answer'])].map((word) => word.replace(/^'|'$/g, '')).sort(), [...words].sort(), line);
  };
  test(`${name} completes flags, commands, views and preset files`, {skip}, (context) => all(flagsAndViews, context));
  test(`${name} completes probes, part by part`, {skip: skip ?? noPrivilege()}, (context) => all(probes, context));
}

test('no script has a fault that its shell sees', async (context) => {
  for (const name of Object.keys(shells).filter((shell) => missing(shell) === undefined)) {
    const file = path.join(temporaryFolder(context), name);
    writeFileSync(file, (await tsbpftop(['completions', name])).stdout);
    const {status, stderr} = spawnSync(name, ['-n', file], {encoding: 'utf8', cwd: root});
    assert.deepEqual([status, stderr], [0, ''], name);
  }
});

test('a shell that has no completions is refused, and those that have are named', async () => {
  const {status, stderr} = await tsbpftop(['completions', 'csh']);
  assert.deepEqual([status, stderr], [2, "tsbpftop: no completions for 'csh'\nhint: one of bash, zsh, fish\n"]);
});
