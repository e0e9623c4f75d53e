// What the screen is drawn with does in tmux and in GNU screen what it does in xterm: the frame is there, character for character.
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {closeSync, openSync, readFileSync, rmSync, writeSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {changes, tableFrames} from '../support/emulator.ts';
import {seeded} from '../support/seeded.ts';
import {temporaryFolder} from '../support/program.ts';

const [columns, lines] = [80, 24];
const run = (command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, {encoding: 'utf8', env: {...process.env, LC_ALL: 'C.UTF-8', TERM: 'xterm'}});

interface Multiplexer {
  readonly name: string;
  readonly start: (session: string, command: string) => void;
  readonly text: (session: string, folder: string) => string;
  /** A character as `text` has it. */
  readonly shown: (char: string) => string;
  readonly stop: (session: string) => void;
}
const multiplexers: readonly Multiplexer[] = [
  {
    name: 'tmux',
    start: (session, command) => run('tmux', '-L', session, '-f', '/dev/null', 'new-session', '-d', '-x', '80', '-y', '25', command),
    text: (session) => run('tmux', '-L', session, 'capture-pane', '-p'),
    shown: (char) => char,
    stop: (session) => run('tmux', '-L', session, 'kill-server'),
  },
  {
    name: 'screen',
    start: (session, command) => run('screen', '-U', '-c', '/dev/null', '-d', '-m', '-S', session, 'sh', '-c', command),
    text: (session, folder) => {
      const file = path.join(folder, 'copy');
      run('screen', '-S', session, '-X', 'hardcopy', file);
      return readable(file);
    },
    // its copy has but a byte of each
    shown: (char) => String.fromCharCode(char.charCodeAt(0) & 0xff),
    stop: (session) => run('screen', '-S', session, '-X', 'quit'),
  },
];

for (const {name, start, text, shown, stop} of multiplexers)
  test(`${name} shows each frame as it is`, {
    skip: spawnSync(name, ['-V']).error === undefined ? false : `${name} is not installed`,
  }, async (context) => {
    const folder = temporaryFolder(context);
    const session = `tsbpftop-${process.pid}`;
    const pipe = path.join(folder, 'pipe');
    run('mkfifo', pipe);
    start(session, `exec cat ${pipe}`);
    context.after(() => stop(session));
    const line = openSync(pipe, 'w');
    context.after(() => closeSync(line));
    const frames = tableFrames(columns, lines - 1, seeded(31));
    let painted: readonly string[] | undefined;
    writeSync(line, '\u001B[?7l');
    for (let i = 0; i < 40; i++) {
      const wanted = [...(frames.next().value as readonly string[]), `frame ${i}.`];
      writeSync(line, changes(painted, wanted, lines, columns));
      painted = wanted;
      let seen = '';
      const until = Date.now() + 10_000;
      const plain = (all: string): string =>
        all
          .split('\n')
          .slice(0, lines)
          .map((each) => each.trimEnd())
          .join('\n');
      const expected = plain([...wanted.join('\n').replace(/\u001B\[[\d;]*m/g, '')].map(shown).join(''));
      while ((seen = plain(text(session, folder))) !== expected && Date.now() < until) await delay(seen.includes(`frame ${i}.`) ? 50 : 10);
      assert.equal(seen, expected, `frame ${i}`);
    }
  });

function readable(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  } finally {
    rmSync(file, {force: true});
  }
}
