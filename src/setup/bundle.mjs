// Bundles src/cli.ts into dist/: packs of its modules (packs.mjs), and cli.js, which runs them (loader.cjs). Patches a few
// lines of libraries; a patch that finds nothing to change fails the build, so that an update of the library cannot drop it
// unseen.
import {spawnSync} from 'node:child_process';
import {chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createHash} from 'node:crypto';
import path from 'node:path';
import {build} from 'esbuild';
import {codeCache} from './code-cache.mjs';
import {licencesText} from './licences.mjs';
import {later, packsOf} from './packs.mjs';
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
  // of a package.json, which nothing asks for: a fifth of the library's start, and most of its size
  {file: /meow\/build\/dependencies\.js$/, from: 'var normalizeExports = requireNormalize();', to: 'var normalizeExports = {};'},
  {file: /meow\/build\/dependencies\.js$/, from: 'createRequire ? createRequire(import.meta.url) : undefined', to: 'require'},
  {file: /meow\/build\/dependencies\.js$/, from: 'var libExports = requireLib$1();', to: 'var libExports = {};'}, // of its faults
  // classes that Unicode's tables are read for, at each start: flags are ASCII
  {file: /meow\/build\/dependencies\.js$/, from: 'const UPPERCASE = /[\\p{Lu}]/u;', to: 'const UPPERCASE = /[A-Z]/;'},
  {file: /meow\/build\/dependencies\.js$/, from: 'const LOWERCASE = /[\\p{Ll}]/u;', to: 'const LOWERCASE = /[a-z]/;'},
  {file: /meow\/build\/dependencies\.js$/, from: '/^[\\p{Lu}](?![\\p{Lu}])/u', to: '/^[A-Z](?![A-Z])/'},
  {file: /meow\/build\/dependencies\.js$/, from: '/([\\p{Alpha}\\p{N}_]|$)/u', to: '/([A-Za-z\\d_]|$$)/'},
  {file: /meow\/build\/dependencies\.js$/, from: '([\\p{Lowercase_Letter}\\d])(\\p{Uppercase_Letter})', to: '([a-z\\d])([A-Z])'},
  {
    file: /meow\/build\/dependencies\.js$/,
    from: '/(\\p{Uppercase_Letter})(\\p{Uppercase_Letter}\\p{Lowercase_Letter}+)/gu',
    to: '/([A-Z])([A-Z][a-z]+)/gu',
  },
  {file: /meow\/build\/dependencies\.js$/, from: /^promisify\(execFile\);$/m, to: ''}, // with child_process behind it
  // ink-table asks it for one of them; all that there are come with node:crypto, 2 ms of a start
  {file: /object-hash\/index\.js$/, from: "crypto.getHashes ? crypto.getHashes().slice() : ['sha1', 'md5']", to: "['sha1', 'md5']"},
  // the loader's fetch of a data: URL brings in undici, a fifth of the start
  {file: /yoga-wasm-base64-esm\.js$/, from: 'typeof fetch', to: 'typeof undefined'},
  // a class of thousands of sequences, compiled when the first text that may be one is met
  {
    file: /string-width\/index\.js$/,
    from: 'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;',
    to: `let emoji, sequences;
      const rgiEmojiRegex = {
        test: (text) => (text.length > 1 || text > '\\x7f') && (emoji ??= new RegExp('\\\\p{Emoji}', 'u')).test(text) && (sequences ??= new RegExp('^\\\\p{RGI_Emoji}$$', 'v')).test(text),
      };`,
  },
  // nor are these made before there is a text that wants them: Unicode's tables are read for each
  {
    file: /string-width\/index\.js$/,
    from: /^const (visibleCharacterRegex|spacingMarkRegex) = (\/.*\/v);$/m,
    to: 'const $1 = {[Symbol.search](text) { return text.search(this.made ??= $2); }, test(text) { return (this.made ??= $2).test(text); }};',
  },
  {
    file: /string-width\/index\.js$/,
    from: /^const extendedPictographicRegex = (\/.*\/gu);$/m,
    to: 'const extendedPictographicRegex = {[Symbol.match](text) { return text.match(this.made ??= $1); }};',
  },
  // with ICU's rules: 10 ms
  {
    file: /(string-width|ansi-tokenize|slice-ansi)\/.*\.js$/,
    from: /new Intl\.Segmenter\(([^)]*)\)/,
    to: '{segment(text) { return (this.made ??= new Intl.Segmenter($1)).segment(text); }}',
  },
  // what view/fit.ts takes for narrow is so here, too, and the marks of ui/areas.ts are: Ink asks for the width of each line, and
  // who divides texts into graphemes takes 10 ms to be made
  {
    file: /string-width\/index\.js$/,
    from: String.raw`/^[\u0020-\u007E]*$/.test`,
    to: String.raw`/^[ -~\u00A1-\u00AC\u00AE-\u00FF\u2010-\u2027\u2039\u203A\u2190-\u21FF\u2212\u221E\u23CE\u2500-\u25FC\u2713\u2717\uE000-\uE00F]*$$/.test`,
  },
  // in a pack, require is at hand, and knows the file
  {file: /src\/native\/bundled\.ts$/, from: 'fileURLToPath(import.meta.url)', to: 'require.file'},
  {file: /src\/native\/binding\.ts$/, from: 'createRequire(import.meta.url)', to: 'require'},
  // development only, and a top-level await in the way of `require('ink')`
  {file: /ink\/build\/reconciler\.js$/, from: /process\.env\['DEV'\] === 'true'|\bisDev\(\)/, to: 'false'},
  {file: /ink\/build\/reconciler\.js$/, from: "await import('./devtools.js')", to: 'undefined'},
  {file: /ink\/build\/reconciler\.js$/, from: /false\s*\?\s*await loadPackageJson\(\)/, to: 'false ? undefined'},
  // CommonJS has no top-level await: what loads the screen waits for the layout library instead
  {
    file: /yoga-layout\/dist\/src\/index\.js$/,
    from: 'const Yoga = wrapAssembly(await loadYoga());',
    to: `let loaded; export const ready = () => loadYoga().then((yoga) => { loaded = wrapAssembly(yoga); });
      const Yoga = new Proxy({}, {get: (_, name) => loaded[name]});`,
  },
  {
    file: /src\/ui\/run-screen\.ts$/,
    from: /await import\('(\.\/layout\.tsx)'\)/,
    to: "(await Promise.all([import('$1'), import('yoga-layout').then(({ready}) => ready())]))[0]",
  },
];

const used = new Set();
const patcher = {
  name: 'patches',
  setup(builder) {
    builder.onLoad({filter: /\.[jt]sx?$/}, ({path: file}) => {
      if (!patches.some((patch) => patch.file.test(file))) return undefined;
      let contents = readFileSync(file, 'utf8');
      for (const patch of patches) {
        if (!patch.file.test(file)) continue;
        const changed = contents.replaceAll(
          typeof patch.from === 'string' ? patch.from : new RegExp(patch.from, `g${patch.from.flags}`),
          patch.to,
        );
        if (changed !== contents) used.add(patch);
        contents = changed;
      }
      return {contents, loader: file.endsWith('.ts') ? 'ts' : 'js', resolveDir: path.dirname(file)};
    });
    builder.onResolve({filter: /^later:/}, ({path: name}) => ({path: name.slice(6), namespace: 'later'}));
    builder.onLoad({filter: /.*/, namespace: 'later'}, ({path: name}) => ({
      contents: `export {${later[name]}} from ${JSON.stringify(name)};`,
      resolveDir: root,
    }));
    builder.onResolve({filter: /^react-devtools-core$/}, () => ({path: 'react-devtools-core', namespace: 'nothing'}));
    builder.onLoad({filter: /.*/, namespace: 'nothing'}, () => ({contents: 'export default undefined;'}));
  },
};

const {version} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const out = path.join(root, 'dist');
const result = await build({
  // a library that is an entry of its own gets a chunk of its own
  entryPoints: {cli: path.join(root, 'src/cli.ts'), ...Object.fromEntries(Object.keys(later).map((name) => [name, `later:${name}`]))},
  outdir: out,
  splitting: true,
  write: false,
  format: 'esm',
  target: 'node20',
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
    'import.meta.url': '__importMetaUrl',
    TSBPFTOP_VERSION: JSON.stringify(version),
  },
  plugins: [patcher],
  metafile: true,
  logLevel: 'warning',
});
const unused = patches.filter((patch) => !used.has(patch));
if (unused.length > 0) throw new Error(`patches that found nothing to change: ${unused.map((patch) => patch.from).join('; ')}`);

const packs = path.join(out, 'packs');
rmSync(packs, {recursive: true, force: true});
rmSync(path.join(out, 'chunks'), {recursive: true, force: true}); // of former builds
mkdirSync(packs, {recursive: true});
const named = Object.entries(await packsOf(result.outputFiles, result.metafile)).map(([name, text]) => {
  const file = `${name}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
  writeFileSync(path.join(packs, `${file}.js`), text);
  return [name, file];
});
const loader = readFileSync(path.join(root, 'src/setup/loader.cjs'), 'utf8');
writeFileSync(path.join(out, 'cli.js'), loader.replace('__PACKS__', JSON.stringify(Object.fromEntries(named))));
writeFileSync(path.join(out, 'package.json'), '{"type": "commonjs"}\n');
chmodSync(path.join(out, 'cli.js'), 0o755);
writeFileSync(path.join(out, 'THIRD-PARTY-LICENSES'), licencesText(result.metafile));

const generated = spawnSync(process.execPath, ['--import=tsx', path.join(root, 'src/setup/generated.ts')], {cwd: root, encoding: 'utf8'});
if (generated.status !== 0) throw new Error(`manual page, completions and presets were not made: ${generated.stderr}`);
await codeCache();
