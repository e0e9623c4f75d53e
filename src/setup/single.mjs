// The single executable, in Node's own form for it: the bundle with V8's code cache, addon, objects and presets as assets,
// in a copy of Node 24. That Node comes from npm into the cache folder, not into node_modules: there it would be the
// `node` of every script.
import {chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {inject} from 'postject';
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
  need(await run('bundling into one file', process.execPath, [at('src/setup/bundle.mjs'), 'one-file']), 'bundle into one file');
  const native = at('dist/prebuilt/linux-x64');
  const presets = readdirSync(at('presets')).filter((file) => file.endsWith('.json') && file !== 'preset.schema.json');
  const named = (folder, names, prefix = '') => names.map((name) => [`${prefix}${name}`, path.join(folder, name)]);
  writeFileSync(path.join(out, 'presets.json'), JSON.stringify(presets.sort()));
  const [blob, settings] = [path.join(out, 'one-file.blob'), path.join(out, 'one-file.json')];
  writeFileSync(
    settings,
    JSON.stringify({
      main: path.join(out, 'one-file.cjs'),
      output: blob,
      useCodeCache: true,
      disableExperimentalSEAWarning: true,
      execArgvExtension: 'none', // NODE_OPTIONS and --node-options are not for a tool that runs as root
      assets: Object.fromEntries([
        ['presets', path.join(out, 'presets.json')],
        ...named(at('presets'), presets, 'presets/'),
        ...named(
          native,
          readdirSync(native).filter((file) => /\.(node|bpf\.o)$/.test(file)),
        ),
      ]),
    }),
  );
  // the code cache is good only for the very Node that made it
  need(await run('making the code cache', path.join(node, 'bin/node'), ['--experimental-sea-config', settings]), 'make the code cache');
  const [file, work] = [path.join(out, 'tsbpftop-linux-x64'), path.join(out, 'one-file.work')];
  copyFileSync(path.join(node, 'bin/node'), work);
  chmodSync(work, 0o755);
  capture('strip', [work]);
  await inject(work, 'NODE_SEA_BLOB', readFileSync(blob), {sentinelFuse: fuse});
  renameSync(work, file);
  for (const each of [blob, settings, path.join(out, 'presets.json'), path.join(out, 'one-file.cjs')]) rmSync(each);
  writeFileSync(
    path.join(out, 'THIRD-PARTY-LICENSES'),
    `${readFileSync(at('dist/THIRD-PARTY-LICENSES'), 'utf8')}\n${'='.repeat(100)}\nNode.js ${nodeVersion}, of the single executable\n${'='.repeat(100)}\n\n${readFileSync(path.join(node, 'LICENSE'), 'utf8')}`,
  );
  return file;
}
