// Bundles src/cli.ts into dist/: cli.js, and the screen with Ink and React in chunks of their own that only the screen
// loads. Patches a few lines of libraries; a patch that finds nothing to change fails the build, so that an update of
// the library cannot drop it unseen. `bundle.mjs one-file` makes dist/package/one-file.cjs of it, for the single executable,
// whose main program has to be one CommonJS file.
import {spawnSync} from 'node:child_process';
import {chmodSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {build} from 'esbuild';
import {licencesText} from './licences.mjs';
import {root} from './steps.mjs';

/** Each: which file, what is replaced, why. */
const patches = [
  // Ink keeps every text it ever measured or wrapped: 75 MB an hour at one frame a second
  {
    file: /ink\/build\/measure-text\.js$/,
    from: 'cache.set(text, dimensions);',
    to: 'if (cache.size > 4096) cache.clear(); cache.set(text, dimensions);',
  },
  {file: /ink\/build\/wrap-text\.js$/, from: 'const cache = {};', to: 'let cache = {}, cached = 0;'},
  {
    file: /ink\/build\/wrap-text\.js$/,
    from: 'cache[cacheKey] = wrappedText;',
    to: 'if (++cached > 4096) { cache = {}; cached = 0; } cache[cacheKey] = wrappedText;',
  },
  // the loader's fetch of a data: URL brings in undici, a fifth of the start
  {file: /yoga-wasm-base64-esm\.js$/, from: 'typeof fetch', to: 'typeof undefined'},
  // development only, and a top-level await in the way of `require('ink')`
  {file: /ink\/build\/reconciler\.js$/, from: /process\.env\['DEV'\] === 'true'|\bisDev\(\)/, to: 'false'},
  {file: /ink\/build\/reconciler\.js$/, from: /false\s*\?\s*await loadPackageJson\(\)/, to: 'false ? undefined'},
];

/** CommonJS has no top-level await: what loads the screen waits for the layout library instead. */
const commonJs = [
  {
    file: /yoga-layout\/dist\/src\/index\.js$/,
    from: 'const Yoga = wrapAssembly(await loadYoga());',
    to: `let loaded; export const ready = () => loadYoga().then((yoga) => { loaded = wrapAssembly(yoga); });
      const Yoga = new Proxy({}, {get: (_, name) => loaded[name]});`,
  },
  {
    file: /src\/commands\/(list|top|replay)\.ts$/,
    from: /await import\('(\.\.\/ui\/[^']+)'\)/,
    to: "(await (await import('yoga-layout')).ready(), await import('$1'))",
  },
];

const oneFile = process.argv[2] === 'one-file';
const applied = oneFile ? [...patches, ...commonJs] : patches;
const used = new Set();
const patcher = {
  name: 'patches',
  setup(builder) {
    builder.onLoad({filter: /\.[jt]sx?$/}, ({path: file}) => {
      if (!applied.some((patch) => patch.file.test(file))) return undefined;
      let contents = readFileSync(file, 'utf8');
      for (const patch of applied) {
        if (!patch.file.test(file)) continue;
        const changed = contents.replaceAll(typeof patch.from === 'string' ? patch.from : new RegExp(patch.from, 'g'), patch.to);
        if (changed !== contents) used.add(patch);
        contents = changed;
      }
      return {contents, loader: file.endsWith('.ts') ? 'ts' : 'js', resolveDir: path.dirname(file)};
    });
    builder.onResolve({filter: /^react-devtools-core$/}, () => ({path: 'react-devtools-core', namespace: 'nothing'}));
    builder.onLoad({filter: /.*/, namespace: 'nothing'}, () => ({contents: 'export default undefined;'}));
  },
};

const {version} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const out = path.join(root, 'dist');
const result = await build({
  entryPoints: [path.join(root, 'src/cli.ts')],
  ...(oneFile
    ? {outfile: path.join(out, 'package/one-file.cjs'), format: 'cjs', target: 'node24'}
    : {outdir: out, splitting: true, format: 'esm', target: 'node20', chunkNames: 'chunks/[name]-[hash]'}),
  bundle: true,
  platform: 'node',
  mainFields: ['module', 'main'], // jsonc-parser's main is UMD, which cannot be bundled
  jsx: 'automatic',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
    ...(oneFile ? {'import.meta.url': '__importMetaUrl', 'import.meta': '__importMeta', TSBPFTOP_VERSION: JSON.stringify(version)} : {}),
  },
  // some libraries are CommonJS, and ask for Node's modules by require
  banner: {
    js: oneFile
      ? "const __importMetaUrl=require('node:url').pathToFileURL(process.execPath).href,__importMeta={url:__importMetaUrl};"
      : "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  plugins: [patcher],
  metafile: true,
  logLevel: 'warning',
});
const unused = applied.filter((patch) => !used.has(patch));
if (unused.length > 0) throw new Error(`patches that found nothing to change: ${unused.map((patch) => patch.from).join('; ')}`);

if (!oneFile) {
  const written = new Set(Object.keys(result.metafile.outputs).map((file) => path.basename(file)));
  const chunks = path.join(out, 'chunks');
  for (const file of readdirSync(chunks)) if (!written.has(file)) rmSync(path.join(chunks, file));
  chmodSync(path.join(out, 'cli.js'), 0o755);
  writeFileSync(path.join(out, 'THIRD-PARTY-LICENSES'), licencesText(result.metafile));

  // man page and completions are made of the tables in src/commands
  const manual = spawnSync(process.execPath, ['--import=tsx', path.join(root, 'src/setup/manual.ts')], {cwd: root, encoding: 'utf8'});
  if (manual.status !== 0) throw new Error(`the manual page was not made: ${manual.stderr}`);
}
