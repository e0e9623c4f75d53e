// The single executable, in Node's own form for it: the packs with V8's code cache, addon, objects and presets as assets,
// in a copy of Node 24. That Node comes from npm into the cache folder, not into node_modules: there it would be the
// `node` of every script.
import {chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {inject} from 'postject';
import {codeCache} from './code-cache.mjs';
import {cache} from './prebuilt.mjs';
import {at, capture, need, run} from './steps.mjs';

export const nodeVersion = '24.21.0';
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** The unpacked npm package with Node's binary, for this machine or another. */
export async function nodeFolder(arch = 'x64', version = nodeVersion) {
  const name = `node-linux-${arch}`;
  const folder = path.join(cache, `${name}-${version}`);
  if (existsSync(path.join(folder, 'bin/node'))) return folder;
  mkdirSync(cache, {recursive: true});
  need(
    await run(`fetching Node ${version} for ${arch} (npm)`, 'npm', [
      'pack',
      '--silent',
      `--pack-destination=${cache}`,
      `${name}@${version}`,
    ]),
    `fetch ${name}`,
  );
  const work = `${folder}.work`;
  rmSync(work, {recursive: true, force: true});
  mkdirSync(work);
  const archive = path.join(cache, `${name}-${version}.tgz`);
  capture('tar', ['-xzf', archive, '-C', work, 'package/bin/node', 'package/LICENSE']);
  renameSync(path.join(work, 'package'), folder);
  rmSync(work, {recursive: true});
  rmSync(archive);
  return folder;
}

/** dist/package/tsbpftop-linux-x64 */
export async function single() {
  const node = await nodeFolder();
  const out = at('dist/package');
  mkdirSync(out, {recursive: true});
  // the code cache is good only for the very Node that made it
  const caches = await codeCache(path.join(node, 'bin/node'));
  const folder = at('dist/prebuilt/linux-x64');
  const native = readdirSync(folder).filter((file) => /\.(node|bpf\.o)$/.test(file));
  const packs = [...readdirSync(at('dist/packs')).filter((file) => /\.js(on)?$/.test(file)), ...caches];
  const licences = licencesWithNode(node);
  writeFileSync(path.join(out, 'THIRD-PARTY-LICENSES'), licences);
  writeFileSync(path.join(out, 'licences.txt'), `${readFileSync(at('LICENSE'), 'utf8')}\n${licences}`);
  const [blob, settings] = [path.join(out, 'one-file.blob'), path.join(out, 'one-file.json')];
  writeFileSync(
    settings,
    JSON.stringify({
      main: at('dist/cli.js'),
      output: blob,
      useCodeCache: true, // of the main program, which is short: that of the rest is an asset
      disableExperimentalSEAWarning: true,
      execArgvExtension: 'none', // NODE_OPTIONS and --node-options are not for a tool that runs as root
      assets: Object.fromEntries([
        ['licences', path.join(out, 'licences.txt')],
        ...packs.map((name) => [name, at('dist/packs', name)]),
        ...native.map((name) => [name, path.join(folder, name)]),
      ]),
    }),
  );
  need(
    await run('making the blob of the executable', path.join(node, 'bin/node'), ['--experimental-sea-config', settings]),
    'make the blob of the executable',
  );
  const [file, work] = [path.join(out, 'tsbpftop-linux-x64'), path.join(out, 'one-file.work')];
  copyFileSync(path.join(node, 'bin/node'), work);
  chmodSync(work, 0o755);
  capture('strip', [work]);
  await quietly(() => inject(work, 'NODE_SEA_BLOB', readFileSync(blob), {sentinelFuse: fuse}));
  renameSync(work, file);
  for (const each of [blob, settings, path.join(out, 'licences.txt')]) rmSync(each);
  return file;
}

/** Without postject's warnings of notes that a stripped file has no names of. */
async function quietly(work) {
  const {error, warn} = console;
  const passed =
    (print) =>
    (line, ...more) =>
      /string offset for section name '\.note/.test(line) || print(line, ...more);
  [console.error, console.warn] = [passed(error), passed(warn)];
  try {
    await work();
  } finally {
    Object.assign(console, {error, warn});
  }
}

/** Node is in it as well. */
function licencesWithNode(node) {
  const rule = '='.repeat(100);
  const heading = `${rule}\nNode.js ${nodeVersion}, of the single executable\n${rule}`;
  return `${readFileSync(at('dist/THIRD-PARTY-LICENSES'), 'utf8')}\n${heading}\n\n${readFileSync(path.join(node, 'LICENSE'), 'utf8')}`;
}
