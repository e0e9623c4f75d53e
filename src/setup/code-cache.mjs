// V8's code cache of the packs: made by running the program as it is run most, so that it holds the functions that a start
// needs and no others. It is good for the very Node that made it; another one compiles as it goes.
import {spawnSync} from 'node:child_process';
import {readdirSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import pty from '@lydell/node-pty';
import {at} from './steps.mjs';

const hook = at('src/setup/keep-code.cjs');
const program = at('dist/cli.js');

/** Names of the caches in dist/packs, for one Node. Without the right to load BPF programs, they hold what comes before that. */
export async function codeCache(node = process.execPath) {
  const v8 = spawnSync(node, ['-p', "process.arch + '-' + process.versions.v8"], {encoding: 'utf8'}).stdout.trim();
  const folder = at('dist/packs');
  const caches = readdirSync(folder).flatMap((file) => (file.endsWith('.js') ? [file.replace(/\.js$/, `.${v8}.cache`)] : []));
  // something to be refused: the packs are then scripts, of which a cache can be had
  for (const cache of caches) writeFileSync(path.join(folder, cache), 'none');
  const env = {PATH: process.env.PATH, HOME: '/nonexistent', TERM: 'xterm-256color', LANG: 'C.UTF-8'};
  const keep = (wanted) => {
    for (const name of caches) {
      const cache = path.join(folder, name);
      const size = statSync(`${cache}.new`, {throwIfNoEntry: false})?.size;
      if (size > 0 && wanted.test(name)) renameSync(`${cache}.new`, cache);
      else if (size !== undefined) rmSync(`${cache}.new`);
    }
  };
  spawnSync(node, ['--require', hook, program, '--json', 'openat', '-n', '1', '-d', '0.1'], {env, stdio: 'ignore'});
  keep(/^core/);
  await screen(node, env);
  keep(/^(core|screen|ink)/);
  // of the others, the one that comes by all presets; what it alone needs of the core is not for every start
  spawnSync(node, ['--require', hook, program, 'list'], {env, stdio: 'ignore'});
  keep(/^more/);
  return caches;
}

/** The full screen, until it shows a view; then it is left. */
async function screen(node, env) {
  const terminal = pty.spawn(node, ['--require', hook, program, 'openat'], {cols: 120, rows: 40, env, name: env.TERM});
  let shown = '';
  let left = false;
  terminal.onData((data) => {
    shown += data;
    if (left || !/keys/.test(shown)) return;
    left = true;
    setTimeout(() => terminal.write('q'), 100);
  });
  const timer = setTimeout(() => terminal.kill('SIGKILL'), 10_000);
  await new Promise((resolve) => terminal.onExit(resolve));
  clearTimeout(timer);
}
