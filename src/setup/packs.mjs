// Packs: the bundle's modules in four files of CommonJS: what every run and batch needs, what the screen adds, Ink and React
// with what lays out, and the rest. Few, since each file costs; CommonJS, since V8's code cache can be had for scripts alone. loader.cjs runs them.
import path from 'node:path';
import {transform} from 'esbuild';

/** Libraries that few runs use, or none at its start, and an export of each: they are run when something of them is first asked for. */
export const later = {zod: 'string', 'jsonc-parser': 'parseTree', 'string-width': 'default', fuzzysort: 'default'};
const ofLater = new RegExp(`node_modules/(${Object.keys(later).join('|')}|strip-ansi|ansi-regex|get-east-asian-width)/`);
/** Of them, those that only a preset wants that has to be checked: no start reads their text. */
const ofSeldom = /node_modules\/(zod|jsonc-parser)\//;

/** Node's own that cost at their first use, or by a copy of all that is in them. */
const own = 'assert|child_process|crypto|events|module|net|perf_hooks|process|stream/promises|timers/promises|v8|zlib';
const ownLater = [
  new RegExp(`__toESM\\(require\\("node:(${own})"\\)(?:,1)?\\)`, 'g'),
  new RegExp(`(?<=[=,;])require\\("node:(${own})"\\)`, 'g'),
  /(?<=[=,;(])require\("(assert|crypto)"\)/g, // of libraries
];

/** What esbuild puts in front of each module: the loader has it once, and cheaper. */
const prelude =
  /^var (?:__create=Object\.create;var )?__defProp=Object\.defineProperty;.*?return to\};var (?:__toESM=\(mod,isNodeMode,target\)=>.*?,mod\)\)[,;])?(?:__toCommonJS=mod=>.*?,mod\);)?/s;
const ofPrelude = /\b__(?:create|defProp|copyProps|getProtoOf|getOwnPropNames|getOwnPropDesc|hasOwnProp)\b/;
function withoutPrelude(code) {
  const rest = code.replace(prelude, '');
  const names = ['__export', '__toESM', '__toCommonJS'].filter((name) => new RegExp(`\\b${name}\\(`).test(rest));
  // one module has the like for others, by the same names
  return rest === code || ofPrelude.test(rest) ? code : `var{${names.join()}}=require;${rest}`;
}

/** Modules that begin a pack; what they import is in it, unless an earlier pack has it. */
const packs = {
  core: /^src\/(cli|commands\/(batch|list|line\/view-flags))\.ts$/,
  screen: /^src\/(commands\/top|ui\/run-screen)\.ts$/,
  ink: /^(src\/ui\/layout\.tsx|node_modules\/yoga-layout\/.*)$/,
  more: /^/,
};

/** @param files esbuild's output, as modules split by its dynamic imports */
export async function packsOf(files, metafile) {
  const outputs = new Map(Object.entries(metafile.outputs).map(([file, output]) => [path.basename(file), output]));
  const packOf = new Map();
  const isAllOf = (name, libraries) => {
    const inputs = Object.entries(outputs.get(name)?.inputs ?? {}).filter(([, {bytesInOutput}]) => bytesInOutput > 0);
    return inputs.length > 0 && inputs.every(([file]) => libraries.test(file));
  };
  for (const [pack, begin] of Object.entries(packs)) {
    const visit = (name) => {
      if (packOf.has(name) || (pack !== 'more' && isAllOf(name, ofSeldom))) return;
      packOf.set(name, pack);
      for (const {path: file, kind, external} of outputs.get(name).imports)
        if (kind === 'import-statement' && external !== true) visit(path.basename(file));
    };
    for (const [name, {entryPoint}] of outputs) if (entryPoint !== undefined && begin.test(entryPoint)) visit(name);
  }
  const texts = Object.fromEntries(Object.keys(packs).map((pack) => [pack, []]));
  let stripped = 0;
  for (const {path: file, text} of files) {
    const name = path.basename(file);
    const pack = packOf.get(name);
    if (pack === undefined) continue;
    const {code} = await transform(text.replace(/^#!.*\n/, ''), {
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      supported: {'dynamic-import': false},
      minifyWhitespace: true,
      minifySyntax: true,
    });
    const bare = withoutPrelude(code);
    if (bare !== code) stripped++;
    const placed = ownLater.reduce(
      (text, each) => text.replace(each, 'require.later("node:$1")'),
      bare.replace(
        /\brequire\("\.[^"]*\/([^"/]+)"\)/g,
        (_, id) => `require${isAllOf(id, ofLater) ? '.later' : ''}("./${packOf.get(id)}/${id}")`,
      ),
    );
    texts[pack].push(`${JSON.stringify(name)}(module,exports,require,__importMetaUrl){${placed}}`);
  }
  if (stripped < files.length / 2)
    throw new Error(`esbuild's own words are in ${files.length - stripped} of ${files.length} modules: it puts others there now`);
  // as a module it exports them, as a script they are its value
  return Object.fromEntries(
    Object.entries(texts).map(([name, members]) => [
      name,
      `(typeof module==="undefined"?{}:module).exports={\n${members.join(',\n')}\n};\n`,
    ]),
  );
}
