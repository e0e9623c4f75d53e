// The Debian package: the single executable, man page and completions, copyright. By dpkg-deb alone.
// Compressed by xz, since Debian 11's dpkg knows no zstd.
import {chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {at, capture, need, run} from './steps.mjs';

const maintainer = 'the tsbpftop authors <tsbpftop@tsbpftop.invalid>';
/** What lintian says of it and we do not change: the executable is Node's, as its project builds it. */
const overrides = ['embedded-library zlib', 'hardening-no-pie'].map((tag) => `tsbpftop: ${tag} [usr/bin/tsbpftop]\n`).join('');
const packed = (text) => gzipSync(text, {level: 9});

/** In the one form that Debian's tools read; the text for people is CHANGELOG.md. */
function debianChangelog(version) {
  const date = statSync(at('CHANGELOG.md')).mtime.toUTCString().replace('GMT', '+0000');
  return `tsbpftop (${version}) unstable; urgency=medium\n\n  * What is new: CHANGELOG.md.gz beside this file.\n\n -- ${maintainer}  ${date}\n`;
}

/** Of a description: as wide as a terminal, each begun by a blank. */
const lines = (text) => text.match(/\S.{0,76}(?=\s|$)/g).map((line) => ` ${line}`);

/** dist/package/tsbpftop_VERSION_amd64.deb of the executable. */
export async function deb(executable) {
  const {version, description} = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  const folder = at('dist/package/deb');
  rmSync(folder, {recursive: true, force: true});
  const put = (place, from, mode = 0o644) => {
    const file = path.join(folder, place);
    mkdirSync(path.dirname(file), {recursive: true, mode: 0o755});
    if (typeof from === 'string') copyFileSync(from, file);
    else writeFileSync(file, from);
    chmodSync(file, mode);
  };
  put('usr/bin/tsbpftop', executable, 0o755);
  const doc = 'usr/share/doc/tsbpftop';
  const others = `\nLicences of what is inside: ${doc}/THIRD-PARTY-LICENSES.gz, or tsbpftop --licences\n`.replace('usr/', '/usr/');
  put(`${doc}/copyright`, Buffer.concat([readFileSync(at('LICENSE')), Buffer.from(others)]));
  put(`${doc}/THIRD-PARTY-LICENSES.gz`, packed(readFileSync(at('dist/package/THIRD-PARTY-LICENSES'))));
  put(`${doc}/CHANGELOG.md.gz`, packed(readFileSync(at('CHANGELOG.md'))));
  put(`${doc}/changelog.gz`, packed(Buffer.from(debianChangelog(version))));
  for (const name of ['tsbpftop.service', 'grafana-dashboard.json']) put(`${doc}/examples/${name}`, at('docs', name));
  put('usr/share/tsbpftop/preset.schema.json', at('presets/preset.schema.json'));
  put('usr/share/man/man1/tsbpftop.1.gz', packed(readFileSync(at('dist/man/tsbpftop.1'))));
  put('usr/share/lintian/overrides/tsbpftop', Buffer.from(overrides));
  put('usr/share/bash-completion/completions/tsbpftop', at('dist/completions/tsbpftop'));
  put('usr/share/zsh/vendor-completions/_tsbpftop', at('dist/completions/_tsbpftop'));
  put('usr/share/fish/vendor_completions.d/tsbpftop.fish', at('dist/completions/tsbpftop.fish'));
  const size = Math.ceil(Number(capture('du', ['-sk', '--apparent-size', folder]).split('\t')[0]));
  const control = [
    'Package: tsbpftop',
    `Version: ${version}`,
    'Architecture: amd64',
    `Maintainer: ${maintainer}`,
    `Installed-Size: ${size}`,
    'Depends: libc6 (>= 2.28), libstdc++6 (>= 8), libgcc-s1 | libgcc1',
    'Section: utils',
    'Priority: optional',
    'Description: live eBPF tables and latency histograms, as top',
    ...lines(`${description}. Everything is inside one executable: no compiler, kernel headers or Node are needed.`),
    '',
  ].join('\n');
  put('DEBIAN/control', Buffer.from(control));
  const file = at(`dist/package/tsbpftop_${version}_amd64.deb`);
  const args = ['--root-owner-group', '-Zxz', '-z6', '--build', folder, file];
  need(await run('making the Debian package', 'dpkg-deb', args), 'make the Debian package');
  rmSync(folder, {recursive: true});
  return file;
}
