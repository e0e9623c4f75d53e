// Nothing is left of it, however it ends: the ids of what it had loaded are gone from the kernel, no other process holds them,
// and its descriptors do not grow while views come and go.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {openView} from '../../src/commands/live/open-view.ts';
import {LiveMachine} from '../../src/kernel/machine.ts';
import {loadBinding} from '../../src/native/binding.ts';
import {loadPreset} from '../../src/preset/load.ts';
import {bpfInUse, noPrivilege, Program, root} from '../support/program.ts';
import {openTerm} from '../support/term.ts';

const skip = noPrivilege();
const {addon, objectPath} = loadBinding();
const views = ['openat', 'read-latency', 'syscalls', 'functions'];

/** Ten times as many, in minutes: TSBPFTOP_MANY=1. */
const many = process.env['TSBPFTOP_MANY'] === '1';
const [failures, rounds] = many ? [1000, 166] : [100, 18];

const fdsOf = (pid: number): readonly string[] => readdirSync(`/proc/${pid}/fd`);

/** 'prog_id 12', ... of a process: of its own, whatever others load meanwhile. */
function heldBy(pid: number): ReadonlySet<string> {
  const held = new Set<string>();
  for (const fd of fdsOf(pid))
    try {
      for (const [, kind, id] of readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8').matchAll(/^(prog_id|map_id|link_id):\s*(\d+)/gm))
        held.add(`${kind} ${id}`);
    } catch {
      // closed meanwhile
    }
  return held;
}

const temporary = (): readonly string[] =>
  readdirSync('/tmp').filter((name) => name.startsWith('tsbpftop') && !name.startsWith('tsbpftop-'));
const probeLines = (): string =>
  ['/sys/kernel/tracing/kprobe_events', '/sys/kernel/tracing/uprobe_events']
    .map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : ''))
    .join('');

/** The kernel frees programs and maps a moment after their last reference went. */
async function gone(held: ReadonlySet<string>): Promise<void> {
  assert.ok([...held].some((each) => each.startsWith('prog_id')) && [...held].some((each) => each.startsWith('map_id')), 'it had some');
  const left = (): readonly string[] => {
    const maps = new Set(addon.loadedMaps().map(({id}) => `map_id ${id}`));
    const inUse = bpfInUse();
    return [...held].filter((each) => maps.has(each) || inUse.has(each));
  };
  for (let tries = 0; tries < 100 && left().length > 0; tries++) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(left(), []);
}

const opened = async (options: ConstructorParameters<typeof Program>[1] = {}): Promise<Program> => {
  const program = new Program(['--json', '-d', '0.2', ...views], options);
  await program.until((each) => each.lines().length >= 2 * views.length);
  return program;
};

for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGSEGV', 'SIGABRT'] as const)
  test(`nothing is left in the kernel after ${signal}`, {skip}, async () => {
    const [files, lines] = [temporary(), probeLines()];
    const program = await opened();
    const held = heldBy(program.child.pid ?? 0);
    program.child.kill(signal);
    await program.ended;
    await gone(held);
    assert.deepEqual([temporary(), probeLines()], [files, lines]);
  });

test('nothing is left when its terminal is taken away', {skip}, async () => {
  const term = await openTerm(['-d', '0.2', '--keep', ...views]).until('events/s');
  await term.press('2').until('read(2) latency');
  const held = heldBy(term.pty.pid);
  (term.pty as unknown as {destroy(): void}).destroy();
  await term.ended;
  await gone(held);
});

const memory = '/sys/fs/cgroup/memory';
const group = path.join(memory, `tsbpftop-test-${process.pid}`);
const limited = existsSync(path.join(memory, 'memory.limit_in_bytes'));
test('nothing is left when the kernel kills it for want of memory', {
  skip: skip ?? (limited ? undefined : 'needs a memory cgroup of version 1 that can be written'),
}, async (context) => {
  try {
    mkdirSync(group);
  } catch {
    context.skip('no memory cgroup can be made here');
    return;
  }
  context.after(() => rmdirSync(group));
  const program = await opened();
  const pid = program.child.pid ?? 0;
  const held = heldBy(pid);
  writeFileSync(path.join(group, 'cgroup.procs'), String(pid));
  writeFileSync(path.join(group, 'memory.limit_in_bytes'), String(2 << 20));
  const {signal} = await program.ended;
  assert.equal(signal, 'SIGKILL');
  await gone(held);
});

test(`${failures} sessions that cannot be attached leave no descriptor and no map`, {skip}, async () => {
  const loaded = loadPreset(path.join(root, 'presets/openat.json'));
  assert.ok(loaded.ok);
  const machine = new LiveMachine(addon, objectPath, '/usr/bin');
  const {session, plan} = await openView(loaded.preset, {addon, machine, filters: {}});
  await session.close();
  const spec = {
    ...plan.session,
    programs: plan.session.programs.map((program) => ({
      ...program,
      attach: [...program.attach, {kind: 'tracepoint', category: 'syscalls', name: 'sys_enter_nothing', cookie: 0} as const],
    })),
  };
  const before = fdsOf(process.pid).length;
  for (let i = 0; i < failures; i++) await assert.rejects(addon.openSession(spec), {operation: 'attach', code: 'ENOENT'});
  assert.equal(fdsOf(process.pid).length, before);
  assert.deepEqual([...heldBy(process.pid)], []);
});

test(`${(rounds + 2) * 3} view switches leave as many descriptors as six`, {skip}, async () => {
  const term = await openTerm(['-d', '0.2', '--linger', '0', ...views], {columns: 120}).until('events/s');
  const titles = ['openat by comm', 'read(2) latency by comm', 'system calls by comm'];
  const round = async (): Promise<void> => {
    for (const [i, title] of titles.entries())
      await term.press(String(i + 1)).until((each) => each.text().includes(title) && each.text().includes('events/s'));
  };
  const settled = async (): Promise<number> => {
    await term.press('1').until((each) => each.text().includes('openat by comm') && each.text().includes('events/s'));
    // what was left is closed beside the screen, a map or two at a time: until nothing has changed for a second
    let [count, same] = [-1, 0];
    for (let tries = 0; tries < 200 && same < 20; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const now = fdsOf(term.pty.pid).length;
      same = now === count ? same + 1 : 0;
      count = now;
    }
    return count;
  };
  for (let i = 0; i < 2; i++) await round();
  const few = await settled();
  for (let i = 0; i < rounds; i++) await round();
  const after = await settled();
  const held = heldBy(term.pty.pid);
  assert.equal(after, few, execFileSync('ls', ['-l', `/proc/${term.pty.pid}/fd`], {encoding: 'utf8'}));
  await term.quit();
  await gone(held);
});
