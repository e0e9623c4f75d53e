// Foreign texts on the screen, in a real pty: the terminal's state is as it was, the raw bytes hold no control but those of our
// own writer, and the layout stands.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {after} from 'node:test';
import {question} from '../../src/ui/pace.ts';
import {evilNames, hostileObject} from '../support/hostile-object.ts';
import {noPrivilege, temporaryFolder} from '../support/program.ts';
import {Term, type TermOptions} from '../support/term.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();
const nasty = 'a\u001B]0;owned\u0007\u009B31m\u000E\u202Eb\u200Bc\u007F\u001BcX日本a\u0301\u0301\u0301\u0301';

class Watched {
  readonly term: Term;
  raw = '';
  title = '';

  constructor(args: readonly string[], options: TermOptions) {
    this.term = new Term(args, options);
    after(() => this.term.kill());
    this.term.pty.onData((data) => (this.raw += data));
    this.term.screen.onTitleChange((title) => (this.title = title));
  }

  /** What holds whenever a whole frame is there. */
  check(where: string): void {
    const {screen} = this.term;
    const lines = this.term.text().split('\n');
    assert.equal(this.title, '', `${where}: a title was set`);
    assert.ok(this.term.alternate, `${where}: the alternate screen is left`);
    assert.match(lines.at(-1) ?? '', /\S/, `${where}: the footer stands on the last line:\n${lines.join('\n')}`);
    assert.equal(lines.length, screen.rows);
    // nothing was printed with another charset, or behind the right border
    assert.doesNotMatch(lines.join('\n'), /[␉␌␍␊]/u);
    // what a terminal answers would be read as keys: it is asked for its attributes, place, modes or size nowhere, but whether it is there
    assert.doesNotMatch(this.raw.replaceAll(question, ''), /\u001B\[[\d;?<>=]*(\$p|[cnxt])/, `${where}: the terminal is asked something`);
    const rest = this.raw.replace(/\u001B(M|\[[\d;?<>=]*[@A-Za-z])/g, '');
    const found = /[^\P{C}\r\n\v\b]|[\u2028\u2029]/u.exec(rest);
    assert.equal(found, null, `${where}: ${JSON.stringify(rest.slice(Math.max(0, (found?.index ?? 0) - 30), (found?.index ?? 0) + 30))}`);
  }
}

for (const [columns, lines] of [
  [80, 24],
  [40, 8],
  [200, 60],
] as const)
  test(`a process's name and path are shown, not obeyed, at ${columns}x${lines}, also in what is opened over the table`, {
    skip,
  }, async () => {
    const hostile = workloads.c('hostile');
    const watched = new Watched(['-d', '0.2', 'openat-files'], {columns, lines});
    const {term} = watched;
    await term.until((each) => each.text().split('\n').length === lines && each.alternate && each.text().includes('COMM'));
    term.press('/evil\r');
    await runToEnd(hostile, []);
    await term.until(/\\x1b/);
    watched.check('table');
    for (const keys of ['e', '\u001B', '?', '\u001B', 'p', '\u001B', '/evil', '\u001B', '\r']) {
      term.press(keys);
      await new Promise((resolve) => setTimeout(resolve, 300));
      watched.check(JSON.stringify(keys));
    }
    term.press('\u0003');
    await term.ended;
  });

test('a preset with hostile members is listed, described and opened without obeying one', {skip}, async (context) => {
  const folder = temporaryFolder(context);
  const preset = {
    name: 'evil',
    title: nasty,
    description: nasty,
    warning: nasty,
    group: 'files',
    attach: 'rawtracepoint:sys_enter',
    measure: 'count',
  };
  writeFileSync(path.join(folder, 'evil.json'), JSON.stringify(preset), {mode: 0o600});
  const watched = new Watched(['-d', '0.2', '--presets', folder, 'openat', 'evil'], {columns: 100, lines: 30});
  const {term} = watched;
  await term.until('events/s');
  for (const keys of ['p', 'evil', '\u001B', '\u001B', '2', 'y', 'e', '\u001B']) {
    term.press(keys);
    await new Promise((resolve) => setTimeout(resolve, 400));
    watched.check(JSON.stringify(keys));
  }
  assert.match(watched.raw, /owned/);
  term.press('\u0003');
  await term.ended;
});

test('a recording with hostile texts in its header and its rows replays without obeying one', async (context) => {
  const file = path.join(temporaryFolder(context), 'recording');
  const time = (second: number): string => `2026-11-23T10:00:0${second}.000Z`;
  const header = {
    v: 1,
    recording: 'header',
    view: 'openat',
    time: time(0),
    tsbpftop: nasty,
    host: nasty,
    kernel: nasty,
    interval: 1,
    shape: {
      name: 'openat',
      title: nasty,
      description: nasty,
      keys: [{name: 'comm', title: nasty, align: 'left'}],
      measures: [{name: 'count', title: nasty, op: 'count', unit: 'count'}],
      sort: '-rate',
      probes: [nasty],
    },
    details: [[nasty, `${nasty}\n${nasty}`]],
    preset: nasty,
  };
  const line = (seq: number): unknown => ({
    v: 1,
    view: 'openat',
    time: time(seq),
    seq,
    interval: seq,
    status: 'partial',
    keys: {used: 1, max: 10},
    lost: {mapFull: 1, unmatched: 0, missed: 0, fault: 0},
    cost: {nsPerEvent: 1, events: 1, cpuPercent: 0},
    rows: [{key: {comm: nasty.repeat(50)}, total: {count: 5}, delta: {count: 1}, rate: {count: 1}}],
    replay: {reasons: [nasty], texts: [[0, 0, nasty]]},
  });
  writeFileSync(file, [header, line(0), line(1), line(2)].map((each) => `${JSON.stringify(each)}\n`).join(''));
  const watched = new Watched(['replay', file], {columns: 80, lines: 24});
  const {term} = watched;
  await term.until('owned');
  watched.check('table');
  for (const keys of ['e', '\u001B', '?', '\u001B', 'p', '\u001B', '\r', '\u001B', 'm']) {
    term.press(keys);
    await new Promise((resolve) => setTimeout(resolve, 300));
    watched.check(JSON.stringify(keys));
  }
  term.press('\u0003');
  await term.ended;
});

for (const [columns, lines] of [
  [80, 24],
  [200, 60],
] as const)
  test(`values of somebody else's map, and names of its types, are shown and not obeyed at ${columns}x${lines}`, {skip}, async () => {
    const own = workloads.preset({name: 'hostile', object: hostileObject(workloads.folder), table: {map: 'hostile'}});
    const evil = workloads.preset({name: 'evil', object: evilNames(workloads.folder), table: {map: 'hostile'}});
    const wrong = workloads.preset({
      ...{name: 'wrong', object: evilNames(workloads.folder), params: {x: 1}},
      table: {map: 'hostile', columns: [{field: 'value.x'}]},
    });
    const watched = new Watched(['-d', '0.2', '--presets', own, '--presets', evil, '--presets', wrong, 'hostile', 'evil', 'wrong'], {
      columns,
      lines,
    });
    const {term} = watched;
    await term.until(/hostile/);
    await term.until('events/s');
    await runToEnd(workloads.c('hostile'), ['map']);
    await term.until(/owned/);
    for (const keys of [
      '',
      's',
      'r',
      '\r',
      '\u007F',
      'e',
      '\u001B',
      'm',
      'f',
      '2',
      'e',
      '\u001B',
      's',
      '3',
      'e',
      '\u001B',
      'p',
      '\u001B',
    ]) {
      if (keys !== '') term.press(keys);
      await new Promise((resolve) => setTimeout(resolve, 300));
      watched.check(JSON.stringify(keys));
    }
    term.press('\u0003');
    await term.ended;
  });

test('functions named by a JIT are shown and not obeyed, on a line, as a tree and one by one', {
  skip: skip ?? (process.arch === 'x64' ? undefined : 'the workload is written for x86-64'),
}, async (context) => {
  const jit = workloads.c('jit', ['-fno-omit-frame-pointer']);
  const file = workloads.preset({
    ...{name: 'evil-stacks', attach: 'tracepoint:syscalls:sys_enter_getpid', where: "comm == 'wl-evil'"},
    ...{by: ['ustack', 'cmdline'], measure: 'count'},
  });
  const watched = new Watched(['-d', '0.2', '--presets', file, 'evil-stacks'], {columns: 80, lines: 24});
  const {term} = watched;
  await term.until('USTACK');
  const child = spawn(jit, ['wl-evil', '50', nasty], {stdio: ['pipe', 'pipe', 'inherit']});
  context.after(() => child.stdin.end());
  const map = `/tmp/perf-${child.pid}.map`;
  context.after(() => rmSync(map, {force: true}));
  await once(child.stdout, 'data');
  await term.until(/owned/);
  for (const keys of ['', '\r', 'j', 'j', '\r', '\u007F', '\u001B', 't', 't', 'e', '\u001B', 'm', 'x', 'z']) {
    if (keys !== '') term.press(keys);
    await new Promise((resolve) => setTimeout(resolve, 300));
    watched.check(JSON.stringify(keys));
  }
  term.press('\u0003');
  await term.ended;
});
