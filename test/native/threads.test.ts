// The addon in threads and at the end of them: sessions of two threads at once, threads that are ended while the addon
// works for them, a process that ends meanwhile. Nothing crashes, nothing hangs, nothing of BPF is left.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {openView} from '../../src/commands/live/open-view.ts';
import {LiveMachine} from '../../src/kernel/machine.ts';
import {loadBinding} from '../../src/native/binding.ts';
import type {NativeError, Session} from '../../src/native/contract.ts';
import {parsePreset} from '../../src/preset/load.ts';
import {noPrivilege, root, temporaryFolder} from '../support/program.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const {addon, objectPath} = loadBinding();

async function opened(preset: Readonly<Record<string, unknown>>) {
  const loaded = parsePreset(JSON.stringify(preset), 'test.json');
  assert.ok(loaded.ok);
  return openView(loaded.preset, {addon, machine: new LiveMachine(addon, objectPath, '/usr/bin'), filters: {}});
}
const busy = {name: 'busy', attach: 'rawtracepoint:sys_enter', by: ['pid', 'tid', 'i64(arg1)'], measure: 'count'};

/** Runs plain JavaScript with the addon and a session's spec; gives how it ended. */
async function run(folder: string, code: string): Promise<string> {
  const {session, plan} = await opened(busy);
  await session.close();
  const spec = JSON.stringify(plan.session, (_, value) => (value instanceof Uint8Array ? {bytes: [...value]} : value));
  const prelude = `
    const {Worker, isMainThread, parentPort, workerData} = require('node:worker_threads');
    const addon = require(${JSON.stringify(path.join(root, 'dist/tsbpftop.node'))});
    const spec = JSON.parse(${JSON.stringify(spec)}, (_, value) => (value?.bytes ? Uint8Array.from(value.bytes) : value));
    const query = {order: {by: 'none', descending: true}, limit: 1000};
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));`;
  const file = path.join(folder, 'run.cjs');
  writeFileSync(file, `${prelude}\n${code}`);
  const child = spawn(process.execPath, [file], {env: {...process.env, NODE_OPTIONS: ''}, stdio: ['ignore', 'pipe', 'pipe']});
  let text = '';
  child.stdout.on('data', (data) => (text += data));
  child.stderr.on('data', (data) => (text += data));
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const [status, signal] = await once(child, 'close');
  clearTimeout(timer);
  return `${text}${signal ?? status}`;
}

const cases: readonly (readonly [rule: string, code: string, expected: RegExp])[] = [
  [
    'a process may exit while a map is read',
    `addon.openSession(spec).then((session) => { for (let i = 0; i < 8; i++) session.sample('counts', query).catch(() => 0); setImmediate(() => process.exit(7)); });`,
    /^7$/,
  ],
  ['a process may exit while a session is opened', `addon.openSession(spec).catch(() => 0); process.exit(7);`, /^7$/],
  [
    'a session that nobody closes goes with its process',
    `addon.openSession(spec).then(async (session) => { await session.read('counts'); console.log('read'); });`,
    /^read\n0$/,
  ],
  [
    'a thread may be ended while the addon reads for it, and another one goes on',
    `if (!isMainThread) {
       addon.openSession(spec).then(async (session) => { parentPort.postMessage('open'); for (;;) await session.sample('counts', query); });
     } else (async () => {
       const mine = await addon.openSession(spec);
       for (let i = 0; i < 12; i++) {
         const worker = new Worker(__filename);
         await new Promise((resolve) => worker.once('message', resolve));
         await wait(i % 4);
         await worker.terminate();
         await mine.sample('counts', query);
       }
       await mine.close();
       console.log('ended');
     })();`,
    /^ended\n0$/,
  ],
  [
    'a thread may be ended while its session is opened',
    `if (!isMainThread) { for (let i = 0; i < 4; i++) addon.openSession(spec).catch(() => 0); parentPort.postMessage('begun'); }
     else (async () => {
       for (let i = 0; i < 12; i++) {
         const worker = new Worker(__filename);
         await new Promise((resolve) => worker.once('message', resolve));
         await worker.terminate();
       }
       console.log('ended');
     })();`,
    /^ended\n0$/,
  ],
  [
    'a thread may be ended, and a process exit, while symbols are read for it',
    `const addresses = BigUint64Array.from({length: 512}, (_, i) => 0xffffffff81000000n + BigInt(i * 4096));
     const ask = () => { for (let i = 0; i < 8; i++) { addon.kernelSymbols(addresses).catch(() => 0); addon.userSymbols(process.pid, addresses).catch(() => 0); } };
     if (!isMainThread) { ask(); parentPort.postMessage('asked'); }
     else (async () => {
       for (let i = 0; i < 6; i++) {
         const worker = new Worker(__filename);
         await new Promise((resolve) => worker.once('message', resolve));
         await worker.terminate();
       }
       ask();
       setImmediate(() => process.exit(7));
     })();`,
    /^7$/,
  ],
  [
    'a thread may be ended while loaded maps and programs are read for it',
    `const reading = {key: [{kind: 'integer', bitOffset: 0, bits: 32, signed: false, maximum: false}], words: [{kind: 'integer', bitOffset: 0, bits: 64, signed: false, maximum: false}], labels: [], slots: 0, sumSlots: false, firstSlot: 0, grouped: false, skipZero: false, gauges: true};
     if (!isMainThread) addon.openPrograms({reading}).then(async (session) => { parentPort.postMessage('open'); for (;;) { session.programs(); await session.sample('counts', query); addon.loadedMaps(); } });
     else (async () => {
       for (let i = 0; i < 8; i++) {
         const worker = new Worker(__filename);
         await new Promise((resolve) => worker.once('message', resolve));
         await wait(i % 4);
         await worker.terminate();
       }
       console.log('ended');
     })();`,
    /^ended\n0$/,
  ],
  [
    'two threads have sessions, types and symbols at once',
    `if (!isMainThread) (async () => {
       const session = await addon.openSession(spec);
       try { addon.kernelBtf().find('struct', 'task_struct'); } catch {}
       const addresses = BigUint64Array.from({length: 64}, (_, i) => 0xffffffff81000000n + BigInt(i * 4096));
       for (let i = 0; i < 20; i++) await Promise.all([session.sample('counts', query), session.read('losses'), addon.kernelSymbols(addresses), addon.userSymbols(process.pid, addresses)]);
       await session.close();
       parentPort.postMessage('done');
     })();
     else Promise.all([1, 2, 3, 4].map(() => new Promise((resolve, reject) => new Worker(__filename).once('message', resolve).once('error', reject)))).then((all) => console.log(all.length));`,
    /^4\n0$/,
  ],
];
for (const [rule, code, expected] of cases)
  test(rule, {skip}, async (context) => assert.match(await run(temporaryFolder(context), code), expected));

test('a handle without a session is one that is closed', {skip}, async () => {
  const {session} = await opened(busy);
  const Handle = session.constructor as new () => Session;
  await session.close();
  const handle = new Handle();
  await assert.rejects(handle.read('counts'), {operation: 'use session', code: 'EBADF'});
  await assert.rejects(handle.drain('events'), {code: 'EBADF'});
  assert.throws(() => handle.programs(), {code: 'EBADF'});
  handle.statistics(true);
  await handle.detach();
  await handle.close();
});

test('what the programs have counted is told at once, while a map of many keys is read', {skip}, async () => {
  const keys = 100_000;
  const by = ['args.offset'];
  const preset = {
    name: 'many',
    attach: 'tracepoint:syscalls:sys_enter_lseek',
    where: "comm == 'wl-many'",
    by,
    measure: 'count',
    maxKeys: keys,
  };
  const {session} = await opened(preset);
  await runToEnd(new Workloads().c('churn'), ['wl-many', 'twice', String(keys)]);
  let going = true;
  const reading = session.read('counts').finally(() => (going = false));
  let told = 0; // if it waited for the read, once
  for (; going; told++) {
    session.programs();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const {count} = await reading;
  await session.close();
  assert.equal(count, keys);
  assert.ok(told > 4, `told ${told} times meanwhile`);
});

const query = {order: {by: 'none', descending: true}, limit: 10} as const;
const under: Readonly<Record<string, (session: Session) => Promise<unknown>>> = {
  read: (session) => session.read('counts'),
  sample: (session) => session.sample('counts', query),
  lookup: (session) => session.lookup('counts', new Uint8Array(24)),
  'read of another map': (session) => session.read('losses'),
  drain: (session) => session.drain('nothing'),
};
for (const [name, call] of Object.entries(under))
  test(`every method may be called while a ${name} is under way, and after a close that is`, {skip}, async () => {
    const {session} = await opened(busy);
    const outcomes: Promise<unknown>[] = [];
    const note = (promise: Promise<unknown>): void =>
      void outcomes.push(
        promise.then(
          () => 'done',
          (error: NativeError) => error.code,
        ),
      );
    for (let i = 0; i < 4; i++) {
      note(call(session));
      for (const other of Object.values(under)) note(other(session));
      session.statistics(i % 2 === 0);
      session.programs();
    }
    note(session.detach());
    note(session.close());
    note(session.close());
    for (const other of Object.values(under)) note(other(session));
    session.statistics(true);
    for (const outcome of await Promise.all(outcomes)) assert.ok(['done', 'EBADF', 'ENOENT'].includes(String(outcome)), String(outcome));
    await assert.rejects(call(session), {code: 'EBADF'});
  });
