// Where a terminal knows no more than ASCII, or is to show no colour: nothing else is written, whatever is pressed.
import assert from 'node:assert/strict';
import test from 'node:test';
import {hotkeys} from '../../src/view/hotkeys.ts';
import {noPrivilege} from '../support/program.ts';
import {openTerm} from '../support/term.ts';
import {keyBytes} from '../support/key-bytes.ts';

const skip = noPrivilege();
const keys = [...new Set(hotkeys.filter(({command}) => !['quit', 'suspend'].includes(command)).flatMap((hotkey) => hotkey.keys))];

/** All that the program writes while every key is pressed in each of the views. */
async function writtenWhilePressing(args: readonly string[], views: readonly string[], env: Readonly<Record<string, string>>) {
  const term = openTerm([...args, '-d', '0.2', ...views], {columns: 120, lines: 30, env});
  let written = '';
  term.pty.onData((data) => {
    written += data;
  });
  await term.until('keys');
  for (const view of views.keys())
    for (const key of keys) {
      term.press(`${view + 1}`);
      await term.press(keyBytes(key)).until(() => true);
      await new Promise((resolve) => setTimeout(resolve, 30));
      term.press('\u001B');
      await new Promise((resolve) => setTimeout(resolve, 30));
      term.press('\u001B\u007F\u007F');
    }
  await term.press('1').until('openat by comm');
  await term.quit();
  return written;
}

const views = ['openat', 'read-latency', 'cpu-stacks'];

test('--ascii writes nothing beyond ASCII, whatever is pressed', {skip, timeout: 120_000}, async () => {
  const written = await writtenWhilePressing(['--ascii'], views, {});
  const at = [...written].findIndex((char) => char > '\u007F');
  assert.equal(at, -1, JSON.stringify([...written].slice(Math.max(0, at - 60), at + 20).join('')));
});

test('with NO_COLOR, nothing has a colour, and what matters is bold or reversed', {skip, timeout: 120_000}, async () => {
  const written = await writtenWhilePressing([], views, {NO_COLOR: '1'});
  const codes = [...written.matchAll(/\u001B\[([\d;]*)m/g)].flatMap(([, list]) => (list ?? '').split(';'));
  assert.deepEqual(
    [...new Set(codes)].filter((code) => Number(code) >= 30),
    [],
  );
  assert.ok(codes.includes('1') && codes.includes('7'));
});
