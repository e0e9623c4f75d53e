// Notes of static probes as the addon reads them, and files that lie about them.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {loadBinding} from '../../src/native/binding.ts';
import type {NativeError} from '../../src/native/contract.ts';
import {root, temporaryFolder} from '../support/program.ts';

const {addon} = loadBinding();
const header = readdirSync('/usr/include').some((each) => existsSync(`/usr/include/${each}/sys/sdt.h`));
const skip = header ? undefined : 'needs sys/sdt.h: apt-get install systemtap-sdt-dev';
const source = path.join(root, 'test/fixtures/workloads/probes.c');

/** What readelf prints of one note. */
const field = (note: string, name: string): string => new RegExp(`${name}: (.*?)(, Base: .*)?$`, 'm').exec(note)?.[1] ?? '';

for (const flags of [['-O1'], ['-O1', '-no-pie'], ['-O0'], ['-O2', '-s']])
  test(`every note is read as readelf reads it: gcc ${flags.join(' ')}`, {skip}, (context) => {
    const file = path.join(temporaryFolder(context), 'probes');
    execFileSync('gcc', [...flags, '-o', file, source]);
    const usdt = addon.readUsdt(file);
    const notes = execFileSync('readelf', ['-n', file], {encoding: 'utf8'})
      .split('Provider')
      .slice(1)
      .map((note) => `Provider${note}`);
    assert.deepEqual(
      usdt.sites.map((site) => [site.provider, site.name, site.address, site.arguments]),
      notes.map((note) => [field(note, 'Provider'), field(note, 'Name'), Number(field(note, 'Location')), field(note, 'Arguments')]),
    );
    const bytes = readFileSync(file);
    for (const site of usdt.sites) {
      assert.equal(bytes[site.offset], 0x90, 'a nop is where the probe is');
      assert.ok(site.semaphore > 0 && bytes.readUInt16LE(site.semaphore) === 0);
    }
    assert.equal(usdt.fixed, flags.includes('-no-pie'));
    assert.deepEqual(Object.keys(usdt.symbols), flags.includes('-s') ? [] : ['shared_words']);
  });

test('damaged notes are left out or refused, and never crash', {skip}, (context) => {
  const folder = temporaryFolder(context);
  const file = path.join(folder, 'probes');
  execFileSync('gcc', ['-O1', '-o', file, source]);
  const whole = readFileSync(file);
  const notes = whole.indexOf('stapsdt\0') - 12;
  assert.ok(notes > 0);
  const read = (bytes: Buffer): number => {
    writeFileSync(file, bytes);
    try {
      return addon.readUsdt(file).sites.length;
    } catch (error) {
      assert.equal((error as NativeError).operation, 'read elf');
      return -1;
    }
  };
  // the sizes and the type that begin the first note, at their bounds
  for (const offset of [0, 4, 8])
    for (const value of [0, 1, 7, 23, 24, 25, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff]) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt32LE(value, notes + offset);
      read(bytes);
    }
  // texts without their end
  const endless = Buffer.from(whole);
  for (let i = notes + 20; i < notes + 2000; i++) if (endless[i] === 0) endless[i] = 1;
  read(endless);
  for (let length = 0; length < whole.length; length += 251) read(whole.subarray(0, length));
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  for (let i = 0; i < 500; i++) {
    const bytes = Buffer.from(whole);
    for (let n = 0; n < 8; n++) bytes[i % 2 === 0 ? notes + random(900) : random(whole.length)] = random(256);
    read(bytes);
  }
});
