// A preset that is edited while its view is open, in a real terminal: what is wrong with it is told with its place, the view
// goes on as it was, and takes over what is right.
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {noPrivilege, temporaryFolder} from '../support/program.ts';
import {openTerm} from '../support/term.ts';
import {opensFiles} from '../support/workloads.ts';

const skip = noPrivilege();
opensFiles();

const preset = (by: string, end = '') => `{
  "name": "mine",
  "title": "mine by ${by}",
  "attach": "syscall:openat",
  "by": ["${by}"],
  "measure": "count"${end}
}
`;

test('an edit is told with file, line and, where it is no JSON, column, until the view is as it says', {skip}, async (context) => {
  const file = path.join(temporaryFolder(context), 'mine.json');
  const write = (text: string): void => writeFileSync(file, text, {mode: 0o600});
  write(preset('comm'));
  const term = openTerm(['-d', '0.2', '--presets', file, 'mine'], {columns: 160});
  await term.until(/mine by comm[\s\S]*\bcat +\d/);
  write(preset('comm', ','));
  await term.until(/mine\.json:7:1: not JSON: property name expected/);
  write(preset('args.filenam'));
  await term.until(/mine\.json:5: \/by\/0: .*filenam/);
  assert.match(term.text(), /mine by comm[\s\S]*\bcat +\d/);
  write(preset('pid'));
  await term.until(/mine by pid[\s\S]*PID/);
  assert.doesNotMatch(term.text(), /mine\.json/);
  await term.quit();
});
