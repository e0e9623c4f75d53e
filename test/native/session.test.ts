// The addon by itself: every method in every state, and its errors. On the real kernel.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {openView} from '../../src/commands/live/open-view.ts';
import {LiveMachine} from '../../src/kernel/machine.ts';
import {loadBinding} from '../../src/native/binding.ts';
import type {NativeError, ObjectSpec, Part, Reading, Session, SessionSpec} from '../../src/native/contract.ts';
import {loadPreset} from '../../src/preset/load.ts';
import {noPrivilege, root, temporaryFolder} from '../support/program.ts';

const skip = noPrivilege();
const {addon, objectPath} = loadBinding();
const machine = new LiveMachine(addon, objectPath, '/usr/bin');

async function opened(name = 'openat') {
  const loaded = loadPreset(path.join(root, `presets/${name}.json`));
  assert.ok(loaded.ok);
  return openView(loaded.preset, {addon, machine, filters: {}});
}

/** Of every kind that there is: the bundled program's, an object's of somebody else, a loaded map's, that of all programs. */
const kinds: Readonly<Record<string, () => Promise<{readonly session: Session; readonly end: () => Promise<void>}>>> = {
  session: async () => ({session: (await opened()).session, end: async () => undefined}),
  'session of an object': async () => ({session: await addon.openObject(churnSpec()), end: async () => undefined}),
  'session of a loaded map': async () => {
    const {session: holder} = await opened();
    // the newest of that name is the holder's
    const id = addon.loadedMaps().findLast(({name}) => name === 'counts')?.id ?? 0;
    const reading: Reading = {...plainReading, key: [part(0, 64)], words: [part(0, 64)]};
    return {session: await addon.openMap({id, name: 'counts', reading}), end: () => holder.close()};
  },
  'session of all programs': async () => ({
    session: await addon.openPrograms({reading: {...plainReading, key: [part(0, 32)], words: [part(0, 64)], gauges: true}}),
    end: async () => undefined,
  }),
};
const part = (bitOffset: number, bits: number): Part => ({kind: 'integer', bitOffset, bits, signed: false, maximum: false});
const plainReading: Reading = {
  ...{key: [], words: [], labels: [], slots: 0, sumSlots: false, firstSlot: 0},
  ...{grouped: false, skipZero: false, gauges: false},
};

let churn: Uint8Array | undefined;
/** Its programs are left out: what is wanted is a session with a map. */
function churnSpec(): ObjectSpec {
  const file = path.join(root, 'test/fixtures/objects/churn.bpf.c');
  const include = `-I/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
  churn ??= execFileSync('clang', ['-g', '-O2', '-target', 'bpf', include, '-c', file, '-o', '-'], {maxBuffer: 2 ** 24});
  const shape = addon.describeObject(churn, 'churn').maps.find(({name}) => name === 'entries');
  const word = part(0, 8 * Math.min(8, shape?.keySize ?? 8));
  const reading: Reading = {...plainReading, key: [word], words: [part(0, 8 * Math.min(8, shape?.valueSize ?? 8))]};
  return {name: 'churn', bytes: churn, globals: {}, programs: [], map: 'entries', maxEntries: 0, reading, statistics: false};
}

const methods: Readonly<Record<keyof Session, (session: Session) => Promise<unknown>>> = {
  read: (session) => session.read('counts'),
  sample: (session) => session.sample('counts', {order: {by: 'none', descending: true}, limit: 10}),
  lookup: (session) => session.lookup('counts', new Uint8Array(16)),
  drain: (session) => session.drain('events'),
  programs: async (session) => session.programs(),
  statistics: async (session) => session.statistics(true),
  refused: async (session) => session.refused(),
  detach: (session) => session.detach(),
  close: (session) => session.close(),
};
const without = (...names: readonly (keyof Session)[]): readonly string[] =>
  Object.keys(methods).filter((name) => !(names as readonly string[]).includes(name));
const ofClosed: readonly string[] = ['statistics', 'refused', 'detach', 'close'];
const states: readonly (readonly [state: string, prepare: (session: Session) => Promise<void>, allowed: readonly string[]])[] = [
  ['open', async () => undefined, without()],
  ['detached', (session) => session.detach(), without()],
  ['closed', (session) => session.close(), ofClosed],
  [
    'closed twice',
    async (session) => {
      await session.close();
      await session.close();
    },
    ofClosed,
  ],
];
for (const [kind, open] of Object.entries(kinds))
  for (const [state, prepare, allowed] of states)
    test(`of a ${kind} that is ${state}: ${allowed.length === ofClosed.length ? 'what needs it is refused' : 'every method works'}`, {
      skip,
    }, async () => {
      for (const [name, call] of Object.entries(methods)) {
        const {session, end} = await open();
        await prepare(session);
        const ended = await call(session).then(
          () => 'done',
          ({operation, code}: NativeError) => `${operation} ${code}`,
        );
        // no such ring buffer, no keys to look up one by one: an error like any other, in whatever state
        const known = ['drain', 'lookup'].includes(name) ? ['done', 'read map ENOENT', 'read map EINVAL', 'read map ENOTSUP'] : ['done'];
        if (allowed.includes(name)) assert.ok(known.includes(ended), `${name}: ${ended}`);
        else assert.equal(ended, 'use session EBADF', name);
        await session.close();
        await end();
      }
    });

test('closing waits for a read that is under way', {skip}, async () => {
  const {session} = await opened('syscalls');
  const reads = Array.from({length: 20}, () => session.read('counts').catch((error: NativeError) => error.code));
  await session.close();
  for (const result of await Promise.all(reads)) assert.ok(result === 'EBADF' || (typeof result === 'object' && result.complete));
});

const faults: readonly (readonly [what: string, change: (spec: SessionSpec) => SessionSpec, error: Readonly<Record<string, string>>])[] = [
  ['an object that is not there', (spec) => ({...spec, object: '/nonexistent.bpf.o'}), {operation: 'open object', code: 'ENOENT'}],
  [
    'an unknown global',
    (spec) => withProgram(spec, {globals: {colour: new Uint8Array(4)}}),
    {operation: 'open object', target: 'global colour'},
  ],
  [
    'a global of the wrong size',
    (spec) => withProgram(spec, {globals: {config: new Uint8Array(4)}}),
    {operation: 'open object', code: 'EMSGSIZE'},
  ],
  ['an unknown program', (spec) => withProgram(spec, {program: 'nobody'}), {operation: 'open object', target: 'program nobody'}],
  ['a map without a key', (spec) => ({...spec, maps: spec.maps.map((map) => ({...map, keySize: 0}))}), {operation: 'create map'}],
  [
    'a tracepoint that is not there',
    (spec) => withProgram(spec, {attach: [{kind: 'tracepoint', category: 'syscalls', name: 'sys_enter_nothing', cookie: 0}]}),
    {operation: 'attach', target: 'tracepoint:syscalls:sys_enter_nothing', code: 'ENOENT'},
  ],
];
function withProgram(spec: SessionSpec, change: Partial<SessionSpec['programs'][number]>): SessionSpec {
  return {...spec, programs: spec.programs.map((program) => ({...program, ...change}))};
}
for (const [what, change, error] of faults)
  test(`${what} is an error that says what was done to what, and leaves nothing open`, {skip}, async () => {
    const {plan, session} = await opened();
    await session.close();
    const descriptors = readdirSync('/proc/self/fd').length;
    await assert.rejects(addon.openSession(change(plan.session)), error);
    assert.equal(readdirSync('/proc/self/fd').length, descriptors);
  });

test('while it is opened, a session tells how far it is', {skip}, async () => {
  const {plan, session} = await opened('read-latency');
  await session.close();
  const control = new Uint32Array(3);
  const again = await addon.openSession(plan.session, control);
  await again.close();
  const {programs} = plan.session;
  const steps = programs.length + programs.reduce((sum, {attach}) => sum + attach.length, 0);
  assert.ok(steps >= 4);
  assert.deepEqual([...control], [0, steps, steps]);
});

test('a session that is given up while it is opened leaves nothing open', {skip}, async () => {
  const {plan, session} = await opened();
  await session.close();
  const descriptors = readdirSync('/proc/self/fd').length;
  await assert.rejects(addon.openSession(plan.session, new Uint32Array([1, 0, 0])), {operation: 'attach', code: 'ECANCELED'});
  assert.equal(readdirSync('/proc/self/fd').length, descriptors);
});

test('a verifier’s refusal comes with its log', {skip}, async () => {
  const {plan, session} = await opened('syscalls');
  await session.close();
  // the context of a raw tracepoint may not be read at word 33
  const config = machine.engine.globals.find((global) => global.name === 'config');
  const late = config?.type.kind === 'struct' ? config.type.members.find((member) => member.name === 'early') : undefined;
  assert.ok(late !== undefined);
  const [program] = plan.session.programs;
  const bytes = Uint8Array.from(program?.globals['config'] ?? []);
  const step = late.type.kind === 'array' && late.type.element.kind === 'struct' ? late.type.element : undefined;
  const index = step?.members.find((member) => member.name === 'index');
  // whichever step reads it: a filter's may come first
  for (let i = 0; i < 4; i++) bytes[late.bitOffset / 8 + i * (step?.size ?? 0) + (index?.bitOffset ?? 0) / 8] = 33;
  const error = await addon.openSession(withProgram(plan.session, {globals: {config: bytes}})).then(
    () => undefined,
    (caught: NativeError) => caught,
  );
  assert.equal(error?.operation, 'load program');
  assert.match(error?.log ?? '', /invalid bpf_context access|off=264/);
});

test('symbols of a library are read with their places, and IFUNCs left out', () => {
  const file = machine.findFile('libc');
  assert.ok(file !== undefined);
  const elf = addon.readElf(file);
  assert.ok(elf.functions.some((each) => each.name === 'fopen' && each.offset > 0 && each.global));
  assert.ok(!elf.functions.some((each) => each.name === 'strlen'), 'its address is a resolver');
  assert.equal(elf.go, false);
});

test('what is no ELF file, or a damaged one, is an error and no crash', (context) => {
  const folder = temporaryFolder(context);
  const file = path.join(folder, 'damaged');
  assert.throws(() => addon.readElf(path.join(root, 'package.json')), {operation: 'read elf', code: 'ENOEXEC'});
  assert.throws(() => addon.readElf('/nonexistent'), {code: 'ENOENT'});
  const whole = readFileSync(objectPath('probe'));
  let seed = 11;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  for (let i = 0; i < 300; i++) {
    const bytes = Buffer.from(whole.subarray(0, i % 3 === 0 ? random(whole.length) : whole.length));
    for (let n = 0; n < 20; n++) bytes[random(Math.min(bytes.length || 1, i % 2 === 0 ? 64 : bytes.length || 1))] = random(256);
    writeFileSync(file, bytes);
    try {
      addon.readElf(file);
      addon.describeObject(bytes, 'damaged'); // as others' objects: libbpf may crash on it, in a process of its own
    } catch (error) {
      assert.ok((error as NativeError).operation !== undefined, String(error));
    }
  }
});
