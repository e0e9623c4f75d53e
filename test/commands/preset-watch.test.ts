// Edits of a preset's file, in each way that editors write: what they mean for the view that is open.
import assert from 'node:assert/strict';
import {mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {type TestContext} from 'node:test';
import {type PresetChange, PresetWatch} from '../../src/commands/presets/preset-watch.ts';
import {loadPreset} from '../../src/preset/load.ts';
import {temporaryFolder} from '../support/program.ts';

const text = (probe: string): string => JSON.stringify({name: 'mine', attach: probe, measure: 'count'});

class Changes {
  readonly all: PresetChange[] = [];
  private wake: (() => void) | undefined;
  private read = 0;

  add(change: PresetChange): void {
    this.all.push(change);
    this.wake?.();
  }

  /** The next change for which it holds. */
  async until(holds: (change: PresetChange) => boolean): Promise<PresetChange> {
    for (;;) {
      for (; this.read < this.all.length; ) {
        const change = this.all[this.read++];
        if (change !== undefined && holds(change)) return change;
      }
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

function watching(context: TestContext, file?: string) {
  const place = file ?? path.join(temporaryFolder(context), 'mine.json');
  if (file === undefined) writeFileSync(place, text('syscall:read'));
  const loaded = loadPreset(place);
  assert.ok(loaded.ok);
  const changes = new Changes();
  const watch = new PresetWatch(loadPreset, (_, change) => changes.add(change));
  const keepAlive = setInterval(() => undefined, 1000); // the watchers do not hold the process
  context.after(() => {
    watch.stop();
    clearInterval(keepAlive);
  });
  watch.start('mine', loaded.preset);
  return {file: place, changes};
}

const probe = (change: PresetChange): string =>
  change.kind === 'preset' && change.preset.probes.kind === 'attach'
    ? (change.preset.probes.probes[0]?.alternatives[0]?.[0]?.probe ?? '')
    : '';

test('a file written in place is read again', {timeout: 20_000}, async (context) => {
  const {file, changes} = watching(context);
  writeFileSync(file, text('syscall:write'));
  assert.equal(probe(await changes.until(({kind}) => kind === 'preset')), 'syscall:write');
});

test('a file that is renamed over it is read again, twice over', {timeout: 20_000}, async (context) => {
  const {file, changes} = watching(context);
  for (const each of ['syscall:write', 'syscall:close']) {
    writeFileSync(`${file}.new`, text(each));
    renameSync(`${file}.new`, file);
    await changes.until((change) => probe(change) === each);
  }
});

test('an edit behind a symbolic link is seen', {timeout: 20_000}, async (context) => {
  const folder = temporaryFolder(context);
  mkdirSync(path.join(folder, 'dotfiles'));
  const target = path.join(folder, 'dotfiles/mine.json');
  writeFileSync(target, text('syscall:read'));
  symlinkSync(target, path.join(folder, 'mine.json'));
  const {changes} = watching(context, path.join(folder, 'mine.json'));
  writeFileSync(target, text('syscall:write'));
  await changes.until((change) => probe(change) === 'syscall:write');
});

test('a wrong edit is told with file, line and what is wrong, and mended it is a preset again', {timeout: 20_000}, async (context) => {
  const {file, changes} = watching(context);
  writeFileSync(file, '{"name":"mine",\n"attach":"syscall:read",\n"measure":"median(x)",\n"colour":1}');
  const trouble = await changes.until(({kind}) => kind === 'trouble');
  assert.match(trouble.kind === 'trouble' ? trouble.message : '', /mine\.json:\d: .*(median|colour).* \(and 1 more\)$/);
  writeFileSync(file, '{"name": "mine",\n"attach": "syscall:read"\n"measure": "count"}');
  const broken = await changes.until((change) => change.kind === 'trouble' && change.message.includes('JSON'));
  assert.match(broken.kind === 'trouble' ? broken.message : '', /mine\.json:3:1: not JSON: comma expected$/);
  writeFileSync(file, text('syscall:read'));
  await changes.until((change) => probe(change) === 'syscall:read');
});

test('a file that is gone is told, and the same file back is a preset again', {timeout: 20_000}, async (context) => {
  const {file, changes} = watching(context);
  unlinkSync(file);
  const gone = await changes.until(({kind}) => kind === 'trouble');
  assert.match(gone.kind === 'trouble' ? gone.message : '', /mine\.json' is gone: the view goes on as it was/);
  writeFileSync(file, text('syscall:read'));
  await changes.until((change) => probe(change) === 'syscall:read');
});

test('the same content written again, and a neighbour, are no change', {timeout: 20_000}, async (context) => {
  const {file, changes} = watching(context);
  writeFileSync(file, text('syscall:read'));
  writeFileSync(path.join(path.dirname(file), 'other.json'), text('syscall:open'));
  writeFileSync(file, text('syscall:write'));
  await changes.until((change) => probe(change) === 'syscall:write');
  assert.equal(changes.all.length, 1);
});
