// The single executable and the Debian package in clean roots of Debian 11, 12 and 13, without Node, as on a server to which
// it was copied: numbers are exact, no folder keeps anything, and what cannot be is said.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {readdirSync, statSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {pageText} from '../support/doc-commands.ts';
import {root} from '../support/program.ts';
import {countingScript, inRoot, noRoots, type Ran, suites} from './roots.ts';

const out = path.join(root, 'dist/package');
const files = {'/usr/local/bin/tsbpftop': path.join(out, 'tsbpftop-linux-x64')};
const reason = noRoots();
const here = {skip: reason ?? false};
const noexecTmp = 'mount -o remount,noexec $R/tmp';

function totalOf({stdout, stderr}: Ran): unknown {
  assert.notEqual(stdout.trim(), '', stderr);
  const line = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {status: string; rows: {total: unknown}[]};
  return [line.status, line.rows.map(({total}) => total)];
}
const exact = ['exact', [{count: 1000}]];

test('docs/install.md says their sizes', () => {
  const [, executable, packed] = /\| ([\d.]+) MB; ([\d.]+) MB in the \.deb/.exec(pageText('docs/install.md')) ?? [];
  const deb = readdirSync(out).find((file) => file.endsWith('_amd64.deb')) ?? '';
  for (const [said, file] of [
    [executable, 'tsbpftop-linux-x64'],
    [packed, deb],
  ] as const) {
    const is = statSync(path.join(out, file)).size / 1e6;
    assert.ok(Math.abs(Number(said) - is) < 0.03 * Number(said), `${file}: ${said} MB are ${is.toFixed(1)}`);
  }
});

for (const suite of suites) {
  test(`${suite}, no Node: one file counts 1000 opens exactly`, here, () => {
    const ran = inRoot(suite, `command -v node && exit 1; ${countingScript('pkg-opens')}`, {files});
    assert.deepEqual(totalOf(ran), exact);
  });
}

test('bookworm, read-only root and /tmp noexec: the same, and no folder keeps a file', here, () => {
  const before = `${noexecTmp}; mount -o remount,ro $R`;
  const script = `${countingScript('pkg-ro')}
 find /tmp /dev/shm -name 'tsbpftop*' >&2; find /run -name 'tsbpftop*' >&2`;
  const ran = inRoot('bookworm', script, {files, before});
  assert.deepEqual(totalOf(ran), exact);
  assert.equal(ran.stderr, '');
});

test('bookworm: where every folder is noexec, each is named with its reason; $TSBPFTOP_TMP mends it', here, () => {
  const before = `for d in tmp run dev/shm; do mount -o remount,noexec $R/$d; done; mkdir $R/mnt/ok; mount -t tmpfs tmpfs $R/mnt/ok; mount -o remount,ro $R`;
  const refused = inRoot('bookworm', 'tsbpftop -b openat -n 1', {files, before});
  assert.equal(refused.status, 1);
  for (const folder of ['/tmp', '/dev/shm', '/run']) assert.match(refused.stderr, new RegExp(`${folder}: .*(not permitted|map segment)`));
  assert.match(refused.stderr, /TSBPFTOP_TMP=FOLDER/);
  const given = inRoot(
    'bookworm',
    `export TSBPFTOP_TMP=/mnt/ok; ${countingScript('pkg-tmp')}
 ls -A /mnt/ok >&2`,
    {files, before},
  );
  assert.deepEqual(totalOf(given), exact);
  assert.equal(given.stderr, '');
});

test('bookworm, as nobody: with the capabilities that the hint names on the file it counts exactly', here, () => {
  const before = 'setcap cap_bpf,cap_perfmon,cap_dac_read_search+ep $R/usr/local/bin/tsbpftop; chmod 755 $R/usr/local/bin/tsbpftop';
  const script = `chmod 1777 /tmp; exec setpriv --reuid nobody --regid nogroup --clear-groups sh -c '${countingScript('pkg-nobody', '/tmp').replaceAll("'", `'\\''`)}'`;
  assert.deepEqual(totalOf(inRoot('bookworm', script, {files, before})), exact);
});

test('bookworm: the licences of all that is inside are inside as well, Node’s too', here, () => {
  const {stdout} = inRoot('bookworm', 'tsbpftop --licences', {files});
  for (const heading of ['tsbpftop has two licences', 'Node.js 24', 'libbpf, linked', 'libelf of elfutils', 'zlib, linked', 'ink 6'])
    assert.ok(stdout.includes(heading), heading);
  assert.ok(stdout.length > 300_000, String(stdout.length));
});

test('bookworm: the presets inside are listed as bundled, with the machine asked for each', here, () => {
  const {stdout} = inRoot('bookworm', 'tsbpftop list --json', {files});
  const entries = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as {view: string; from: string; runs: string});
  const presets = readdirSync(path.join(root, 'presets')).filter((file) => file.endsWith('.json') && file !== 'preset.schema.json');
  assert.equal(entries.length, presets.length);
  assert.ok(entries.every(({from}) => from === 'bundled'));
  assert.equal(entries[0]?.view, 'openat');
  assert.equal(entries.find(({view}) => view === 'openat')?.runs, 'yes');
});

const noLintian = spawnSync('lintian', ['--version']).status === 0 ? undefined : 'needs lintian';
test('lintian finds nothing wrong with the .deb', {...here, skip: here.skip || (noLintian ?? false)}, () => {
  const deb = readdirSync(out).find((file) => file.endsWith('_amd64.deb')) ?? '';
  const {status, stdout} = spawnSync('lintian', ['--allow-root', '--fail-on', 'error,warning', path.join(out, deb)], {encoding: 'utf8'});
  assert.deepEqual([status, stdout], [0, '']);
});

for (const suite of suites) {
  test(`${suite}: the .deb installs, counts exactly, has its manual and licences, and leaves nothing when removed`, here, () => {
    const deb = readdirSync(out).find((file) => file.endsWith('_amd64.deb')) ?? '';
    // minbase has no libstdc++ in Debian 11 and 12's essential set but as apt's own dependency
    const script = `
      set -e
      dpkg -i /opt/t.deb > /run/dpkg 2>&1 || { cat /run/dpkg >&2; exit 1; }
      test -s /usr/share/doc/tsbpftop/copyright
      zcat /usr/share/doc/tsbpftop/THIRD-PARTY-LICENSES.gz | grep -q Node.js
      test -s /usr/share/doc/tsbpftop/examples/tsbpftop.service
      dpkg -L tsbpftop | grep -q man1/tsbpftop.1.gz
      dpkg -L tsbpftop | grep -q completions/tsbpftop
      ${countingScript('pkg-deb')}
      dpkg -r tsbpftop > /dev/null
      find / -xdev -name '*tsbpftop*' -not -path '/proc/*' -not -path '/var/lib/dpkg/*' -not -path '/sys/*' >&2`;
    const ran = inRoot(suite, script, {files: {'/opt/t.deb': path.join(out, deb)}});
    assert.deepEqual(totalOf(ran), exact);
    assert.equal(ran.stderr, '');
  });
}
