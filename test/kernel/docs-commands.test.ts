// Every command that README, docs/ and --help show is run: in a folder where it finds the files that its page speaks of, for no
// longer than its first refresh, against the real program. What this machine lacks may be refused; a wrong flag, view or preset
// may not. Views that are named without a flag share one start. Those that want another machine: commands-elsewhere.ts.
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {describe, test} from 'node:test';
import {commandNames, commands, isCommand} from '../../src/commands/command-table.ts';
import {elsewhereOf} from '../support/commands-elsewhere.ts';
import {blocksOf, commandsOf, type DocCommand, docCommand, docPages} from '../support/doc-commands.ts';
import {bpfInUse, cli, type Ended, noPrivilege, Program, root, temporaryFolder, tsbpftop} from '../support/program.ts';
import {opensFiles} from '../support/workloads.ts';

const skip = noPrivilege();
opensFiles();
const bundled = readdirSync(path.join(root, 'presets')).map((file) => path.basename(file, '.json'));
const pages: Readonly<Record<string, readonly DocCommand[]>> = {
  ...Object.fromEntries(docPages.map((page) => [page, commandsOf(page)])),
  '--help': commandNames.flatMap((name) => commands[name].examples.map(([call]) => docCommand(call))),
};
const runHere = (page: string): readonly DocCommand[] => (pages[page] ?? []).filter((command) => elsewhereOf(command) === undefined);
/** What only some machines have: the view says so, with status 1. */
const lacking =
  /cannot run here|no cgroup|no tracepoint|no kernel function|no static probe|no function|no file '|cannot attach|does not|-c: |not allowed|cannot work here/;
const allows = ({status, stderr}: Pick<Ended, 'status' | 'stderr'>): boolean => status === 0 || (status === 1 && lacking.test(stderr));

/** Views and nothing else. */
const isPlain = ({words: [, ...views], after}: DocCommand): boolean => after === '' && views.every((view) => bundled.includes(view));

interface Place {
  readonly folder: string;
  /** In place of the numbers that pages have: a process, and a map. */
  readonly numbers: Readonly<Record<string, string>>;
}

/** The words that are run: short, without a screen, and of this machine. */
function argsOf({words: [, ...words]}: DocCommand, {numbers}: Place): readonly string[] {
  const given = words.map((word) => numbers[word] ?? word);
  const [first] = given;
  const at = given.indexOf('-n');
  const counted = at < 0 ? given : given.toSpliced(at, 2);
  const text = given.some((word) => ['-b', '--json', '--csv', '--events'].includes(word)) ? [] : ['-b'];
  // of events only those that a test makes happen are waited for
  const awaited = given.includes('--events') && given.some((word) => word.includes('openat'));
  if (!isCommand(first) || first === 'map') return [...counted, ...text, '-n', awaited ? '1' : '0'];
  if (first === 'record') return [...counted, '-n', '0'];
  if (first === 'replay') return [...counted, ...text];
  if (first !== 'serve') return given;
  const listen = given.indexOf('--listen');
  return [...(listen < 0 ? given : given.toSpliced(listen, 2)), '--listen', '127.0.0.1:0'];
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

async function run(command: DocCommand, place: Place): Promise<void> {
  const args = argsOf(command, place);
  const options = {env: {HOME: place.folder, XDG_CONFIG_HOME: path.join(place.folder, '.config')}, cwd: place.folder};
  let ended: Pick<Ended, 'status' | 'stderr'>;
  if (args[0] === 'serve') {
    const program = new Program(args, options);
    await program.until(({stderr}) => stderr.includes('/metrics'));
    ended = await program.stop();
  } else if (command.after === '') ended = await tsbpftop(args, options);
  else {
    const [tool = ''] = command.after.split(/\s+/).slice(1);
    const missing = command.after.startsWith('|') && spawnSync(tool, ['--help']).error !== undefined;
    mkdirSync(path.dirname(tool.replace('~', place.folder)), {recursive: true});
    const call = [process.execPath, cli, ...args].map(quoted).join(' ');
    ended = spawnSync('bash', ['-o', 'pipefail', '-c', `${call} ${missing ? '' : command.after}`], {
      encoding: 'utf8',
      cwd: options.cwd,
      env: {...process.env, NODE_OPTIONS: '', ...options.env},
    });
  }
  assert.ok(allows(ended), `${command.line}\n${args.join(' ')}: status ${ended.status}\n${ended.stderr}`);
}

/** One start of them all; where this machine refuses one, each by itself. */
test('each view that README, docs/ or --help name is one that the program opens', {skip}, async () => {
  const lines = Object.keys(pages).flatMap(runHere).filter(isPlain);
  const views = [...new Set(lines.flatMap(({words}) => words.slice(1)))];
  assert.ok(views.length > 30);
  const {stdout} = await tsbpftop(['list', '--json']);
  const runs = new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as {view: string; runs: string; reason: string})
      .map(({view, runs: can, reason}) => [view, {can, reason}]),
  );
  const here = views.filter((view) => runs.get(view)?.can === 'yes');
  for (const view of views) if (!here.includes(view)) assert.match(runs.get(view)?.reason ?? 'not in list', lacking, view);
  if ((await tsbpftop(['-b', ...here, '-n', '0'])).status === 0) return;
  for (const view of here) {
    const ended = await tsbpftop(['-b', view, '-n', '0']);
    assert.ok(allows(ended), `${view}: status ${ended.status}\n${ended.stderr}`);
  }
});

const done = new Map<string, Promise<void>>();
describe('pages', {concurrency: 2}, () => {
  for (const page of Object.keys(pages).filter((each) => runHere(each).length > 0))
    test(`each command in ${page} is one that the program takes`, {skip, timeout: 280_000}, async (context) => {
      const folder = temporaryFolder(context);
      const blocks = page === '--help' ? [] : blocksOf(page).filter(([language]) => language === 'json');
      for (const [, text] of blocks) {
        if (!text.startsWith('{\n')) continue;
        writeFileSync(path.join(folder, `${(JSON.parse(text) as {name: string}).name}.json`), text, {mode: 0o600});
      }
      mkdirSync(path.join(folder, 'my-presets'), {mode: 0o700});
      const mine = JSON.stringify({name: 'my-view', attach: 'syscall:read', measure: 'count'});
      for (const file of ['my-presets/my-view.json', 'my-view.json']) writeFileSync(path.join(folder, file), mine, {mode: 0o600});
      const sleeper = spawn('sleep', ['300']);
      const view = new Program(['--json', 'openat', '-d', '300']);
      context.after(() => {
        sleeper.kill();
        view.child.kill();
      });
      await view.until((each) => each.lines()[0]);
      const map = [...bpfInUse(view.child.pid)].find((each) => each.startsWith('map_id'))?.split(' ')[1] ?? '';
      const place = {folder, numbers: {1234: String(sleeper.pid), 42: map}};
      // in the page's order: a recording is made before it is replayed
      for (const command of runHere(page)) {
        if (isPlain(command) && command.words.length > 1) continue;
        const apart = /\b(record|replay|check|completions|--presets|--save)\b/.test(command.line);
        const once = (apart ? undefined : done.get(command.line)) ?? run(command, place);
        if (!apart) done.set(command.line, once);
        await once;
      }
    });
});
